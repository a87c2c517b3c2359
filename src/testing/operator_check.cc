#include "weir/testing/operator_check.h"

namespace weir::internal {

Status CompareLines(std::string_view run, const ResultLines& expected, const ResultLines& actual) {
  const size_t common = std::min(expected.size(), actual.size());
  for (size_t i = 0; i <= common; ++i) {
    const std::string want = i < expected.size() ? expected[i] : "nothing";
    const std::string got = i < actual.size() ? actual[i] : "nothing";
    if (want == got) continue;
    return FailedPreconditionError("run \"" + std::string(run) + "\": result " + std::to_string(i + 1) + " is " + got +
                                   "; with one element per batch and subtask it is " + want);
  }
  return OkStatus();
}

}  // namespace weir::internal
