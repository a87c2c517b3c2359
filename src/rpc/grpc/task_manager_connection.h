// A TaskManager's stream to its JobManager, and the files that it fetches there.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "weir/base/execution/executor.h"
#include "weir/base/time.h"
#include "weir/base/unique_function.h"
#include "weir/rpc/wire/task_manager_messages.h"

namespace weir {

class ArtifactStore;

struct TaskManagerConnectionOptions {
  std::string address;  // of the JobManager: "host:port"
  std::string secret = {};
  Executor* executor = nullptr;  // for heartbeats
  Duration heartbeat_interval{3000};
  Duration heartbeat_timeout{10000};
};

// Threads: any. Callbacks come on gRPC's threads, one at a time.
class TaskManagerConnection {
 public:
  using Sink = std::shared_ptr<MessageSink<v1::TaskManagerMessage>>;
  struct Handlers {
    // The JobManager has taken the registration; `leader` is its term. `sink` takes messages to it.
    std::function<void(LeaderId leader, Sink sink)> on_welcome;
    // Each message after that, in order. An error ends the stream.
    std::function<Status(const v1::JobManagerMessage& message)> on_message;
    // Once, last.
    std::function<void(Status why)> on_end;
  };

  static std::unique_ptr<TaskManagerConnection> New(TaskManagerConnectionOptions options);
  virtual ~TaskManagerConnection() = default;

  // Opens a stream. After its on_end it may be called again.
  virtual void Connect(const TaskExecutorRegistration& registration, Handlers handlers) = 0;
  // Ends the stream; on_end comes.
  virtual void Disconnect() = 0;
  // Brings a file into `store`. `reply` comes on one of gRPC's threads.
  virtual void Fetch(const std::string& sha256, ArtifactStore* store, UniqueFunction<void(Status)> reply) = 0;
};

}  // namespace weir
