// Runs a job in this process, or, if `weir run` has started it, on a cluster.
#pragma once

#include <memory>

#include "weir/base/status.h"
#include "weir/client/job_client.h"
#include "weir/client/job_execution_result.h"

namespace weir {

class Configuration;
class EmbeddedCluster;
struct JobGraph;

// Starts the job on an embedded cluster of its own, which has as many slots as the job needs and goes with the last copy of the client.
StatusOr<JobClient> SubmitJob(JobGraph graph, Configuration configuration);
// Starts the job on `cluster`, which other jobs may share and the client keeps.
StatusOr<JobClient> SubmitJob(JobGraph graph, Configuration configuration,
                              const std::shared_ptr<EmbeddedCluster>& cluster);

// Runs the job to its end. Meanwhile Ctrl-C (or SIGTERM) cancels it; a second one ends the process. On a terminal, one line on stderr shows the progress. Why
// a job failed is printed once to stderr.
JobExecutionResult ExecuteJob(JobGraph graph, Configuration configuration);

}  // namespace weir
