// How a failure is told to a person.
#pragma once

#include <string>
#include <vector>

#include "weir/jobmanager/scheduler/execution_graph.h"
#include "weir/rpc/slot_messages.h"

namespace weir {

// The failure of a task, with its subtask: `operator "Map" (subtask 2/4) threw std::runtime_error: ...`, or, if the error names no operator,
// `task "Source: lines -> Map" (subtask 2/4): ...`.
Status DescribeTaskFailure(const ExecutionGraph& executions, const SubtaskRef& task, const Status& error);

// The end of a job: `job "x" failed: <cause>`, and why it was not restarted unless `reason` is empty.
Status DescribeJobFailure(const std::string& job_name, const Status& cause, const std::string& reason);

// A job that cannot get its slots.
Status DescribeSlotShortage(int needed, const SlotShortage& shortage, Duration waited);

// Tasks that did not end after they were cancelled.
Status DescribeStuckTasks(const ExecutionGraph& executions, const std::vector<SubtaskRef>& stuck, Duration waited);

// "300 ms", "10 s", "3 min".
std::string DurationText(Duration duration);

}  // namespace weir
