// The channels of one worker: those between its own tasks, and those to tasks on other TaskManagers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/memory_budget.h"
#include "weir/base/mutex.h"
#include "weir/base/net/descriptor.h"
#include "weir/base/status.h"
#include "weir/config/configuration.h"
#include "weir/rpc/task_deployment.h"
#include "weir/runtime/network/channel_registry.h"
#include "weir/runtime/network/remote/channel_credit.h"

namespace weir {

class Clock;
class DataNetwork;
class StepExecutor;

struct WorkerChannelsOptions {
  TaskManagerId task_manager;  // this worker's; empty: it has no others
  std::string data_token;
  Configuration configuration;
  std::optional<uint64_t> memory_bytes;  // for what is on its way between workers; nullopt: no limit
  const Clock* clock = nullptr;
  // A channel of the task is lost. Any thread; must not wait.
  std::function<void(const ExecutionAttemptId& task, const Status& why)> on_failure;
};

// Threads: any. The network's thread starts with the first channel to another TaskManager.
class WorkerChannels {
 public:
  explicit WorkerChannels(WorkerChannelsOptions options);
  ~WorkerChannels();

  // Who runs the worker's tasks; they wait at the sockets when they have nothing to do. Before the first Connect; they stop before Shutdown.
  void SetExecutors(std::vector<StepExecutor*> executors) { executors_ = std::move(executors); }
  // Sets memory aside for what the task's channels to other workers may have on their way, until Close: the channels' own buffers, and of the floating ones as
  // many as are left. kResourceExhausted says who has it. To be called before Connect.
  Status Reserve(const TaskDeploymentDescriptor& task);
  // What each gate of the task lets be on its way to it.
  CreditLimits CreditFor(const ExecutionAttemptId& task);
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
  // What a task has set aside.
  struct Reserved {
    MemoryReservation own;
    MemoryReservation floating;
    int64_t floating_each = 0;  // bytes, for each of its gates and results
  };
  // What all tasks have; apart, so that floating buffers of those that come first leave later ones their own.
  struct Memory {
    MemoryBudget own;
    MemoryBudget floating;
  };

  StatusOr<DataNetwork*> Network(JobId job);
  static std::unique_ptr<Memory> MemoryOf(const std::optional<uint64_t>& bytes);

  const WorkerChannelsOptions options_;
  const CreditLimits credit_;
  const std::unique_ptr<Memory> memory_;  // null: no limit
  ChannelRegistry local_;
  std::vector<StepExecutor*> executors_;
  Mutex mutex_;
  std::map<ExecutionAttemptId, Reserved> reserved_ WEIR_GUARDED_BY(mutex_);
  std::unique_ptr<DataNetwork> network_ WEIR_GUARDED_BY(mutex_);
  // Came before there was a channel.
  std::vector<std::pair<Descriptor, TaskManagerId>> early_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
