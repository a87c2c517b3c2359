// Starts a process for every worker, and sees them to their end.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "weir/base/execution/strand.h"
#include "weir/base/process/process_user.h"
#include "weir/base/time.h"
#include "weir/taskmanager/process/artifact_source.h"
#include "weir/taskmanager/worker_launcher.h"

namespace weir {

class Configuration;
class FileSystem;
class WorkerProcess;

struct ProcessWorkerLauncherOptions {
  Strand* strand = nullptr;  // the TaskExecutor's
  FileSystem* files = nullptr;
  ArtifactSource* artifacts = nullptr;
  std::shared_ptr<const Configuration> configuration;
  std::vector<std::string> environment;               // of the TaskManager: "NAME=value"
  std::string folder;                                 // workers get folders of their own below it
  std::string log_folder;                             // and one per job below this
  std::string log_settings = {};                      // the logging configuration file, which they read
  std::string task_manager;                           // for names of log files
  std::shared_ptr<const ProcessUser> user = nullptr;  // as whom workers run; null: as this process
  // What shows other TaskManagers' data ports that a process is a worker of the job.
  std::function<std::string(JobId)> data_token_of;
  Duration statistics_interval{1000};
  // A worker that has been silent for so long hangs and is killed; they report every statistics_interval. 0: it may be silent.
  Duration silence{0};
  // How long a worker whose job is over may take to end before it is killed.
  Duration patience{5000};
};

// Threads: the strand; the destructor after that has stopped.
class ProcessWorkerLauncher final : public WorkerLauncher {
 public:
  explicit ProcessWorkerLauncher(ProcessWorkerLauncherOptions options);
  // Kills the workers that are left.
  ~ProcessWorkerLauncher() override;

  // Returns at once: the process comes when the executable is here, and what the worker is told meanwhile waits.
  StatusOr<std::unique_ptr<Worker>> Launch(WorkerRequest request, WorkerListener* listener) override;
  // What WorkerProcess::FetchThreads says of each process that runs; `add` is dropped when no more comes.
  void FetchThreads(const std::function<void(int process, std::string text)>& add);

 private:
  const ProcessWorkerLauncherOptions options_;
  int launched_ = 0;
  // All whose process has not ended, whether their Worker is there or not.
  std::shared_ptr<std::set<std::shared_ptr<WorkerProcess>>> processes_;
};

}  // namespace weir
