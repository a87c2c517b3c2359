#include "weir/rpc/grpc/task_manager_connection.h"

#include <atomic>
#include <utility>

#include "weir/rpc/artifact/artifact_store.h"
#include "weir/rpc/grpc/grpc_edge.h"
#include "weir/rpc/grpc/write_queue.h"
#include "weir/rpc/signs_of_life.h"
#include "weir/rpc/wire/hello.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/v1/task_manager.grpc.pb.h"

namespace weir {
namespace {

// One stream; keeps itself until it is over.
class Stream final : public grpc::ClientBidiReactor<v1::TaskManagerMessage, v1::JobManagerMessage>,
                     public std::enable_shared_from_this<Stream> {
 public:
  Stream(const TaskManagerConnectionOptions& options, TaskManagerConnection::Handlers handlers)
      : options_(options),
        handlers_(std::move(handlers)),
        signs_{.speak_after = options.heartbeat_interval * 2, .lost_after = options.heartbeat_timeout},
        heard_(Now()),
        beaten_(Now()),
        queue_(std::make_shared<WriteQueue<v1::TaskManagerMessage>>(
            [this](const v1::TaskManagerMessage* message) { StartWrite(message); })) {}

  void Start(v1::TaskManagerService::Stub& stub, const TaskExecutorRegistration& registration) {
    self_ = shared_from_this();
    AddSecret(context_, options_.secret);
    stub.async()->Connect(&context_, this);
    v1::TaskManagerMessage message;
    FillHello(*message.mutable_registration()->mutable_hello());
    ToProto(registration, *message.mutable_registration());
    queue_->Send(message);
    StartRead(&incoming_);
    StartCall();
    LookAgain(options_.heartbeat_interval);
  }
  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      queue_->Close();
      return;
    }
    heard_.store(Now(), std::memory_order_relaxed);
    const Status status = Take();
    if (!status.ok()) {
      own_end_ = status;
      Cancel();
      return;
    }
    StartRead(&incoming_);
  }
  void OnWriteDone(bool ok) override { queue_->Written(ok); }
  void OnDone(const grpc::Status& status) override {
    is_over_.store(true, std::memory_order_release);
    queue_->Close();
    Status why = own_end_.ok() ? FromGrpc(status, options_.address) : own_end_;
    if (why.ok()) why = UnavailableError("the JobManager has closed the connection");
    handlers_.on_end(std::move(why));
    self_.reset();
  }

 private:
  int64_t Now() const { return options_.executor->clock().MonotonicNanos(); }

  Status Take() {
    WEIR_ASSIGN_OR_RETURN(const bool is_new, sequence_.Take(incoming_.sequence()));
    if (!is_new) return OkStatus();
    if (incoming_.has_heartbeat()) return AnswerHeartbeat();
    if (is_welcome_) return handlers_.on_message(incoming_);
    if (!incoming_.has_welcome()) return DataLossError("the JobManager's first message was not its welcome");
    WEIR_RETURN_IF_ERROR(CheckHello(incoming_.welcome().hello(), "JobManager"));
    is_welcome_ = true;
    handlers_.on_welcome(IdFrom<LeaderId>(incoming_.welcome().leader_id()), queue_);
    return OkStatus();
  }

  // At once, on the thread that is awake already: a beat of our own would wake five threads of the two processes once more.
  Status AnswerHeartbeat() {
    beaten_.store(Now(), std::memory_order_relaxed);
    v1::TaskManagerMessage message;
    message.mutable_heartbeat();
    queue_->Send(message);
    return OkStatus();
  }

  void LookAgain(std::chrono::nanoseconds wait) {
    options_.executor->PostAfter(wait, [weak = weak_from_this()] {
      const auto stream = weak.lock();
      if (stream == nullptr || stream->is_over_.load(std::memory_order_acquire)) return;
      const LifeCheck check = CheckLife(stream->signs_, stream->Now(), stream->heard_.load(std::memory_order_relaxed),
                                        stream->beaten_.load(std::memory_order_relaxed));
      if (check.is_lost) return stream->Cancel();
      if (check.speaks) static_cast<void>(stream->AnswerHeartbeat());
      stream->LookAgain(check.look_again_in);
    });
  }

  const TaskManagerConnectionOptions options_;
  const TaskManagerConnection::Handlers handlers_;
  // Speaks by itself only where the JobManager has not asked for longer than we would take.
  const SignsOfLife signs_;
  // Written by gRPC's threads, read by the executor's; only its age matters.
  std::atomic<int64_t> heard_;
  // When we sent our last sign of life; both kinds of threads write it.
  std::atomic<int64_t> beaten_;
  std::atomic<bool> is_over_ = false;
  const std::shared_ptr<WriteQueue<v1::TaskManagerMessage>> queue_;
  grpc::ClientContext context_;
  v1::JobManagerMessage incoming_;
  SequenceCheck sequence_;
  bool is_welcome_ = false;
  Status own_end_;  // why this side ended the stream
  std::shared_ptr<Stream> self_;
};

// One download; deletes itself when it is over.
class Download final : public grpc::ClientReadReactor<v1::ArtifactChunk> {
 public:
  Download(std::unique_ptr<ArtifactUpload> into, std::string address, UniqueFunction<void(Status)> reply)
      : into_(std::move(into)), address_(std::move(address)), reply_(std::move(reply)) {}

  void Start(v1::TaskManagerService::Stub& stub, const std::string& sha256, const std::string& secret) {
    request_.set_sha256(sha256);
    AddSecret(context_, secret);
    stub.async()->GetArtifact(&context_, &request_, this);
    StartRead(&chunk_);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    written_.Update(into_->Append(chunk_.data()));
    if (written_.ok()) return StartRead(&chunk_);
    context_.TryCancel();
  }
  void OnDone(const grpc::Status& status) override {
    Status result = written_;
    result.Update(FromGrpc(status, address_));
    if (result.ok()) result = into_->Finish();
    into_.reset();
    reply_(std::move(result));
    delete this;
  }

 private:
  std::unique_ptr<ArtifactUpload> into_;
  const std::string address_;
  UniqueFunction<void(Status)> reply_;
  grpc::ClientContext context_;
  v1::GetArtifactRequest request_;
  v1::ArtifactChunk chunk_;
  Status written_;
};

class GrpcConnection final : public TaskManagerConnection {
 public:
  explicit GrpcConnection(TaskManagerConnectionOptions options)
      : options_(std::move(options)),
        channel_(NewChannel(options_.address, Liveness::kHeartbeats)),
        stub_(v1::TaskManagerService::NewStub(channel_)) {}

  void Connect(const TaskExecutorRegistration& registration, Handlers handlers) override {
    auto stream = std::make_shared<Stream>(options_, std::move(handlers));
    {
      MutexLock lock(mutex_);
      stream_ = stream;
    }
    stream->Start(*stub_, registration);
  }
  void Disconnect() override {
    MutexLock lock(mutex_);
    if (const auto stream = stream_.lock()) stream->Cancel();
  }
  void Fetch(const std::string& sha256, ArtifactStore* store, UniqueFunction<void(Status)> reply) override {
    auto into = store->Begin(sha256);
    if (!into.ok()) return reply(into.status());
    (new Download(std::move(into).value(), options_.address, std::move(reply)))->Start(*stub_, sha256, options_.secret);
  }

 private:
  const TaskManagerConnectionOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::TaskManagerService::Stub> stub_;
  Mutex mutex_;
  std::weak_ptr<Stream> stream_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<TaskManagerConnection> TaskManagerConnection::New(TaskManagerConnectionOptions options) {
  return std::make_unique<GrpcConnection>(std::move(options));
}

}  // namespace weir
