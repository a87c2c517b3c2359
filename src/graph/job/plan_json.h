// Plans as JSON, in Flink's forms. docs/formats/plan.md
#pragma once

#include <string>

#include "weir/graph/job/job_graph.h"
#include "weir/graph/stream_graph.h"

namespace weir {

// One node per vertex: the value of "plan" in the answers of /jobs/:jobid and /jobs/:jobid/plan, and what `weir info` prints.
std::string JobPlanJson(const JobGraph& graph);

// One node per operator, before chaining: GetExecutionPlan of the environment. `graph` is valid (ValidateStreamGraph).
std::string ExecutionPlanJson(const StreamGraph& graph);

}  // namespace weir
