// Workers in the calling process, for the embedded cluster.
#pragma once

#include <memory>
#include <utility>

#include "weir/taskmanager/worker_launcher.h"

namespace weir {

class InProcessWorkerLauncher final : public WorkerLauncher {
 public:
  struct Options {
    const Clock* clock = nullptr;
    FileSystem* file_system = nullptr;
    std::shared_ptr<const Configuration> configuration = nullptr;
    ExecutorFactory* executors = nullptr;  // see WorkerOptions
  };
  explicit InProcessWorkerLauncher(Options options) : options_(std::move(options)) {}

  StatusOr<std::unique_ptr<Worker>> Launch(WorkerRequest request, WorkerListener* listener) override;

 private:
  const Options options_;
};

}  // namespace weir
