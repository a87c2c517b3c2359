// What Execute() does in the role of this process.
#pragma once

#include <memory>
#include <optional>

#include "weir/base/status.h"
#include "weir/client/job_execution_result.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/dispatcher_gateway.h"

namespace weir {

// Called by every Execute() with the graph that the program has described and what it became.
//
// PLAN, WORKER and COORDINATOR end the process in here, except that the latter two pass the jobs that the program executes before the one that they are for:
// then the result is what that Execute() returned. Nothing in the other roles.
//
// Threads: one.
std::optional<JobExecutionResult> PassThroughRole(const StreamGraph& program, const JobGraph& graph);

// Reaches the JobManager through the command line that started this process; CLIENT role only.
std::shared_ptr<DispatcherGateway> ClientGateway();

}  // namespace weir
