// How a job ended.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

class [[nodiscard]] JobExecutionResult {
 public:
  struct Values {
    std::string job_id = {};  // 32 hexadecimal digits; empty: the job was never submitted
    std::string job_name = {};
    Status status = {};
    // A signal asked the job to stop.
    bool interrupted = false;
    std::vector<std::pair<std::string, int64_t>> accumulators = {};
    Duration runtime{0};
  };
  explicit JobExecutionResult(Values values) : values_(std::move(values)) {}

  // The job has finished.
  bool ok() const { return values_.status.ok(); }
  // kCancelled: it was cancelled. Any other error: it failed; the message names the job, the operator, the subtask and, where known, the record.
  const Status& status() const { return values_.status; }
  const std::string& job_id() const { return values_.job_id; }
  const std::string& job_name() const { return values_.job_name; }
  // From the job's start to its end.
  Duration runtime() const { return values_.runtime; }
  // Sums over all subtasks, sorted by name.
  const std::vector<std::pair<std::string, int64_t>>& accumulators() const { return values_.accumulators; }
  // The sum of this name, or an error that lists those there are.
  StatusOr<int64_t> Accumulator(std::string_view name) const;

  // For main(): 0 finished, 1 failed or cancelled, 130 stopped by Ctrl-C, as shells expect it.
  int ExitCode() const;

 private:
  Values values_;
};

}  // namespace weir
