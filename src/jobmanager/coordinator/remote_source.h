// Sources whose split enumerators run in the job's coordinator process.
#pragma once

#include <memory>

#include "weir/graph/job/job_graph.h"
#include "weir/jobmanager/coordinator/coordinator_process.h"

namespace weir {

// Gives every source of `graph` an enumerator factory that goes through `process`. Readers are the workers' affair.
void AttachRemoteSources(const std::shared_ptr<CoordinatorProcess>& process, JobGraph& graph);

}  // namespace weir
