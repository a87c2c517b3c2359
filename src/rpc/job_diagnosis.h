// What the JobManager finds wrong with a job, for whoever asks.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/ids.h"

namespace weir {

struct JobVerdict {
  std::string kind;      // "bottleneck", "skew", ...: jobmanager/diagnosis/diagnose.h
  std::string severity;  // "ok", "info", "warning", "error"
  std::string summary;   // one sentence; names stand in `backticks`
  std::string advice;    // may be empty
  std::optional<VertexId> vertex = {};
  int subtask = -1;                                                // -1: of no subtask
  std::vector<std::pair<std::string, std::string>> evidence = {};  // {"busy", "97 %"}
};

}  // namespace weir
