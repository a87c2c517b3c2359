#include "weir/taskmanager/process/worker_process.h"

#include "weir/base/crash/thread_stacks.h"
#include "weir/base/file/file_system.h"
#include "weir/base/log_context.h"
#include "weir/base/logging.h"
#include "weir/base/readable.h"
#include "weir/config/cluster_options.h"
#include "weir/config/configuration.h"
#include "weir/config/worker_options.h"
#include "weir/graph/job/job_graph_codec.h"
#include "weir/rpc/program/program_command.h"
#include "weir/rpc/wire/hello.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/rpc/wire/metric_values.h"
#include "weir/rpc/wire/task_values.h"
#include "weir/v1/worker.pb.h"

namespace weir {
namespace {

// A socket that a grandchild holds open must not delay the report of a death for long.
constexpr Duration kSocketGrace{50};
// So that silence is noticed not much later than it is too long.
constexpr int kLooksPerSilence = 5;
// Reading a large program's debug information takes a while, the first time.
constexpr Duration kStacksPatience{10000};
}  // namespace

WorkerProcess::WorkerProcess(const ProcessWorkerLauncherOptions& options, WorkerRequest request, std::string name,
                             WorkerListener* listener)
    : options_(options),
      request_(std::move(request)),
      name_(std::move(name)),
      folder_(options.folder + "/" + request_.job_id.ToHex() + "-" + name_),
      job_(request_.job_id.ToHex()),
      log_prefix_(options.log_folder + "/" + job_ + "/" + options.task_manager + "-" + name_),
      post_(MailboxOf(*options.strand)),
      listener_(listener) {}

WorkerProcess::~WorkerProcess() {
  if (child_ != nullptr) child_->Signal(SIGKILL);
  child_.reset();
  channel_.reset();
}

void WorkerProcess::Start(std::function<void()> on_end) {
  on_end_ = std::move(on_end);
  SendJob();
  for (const std::string& sha256 : FilesOf(request_.graph->program)) {
    options_.artifacts->FetchAsync(sha256, [post = post_, weak = weak_from_this(), sha256](StatusOr<std::string> path) {
      post([weak, sha256, path = std::move(path)]() mutable {
        if (const auto self = weak.lock()) self->Fetched(sha256, std::move(path));
      });
    });
  }
}

void WorkerProcess::Fetched(const std::string& sha256, StatusOr<std::string> path) {
  fetched_.insert_or_assign(sha256, std::move(path));
  if (fetched_.size() == FilesOf(request_.graph->program).size()) Begin();
}

void WorkerProcess::SendJob() {
  v1::ToWorker message;
  v1::WorkerJob& job = *message.mutable_job();
  FillHello(*job.mutable_hello());
  ToProto(*request_.graph, *job.mutable_graph());
  job.set_slots(StepExecutorsFor(request_.slots));
  job.set_memory_share(request_.memory_share);
  job.set_name(options_.task_manager);
  if (options_.data_token_of) job.set_data_token(options_.data_token_of(request_.job_id));
  job.set_statistics_interval_ms(options_.statistics_interval.count());
  for (const ConfigEntry& entry : options_.configuration->entries()) {
    v1::ConfigurationEntry& stored = *job.add_configuration();
    stored.set_key(entry.key);
    stored.set_value(entry.value);
  }
  Send(message);
}

void WorkerProcess::Send(const v1::ToWorker& message, Descriptor descriptor) {
  if (channel_ != nullptr) {
    channel_->Send(message.SerializeAsString(), descriptor.Release());
  } else if (state_ == State::kFetching) {
    waiting_.emplace_back(message.SerializeAsString(), std::move(descriptor));
  }
}

void WorkerProcess::Begin() {
  if (state_ != State::kFetching) return;
  Status status;
  for (const auto& [sha256, path] : fetched_) status.Update(path.status());
  if (status.ok()) status = Spawn();
  if (status.ok()) return;
  state_ = State::kEnded;
  FailTasks(status.Annotate("no worker could be started for job \"" + request_.graph->name + "\" on TaskManager \"" +
                            options_.task_manager + "\""));
  on_end_();
}

Status WorkerProcess::Spawn() {
  const JobProgram& program = request_.graph->program;
  WEIR_RETURN_IF_ERROR(MakeProgramFolder(*options_.files, options_.user.get(), folder_));
  WEIR_RETURN_IF_ERROR(options_.files->CreateDirectories(options_.log_folder + "/" + request_.job_id.ToHex()));
  ProgramPlace place =
      PlaceFor(*options_.files, *request_.graph, *fetched_.at(program.executable), folder_, log_prefix_, options_.user);
  place.log_settings = options_.log_settings;
  place.job = job_;
  WEIR_ASSIGN_OR_RETURN(place.files, PlaceFiles(*options_.files, program, folder_,
                                                [this](const std::string& sha256) { return fetched_.at(sha256); }));
  WEIR_RETURN_IF_ERROR(HandOver(place));
  ChildCommand command = ProgramCommandFor(JobRole::kWorker, *request_.graph, place, options_.environment);
  int ours = -1;
  WEIR_RETURN_IF_ERROR(MakeSocketPair(ours, command.inherited_fd));
  // Made first, so that it is there when the child's end is told; it also owns our end of the socket.
  channel_ = std::make_unique<FrameChannel>(ours, "worker-" + name_, static_cast<FrameHandler*>(this));
  for (auto& [frame, descriptor] : waiting_) channel_->Send(frame, descriptor.Release());
  waiting_.clear();
  auto child = ChildProcess::Start(command, [post = post_, weak = weak_from_this()](ExitStatus how) {
    post([weak, how] {
      if (const auto self = weak.lock()) self->ChildEnded(how);
    });
  });
  CloseDescriptor(command.inherited_fd);
  if (!child.ok()) {
    channel_.reset();
    return child.status();
  }
  child_ = std::move(child).value();
  state_ = State::kRunning;
  Limit();
  const LogJob about(job_);
  WEIR_LOG(kInfo, "worker {} of job \"{}\" ({}) is process {}; it writes to {}.log, .out and .err", name_,
           request_.graph->name, request_.job_id.ToHex(), child_->pid(), log_prefix_);
  return OkStatus();
}

void WorkerProcess::Deploy(const TaskDeploymentDescriptor& descriptor) {
  living_.insert(descriptor.attempt_id);
  v1::ToWorker message;
  if (sent_.MustSend(descriptor.region)) {
    ToProto(*descriptor.region, *message.mutable_region());
    Send(message);
  }
  ToProto(descriptor, *message.mutable_deploy());
  Send(message);
}

void WorkerProcess::FetchRows(std::string request, Reply<std::string> reply) {
  if (ended()) return reply(UnavailableError("the worker process has ended"));
  rows_requests_[++last_request_] = std::move(reply);
  v1::ToWorker message;
  message.mutable_fetch_rows()->set_number(last_request_);
  message.mutable_fetch_rows()->set_request(std::move(request));
  Send(message);
}

void WorkerProcess::GiveRows(const v1::FromWorker& message) {
  const auto found = rows_requests_.find(message.rows().number());
  if (found == rows_requests_.end()) return;
  Reply<std::string> reply = std::move(found->second);
  rows_requests_.erase(found);
  const Status status = FromProto(message.rows().status());
  if (!status.ok()) return reply(status);
  reply(message.rows().rows());
}

void WorkerProcess::FetchThreads(Reply<std::string> reply) {
  if (state_ != State::kRunning) return;
  const uint64_t number = ++last_request_;
  threads_requests_[number] = std::move(reply);
  v1::ToWorker message;
  message.mutable_fetch_threads()->set_number(number);
  message.mutable_fetch_threads()->set_program("worker " + name_ + " of job \"" + request_.graph->name + "\"");
  const std::string program = message.fetch_threads().program();
  Send(message);
  options_.strand->PostAfter(kStacksPatience, [weak = weak_from_this(), number, program] {
    const auto self = weak.lock();
    if (self == nullptr || self->ended()) return;
    self->GiveThreads(number, ThreadStacksText(ThreadsWithoutStacks(self->child_->pid(), program,
                                                                    "its process did not answer in time")));
  });
}

void WorkerProcess::GiveThreads(uint64_t number, StatusOr<std::string> text) {
  const auto found = threads_requests_.find(number);
  if (found == threads_requests_.end()) return;
  Reply<std::string> reply = std::move(found->second);
  threads_requests_.erase(found);
  reply(std::move(text));
}

void WorkerProcess::OnFrame(std::string_view frame) {
  auto message = std::make_shared<v1::FromWorker>();
  const bool is_message = message->ParseFromArray(frame.data(), static_cast<int>(frame.size()));
  post_([weak = weak_from_this(), message = std::move(message), is_message] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->heard_nanos_ = self->options_.strand->clock().MonotonicNanos();
    if (is_message) return self->Handle(*message);
    self->refusal_.Update(DataLossError("the worker sent what is no message"));
    self->Kill();
  });
}

void WorkerProcess::OnClosed(Status) {
  post_([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->is_closed_ = true;
    self->EndIfOver();
  });
}

void WorkerProcess::Handle(const v1::FromWorker& message) {
  switch (message.message_case()) {
    case v1::FromWorker::kReady: {
      is_ready_ = true;
      refusal_.Update(CheckHello(message.ready().hello(), "job program"));
      if (!refusal_.ok()) Kill();
      looked_nanos_ = heard_nanos_;
      return Watch();
    }
    case v1::FromWorker::kRefused:
      refusal_.Update(FromProto(message.refused()));
      return;
    case v1::FromWorker::kTaskState:
      return TaskChanged(FromProto(message.task_state()));
    case v1::FromWorker::kReaderRegistered:
      if (listener_ != nullptr) listener_->OnReaderRegistered(IdFrom<ExecutionAttemptId>(message.reader_registered()));
      return;
    case v1::FromWorker::kSplitRequest:
      if (listener_ != nullptr) listener_->OnSplitRequest(IdFrom<ExecutionAttemptId>(message.split_request()));
      return;
    case v1::FromWorker::kEndOfData:
      if (listener_ != nullptr) listener_->OnEndOfData(IdFrom<ExecutionAttemptId>(message.end_of_data()));
      return;
    case v1::FromWorker::kAcknowledgeCheckpoint:
      return Acknowledge(message);
    case v1::FromWorker::kDeclineCheckpoint: {
      CheckpointDecline decline = FromProto(message.decline_checkpoint());
      if (listener_ != nullptr)
        listener_->OnCheckpointDeclined(decline.attempt_id, decline.id, std::move(decline.reason));
      return;
    }
    case v1::FromWorker::kStatistics:
      statistics_ = FromProto(message.statistics()).tasks;
      return;
    case v1::FromWorker::kWatermark:
      if (listener_ != nullptr) {
        listener_->OnWatermark(IdFrom<ExecutionAttemptId>(message.watermark().attempt_id()),
                               FromProto(message.watermark()));
      }
      return;
    case v1::FromWorker::kMetrics:
      metrics_ = FromProto(message.metrics()).snapshot;
      return;
    case v1::FromWorker::kRows:
      return GiveRows(message);
    case v1::FromWorker::kThreads:
      return GiveThreads(message.threads().number(), message.threads().text());
    case v1::FromWorker::MESSAGE_NOT_SET:
      refusal_.Update(DataLossError("the worker sent a message that this version of Weir does not know"));
      Kill();
  }
}

void WorkerProcess::Acknowledge(const v1::FromWorker& message) {
  if (listener_ == nullptr) return;
  StatusOr<CheckpointAcknowledgement> in = FromProto(message.acknowledge_checkpoint());
  if (in.ok()) {
    listener_->OnCheckpointAcknowledged(in->attempt_id, in->id, std::move(in->state), in->metrics);
  } else {
    const v1::CheckpointAcknowledgement& damaged = message.acknowledge_checkpoint();
    listener_->OnCheckpointDeclined(IdFrom<ExecutionAttemptId>(damaged.attempt_id()),
                                    CheckpointId(damaged.checkpoint_id()), in.status());
  }
}

void WorkerProcess::TaskChanged(TaskStateUpdate update) {
  if (IsTerminal(update.state)) {
    living_.erase(update.attempt_id);
    std::erase_if(statistics_, [&](const auto& task) { return task.first == update.attempt_id; });
  }
  if (listener_ != nullptr) listener_->OnTaskState(std::move(update));
}

void WorkerProcess::Watch() {
  if (options_.silence <= Duration(0)) return;
  options_.strand->PostAfter(options_.silence / kLooksPerSilence, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self != nullptr && !self->ended()) self->LookForSilence();
  });
}

void WorkerProcess::LookForSilence() {
  const int64_t now = options_.strand->clock().MonotonicNanos();
  const std::chrono::nanoseconds limit = options_.silence;
  // This process was stopped itself: what the worker has said meanwhile is yet to be read.
  if (std::chrono::nanoseconds(now - std::exchange(looked_nanos_, now)) > limit / 2) heard_nanos_ = now;
  if (std::chrono::nanoseconds(now - heard_nanos_) < limit) return Watch();
  refusal_.Update(UnavailableError(
      "the worker process of job \"" + request_.graph->name + "\" (pid " + std::to_string(child_->pid()) +
      ") has said nothing for " + ReadableDuration(options_.silence) + " (" + std::string(kHeartbeatTimeout.key()) +
      "): it was stopped or hangs, and was killed. Its error output is in " + log_prefix_ + ".err"));
  Kill();
}

void WorkerProcess::ChildEnded(ExitStatus how) {
  how_ = how;
  EndIfOver();
  if (state_ == State::kEnded) return;
  options_.strand->PostAfter(kSocketGrace, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->is_closed_ = true;
    self->EndIfOver();
  });
}

void WorkerProcess::EndIfOver() {
  if (!how_.has_value() || !is_closed_ || state_ == State::kEnded) return;
  state_ = State::kEnded;
  metrics_ = nullptr;
  threads_requests_.clear();
  const LogJob about(job_);
  if (listener_ != nullptr) {
    const std::string death = DescribeDeath(*how_);
    WEIR_LOG(kWarning, "{}", death);
    FailTasks(refusal_.ok() ? UnavailableError(death) : refusal_);
  } else {
    WEIR_LOG(kInfo, "worker {} of job {} (process {}) {}", name_, request_.job_id.ToHex(), child_->pid(),
             how_->ToString());
  }
  const Status cleaned = options_.files->DeleteRecursively(folder_);
  if (!cleaned.ok()) WEIR_LOG(kWarning, "{}", cleaned.message());
  on_end_();
}

void WorkerProcess::Limit() {
  const LogJob about(job_);
  for (const auto& [name, value] : options_.configuration->Get(kWorkerLimits)) {
    const Status limited = LimitProcess(child_->pid(), name, value);
    if (!limited.ok()) WEIR_LOG(kWarning, "{}: {}", kWorkerLimits.key(), limited.message());
  }
  if (options_.configuration->FindEntry(kTaskManagerMemory.key()) == nullptr) return;
  const auto all = static_cast<double>(options_.configuration->Get(kTaskManagerMemory).bytes());
  const auto bytes = static_cast<uint64_t>(all * request_.memory_share);
  StatusOr<std::unique_ptr<MemoryGroup>> group =
      MemoryGroup::Make("weir-worker-" + std::to_string(child_->pid()), bytes);
  Status status = group.status();
  if (status.ok()) {
    memory_ = *std::move(group);
    status = memory_->Add(child_->pid());
  }
  if (!status.ok()) WEIR_LOG(kInfo, "worker {} has no limit for its memory: {}", name_, status.message());
}

std::string WorkerProcess::DescribeDeath(const ExitStatus& how) {
  if (memory_ != nullptr && memory_->HasKilled()) {
    return "the worker process of job \"" + request_.graph->name + "\" (" + request_.graph->program.name + ", pid " +
           std::to_string(child_->pid()) + ") was killed by the kernel: it wanted more than the " +
           ReadableBytes(memory_->limit()) + " that its slots have of " + std::string(kTaskManagerMemory.key()) +
           ". Give the TaskManager more, or the job less state in memory (state.backend.type: rocksdb). Its error "
           "output is in " +
           log_prefix_ + ".err";
  }
  return DescribeFrom(*options_.files, log_prefix_,
                      {.what = "worker", .pid = child_->pid(), .how = how, .was_ready = is_ready_}, *request_.graph);
}

void WorkerProcess::FailTasks(const Status& why) {
  for (auto& [number, reply] : std::exchange(rows_requests_, {})) reply(why);
  const std::set<ExecutionAttemptId> lost = std::exchange(living_, {});
  statistics_.clear();
  for (const ExecutionAttemptId& attempt : lost) {
    TaskStateUpdate update;
    update.job_id = request_.job_id;
    update.attempt_id = attempt;
    update.state = ExecutionState::kFailed;
    update.error = why;
    if (listener_ != nullptr) listener_->OnTaskState(std::move(update));
  }
}

void WorkerProcess::Retire() {
  listener_ = nullptr;
  if (state_ == State::kFetching) {
    state_ = State::kEnded;
    on_end_();
    return;
  }
  v1::ToWorker message;
  message.mutable_shutdown();
  Send(message);
  options_.strand->PostAfter(options_.patience, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr || self->ended()) return;
    const LogJob about(self->job_);
    WEIR_LOG(kWarning, "worker {} of job {} did not end; it is killed", self->name_, self->request_.job_id.ToHex());
    self->Kill();
  });
}

void WorkerProcess::Kill() {
  if (child_ != nullptr) child_->Signal(SIGKILL);
}

}  // namespace weir
