#include "weir/taskmanager/task_executor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "weir/base/logging.h"
#include "weir/base/mutex.h"
#include "weir/config/configuration.h"
#include "weir/graph/job/job_graph.h"
#include "weir/metrics/metric_store.h"
#include "weir/rpc/in_memory_gateways.h"
#include "weir/runtime/worker/worker_metrics.h"

namespace weir {

namespace {

// For the worker that a connection is meant for: its executable may have to be fetched first.
constexpr Duration kConnectionPatience{120'000};
// Without jobs, metrics are reported so much less often: every 10 s, as Flink's web UI asks for them.
constexpr int64_t kIdleMetricsFactor = 10;

}  // namespace

// One job that has tasks here, or had.
struct TaskExecutor::Job {
  // Brings what the worker's threads say to the event loop.
  class Listener final : public WorkerListener {
   public:
    Listener(TaskExecutor* owner, MessageHeader header)
        : owner_(owner), job_id_(header.job_id), post_(MailboxOf(*owner->options_.strand)) {
      Follow(header.leader, owner->job_masters_);
    }

    // From here on messages are the job's under this leader.
    void Follow(LeaderId leader, std::shared_ptr<JobMasterGateway> job_masters) {
      MutexLock lock(mutex_);
      leader_ = leader;
      job_masters_ = std::move(job_masters);
    }

    void OnTaskState(TaskStateUpdate update) override {
      post_([owner = owner_, job_id = job_id_, update = std::move(update)]() mutable {
        owner->TaskChanged(job_id, std::move(update));
      });
    }
    void OnReaderRegistered(ExecutionAttemptId attempt) override {
      const Term term = Now();
      term.job_masters->RegisterReader(term.header, attempt);
    }
    void OnSplitRequest(ExecutionAttemptId attempt) override {
      const Term term = Now();
      term.job_masters->RequestSplit(term.header, attempt);
    }
    void OnEndOfData(ExecutionAttemptId attempt) override {
      const Term term = Now();
      term.job_masters->NotifyEndOfData(term.header, attempt);
    }
    void OnCheckpointAcknowledged(ExecutionAttemptId attempt, CheckpointId id, std::vector<OperatorSubtaskState> state,
                                  const CheckpointMetrics& metrics) override {
      const Term term = Now();
      term.job_masters->AcknowledgeCheckpoint(
          {.header = term.header, .attempt_id = attempt, .id = id, .state = std::move(state), .metrics = metrics});
    }
    void OnCheckpointDeclined(ExecutionAttemptId attempt, CheckpointId id, Status reason) override {
      const Term term = Now();
      term.job_masters->DeclineCheckpoint(
          {.header = term.header, .attempt_id = attempt, .id = id, .reason = std::move(reason)});
    }
    void OnWatermark(ExecutionAttemptId attempt, WatermarkReport report) override {
      const Term term = Now();
      term.job_masters->ReportWatermark(term.header, attempt, std::move(report));
    }

   private:
    struct Term {
      MessageHeader header;
      std::shared_ptr<JobMasterGateway> job_masters;
    };
    Term Now() {
      MutexLock lock(mutex_);
      return {{leader_, job_id_}, job_masters_};
    }

    TaskExecutor* const owner_;  // reached through `post_` only: it may be gone when a task that was left behind speaks
    const JobId job_id_;
    const Mailbox post_;
    Mutex mutex_;
    LeaderId leader_ WEIR_GUARDED_BY(mutex_);
    std::shared_ptr<JobMasterGateway> job_masters_ WEIR_GUARDED_BY(mutex_);
  };

  Job(TaskExecutor* owner, MessageHeader job_header) : header(job_header), listener(new Listener(owner, job_header)) {}
  // With tasks that do not end, the worker and what it reports to are left alone: shutting it down would wait for ever.
  ~Job() {
    if (worker == nullptr) return;
    if (tasks.empty()) {
      worker->Shutdown();
      return;
    }
    if (worker->Kill()) return;
    WEIR_LOG(kError, "{} tasks of job {} did not end; their threads are left behind", tasks.size(),
             header.job_id.ToHex());
    // Kept where leak checkers see them.
    static auto* const left_behind = new std::vector<std::pair<std::unique_ptr<Listener>, std::unique_ptr<Worker>>>();
    left_behind->emplace_back(std::move(listener), std::move(worker));
  }

  MessageHeader header;                // of the present leader, or the last one under which it had tasks
  std::unique_ptr<Listener> listener;  // outlives the worker
  std::unique_ptr<Worker> worker;
  int slots = 0;                            // that the job had when the worker was started: its memory is by them
  bool may_return = false;                  // its leader is gone: the next one may go on with it
  std::map<ExecutionAttemptId, int> tasks;  // those that have not ended, with their slots
  std::set<ExecutionAttemptId> seen;        // all that were deployed: none runs twice
};

TaskExecutor::TaskExecutor(TaskExecutorOptions options)
    : options_(std::move(options)),
      leader_(options_.leader),
      resource_manager_(options_.resource_manager),
      job_masters_(options_.job_masters),
      gateway_(std::make_shared<InMemoryTaskExecutorGateway>(MailboxOf(*options_.strand), this)),
      slots_(static_cast<size_t>(options_.slots)) {
  if (options_.metrics_interval <= Duration(0)) return;
  process_metrics_ = std::make_unique<WorkerMetrics>(
      options_.metrics_configuration != nullptr ? *options_.metrics_configuration : Configuration(),
      options_.id.value(), ShownProcess::kTaskManager);
}

TaskExecutor::~TaskExecutor() = default;

TaskExecutorRegistration TaskExecutor::Registration() {
  TaskExecutorRegistration registration{.task_manager = options_.id, .hardware = options_.hardware};
  for (int slot = 0; slot < options_.slots; ++slot) {
    registration.slots.push_back({slot, slots_[slot].header.job_id, slots_[slot].allocation_id});
  }
  registered_ = registration.slots;
  return registration;
}

void TaskExecutor::Start() {
  if (options_.statistics_interval > Duration(0)) ReportAfter(options_.statistics_interval);
}

void TaskExecutor::ReportAfter(Duration wait) {
  options_.strand->PostAfter(wait, [this, number = ++report_] {
    if (number == report_) ReportStatistics();
  });
}

void TaskExecutor::FollowLeader(LeaderId leader, std::shared_ptr<ResourceManagerGateway> resource_manager,
                                std::shared_ptr<JobMasterGateway> job_masters) {
  leader_ = leader;
  ++term_;
  resource_manager_ = std::move(resource_manager);
  job_masters_ = std::move(job_masters);
  for (const auto& [id, job] : jobs_) job->may_return = true;
  for (const SlotStatus& slot : registered_) {
    const bool was_held = slot.allocation_id != AllocationId();
    if (was_held && slots_[slot.slot].allocation_id != slot.allocation_id) {
      resource_manager_->NotifySlotFree(options_.id, slot);
    }
  }
  LeaveAllSlots();
  if (jobs_.empty()) return;
  options_.strand->PostAfter(options_.return_wait, [this, term = term_] {
    if (term != term_) return;
    std::erase_if(jobs_, [this](const auto& job) { return job.second->may_return && SlotsOf(job.first) == 0; });
    for (const auto& [id, job] : jobs_) job->may_return = false;
  });
}

void TaskExecutor::LoseLeader() {
  leader_ = LeaderId();
  ++term_;
  for (const auto& [id, job] : jobs_) job->may_return = true;
  if (jobs_.empty()) return;
  options_.strand->PostAfter(options_.leaderless, [this, term = term_] {
    if (term != term_) return;
    WEIR_LOG(kWarning, "no JobManager has come for {} ms: the tasks of {} jobs are cancelled",
             options_.leaderless.count(), jobs_.size());
    for (const auto& [id, job] : jobs_) job->may_return = false;
    LeaveAllSlots();
  });
}

void TaskExecutor::LeaveAllSlots() {
  for (const auto& [id, job] : jobs_) {
    for (const auto& [attempt, slot] : job->tasks) job->worker->Cancel(attempt);
  }
  for (int slot = 0; slot < options_.slots; ++slot) {
    if (slots_[slot].allocation_id == AllocationId()) continue;
    slots_[slot].is_leaving = true;
    FreeIfIdle(slot);
  }
}

void TaskExecutor::ReportStatistics() {
  for (const auto& [id, job] : jobs_) {
    if (job_masters_ != nullptr && !job->tasks.empty()) {
      job_masters_->ReportStatistics({job->header, job->worker->Statistics()});
    }
  }
  ReportMetrics();
  // Nothing but the machine's own metrics is told while nothing runs.
  const Duration idle = std::max(options_.statistics_interval, options_.metrics_interval * kIdleMetricsFactor);
  ReportAfter(jobs_.empty() ? idle : options_.statistics_interval);
}

void TaskExecutor::ReportMetrics() {
  if (process_metrics_ == nullptr) return;
  const int64_t now = options_.strand->clock().MonotonicNanos();
  if (now < next_metrics_nanos_) return;
  // Of an idle machine there is little to tell, and telling costs most of what an idle TaskManager costs.
  if (jobs_.empty() && now < next_idle_metrics_nanos_) return;
  const int64_t interval = std::chrono::nanoseconds(options_.metrics_interval).count();
  next_metrics_nanos_ = now + interval;
  next_idle_metrics_nanos_ = now + kIdleMetricsFactor * interval;
  ReportMetricsOf("", std::make_shared<const MetricSnapshot>(process_metrics_->Take(now)));
  for (const auto& [job_id, job] : jobs_) {
    std::shared_ptr<const MetricSnapshot> snapshot = job->worker->TakeMetrics();
    if (snapshot != nullptr) ReportMetricsOf(job_id.ToHex(), std::move(snapshot));
  }
}

void TaskExecutor::ReportMetricsOf(const std::string& process, std::shared_ptr<const MetricSnapshot> snapshot) {
  const MetricReport report{.task_manager = options_.id.value(), .process = process, .snapshot = std::move(snapshot)};
  if (options_.shown_metrics != nullptr) options_.shown_metrics->Report(report);
  if (job_masters_ != nullptr) job_masters_->ReportMetrics(report);
}

void TaskExecutor::Ask(TaskManagerQuestion question, Reply<std::string> reply) {
  if (question.kind == TaskManagerQuestion::Kind::kRows) {
    const auto job = jobs_.find(question.job_id);
    if (job == jobs_.end()) return reply(NotFoundError("the job has no worker here"));
    return job->second->worker->FetchRows(std::move(question.name), std::move(reply));
  }
  if (!options_.answer) return reply(UnimplementedError("this TaskManager answers no questions"));
  options_.answer(question, std::move(reply));
}

void TaskExecutor::RequestSlot(SlotRequest request) {
  if (request.header.leader != leader_ || request.slot < 0 || request.slot >= options_.slots) {
    ++stale_messages_;
    return;
  }
  Slot& slot = slots_[request.slot];
  if (slot.allocation_id == request.allocation_id) return;  // doubled
  if (slot.allocation_id != AllocationId()) {
    ++stale_messages_;
    resource_manager_->NotifySlotFree(options_.id, {request.slot, request.header.job_id, request.allocation_id});
    return;
  }
  slot = {.header = request.header, .allocation_id = request.allocation_id};
  job_masters_->OfferSlot({.header = request.header,
                           .task_manager = options_.id,
                           .allocation_id = request.allocation_id,
                           .slot = request.slot,
                           .data_address = options_.data_address},
                          gateway_);
}

TaskExecutor::Slot* TaskExecutor::FindSlot(const MessageHeader& header, const AllocationId& allocation_id) {
  for (Slot& slot : slots_) {
    const bool is_it = slot.allocation_id == allocation_id && slot.allocation_id != AllocationId();
    if (is_it && slot.header.leader == header.leader && slot.header.job_id == header.job_id) return &slot;
  }
  ++stale_messages_;
  return nullptr;
}

void TaskExecutor::FreeSlot(MessageHeader header, AllocationId allocation_id) {
  Slot* const slot = FindSlot(header, allocation_id);
  if (slot == nullptr) return;
  slot->is_leaving = true;
  const int number = static_cast<int>(slot - slots_.data());
  const auto job = jobs_.find(header.job_id);
  if (job != jobs_.end()) {
    for (const auto& [attempt, where] : job->second->tasks) {
      if (where == number) job->second->worker->Cancel(attempt);
    }
  }
  FreeIfIdle(number);
}

bool TaskExecutor::HasTasksIn(JobId job_id, int slot) const {
  const auto job = jobs_.find(job_id);
  return job != jobs_.end() &&
         std::ranges::any_of(job->second->tasks, [&](const auto& task) { return task.second == slot; });
}

void TaskExecutor::FreeIfIdle(int number) {
  Slot& slot = slots_[number];
  if (!slot.is_leaving || HasTasksIn(slot.header.job_id, number)) return;
  const Slot freed = std::exchange(slot, Slot());
  RetireJobWithoutSlots(freed.header.job_id);
  resource_manager_->NotifySlotFree(options_.id, {number, freed.header.job_id, freed.allocation_id});
}

int TaskExecutor::SlotsOf(JobId job_id) const {
  return static_cast<int>(std::ranges::count_if(
      slots_, [&](const Slot& slot) { return slot.allocation_id != AllocationId() && slot.header.job_id == job_id; }));
}

void TaskExecutor::RetireJobWithoutSlots(JobId job_id) {
  const auto job = jobs_.find(job_id);
  if (job != jobs_.end() && !job->second->may_return && SlotsOf(job_id) == 0) jobs_.erase(job);
}

void TaskExecutor::SubmitTask(TaskSubmission submission) {
  if (submission.header.leader != leader_) {
    ++stale_messages_;
    return;
  }
  const Slot* const slot = FindSlot(submission.header, submission.allocation_id);
  const ExecutionAttemptId attempt = submission.descriptor.attempt_id;
  Status status =
      slot == nullptr || slot->is_leaving
          ? UnavailableError("TaskManager \"" + options_.id.value() + "\" does not hold the slot of this task")
          : Deploy(submission, static_cast<int>(slot - slots_.data()));
  if (status.ok()) return;
  TaskStateUpdate update;
  update.job_id = submission.header.job_id;
  update.attempt_id = attempt;
  update.state = ExecutionState::kFailed;
  update.error = std::move(status);
  job_masters_->UpdateTaskState(leader_, std::move(update));
}

Status TaskExecutor::Deploy(TaskSubmission& submission, int slot) {
  WEIR_ASSIGN_OR_RETURN(Job* const job, JobFor(submission));
  const ExecutionAttemptId attempt = submission.descriptor.attempt_id;
  if (!job->seen.insert(attempt).second) {
    ++stale_messages_;  // doubled
    return OkStatus();
  }
  submission.descriptor.slot = slot;
  // First, so that a task which ends at once is known.
  job->tasks[attempt] = slot;
  Status status = job->worker->Deploy(std::move(submission.descriptor), std::move(submission.graph));
  if (!status.ok()) job->tasks.erase(attempt);
  return status;
}

StatusOr<TaskExecutor::Job*> TaskExecutor::JobFor(const TaskSubmission& submission) {
  const MessageHeader& header = submission.header;
  const auto found = jobs_.find(header.job_id);
  if (found != jobs_.end()) {
    found->second->header = header;
    found->second->may_return = false;
    found->second->listener->Follow(header.leader, job_masters_);
  }
  const int slots = SlotsOf(header.job_id);
  // One without tasks makes room for one whose memory fits the slots that the job has now.
  const bool is_of_use = found != jobs_.end() && found->second->worker->alive() &&
                         (!found->second->tasks.empty() || found->second->slots == slots);
  if (is_of_use) return found->second.get();
  auto job = found != jobs_.end() ? nullptr : std::make_unique<Job>(this, header);
  WorkerListener* const listener = job != nullptr ? job->listener.get() : found->second->listener.get();
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<Worker> worker,
                        options_.launcher->Launch({.job_id = header.job_id,
                                                   .slots = options_.slots,
                                                   .memory_share = static_cast<double>(slots) / options_.slots,
                                                   .graph = submission.graph},
                                                  listener));
  GiveConnections(header.job_id, *worker);
  if (job == nullptr) {
    // In place of the one that died (what that still has to say about its tasks is on its way), or has no tasks.
    if (found->second->worker->alive()) found->second->worker->Shutdown();
    found->second->worker = std::move(worker);
    found->second->slots = slots;
    return found->second.get();
  }
  job->worker = std::move(worker);
  job->slots = slots;
  if (jobs_.empty() && report_ > 0) Start();
  return (jobs_[header.job_id] = std::move(job)).get();
}

void TaskExecutor::AdoptConnection(JobId job, TaskManagerId from, Descriptor socket) {
  const auto found = jobs_.find(job);
  if (found != jobs_.end() && found->second->worker->alive()) {
    return found->second->worker->AdoptConnection(std::move(socket), std::move(from));
  }
  const int64_t number = ++connections_;
  waiting_connections_[job].push_back({std::move(from), std::move(socket), number});
  options_.strand->PostAfter(kConnectionPatience, [this, job, number] {
    const auto waiting = waiting_connections_.find(job);
    if (waiting == waiting_connections_.end()) return;
    std::erase_if(waiting->second, [&](const WaitingConnection& each) { return each.number == number; });
    if (waiting->second.empty()) waiting_connections_.erase(waiting);
  });
}

void TaskExecutor::GiveConnections(JobId job, Worker& worker) {
  auto waiting = waiting_connections_.extract(job);
  if (waiting.empty()) return;
  for (WaitingConnection& each : waiting.mapped()) worker.AdoptConnection(std::move(each.socket), std::move(each.from));
}

void TaskExecutor::TaskChanged(JobId job_id, TaskStateUpdate update) {
  const auto job = jobs_.find(job_id);
  const auto task =
      job == jobs_.end() ? std::map<ExecutionAttemptId, int>::iterator() : job->second->tasks.find(update.attempt_id);
  if (job == jobs_.end() || task == job->second->tasks.end()) {
    ++stale_messages_;
    return;
  }
  const int slot = task->second;
  const bool ended = IsTerminal(update.state);
  if (ended) job->second->tasks.erase(task);
  job_masters_->UpdateTaskState(job->second->header.leader, std::move(update));
  if (ended) FreeIfIdle(slot);
}

TaskExecutor::Job* TaskExecutor::FindTask(const MessageHeader& header, const ExecutionAttemptId& attempt) {
  const auto job = jobs_.find(header.job_id);
  if (job == jobs_.end() || job->second->header.leader != header.leader || !job->second->tasks.contains(attempt)) {
    ++stale_messages_;
    return nullptr;
  }
  return job->second.get();
}

void TaskExecutor::CancelTask(MessageHeader header, ExecutionAttemptId attempt) {
  if (Job* job = FindTask(header, attempt)) job->worker->Cancel(attempt);
}

void TaskExecutor::AddSplits(MessageHeader header, ExecutionAttemptId attempt, std::vector<std::string> splits) {
  if (Job* job = FindTask(header, attempt)) job->worker->AddSplits(attempt, std::move(splits));
}

void TaskExecutor::LimitWatermark(MessageHeader header, ExecutionAttemptId attempt, int64_t limit) {
  if (Job* job = FindTask(header, attempt)) job->worker->LimitWatermark(attempt, limit);
}

void TaskExecutor::NoMoreSplits(MessageHeader header, ExecutionAttemptId attempt) {
  if (Job* job = FindTask(header, attempt)) job->worker->NoMoreSplits(attempt);
}

void TaskExecutor::TriggerCheckpoint(MessageHeader header, ExecutionAttemptId attempt, CheckpointTrigger trigger) {
  if (Job* job = FindTask(header, attempt)) job->worker->TriggerCheckpoint(attempt, std::move(trigger));
}

void TaskExecutor::NotifyCheckpointComplete(MessageHeader header, ExecutionAttemptId attempt, CheckpointId id) {
  if (Job* job = FindTask(header, attempt)) job->worker->NotifyCheckpointComplete(attempt, id);
}

void TaskExecutor::NotifyCheckpointAborted(MessageHeader header, ExecutionAttemptId attempt, CheckpointId id) {
  if (Job* job = FindTask(header, attempt)) job->worker->NotifyCheckpointAborted(attempt, id);
}

}  // namespace weir
