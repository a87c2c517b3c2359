// What a subtask is told when it is deployed: a pure function of the execution graph.
#pragma once

#include <memory>

#include "weir/jobmanager/scheduler/execution_graph.h"
#include "weir/rpc/task_deployment.h"

namespace weir {

// What all deployments of the region share. Its tasks have their TaskManagers by now.
std::shared_ptr<const DeployedRegion> DescribeRegion(const ExecutionGraph& executions, int region);

// Everything but the slot, which the TaskManager's offer decides. Both ends of an exchange derive the same channel ids, since these follow from the
// producers' present attempts: tasks of a region are therefore reset together before any of them is deployed.
TaskDeploymentDescriptor DescribeDeployment(const ExecutionGraph& executions, const SubtaskRef& task,
                                            std::shared_ptr<const DeployedRegion> region);

}  // namespace weir
