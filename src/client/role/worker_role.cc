#include "weir/client/role/worker_role.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/crash/thread_stacks.h"
#include "weir/base/file/file_system.h"
#include "weir/base/logging.h"
#include "weir/base/process/child_process.h"
#include "weir/client/role/role_log.h"
#include "weir/config/configuration.h"
#include "weir/config/pipeline_options.h"
#include "weir/connectors/collect/collect_outbox.h"
#include "weir/graph/job/attach_code.h"
#include "weir/graph/job/job_graph_codec.h"
#include "weir/rpc/job_role.h"
#include "weir/rpc/wire/hello.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/rpc/wire/metric_values.h"
#include "weir/rpc/wire/task_values.h"
#include "weir/v1/worker.pb.h"

namespace weir {
namespace {

constexpr Duration kMetricsInterval{1000};
// A thread that gets a CPU answers within microseconds; others may have it.
constexpr Duration kStacksPatience{2000};

}  // namespace

WorkerRole::WorkerRole() : channel_(kInheritedFd, "weir-control", &inbox_) {
  OpenRoleLog(LogProcess::kWorker);
  v1::FromWorker message;
  FillHello(*message.mutable_ready()->mutable_hello());
  Send(message);
}

WorkerRole::~WorkerRole() = default;

void WorkerRole::Send(const v1::FromWorker& message) { channel_.Send(message.SerializeAsString()); }

void WorkerRole::Exit(int code) {
  channel_.Flush();
  FlushLog();
  std::fflush(nullptr);
  // Not exit(): other threads may still run the program's code, whose static objects that would destroy.
  _exit(code);
}

void WorkerRole::Refuse(const Status& why) {
  v1::FromWorker message;
  ToProto(why, *message.mutable_refused());
  Send(message);
  Exit(EXIT_FAILURE);
}

bool WorkerRole::Next(std::optional<Duration> timeout, v1::ToWorker& message) {
  const FrameInbox::Item item = inbox_.Take(timeout);
  if (item.kind == FrameInbox::Kind::kTimeout) return false;
  if (item.kind == FrameInbox::Kind::kClosed) Exit(ExitCodeWithout("TaskManager", inbox_.end()));
  if (!message.ParseFromString(item.frame)) Refuse(DataLossError("the TaskManager sent what is no message"));
  return true;
}

const JobGraph& WorkerRole::WaitForJob() {
  if (graph_ != nullptr) return *graph_;
  v1::ToWorker message;
  Next(std::nullopt, message);
  if (!message.has_job()) Refuse(DataLossError("the TaskManager's first message was not the job"));
  job_ = std::make_unique<v1::WorkerJob>(message.job());
  const Status version = CheckHello(job_->hello(), "TaskManager");
  if (!version.ok()) Refuse(version);
  StatusOr<JobGraph> graph = FromProto(job_->graph());
  if (!graph.ok()) Refuse(graph.status());
  graph_ = std::make_shared<JobGraph>(std::move(graph).value());
  return *graph_;
}

namespace {

CollectOutbox::Mode CollectModeOf(const JobGraph& graph) {
  Configuration job;
  for (const auto& [key, value] : graph.configuration) job.SetText(key, value, "the job");
  return {.clock = &SystemClock::Instance(), .discards = job.Find(kIsDetached).value_or(false)};
}

}  // namespace

void WorkerRole::Serve(const StreamGraph& program) {
  const Status attached = AttachCode(program, *graph_);
  if (!attached.ok()) Refuse(attached);
  configuration_ = std::make_unique<Configuration>();
  for (const v1::ConfigurationEntry& entry : job_->configuration()) {
    configuration_->SetText(entry.key(), entry.value(), "the TaskManager");
  }
  files_ = std::make_unique<LocalFileSystem>();
  WorkerOptions options;
  options.slots = job_->slots();
  if (job_->memory_share() > 0) options.memory_share = job_->memory_share();
  options.name = job_->name();
  options.task_manager = TaskManagerId(job_->name());
  options.data_token = job_->data_token();
  options.owns_process = true;
  options.clock = &SystemClock::Instance();
  options.file_system = files_.get();
  options.configuration = configuration_.get();
  options.ship_directory = ShipFolder();
  CollectOutbox::Serve(CollectModeOf(*graph_));
  worker_ = Worker::New(std::move(options), this);
  const Duration interval(job_->statistics_interval_ms());
  const std::optional<Duration> timeout = interval > Duration(0) ? std::optional(interval) : std::nullopt;
  for (;;) {
    v1::ToWorker message;
    if (Next(timeout, message)) Handle(message);
    if (timeout.has_value()) Report(*timeout);
  }
}

void WorkerRole::Report(Duration interval) {
  const int64_t now = SystemClock::Instance().MonotonicNanos();
  if (now >= next_statistics_nanos_) {
    next_statistics_nanos_ = now + std::chrono::nanoseconds(interval).count();
    ReportStatistics();
  }
  if (now < next_metrics_nanos_) return;
  next_metrics_nanos_ = now + std::chrono::nanoseconds(kMetricsInterval).count();
  v1::FromWorker message;
  ToProto(MetricReport{.task_manager = {}, .process = {}, .snapshot = worker_->TakeMetrics()},
          *message.mutable_metrics());
  Send(message);
}

void WorkerRole::Handle(const v1::ToWorker& message) {
  switch (message.message_case()) {
    case v1::ToWorker::kRegion: {
      const Status status = regions_.Take(message.region());
      if (!status.ok()) Refuse(status);
      return;
    }
    case v1::ToWorker::kFetchRows: {
      v1::FromWorker reply;
      reply.mutable_rows()->set_number(message.fetch_rows().number());
      const StatusOr<std::string> rows = CollectOutbox::AnswerFor(message.fetch_rows().request());
      ToProto(rows.status(), *reply.mutable_rows()->mutable_status());
      if (rows.ok()) reply.mutable_rows()->set_rows(*rows);
      return Send(reply);
    }
    case v1::ToWorker::kFetchThreads:
      return TellThreads(message);
    case v1::ToWorker::kDeploy:
      return Deploy(message);
    case v1::ToWorker::kCancel:
      return worker_->Cancel(IdFrom<ExecutionAttemptId>(message.cancel()));
    case v1::ToWorker::kAddSplits: {
      const auto& splits = message.add_splits().splits();
      return worker_->AddSplits(IdFrom<ExecutionAttemptId>(message.add_splits().attempt_id()),
                                std::vector<std::string>(splits.begin(), splits.end()));
    }
    case v1::ToWorker::kNoMoreSplits:
      return worker_->NoMoreSplits(IdFrom<ExecutionAttemptId>(message.no_more_splits()));
    case v1::ToWorker::kTriggerCheckpoint:
      return worker_->TriggerCheckpoint(IdFrom<ExecutionAttemptId>(message.trigger_checkpoint().attempt_id()),
                                        FromProto(message.trigger_checkpoint()));
    case v1::ToWorker::kCheckpointComplete:
      return worker_->NotifyCheckpointComplete(IdFrom<ExecutionAttemptId>(message.checkpoint_complete().attempt_id()),
                                               CheckpointId(message.checkpoint_complete().checkpoint_id()));
    case v1::ToWorker::kCheckpointAborted:
      return worker_->NotifyCheckpointAborted(IdFrom<ExecutionAttemptId>(message.checkpoint_aborted().attempt_id()),
                                              CheckpointId(message.checkpoint_aborted().checkpoint_id()));
    case v1::ToWorker::kWatermarkLimit:
      return worker_->LimitWatermark(IdFrom<ExecutionAttemptId>(message.watermark_limit().attempt_id()),
                                     message.watermark_limit().limit());
    case v1::ToWorker::kDataConnection:
      return worker_->AdoptConnection(inbox_.TakeDescriptor(), TaskManagerId(message.data_connection().from()));
    case v1::ToWorker::kShutdown:
      worker_->Shutdown();
      Exit(EXIT_SUCCESS);
    case v1::ToWorker::kJob:
    case v1::ToWorker::MESSAGE_NOT_SET:
      Refuse(DataLossError("the TaskManager sent a message that this version of Weir does not know"));
  }
}

void WorkerRole::TellThreads(const v1::ToWorker& message) {
  if (dumps_ == nullptr) dumps_ = std::make_unique<ThreadExecutor>("weir-stacks");
  dumps_->Post([this, request = message.fetch_threads()] {
    v1::FromWorker reply;
    reply.mutable_threads()->set_number(request.number());
    reply.mutable_threads()->set_text(ThreadStacksText(TakeThreadStacks(request.program(), kStacksPatience)));
    Send(reply);
  });
}

void WorkerRole::Deploy(const v1::ToWorker& message) {
  StatusOr<TaskDeploymentDescriptor> descriptor = FromProto(message.deploy(), regions_);
  TaskStateUpdate update;
  update.job_id = IdFrom<JobId>(message.deploy().job_id());
  update.attempt_id = IdFrom<ExecutionAttemptId>(message.deploy().attempt_id());
  update.state = ExecutionState::kFailed;
  if (descriptor.ok()) task_log_.Add(*descriptor, *graph_);
  update.error = descriptor.ok() ? worker_->Deploy(*std::move(descriptor), graph_) : descriptor.status();
  if (!update.error.ok()) OnTaskState(std::move(update));
}

void WorkerRole::ReportStatistics() {
  v1::FromWorker message;
  ToProto(StatisticsReport{.header = {}, .tasks = worker_->Statistics()}, *message.mutable_statistics());
  if (message.statistics().tasks_size() > 0) Send(message);
}

void WorkerRole::OnTaskState(TaskStateUpdate update) {
  task_log_.Write(update);
  v1::FromWorker message;
  ToProto(LeaderId(), update, *message.mutable_task_state());
  Send(message);
}

void WorkerRole::OnReaderRegistered(ExecutionAttemptId attempt) {
  v1::FromWorker message;
  message.set_reader_registered(IdBytes(attempt));
  Send(message);
}

void WorkerRole::OnSplitRequest(ExecutionAttemptId attempt) {
  v1::FromWorker message;
  message.set_split_request(IdBytes(attempt));
  Send(message);
}

void WorkerRole::OnEndOfData(ExecutionAttemptId attempt) {
  v1::FromWorker message;
  message.set_end_of_data(IdBytes(attempt));
  Send(message);
}

void WorkerRole::OnCheckpointAcknowledged(ExecutionAttemptId attempt, CheckpointId id,
                                          std::vector<OperatorSubtaskState> state, const CheckpointMetrics& metrics) {
  v1::FromWorker message;
  ToProto(
      CheckpointAcknowledgement{
          .header = {}, .attempt_id = attempt, .id = id, .state = std::move(state), .metrics = metrics},
      *message.mutable_acknowledge_checkpoint());
  Send(message);
}

void WorkerRole::OnCheckpointDeclined(ExecutionAttemptId attempt, CheckpointId id, Status reason) {
  v1::FromWorker message;
  ToProto(CheckpointDecline{.header = {}, .attempt_id = attempt, .id = id, .reason = std::move(reason)},
          *message.mutable_decline_checkpoint());
  Send(message);
}

void WorkerRole::OnWatermark(ExecutionAttemptId attempt, WatermarkReport report) {
  v1::FromWorker message;
  ToProto(report, *message.mutable_watermark());
  message.mutable_watermark()->set_attempt_id(IdBytes(attempt));
  Send(message);
}

}  // namespace weir
