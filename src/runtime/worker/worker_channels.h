// The channels of one worker: those between its own tasks, and those to tasks on other TaskManagers.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "weir/base/ids.h"
#include "weir/base/mutex.h"
#include "weir/base/net/descriptor.h"
#include "weir/base/status.h"
#include "weir/config/configuration.h"
#include "weir/rpc/task_deployment.h"
#include "weir/runtime/network/channel_registry.h"

namespace weir {

class Clock;
class DataNetwork;
class GateCredit;

struct WorkerChannelsOptions {
  TaskManagerId task_manager;  // this worker's; empty: it has no others
  std::string data_token;
  Configuration configuration;
  const Clock* clock = nullptr;
  // A channel of the task is lost. Any thread; must not wait.
  std::function<void(const ExecutionAttemptId& task, const Status& why)> on_failure;
};

// Threads: any. The network's thread starts with the first channel to another TaskManager.
class WorkerChannels {
 public:
  explicit WorkerChannels(WorkerChannelsOptions options);
  ~WorkerChannels();

  // The task's end of channel number `index` of a gate, or of a result. Fails if its other end cannot be reached.
  StatusOr<std::shared_ptr<LocalChannel>> Connect(const TaskDeploymentDescriptor& task, const InputGateDeployment& gate,
                                                  size_t index, std::shared_ptr<GateCredit>& credit);
  StatusOr<std::shared_ptr<LocalChannel>> Connect(const TaskDeploymentDescriptor& task,
                                                  const ResultPartitionDeployment& result, size_t index);
  // The task is gone. What a producer that has finished left is still delivered.
  void Close(const TaskDeploymentDescriptor& task, bool has_finished);
  // A connection that a worker on TaskManager `from` has made.
  void Adopt(Descriptor socket, const TaskManagerId& from);
  // All tasks are gone.
  void Shutdown();

 private:
  StatusOr<DataNetwork*> Network(JobId job);

  const WorkerChannelsOptions options_;
  ChannelRegistry local_;
  Mutex mutex_;
  std::unique_ptr<DataNetwork> network_ WEIR_GUARDED_BY(mutex_);
  // Came before there was a channel.
  std::vector<std::pair<Descriptor, TaskManagerId>> early_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
