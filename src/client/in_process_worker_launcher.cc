#include "weir/client/in_process_worker_launcher.h"

namespace weir {

StatusOr<std::unique_ptr<Worker>> InProcessWorkerLauncher::Launch(WorkerRequest request, WorkerListener* listener) {
  WorkerOptions options;
  options.slots = StepExecutorsFor(request.slots);
  options.name = "embedded";
  options.clock = options_.clock;
  options.file_system = options_.file_system;
  options.configuration = options_.configuration.get();
  options.executors = options_.executors;
  return Worker::New(std::move(options), listener);
}

}  // namespace weir
