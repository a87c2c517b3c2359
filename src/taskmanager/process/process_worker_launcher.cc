#include "weir/taskmanager/process/process_worker_launcher.h"

#include <utility>

#include "weir/graph/job/job_graph.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/rpc/wire/task_values.h"
#include "weir/taskmanager/process/worker_process.h"
#include "weir/v1/worker.pb.h"

namespace weir {
namespace {

// The TaskExecutor's handle on a process.
class ProcessWorker final : public Worker {
 public:
  explicit ProcessWorker(std::shared_ptr<WorkerProcess> process) : process_(std::move(process)) {}
  ~ProcessWorker() override { Shutdown(); }

  Status Deploy(TaskDeploymentDescriptor descriptor, std::shared_ptr<const JobGraph>) override {
    if (process_->ended()) return UnavailableError("the worker process has just ended");
    process_->Deploy(descriptor);
    return OkStatus();
  }
  void Cancel(ExecutionAttemptId attempt) override {
    v1::ToWorker message;
    message.set_cancel(IdBytes(attempt));
    process_->Send(message);
  }
  void AddSplits(ExecutionAttemptId attempt, std::vector<std::string> splits) override {
    v1::ToWorker message;
    message.mutable_add_splits()->set_attempt_id(IdBytes(attempt));
    for (std::string& split : splits) message.mutable_add_splits()->add_splits(std::move(split));
    process_->Send(message);
  }
  void NoMoreSplits(ExecutionAttemptId attempt) override {
    v1::ToWorker message;
    message.set_no_more_splits(IdBytes(attempt));
    process_->Send(message);
  }
  void TriggerCheckpoint(ExecutionAttemptId attempt, CheckpointTrigger trigger) override {
    v1::ToWorker message;
    ToProto(trigger, *message.mutable_trigger_checkpoint());
    message.mutable_trigger_checkpoint()->set_attempt_id(IdBytes(attempt));
    process_->Send(message);
  }
  void NotifyCheckpointComplete(ExecutionAttemptId attempt, CheckpointId id) override {
    v1::ToWorker message;
    message.mutable_checkpoint_complete()->set_attempt_id(IdBytes(attempt));
    message.mutable_checkpoint_complete()->set_checkpoint_id(id.value());
    process_->Send(message);
  }
  void NotifyCheckpointAborted(ExecutionAttemptId attempt, CheckpointId id) override {
    v1::ToWorker message;
    message.mutable_checkpoint_aborted()->set_attempt_id(IdBytes(attempt));
    message.mutable_checkpoint_aborted()->set_checkpoint_id(id.value());
    process_->Send(message);
  }
  void LimitWatermark(ExecutionAttemptId attempt, int64_t limit) override {
    v1::ToWorker message;
    message.mutable_watermark_limit()->set_attempt_id(IdBytes(attempt));
    message.mutable_watermark_limit()->set_limit(limit);
    process_->Send(message);
  }
  void AdoptConnection(Descriptor socket, TaskManagerId from) override {
    v1::ToWorker message;
    message.mutable_data_connection()->set_from(from.value());
    process_->Send(message, std::move(socket));
  }
  std::vector<std::pair<ExecutionAttemptId, TaskStatistics>> Statistics() const override {
    return process_->statistics();
  }
  std::shared_ptr<const MetricSnapshot> TakeMetrics() override { return process_->metrics(); }
  void FetchRows(std::string request, Reply<std::string> reply) override {
    process_->FetchRows(std::move(request), std::move(reply));
  }
  bool alive() const override { return !process_->ended(); }
  bool Kill() override {
    process_->Kill();
    return true;
  }
  // Begins it; the launcher sees the process to its end.
  void Shutdown() override {
    if (!std::exchange(is_retired_, true) && !process_->ended()) process_->Retire();
  }

 private:
  const std::shared_ptr<WorkerProcess> process_;
  bool is_retired_ = false;
};

}  // namespace

ProcessWorkerLauncher::ProcessWorkerLauncher(ProcessWorkerLauncherOptions options)
    : options_(std::move(options)), processes_(std::make_shared<std::set<std::shared_ptr<WorkerProcess>>>()) {}

ProcessWorkerLauncher::~ProcessWorkerLauncher() {
  for (const auto& process : *processes_) process->Kill();
  processes_->clear();
}

void ProcessWorkerLauncher::FetchThreads(const std::function<void(int process, std::string text)>& add) {
  int number = 0;
  for (const auto& process : *processes_) {
    process->FetchThreads([add, number](StatusOr<std::string> text) {
      if (text.ok()) add(number, *std::move(text));
    });
    ++number;
  }
}

StatusOr<std::unique_ptr<Worker>> ProcessWorkerLauncher::Launch(WorkerRequest request, WorkerListener* listener) {
  if (!request.graph->program.IsKnown()) {
    return FailedPreconditionError("job \"" + request.graph->name +
                                   "\" came without its program. Submit it with `weir run`.");
  }
  auto process = std::make_shared<WorkerProcess>(options_, std::move(request), std::to_string(++launched_), listener);
  processes_->insert(process);
  // Not within the process' own call: this may be the last reference.
  process->Start([post = MailboxOf(*options_.strand), all = std::weak_ptr(processes_), gone = process.get()] {
    post([all, gone] {
      if (const auto left = all.lock()) {
        std::erase_if(*left, [&](const std::shared_ptr<WorkerProcess>& each) { return each.get() == gone; });
      }
    });
  });
  return std::unique_ptr<Worker>(new ProcessWorker(std::move(process)));
}

}  // namespace weir
