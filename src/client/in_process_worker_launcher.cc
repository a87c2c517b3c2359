#include "weir/client/in_process_worker_launcher.h"

#include <algorithm>

#include "weir/base/execution/thread.h"

namespace weir {
namespace {

// A thread per slot keeps a slow task from holding up other slots; far more threads than CPUs only cost memory and switches, so slots then share them.
int StepExecutorsFor(int slots) { return std::min(slots, std::max(16, 2 * AvailableCpus())); }

}  // namespace

StatusOr<std::unique_ptr<Worker>> InProcessWorkerLauncher::Launch(JobId job_id, int slots, WorkerListener* listener) {
  WorkerOptions options;
  options.slots = StepExecutorsFor(slots);
  options.name = "worker of job " + job_id.ToHex();
  options.clock = options_.clock;
  options.file_system = options_.file_system;
  options.configuration = options_.configuration.get();
  return Worker::New(std::move(options), listener);
}

}  // namespace weir
