#include "weir/jobmanager/scheduler/watermark_groups.h"

#include <algorithm>
#include <limits>

namespace weir {

int64_t WatermarkGroups::Report(const Member& member, const WatermarkReport& report) {
  constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
  std::map<Member, int64_t>& watermarks = groups_[report.group];
  watermarks[member] = report.watermark;
  int64_t lowest = kNoLimit;
  for (const auto& [each, watermark] : watermarks) lowest = std::min(lowest, watermark);
  return lowest > kNoLimit - report.max_drift_ms ? kNoLimit : lowest + report.max_drift_ms;
}

void WatermarkGroups::Forget(const Member& member) {
  for (auto& [group, watermarks] : groups_) watermarks.erase(member);
}

}  // namespace weir
