// Watermark alignment: how far the subtasks of sources that keep step may go on.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "weir/rpc/task_deployment.h"

namespace weir {

// The watermarks that the subtasks of each group have reported last. Decides only; the JobMaster sends the answers.
//
//   1. A subtask reports every update interval, and is answered with the limit that holds now.
//   2. The limit is the lowest watermark of the group + the drift of the one who asks.
//   3. Who has not reported yet, is idle (reports INT64_MAX), or has ended, does not count.
//
// Threads: the JobMaster's event loop.
class WatermarkGroups {
 public:
  // A subtask: vertex and number.
  using Member = std::pair<int, int>;

  // What `member` may go up to; INT64_MAX: as far as it likes.
  int64_t Report(const Member& member, const WatermarkReport& report);
  // It has ended, or will be run again.
  void Forget(const Member& member);

 private:
  std::map<std::string, std::map<Member, int64_t>> groups_;
};

}  // namespace weir
