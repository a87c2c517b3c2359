#include "weir/taskmanager/process/worker_process.h"

#include "weir/base/file/file_system.h"
#include "weir/base/logging.h"
#include "weir/config/configuration.h"
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
}  // namespace

WorkerProcess::WorkerProcess(const ProcessWorkerLauncherOptions& options, WorkerRequest request, std::string name,
                             WorkerListener* listener)
    : options_(options),
      request_(std::move(request)),
      name_(std::move(name)),
      folder_(options.folder + "/" + request_.job_id.ToHex() + "-" + name_),
      log_prefix_(options.log_folder + "/" + request_.job_id.ToHex() + "/" + options.task_manager + "-" + name_),
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
  options_.artifacts->FetchAsync(request_.graph->program.executable,
                                 [post = post_, weak = weak_from_this()](StatusOr<std::string> executable) {
                                   post([weak, executable = std::move(executable)]() mutable {
                                     if (const auto self = weak.lock()) self->Begin(std::move(executable));
                                   });
                                 });
}

void WorkerProcess::SendJob() {
  v1::ToWorker message;
  v1::WorkerJob& job = *message.mutable_job();
  FillHello(*job.mutable_hello());
  ToProto(*request_.graph, *job.mutable_graph());
  job.set_slots(StepExecutorsFor(request_.slots));
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

void WorkerProcess::Begin(StatusOr<std::string> executable) {
  if (state_ != State::kFetching) return;
  Status status = executable.ok() ? Spawn(*executable) : executable.status();
  if (status.ok()) return;
  state_ = State::kEnded;
  FailTasks(status.Annotate("no worker could be started for job \"" + request_.graph->name + "\" on TaskManager \"" +
                            options_.task_manager + "\""));
  on_end_();
}

Status WorkerProcess::Spawn(const std::string& executable) {
  WEIR_RETURN_IF_ERROR(options_.files->CreateDirectories(folder_));
  WEIR_RETURN_IF_ERROR(options_.files->CreateDirectories(options_.log_folder + "/" + request_.job_id.ToHex()));
  ChildCommand command = ProgramCommandFor(JobRole::kWorker, *request_.graph,
                                           PlaceFor(*options_.files, *request_.graph, executable, folder_, log_prefix_),
                                           options_.environment);
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
  WEIR_LOG(kInfo, "worker {} of job \"{}\" ({}) is process {}; it writes to {}.out and .err", name_,
           request_.graph->name, request_.job_id.ToHex(), child_->pid(), log_prefix_);
  return OkStatus();
}

void WorkerProcess::Deploy(const TaskDeploymentDescriptor& descriptor) {
  living_.insert(descriptor.attempt_id);
  v1::ToWorker message;
  ToProto(descriptor, *message.mutable_deploy());
  Send(message);
}

void WorkerProcess::OnFrame(std::string_view frame) {
  auto message = std::make_shared<v1::FromWorker>();
  const bool is_message = message->ParseFromArray(frame.data(), static_cast<int>(frame.size()));
  post_([weak = weak_from_this(), message = std::move(message), is_message] {
    const auto self = weak.lock();
    if (self == nullptr) return;
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
      return;
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

std::string WorkerProcess::DescribeDeath(const ExitStatus& how) {
  return DescribeFrom(*options_.files, log_prefix_,
                      {.what = "worker", .pid = child_->pid(), .how = how, .was_ready = is_ready_}, *request_.graph);
}

void WorkerProcess::FailTasks(const Status& why) {
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
    WEIR_LOG(kWarning, "worker {} of job {} did not end; it is killed", self->name_, self->request_.job_id.ToHex());
    self->Kill();
  });
}

void WorkerProcess::Kill() {
  if (child_ != nullptr) child_->Signal(SIGKILL);
}

}  // namespace weir
