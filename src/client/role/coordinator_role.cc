#include "weir/client/role/coordinator_role.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/file/file_system.h"
#include "weir/base/logging.h"
#include "weir/base/process/child_process.h"
#include "weir/client/role/role_log.h"
#include "weir/functions/source.h"
#include "weir/graph/job/attach_code.h"
#include "weir/graph/job/job_graph_codec.h"
#include "weir/rpc/wire/hello.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/v1/coordinator.pb.h"

namespace weir {
namespace {

constexpr std::chrono::seconds kAliveInterval{1};

}  // namespace

// One enumerator, and what it asks of the job.
class CoordinatorRole::HostedEnumerator final : public EnumeratorContext {
 public:
  HostedEnumerator(uint64_t number, int parallelism, CoordinatorRole* owner)
      : number_(number), parallelism_(parallelism), owner_(owner) {}

  // Runs `call`; what it throws, or the error that it returns, fails the source.
  template <class Call>
  void Guard(const char* what, Call call) {
    try {
      Status status = call();
      if (!status.ok()) Fail(std::move(status));
    } catch (const std::exception& thrown) {
      Fail(UnknownError(std::string("the split enumerator threw in its ") + what + ": " + thrown.what()));
    } catch (...) {
      Fail(UnknownError(std::string("the split enumerator threw in its ") + what +
                        " something that is no std::exception"));
    }
  }

  // `restored` as in SourceFactory::CreateEnumerator.
  void Start(const SourceFactory& source, const std::string* restored) {
    Guard("Start", [&]() -> Status {
      WEIR_ASSIGN_OR_RETURN(enumerator, source.CreateEnumerator(restored));
      return enumerator->Start(*this);
    });
  }
  void Answer(uint64_t question) {
    v1::FromCoordinator message = NewMessage();
    message.mutable_state()->set_question(question);
    Guard("SnapshotState", [&] {
      if (enumerator != nullptr) message.mutable_state()->set_state(enumerator->SnapshotEncodedState());
      return OkStatus();
    });
    owner_->Send(message);
  }
  void RunDueTimers(int64_t now) {
    if (timers_.empty() || timers_.front() > now) return;
    timers_.erase(timers_.begin());
    Guard("OnTimer", [&] {
      enumerator->OnTimer();
      return OkStatus();
    });
  }
  // Monotonic time of the next timer; none: there is none.
  std::optional<int64_t> next_timer() const { return timers_.empty() ? std::nullopt : std::optional(timers_.front()); }

  int parallelism() const override { return parallelism_; }
  FileSystem& file_system() override { return *owner_->files_; }
  const Clock& clock() const override { return SystemClock::Instance(); }
  void AssignEncodedSplit(int subtask, std::string split) override {
    v1::FromCoordinator message = NewMessage();
    message.mutable_assign_split()->set_subtask(subtask);
    message.mutable_assign_split()->set_split(std::move(split));
    owner_->Send(message);
  }
  void SignalNoMoreSplits(int subtask) override {
    v1::FromCoordinator message = NewMessage();
    message.set_no_more_splits(subtask);
    owner_->Send(message);
  }
  void CallLater(Duration delay) override {
    const int64_t due = clock().MonotonicNanos() + std::chrono::nanoseconds(delay).count();
    timers_.insert(std::ranges::upper_bound(timers_, due), due);
  }
  void Fail(Status status) override {
    v1::FromCoordinator message = NewMessage();
    ToProto(status, *message.mutable_fail());
    owner_->Send(message);
  }

  std::unique_ptr<SplitEnumeratorBase> enumerator;

 private:
  v1::FromCoordinator NewMessage() const {
    v1::FromCoordinator message;
    message.set_enumerator(number_);
    return message;
  }

  const uint64_t number_;
  const int parallelism_;
  CoordinatorRole* const owner_;
  std::vector<int64_t> timers_;  // ascending
};

CoordinatorRole::CoordinatorRole()
    : channel_(kInheritedFd, "weir-control", &inbox_), files_(std::make_unique<LocalFileSystem>()) {
  OpenRoleLog(LogProcess::kCoordinator);
  v1::FromCoordinator message;
  FillHello(*message.mutable_ready());
  Send(message);
}

CoordinatorRole::~CoordinatorRole() = default;

void CoordinatorRole::Send(const v1::FromCoordinator& message) { channel_.Send(message.SerializeAsString()); }

void CoordinatorRole::Exit(int code) {
  channel_.Flush();
  FlushLog();
  std::fflush(nullptr);
  _exit(code);
}

void CoordinatorRole::Refuse(const Status& why) {
  v1::FromCoordinator message;
  ToProto(why, *message.mutable_refused());
  Send(message);
  Exit(EXIT_FAILURE);
}

bool CoordinatorRole::Next(std::optional<Duration> timeout, v1::ToCoordinator& message) {
  const FrameInbox::Item item = inbox_.Take(timeout);
  if (item.kind == FrameInbox::Kind::kTimeout) return false;
  if (item.kind == FrameInbox::Kind::kClosed) Exit(ExitCodeWithout("JobManager", inbox_.end()));
  if (!message.ParseFromString(item.frame)) Refuse(DataLossError("the JobManager sent what is no message"));
  return true;
}

const JobGraph& CoordinatorRole::WaitForJob() {
  if (graph_ != nullptr) return *graph_;
  v1::ToCoordinator message;
  Next(std::nullopt, message);
  if (!message.has_job()) Refuse(DataLossError("the JobManager's first message was not the job"));
  const Status version = CheckHello(message.job().hello(), "JobManager");
  if (!version.ok()) Refuse(version);
  StatusOr<JobGraph> graph = FromProto(message.job().graph());
  if (!graph.ok()) Refuse(graph.status());
  graph_ = std::make_unique<JobGraph>(std::move(graph).value());
  return *graph_;
}

void CoordinatorRole::Serve(const StreamGraph& program) {
  const Status attached = AttachCode(program, *graph_);
  if (!attached.ok()) Refuse(attached);
  for (;;) {
    v1::ToCoordinator message;
    if (Next(UntilTimer(), message)) Handle(message);
    RunDueTimers();
    SayAlive();
  }
}

void CoordinatorRole::SayAlive() {
  const int64_t now = SystemClock::Instance().MonotonicNanos();
  if (now < say_alive_at_) return;
  say_alive_at_ = now + std::chrono::nanoseconds(kAliveInterval).count();
  v1::FromCoordinator message;
  message.set_alive(true);
  Send(message);
}

Duration CoordinatorRole::UntilTimer() const {
  int64_t first = say_alive_at_;
  for (const auto& [number, enumerator] : enumerators_) {
    const std::optional<int64_t> due = enumerator->next_timer();
    if (due.has_value()) first = std::min(first, *due);
  }
  const std::chrono::nanoseconds left(first - SystemClock::Instance().MonotonicNanos());
  // Up: a wait that ends early would only be repeated.
  return std::max(Duration(0), std::chrono::ceil<Duration>(left));
}

void CoordinatorRole::RunDueTimers() {
  const int64_t now = SystemClock::Instance().MonotonicNanos();
  for (const auto& [number, enumerator] : enumerators_) enumerator->RunDueTimers(now);
}

void CoordinatorRole::Create(const v1::ToCoordinator& message) {
  const v1::CreateEnumerator& create = message.create();
  auto hosted = std::make_unique<HostedEnumerator>(message.enumerator(), create.parallelism(), this);
  const auto [vertex, position] = graph_->Locate(IdFrom<OperatorId>(create.operator_id()));
  const SourceFactory* const source =
      vertex < 0 ? nullptr : graph_->vertices[vertex].operators[position].code.source.get();
  if (source == nullptr) {
    hosted->Fail(InternalError("the JobManager asked for the split enumerator of an operator that is no source"));
  } else {
    hosted->Start(*source, create.is_restored() ? &create.restored() : nullptr);
  }
  enumerators_[message.enumerator()] = std::move(hosted);
}

void CoordinatorRole::Handle(const v1::ToCoordinator& message) {
  if (message.has_create()) return Create(message);
  const auto found = enumerators_.find(message.enumerator());
  if (found == enumerators_.end()) return;
  HostedEnumerator& hosted = *found->second;
  if (message.message_case() == v1::ToCoordinator::kSnapshot) return hosted.Answer(message.snapshot());
  if (message.message_case() == v1::ToCoordinator::kDestroy) {
    enumerators_.erase(found);
    return;
  }
  if (hosted.enumerator == nullptr) return;  // it has failed to start, and said so
  switch (message.message_case()) {
    case v1::ToCoordinator::kAddReader:
      return hosted.Guard("AddReader", [&] {
        hosted.enumerator->AddReader(message.add_reader());
        return OkStatus();
      });
    case v1::ToCoordinator::kHandleSplitRequest:
      return hosted.Guard("HandleSplitRequest", [&] {
        hosted.enumerator->HandleSplitRequest(message.handle_split_request());
        return OkStatus();
      });
    case v1::ToCoordinator::kAddSplitsBack: {
      const auto& splits = message.add_splits_back().splits();
      return hosted.Guard("AddSplitsBack", [&] {
        return hosted.enumerator->AddEncodedSplitsBack(std::vector<std::string>(splits.begin(), splits.end()),
                                                       message.add_splits_back().subtask());
      });
    }
    default:
      Refuse(DataLossError("the JobManager sent a message that this version of Weir does not know"));
  }
}

}  // namespace weir
