#include "weir/rpc/deployed_region.h"

namespace weir {

bool ChannelRange::IsValid() const {
  if (region_ == nullptr || values_.vertex < 0 || values_.count < 0) return false;
  if (static_cast<size_t>(values_.vertex) >= region_->vertices.size()) return false;
  const int64_t first = int64_t{values_.begin} - vertex().first_subtask;
  const bool is_inside = first >= 0 && first + values_.count <= static_cast<int64_t>(vertex().attempts.size());
  return is_inside && values_.here >= 0 && static_cast<size_t>(values_.here) < region_->task_managers.size();
}

ChannelId ChannelRange::operator[](size_t channel) const {
  if (is_result()) return {values_.producer, values_.result, static_cast<int32_t>(channel)};
  return {vertex().attempts[EntryOf(channel)], values_.result, values_.subpartition};
}

int32_t ChannelRange::PeerOf(size_t channel) const {
  const int32_t place = vertex().places[EntryOf(channel)];
  return place == values_.here ? kSameWorker : place;
}

}  // namespace weir
