#include "weir/jobmanager/coordinator/coordinator_process.h"

#include <csignal>
#include <utility>
#include <vector>

#include "weir/base/log_context.h"
#include "weir/base/logging.h"
#include "weir/base/readable.h"
#include "weir/graph/job/job_graph_codec.h"
#include "weir/rpc/program/program_command.h"
#include "weir/rpc/wire/hello.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/v1/coordinator.pb.h"

namespace weir {
namespace {

constexpr Duration kUnusedPatience{1000};
// So that silence is noticed not much later than it is too long.
constexpr int kLooksPerSilence = 5;

// A coordinator that takes longer for its state is stuck in user code; checkpoints and the event loop wait for it, so that must not look like
// silence of this process.
Duration SnapshotPatience(Duration silence) { return silence / 2; }

}  // namespace

// One process and the socket to it. Kept by its owner and, for a moment, by what is posted.
class CoordinatorProcess::Connection final : public FrameHandler {
 public:
  Connection(Executor* executor, std::weak_ptr<CoordinatorProcess> owner)
      : executor_(executor), owner_(std::move(owner)) {}
  ~Connection() override {
    if (child_ != nullptr) child_->Signal(SIGKILL);
    child_.reset();
    channel_.reset();
  }

  Status Start(ChildCommand command) {
    int ours = -1;
    WEIR_RETURN_IF_ERROR(MakeSocketPair(ours, command.inherited_fd));
    channel_ = std::make_unique<FrameChannel>(ours, "coordinator", this);
    auto child = ChildProcess::Start(command, [executor = executor_, owner = owner_, self = this](ExitStatus how) {
      executor->Post([owner, self, how] {
        if (const auto process = owner.lock()) process->Ended(self, how);
      });
    });
    CloseDescriptor(command.inherited_fd);
    if (!child.ok()) return child.status();
    child_ = std::move(child).value();
    return OkStatus();
  }
  void Send(const v1::ToCoordinator& message) { channel_->Send(message.SerializeAsString()); }
  void Kill() const { child_->Signal(SIGKILL); }
  int pid() const { return child_->pid(); }

  // The next message that has come; waits for it at most `timeout`.
  std::optional<v1::FromCoordinator> Take(Duration timeout) {
    MutexLock lock(mutex_);
    if (frames_.empty() && !is_closed_ && timeout > Duration(0)) came_.WaitFor(mutex_, timeout);
    if (frames_.empty()) return std::nullopt;
    v1::FromCoordinator message;
    // What cannot be parsed is an empty message, which is refused as unknown.
    if (!message.ParseFromString(frames_.front())) message.Clear();
    frames_.pop_front();
    return message;
  }
  bool closed() {
    MutexLock lock(mutex_);
    return is_closed_ && frames_.empty();
  }

 private:
  void OnFrame(std::string_view frame) override {
    {
      MutexLock lock(mutex_);
      frames_.emplace_back(frame);
      came_.NotifyAll();
    }
    executor_->Post([owner = owner_] {
      if (const auto process = owner.lock()) process->Drain(0);
    });
  }
  void OnClosed(Status) override {
    MutexLock lock(mutex_);
    is_closed_ = true;
    came_.NotifyAll();
  }

  Executor* const executor_;
  const std::weak_ptr<CoordinatorProcess> owner_;
  Mutex mutex_;
  CondVar came_;
  std::deque<std::string> frames_ WEIR_GUARDED_BY(mutex_);
  bool is_closed_ WEIR_GUARDED_BY(mutex_) = false;
  std::unique_ptr<FrameChannel> channel_;
  std::unique_ptr<ChildProcess> child_;
};

CoordinatorProcess::CoordinatorProcess(CoordinatorOptions options, std::shared_ptr<const JobGraph> graph)
    : options_(std::move(options)), graph_(std::move(graph)) {}

CoordinatorProcess::~CoordinatorProcess() {
  connection_.reset();
  static_cast<void>(options_.files->DeleteRecursively(options_.folder));
}

Status CoordinatorProcess::EnsureRunning() {
  if (connection_ != nullptr) return OkStatus();
  WEIR_RETURN_IF_ERROR(MakeProgramFolder(*options_.files, options_.user.get(), options_.folder));
  auto connection = std::make_shared<Connection>(options_.executor, weak_from_this());
  ProgramPlace place =
      PlaceFor(*options_.files, *graph_, options_.executable, options_.folder, options_.log_prefix, options_.user);
  place.log_settings = options_.log_settings;
  place.job = options_.job;
  WEIR_ASSIGN_OR_RETURN(place.files, PlaceFiles(*options_.files, graph_->program, options_.folder, options_.path_of));
  WEIR_RETURN_IF_ERROR(HandOver(place));
  WEIR_RETURN_IF_ERROR(
      connection->Start(ProgramCommandFor(JobRole::kCoordinator, *graph_, place, options_.environment)));
  connection_ = std::move(connection);
  is_ready_ = false;
  heard_nanos_ = 0;
  refusal_ = OkStatus();
  v1::ToCoordinator message;
  FillHello(*message.mutable_job()->mutable_hello());
  ToProto(*graph_, *message.mutable_job()->mutable_graph());
  connection_->Send(message);
  return OkStatus();
}

StatusOr<uint64_t> CoordinatorProcess::Create(OperatorId operator_id, const std::string* restored,
                                              EnumeratorContext* context) {
  WEIR_RETURN_IF_ERROR(EnsureRunning());
  const uint64_t number = ++last_enumerator_;
  contexts_[number] = context;
  v1::ToCoordinator message;
  v1::CreateEnumerator& create = *message.mutable_create();
  create.set_operator_id(IdBytes(operator_id));
  create.set_parallelism(context->parallelism());
  create.set_is_restored(restored != nullptr);
  if (restored != nullptr) create.set_restored(*restored);
  Send(number, message);
  return number;
}

void CoordinatorProcess::Destroy(uint64_t enumerator) {
  if (contexts_.erase(enumerator) == 0) return;
  v1::ToCoordinator message;
  message.set_destroy(true);
  Send(enumerator, message);
  if (contexts_.empty()) EndIfUnused();
}

void CoordinatorProcess::EndIfUnused() {
  // A job that restarts makes its next enumerators at once. One that has ended is remembered for long; its process is not.
  options_.executor->PostAfter(kUnusedPatience, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self != nullptr && self->contexts_.empty()) self->connection_.reset();
  });
}

void CoordinatorProcess::Send(uint64_t enumerator, v1::ToCoordinator& message) {
  if (connection_ == nullptr) return;
  message.set_enumerator(enumerator);
  connection_->Send(message);
}

std::string CoordinatorProcess::Snapshot(uint64_t enumerator) {
  const uint64_t question = ++last_question_;
  v1::ToCoordinator message;
  message.set_snapshot(question);
  Send(enumerator, message);
  const std::optional<std::string> state = Drain(question);
  if (state.has_value()) return *state;
  const auto context = contexts_.find(enumerator);
  if (connection_ != nullptr && connection_->closed()) {
    // How it ended is told later; the checkpoint must not go on until then.
    const Status gone = UnavailableError(
        "the coordinator process of job \"" + graph_->name + "\" (pid " + std::to_string(connection_->pid()) +
        ") ended while it told the state of a split enumerator. Its error output is in " + options_.log_prefix +
        ".err");
    if (context != contexts_.end()) context->second->Fail(gone);
    return {};
  }
  Kill("did not tell the state of a split enumerator within " + ReadableDuration(SnapshotPatience(options_.silence)));
  if (context != contexts_.end()) context->second->Fail(refusal_);
  return {};
}

void CoordinatorProcess::Kill(const std::string& why) {
  if (connection_ == nullptr) return;
  refusal_.Update(DeadlineExceededError(
      "the coordinator process of job \"" + graph_->name + "\" (pid " + std::to_string(connection_->pid()) + ") " +
      why + ": it was stopped or hangs, and was killed. Its error output is in " + options_.log_prefix + ".err"));
  connection_->Kill();
}

void CoordinatorProcess::Watch() {
  options_.executor->PostAfter(options_.silence / kLooksPerSilence,
                               [weak = weak_from_this(), watched = std::weak_ptr(connection_)] {
                                 const auto self = weak.lock();
                                 const auto connection = watched.lock();
                                 if (self != nullptr && connection != nullptr && self->connection_ == connection) {
                                   self->LookForSilence();
                                 }
                               });
}

void CoordinatorProcess::LookForSilence() {
  const int64_t now = options_.executor->clock().MonotonicNanos();
  const std::chrono::nanoseconds limit = options_.silence;
  // This process was stopped itself: what the other has said meanwhile is yet to be read.
  if (std::chrono::nanoseconds(now - std::exchange(looked_nanos_, now)) > limit / 2) heard_nanos_ = now;
  if (std::chrono::nanoseconds(now - heard_nanos_) < limit) return Watch();
  Kill("has said nothing for " + ReadableDuration(options_.silence) + " (heartbeat.timeout)");
}

std::optional<std::string> CoordinatorProcess::Drain(uint64_t question) {
  const std::shared_ptr<Connection> connection = connection_;
  if (connection == nullptr) return std::nullopt;
  const int64_t deadline = options_.executor->clock().MonotonicNanos() +
                           std::chrono::nanoseconds(SnapshotPatience(options_.silence)).count();
  for (;;) {
    const std::optional<v1::FromCoordinator> message = connection->Take(question == 0 ? Duration(0) : Duration(100));
    if (message.has_value()) {
      if (message->has_state() && message->state().question() == question) return message->state().state();
      Handle(*message);
      continue;
    }
    if (question == 0 || connection->closed()) return std::nullopt;
    if (options_.executor->clock().MonotonicNanos() > deadline) return std::nullopt;
  }
}

void CoordinatorProcess::Handle(const v1::FromCoordinator& message) {
  if (message.has_alive()) {
    const bool is_first = heard_nanos_ == 0;
    heard_nanos_ = options_.executor->clock().MonotonicNanos();
    if (!is_first) return;
    looked_nanos_ = heard_nanos_;
    return Watch();
  }
  if (message.has_ready()) {
    is_ready_ = true;
    refusal_.Update(CheckHello(message.ready(), "job program"));
    if (!refusal_.ok() && connection_ != nullptr) connection_->Kill();
    return;
  }
  if (message.has_refused()) return refusal_.Update(FromProto(message.refused()));
  const auto found = contexts_.find(message.enumerator());
  if (found == contexts_.end()) return;  // replaced meanwhile
  EnumeratorContext& context = *found->second;
  switch (message.message_case()) {
    case v1::FromCoordinator::kAssignSplit:
      return context.AssignEncodedSplit(message.assign_split().subtask(), message.assign_split().split());
    case v1::FromCoordinator::kNoMoreSplits:
      return context.SignalNoMoreSplits(message.no_more_splits());
    case v1::FromCoordinator::kFail:
      return context.Fail(FromProto(message.fail()));
    case v1::FromCoordinator::kState:
      return;  // nobody waits for it any more
    default:
      return context.Fail(DataLossError("its coordinator sent a message that this version of Weir does not know"));
  }
}

void CoordinatorProcess::Ended(Connection* connection, ExitStatus how) {
  if (connection_.get() != connection) return;
  Drain(0);
  const int pid = connection_->pid();
  connection_.reset();
  const std::string text =
      DescribeFrom(*options_.files, options_.log_prefix,
                   {.what = "coordinator", .pid = pid, .how = how, .was_ready = is_ready_}, *graph_);
  const LogJob about(options_.job);
  WEIR_LOG(kWarning, "{}", text);
  FailAll(refusal_.ok() ? UnavailableError(text) : refusal_);
}

void CoordinatorProcess::FailAll(const Status& why) {
  const std::map<uint64_t, EnumeratorContext*> lost = std::exchange(contexts_, {});
  for (const auto& [number, context] : lost) context->Fail(why);
}

}  // namespace weir
