// Gives a job graph the factories and types of the program of this process.
#pragma once

#include "weir/base/status.h"
#include "weir/graph/job/job_graph.h"
#include "weir/graph/stream_graph.h"

namespace weir {

// Fills the `code` of every operator and edge of `deployed` from `program`, the graph that this process built, by operator id. The fingerprints must
// agree: if not, the error of CheckFingerprint, and `deployed` is unchanged. Parallelism and settings of `program` do not matter: a worker runs
// main() without the command line that submitted the job.
Status AttachCode(const StreamGraph& program, JobGraph& deployed);

}  // namespace weir
