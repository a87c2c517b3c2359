// What processes have reported, found again under the names that Flink's REST API gives it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/base/ids.h"
#include "weir/jobmanager/rest/metric_json.h"
#include "weir/metrics/metric_snapshot.h"
#include "weir/rpc/job_messages.h"

namespace weir {

// Of one attempt: "numRecordsIn" of the task, "Map.numRecordsOut" of its operators. Its last statistics if no process reports it: it has ended.
MetricValues MetricsOfAttempt(const std::vector<MetricReport>& reports, const SubtaskDetails& subtask);
// Of the process of a TaskManager: "Status.JVM.CPU.Load".
MetricValues MetricsOfTaskManager(const std::vector<MetricReport>& reports, std::string_view task_manager);
// Those that are about the JobManager as a whole.
MetricValues MetricsOfJobManager(const MetricSnapshot& snapshot);

}  // namespace weir
