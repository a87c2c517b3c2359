#include "weir/client/job_execution_result.h"

namespace weir {

StatusOr<int64_t> JobExecutionResult::Accumulator(std::string_view name) const {
  std::string known;
  for (const auto& [other, value] : values_.accumulators) {
    if (other == name) return value;
    known += (known.empty() ? "\"" : ", \"") + other + "\"";
  }
  return NotFoundError("job \"" + values_.job_name + "\" has no accumulator \"" + std::string(name) + "\"; it has " +
                       (known.empty() ? "none" : known));
}

int JobExecutionResult::ExitCode() const {
  // 128 + SIGINT.
  constexpr int kInterrupted = 130;
  if (ok()) return 0;
  return values_.interrupted && values_.status.code() == StatusCode::kCancelled ? kInterrupted : 1;
}

}  // namespace weir
