// The TaskManager with its network: what `weir-taskmanager` runs.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "weir/base/status.h"

namespace weir {

class Configuration;

struct TaskManagerDaemonOptions {
  std::shared_ptr<const Configuration> configuration;
  std::string config_dir = {};    // what tells this cluster from others of this user
  std::string log_folder;         // for the output of workers
  std::string log_settings = {};  // the logging configuration file, which they read too
  int index = 0;                  // which TaskManager of its cluster on this machine
  // Called when the JobManager has taken its registration, each time.
  std::function<void()> on_registered;
  // Called at most once, and not after on_registered: the JobManager does not take this TaskManager, and asking again would not help. Any thread.
  std::function<void(const Status& why)> on_refused;
};

class TaskManagerDaemon {
 public:
  // Returns before it is connected: a JobManager that is not there yet is waited for.
  static StatusOr<std::unique_ptr<TaskManagerDaemon>> Start(const TaskManagerDaemonOptions& options);
  // Kills the workers.
  ~TaskManagerDaemon();

 private:
  struct Parts;
  explicit TaskManagerDaemon(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace weir
