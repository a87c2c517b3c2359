#include "weir/rpc/grpc/task_manager_service.h"

#include <atomic>
#include <utility>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/logging.h"
#include "weir/rpc/artifact/artifact_store.h"
#include "weir/rpc/grpc/client_service.h"
#include "weir/rpc/grpc/grpc_edge.h"
#include "weir/rpc/grpc/write_queue.h"
#include "weir/rpc/signs_of_life.h"
#include "weir/rpc/wire/hello.h"
#include "weir/rpc/wire/job_values.h"

namespace weir {

namespace {

// What outlives a stream for its timers.
class StreamLife {
 public:
  StreamLife(grpc::CallbackServerContext* context, int64_t now) : heard_(now), context_(context) {}

  void Heard(int64_t now) { heard_.store(now, std::memory_order_relaxed); }
  // When the last message came, by a monotonic clock.
  int64_t heard() const { return heard_.load(std::memory_order_relaxed); }
  bool alive() const {
    MutexLock lock(mutex_);
    return context_ != nullptr;
  }
  void Cancel() {
    MutexLock lock(mutex_);
    if (context_ != nullptr) context_->TryCancel();
  }
  void End() {
    MutexLock lock(mutex_);
    context_ = nullptr;
  }

 private:
  // Written by gRPC's threads, read by the executor's; only its age matters.
  std::atomic<int64_t> heard_;
  mutable Mutex mutex_;
  grpc::CallbackServerContext* context_ WEIR_GUARDED_BY(mutex_);  // null: the stream is over
};

}  // namespace

// One TaskManager's stream; deletes itself when it is over.
class TaskManagerStream final : public grpc::ServerBidiReactor<v1::TaskManagerMessage, v1::JobManagerMessage> {
 public:
  TaskManagerStream(TaskManagerServiceImpl* service, grpc::CallbackServerContext* context, const Status& refusal)
      : service_(service),
        options_(service->options()),
        life_(std::make_shared<StreamLife>(context, Now())),
        queue_(std::make_shared<WriteQueue<v1::JobManagerMessage>>(
            [this](const v1::JobManagerMessage* message) { StartWrite(message); })) {
    if (!refusal.ok()) {
      Finish(ToGrpc(refusal));
      return;
    }
    StartRead(&incoming_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return End(UnavailableError("its connection has ended"));
    life_->Heard(Now());
    const StatusOr<bool> is_new = sequence_.Take(incoming_.sequence());
    Status status = is_new.status();
    if (is_new.ok() && *is_new) status = inbox_ == nullptr ? Register() : inbox_->Deliver(incoming_);
    if (!status.ok()) return End(status);
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    if (!queue_->Written(ok) && is_ending_.load(std::memory_order_acquire)) FinishOnce();
  }

  void OnDone() override {
    life_->End();
    delete this;
  }

  // Another stream of the same TaskManager has come.
  void Replace() { life_->Cancel(); }

 private:
  Status Register() {
    if (!incoming_.has_registration()) {
      return InvalidArgumentError("the first message of a TaskManager must be its registration");
    }
    WEIR_RETURN_IF_ERROR(CheckHello(incoming_.registration().hello(), "TaskManager"));
    TaskExecutorRegistration registration = FromProto(incoming_.registration());
    WEIR_RETURN_IF_ERROR(service_->Joined(registration.task_manager, incoming_.registration().hello().peer(), this));
    id_ = registration.task_manager;
    v1::JobManagerMessage welcome;
    FillHello(*welcome.mutable_welcome()->mutable_hello());
    welcome.mutable_welcome()->set_leader_id(IdBytes(options_.leader));
    queue_->Send(welcome);
    auto remote = std::make_shared<RemoteTaskExecutor>(queue_);
    inbox_ = std::make_unique<TaskManagerInbox>(remote, options_.job_masters, options_.resource_manager, remote);
    WEIR_LOG(kInfo, "TaskManager {} has joined with {} slots", id_.value(), registration.slots.size());
    options_.resource_manager->RegisterTaskExecutor(std::move(registration), std::move(remote));
    Beat(options_, queue_, life_, Now());
    return OkStatus();
  }

  int64_t Now() const { return options_.executor->clock().MonotonicNanos(); }

  // Sends signs of life and listens for them, for as long as the stream lives. `spoken`: when it sent the last one.
  static void Beat(const JobManagerServerOptions& options, std::shared_ptr<WriteQueue<v1::JobManagerMessage>> queue,
                   std::shared_ptr<StreamLife> life, int64_t spoken) {
    const SignsOfLife signs{.speak_after = options.heartbeat_interval, .lost_after = options.heartbeat_timeout};
    const int64_t now = options.executor->clock().MonotonicNanos();
    const LifeCheck check = CheckLife(signs, now, life->heard(), spoken);
    if (check.is_lost) return life->Cancel();
    if (check.speaks) {
      v1::JobManagerMessage message;
      message.mutable_heartbeat();
      queue->Send(message);
      spoken = now;
    }
    options.executor->PostAfter(check.look_again_in, [&options, queue, life, spoken] {
      if (life->alive()) Beat(options, queue, life, spoken);
    });
  }

  void End(const Status& why) {
    if (inbox_ != nullptr && service_->Left(id_, this)) {
      WEIR_LOG(kWarning, "TaskManager {} is lost: {}", id_.value(), why.message());
      options_.resource_manager->DisconnectTaskExecutor(id_, why);
    }
    const bool is_refused = why.code() == StatusCode::kFailedPrecondition || why.code() == StatusCode::kAlreadyExists;
    if (inbox_ == nullptr && is_refused) {
      WEIR_LOG(kWarning, "a TaskManager is not taken: {}", why.message());
    }
    end_ = why;
    is_ending_.store(true, std::memory_order_release);
    if (queue_->Close()) FinishOnce();
  }

  void FinishOnce() {
    if (!is_finished_.exchange(true)) Finish(ToGrpc(end_));
  }

  TaskManagerServiceImpl* const service_;
  const JobManagerServerOptions& options_;
  const std::shared_ptr<StreamLife> life_;
  const std::shared_ptr<WriteQueue<v1::JobManagerMessage>> queue_;
  v1::TaskManagerMessage incoming_;
  SequenceCheck sequence_;
  TaskManagerId id_;
  std::unique_ptr<TaskManagerInbox> inbox_;  // once registered
  Status end_;                               // written before is_ending_
  std::atomic<bool> is_ending_ = false;
  std::atomic<bool> is_finished_ = false;
};

namespace {

// Well below gRPC's default limit, and large enough that messages cost nothing.
constexpr size_t kChunkBytes = size_t{1} << 20;

// A download; deletes itself when the call is over.
class Sender final : public grpc::ServerWriteReactor<v1::ArtifactChunk> {
 public:
  Sender(const Status& checked, ArtifactStore* store, const std::string& sha256) {
    Status status = checked;
    if (status.ok()) status = Open(store, sha256);
    if (!status.ok()) {
      Finish(ToGrpc(status));
      return;
    }
    Next();
  }
  void OnWriteDone(bool ok) override {
    if (ok) {
      Next();
    } else {
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the TaskManager is gone"));
    }
  }
  void OnDone() override { delete this; }

 private:
  Status Open(ArtifactStore* store, const std::string& sha256) {
    WEIR_ASSIGN_OR_RETURN(const std::string path, store->PathOf(sha256));
    WEIR_ASSIGN_OR_RETURN(file_, files_.OpenForRead(path));
    WEIR_ASSIGN_OR_RETURN(const uint64_t size, file_->Size());
    chunk_.set_sha256(sha256);
    chunk_.set_size(size);
    return OkStatus();
  }
  void Next() {
    std::string& data = *chunk_.mutable_data();
    data.resize(kChunkBytes);
    const StatusOr<size_t> length = file_->Read(data);
    if (!length.ok()) return Finish(ToGrpc(length.status()));
    if (*length == 0) return Finish(grpc::Status::OK);
    data.resize(*length);
    StartWrite(&chunk_);
  }

  LocalFileSystem files_;
  std::unique_ptr<ReadableFile> file_;
  v1::ArtifactChunk chunk_;
};

}  // namespace

grpc::ServerBidiReactor<v1::TaskManagerMessage, v1::JobManagerMessage>* TaskManagerServiceImpl::Connect(
    grpc::CallbackServerContext* context) {
  return new TaskManagerStream(this, context, CheckSecret(*context, options_.secret));
}

grpc::ServerWriteReactor<v1::ArtifactChunk>* TaskManagerServiceImpl::GetArtifact(
    grpc::CallbackServerContext* context, const v1::GetArtifactRequest* request) {
  return new Sender(CheckSecret(*context, options_.secret), options_.artifacts, request->sha256());
}

Status TaskManagerServiceImpl::Joined(const TaskManagerId& id, const std::string& process, TaskManagerStream* stream) {
  MutexLock lock(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) {
    streams_[id] = {.stream = stream, .process = process};
    return OkStatus();
  }
  if (found->second.process != process) {
    // Were it let in, the other one would come back, too, and each throw out the other, for ever.
    return AlreadyExistsError("process " + process + " cannot be TaskManager \"" + id.value() + "\": process " +
                              found->second.process +
                              " is. Each TaskManager needs a name of its own (taskmanager.resource-id); a process that "
                              "is gone without a word keeps its name for heartbeat.timeout");
  }
  std::exchange(found->second.stream, stream)->Replace();
  options_.resource_manager->DisconnectTaskExecutor(id, UnavailableError("it lost its connection and has come back"));
  return OkStatus();
}

bool TaskManagerServiceImpl::Left(const TaskManagerId& id, TaskManagerStream* stream) {
  MutexLock lock(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end() || found->second.stream != stream) return false;
  streams_.erase(found);
  return true;
}

}  // namespace weir
