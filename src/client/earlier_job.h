// A job that the program executed before the one that this process is for: it ran elsewhere, and only its result is known here.
#pragma once

#include "weir/client/job_client.h"
#include "weir/client/job_execution_result.h"

namespace weir {

// What ExecuteAsync returns for such a job: it has ended as `result` says.
JobClient ClientOfEarlierJob(const JobExecutionResult& result);

}  // namespace weir
