#include "weir/runtime/window/slices/fired_ranges.h"

#include <algorithm>
#include <utility>

#include "weir/base/coding.h"
#include "weir/functions/window/time_window.h"

namespace weir {

FiredRanges::Past FiredRanges::Find(uint32_t key_group, EventTime end) const {
  if (by_group_.empty()) return Past::kNone;
  Past past = Past::kNone;
  for (const FiredRange& range : by_group_[key_group - static_cast<uint32_t>(own_.first)]) {
    if (end <= range.from || end - 1 > range.fired) continue;
    past = std::max(past, end - 1 <= range.gone ? Past::kGone : Past::kFired);
  }
  return past;
}

bool FiredRanges::IsPassed(EventTime watermark, int64_t lateness) const {
  for (const std::vector<FiredRange>& ranges : by_group_) {
    for (const FiredRange& range : ranges) {
      if (internal::AddToTime(range.fired, lateness) > watermark) return false;
    }
  }
  return true;
}

std::vector<FiredRange> FiredRanges::RangesOf(int key_group, const FiredRange* now) const {
  std::vector<FiredRange> ranges;
  if (!by_group_.empty()) ranges = by_group_[static_cast<size_t>(key_group - own_.first)];
  if (now == nullptr) return ranges;
  // What the new range says of all its windows, the old one need not repeat.
  std::erase_if(ranges, [&](const FiredRange& range) { return range.from >= now->from && range.fired <= now->gone; });
  ranges.push_back(*now);
  return ranges;
}

std::vector<std::string> FiredRanges::Encode(const FiredRange* now) const {
  std::vector<std::string> elements;
  if (by_group_.empty() && now == nullptr) return elements;
  for (int first = own_.first; first <= own_.last;) {
    const std::vector<FiredRange> ranges = RangesOf(first, now);
    int last = first;
    while (last < own_.last && RangesOf(last + 1, now) == ranges) ++last;
    ByteWriter out;
    out.PutU32(static_cast<uint32_t>(first));
    out.PutU32(static_cast<uint32_t>(last));
    out.PutU32(static_cast<uint32_t>(ranges.size()));
    for (const FiredRange& range : ranges) {
      out.PutI64(range.from);
      out.PutI64(range.fired);
      out.PutI64(range.gone);
    }
    if (!ranges.empty()) elements.push_back(std::move(out).Take());
    first = last + 1;
  }
  return elements;
}

Status FiredRanges::Add(std::string_view element) {
  ByteReader in(element, "fired windows");
  const int first = std::max(static_cast<int>(in.GetU32()), own_.first);
  const int last = std::min(static_cast<int>(in.GetU32()), own_.last);
  std::vector<FiredRange> ranges;
  for (uint32_t i = 0, n = in.GetU32(); i < n && in.ok(); ++i) {
    FiredRange range{};
    range.from = in.GetI64();
    range.fired = in.GetI64();
    range.gone = in.GetI64();
    ranges.push_back(range);
  }
  WEIR_RETURN_IF_ERROR(in.Finish());
  if (first > last) return OkStatus();
  if (by_group_.empty()) by_group_.resize(static_cast<size_t>(own_.size()));
  for (int group = first; group <= last; ++group) by_group_[static_cast<size_t>(group - own_.first)] = ranges;
  return OkStatus();
}

}  // namespace weir
