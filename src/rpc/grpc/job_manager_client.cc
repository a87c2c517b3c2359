#include "weir/rpc/grpc/job_manager_client.h"

#include <chrono>
#include <utility>

#include "weir/base/file/file_system.h"
#include "weir/rpc/grpc/grpc_edge.h"
#include "weir/rpc/wire/hello.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/v1/client.grpc.pb.h"

namespace weir {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 20;

// A unary call on its way.
template <class Request, class Answer>
struct PendingCall {
  grpc::ClientContext context;
  Request request;
  Answer answer;
};

class GrpcJobManagerClient final : public JobManagerClient {
 public:
  explicit GrpcJobManagerClient(Options options)
      : options_(std::move(options)),
        channel_(NewChannel(options_.address, Liveness::kPings)),
        stub_(v1::ClientService::NewStub(channel_)) {}

  StatusOr<ClusterOverview> DescribeCluster() override {
    grpc::ClientContext context;
    Prepare(context);
    v1::DescribeClusterRequest request;
    FillHello(*request.mutable_hello());
    v1::DescribeClusterReply reply;
    WEIR_RETURN_IF_ERROR(FromGrpc(stub_->DescribeCluster(&context, request, &reply), options_.address));
    return ClusterOverview{.leader = IdFrom<LeaderId>(reply.leader_id()),
                           .task_managers = reply.task_managers(),
                           .slots = reply.slots(),
                           .free_slots = reply.free_slots()};
  }

  StatusOr<std::vector<std::string>> FindMissing(const std::vector<std::string>& sha256) override {
    grpc::ClientContext context;
    Prepare(context);
    v1::FindArtifactsRequest request;
    FillHello(*request.mutable_hello());
    for (const std::string& file : sha256) request.add_sha256(file);
    v1::FindArtifactsReply reply;
    WEIR_RETURN_IF_ERROR(FromGrpc(stub_->FindArtifacts(&context, request, &reply), options_.address));
    return std::vector<std::string>(reply.missing().begin(), reply.missing().end());
  }

  Status Upload(FileSystem& files, const std::string& path, const std::string& sha256) override {
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, files.OpenForRead(path));
    WEIR_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
    grpc::ClientContext context;
    AddSecret(context, options_.secret);
    v1::PutArtifactReply reply;
    const auto writer = stub_->PutArtifact(&context, &reply);
    v1::ArtifactChunk chunk;
    chunk.set_sha256(sha256);
    chunk.set_size(size);
    for (;;) {
      std::string& data = *chunk.mutable_data();
      data.resize(kChunkBytes);
      WEIR_ASSIGN_OR_RETURN(const size_t length, file->Read(data));
      if (length == 0) break;
      data.resize(length);
      if (!writer->Write(chunk)) break;  // Finish says why
    }
    writer->WritesDone();
    return FromGrpc(writer->Finish(), options_.address).Annotate("cannot upload " + path);
  }

  StatusOr<std::vector<JobVerdict>> Diagnose(JobId job_id) override {
    grpc::ClientContext context;
    Prepare(context);
    v1::JobDiagnosis answer;
    WEIR_RETURN_IF_ERROR(FromGrpc(stub_->DiagnoseJob(&context, RequestFor(job_id), &answer), options_.address));
    std::vector<JobVerdict> verdicts;
    for (const v1::JobDiagnosis::Verdict& stored : answer.verdicts()) {
      JobVerdict& verdict = verdicts.emplace_back();
      verdict.kind = stored.kind();
      verdict.severity = stored.severity();
      verdict.summary = stored.summary();
      verdict.advice = stored.advice();
      if (!stored.vertex_id().empty()) verdict.vertex = IdFrom<VertexId>(stored.vertex_id());
      verdict.subtask = stored.subtask();
      for (const auto& evidence : stored.evidence()) verdict.evidence.emplace_back(evidence.name(), evidence.value());
    }
    return verdicts;
  }

  StatusOr<std::vector<JobLogFile>> ListLogs(JobId job_id) override {
    grpc::ClientContext context;
    Prepare(context);
    v1::ListLogsReply reply;
    WEIR_RETURN_IF_ERROR(FromGrpc(stub_->ListLogs(&context, RequestFor(job_id), &reply), options_.address));
    std::vector<JobLogFile> files;
    for (const v1::JobLogFile& file : reply.files()) {
      files.push_back({.task_manager = file.task_manager(), .name = file.name()});
    }
    return files;
  }

  StatusOr<FilePiece> FollowLog(const JobLogFile& file, FilePosition from, uint64_t length) override {
    grpc::ClientContext context;
    Prepare(context);
    v1::FollowLogRequest request;
    FillHello(*request.mutable_hello());
    request.mutable_log()->set_task_manager(file.task_manager);
    request.mutable_log()->set_name(file.name);
    request.set_file(from.file);
    request.set_offset(from.offset);
    request.set_length(length);
    v1::FollowLogReply reply;
    WEIR_RETURN_IF_ERROR(FromGrpc(stub_->FollowLog(&context, request, &reply), options_.address));
    return FilePiece{.bytes = std::move(*reply.mutable_bytes()),
                     .next = {.file = reply.file(), .offset = reply.offset()},
                     .has_gap = reply.has_gap()};
  }

  Status DisposeSavepoint(const std::string& path) override {
    grpc::ClientContext context;
    AddSecret(context, options_.secret);  // no limit: there may be many files
    v1::DisposeSavepointRequest request;
    FillHello(*request.mutable_hello());
    request.set_path(path);
    v1::DisposeSavepointReply reply;
    return FromGrpc(stub_->DisposeSavepoint(&context, request, &reply), options_.address);
  }

  Status Submit(v1::SubmitJobRequest request) override {
    grpc::ClientContext context;
    Prepare(context);
    FillHello(*request.mutable_hello());
    v1::SubmitJobReply reply;
    return FromGrpc(stub_->SubmitJob(&context, request, &reply), options_.address);
  }

  void SubmitJob(JobSubmission submission, StatusReply reply) override {
    v1::SubmitJobRequest request;
    FillHello(*request.mutable_hello());
    ToProto(submission, request);
    Call<v1::SubmitJobReply>(
        std::move(request), kLimited, [this](auto... call) { stub_->async()->SubmitJob(call...); },
        [reply = std::move(reply)](const Status& status, const auto&) mutable { reply(status); });
  }

  void ListJobs(Reply<std::vector<JobOverview>> reply) override {
    v1::ListJobsRequest request;
    FillHello(*request.mutable_hello());
    Call<v1::ListJobsReply>(
        std::move(request), kLimited, [this](auto... call) { stub_->async()->ListJobs(call...); },
        [reply = std::move(reply)](const Status& status, const v1::ListJobsReply& answer) mutable {
          if (!status.ok()) return reply(status);
          std::vector<JobOverview> jobs;
          for (const v1::JobOverview& job : answer.jobs()) jobs.push_back(FromProto(job));
          reply(std::move(jobs));
        });
  }

  void CancelJob(JobId job_id, StatusReply reply) override {
    Call<v1::CancelJobReply>(
        RequestFor(job_id), kLimited, [this](auto... call) { stub_->async()->CancelJob(call...); },
        [reply = std::move(reply)](const Status& status, const auto&) mutable { reply(status); });
  }

  void TriggerSavepoint(JobId job_id, SavepointRequest savepoint, Reply<std::string> reply) override {
    v1::SavepointRequest request;
    FillHello(*request.mutable_hello());
    ToProto(savepoint, request);
    request.set_job_id(IdBytes(job_id));
    Call<v1::SavepointReply>(
        std::move(request), kUnlimited, [this](auto... call) { stub_->async()->TriggerSavepoint(call...); },
        [reply = std::move(reply)](const Status& status, const v1::SavepointReply& answer) mutable {
          if (!status.ok()) return reply(status);
          reply(answer.path());
        });
  }

  void TriggerCheckpoint(JobId job_id, CheckpointType type, Reply<CheckpointId> reply) override {
    v1::CheckpointRequest request;
    FillHello(*request.mutable_hello());
    request.set_job_id(IdBytes(job_id));
    request.set_type(static_cast<v1::CheckpointType>(type));
    Call<v1::CheckpointReply>(
        std::move(request), kUnlimited, [this](auto... call) { stub_->async()->TriggerCheckpoint(call...); },
        [reply = std::move(reply)](const Status& status, const v1::CheckpointReply& answer) mutable {
          if (!status.ok()) return reply(status);
          reply(CheckpointId(answer.checkpoint_id()));
        });
  }

  void FetchRows(JobId job_id, std::string rows, Reply<std::vector<std::string>> reply) override {
    v1::FetchRowsRequest request;
    FillHello(*request.mutable_hello());
    request.set_job_id(IdBytes(job_id));
    request.set_request(std::move(rows));
    Call<v1::FetchRowsReply>(
        std::move(request), kLimited, [this](auto... call) { stub_->async()->FetchRows(call...); },
        [reply = std::move(reply)](const Status& status, const v1::FetchRowsReply& answer) mutable {
          if (!status.ok()) return reply(status);
          reply(std::vector<std::string>(answer.answers().begin(), answer.answers().end()));
        });
  }

  void RequestJobDetails(JobId job_id, Reply<JobDetails> reply) override {
    Call<v1::JobDetails>(
        RequestFor(job_id), kLimited, [this](auto... call) { stub_->async()->DescribeJob(call...); },
        [reply = std::move(reply)](const Status& status, const v1::JobDetails& answer) mutable {
          if (!status.ok()) return reply(status);
          reply(FromProto(answer));
        });
  }

  void RequestJobResult(JobId job_id, Reply<JobResult> reply) override {
    Call<v1::JobResult>(
        RequestFor(job_id), kUnlimited, [this](auto... call) { stub_->async()->AwaitJob(call...); },
        [reply = std::move(reply)](const Status& status, const v1::JobResult& answer) mutable {
          if (!status.ok()) return reply(status);
          reply(FromProto(answer));
        });
  }

 private:
  static constexpr bool kLimited = true;
  static constexpr bool kUnlimited = false;

  void Prepare(grpc::ClientContext& context) const {
    AddSecret(context, options_.secret);
    context.set_deadline(std::chrono::system_clock::now() + options_.timeout);
  }

  static v1::JobRequest RequestFor(JobId job_id) {
    v1::JobRequest request;
    FillHello(*request.mutable_hello());
    request.set_job_id(IdBytes(job_id));
    return request;
  }

  // `start` begins the call, `done` gets its end.
  template <class Answer, class Request, class Start, class Done>
  void Call(Request request, bool is_limited, Start start, Done done) {
    auto call = std::make_shared<PendingCall<Request, Answer>>();
    call->request = std::move(request);
    if (is_limited) {
      Prepare(call->context);
    } else {
      AddSecret(call->context, options_.secret);
    }
    // std::function wants what can be copied.
    auto shared = std::make_shared<Done>(std::move(done));
    start(&call->context, &call->request, &call->answer,
          std::function<void(grpc::Status)>([call, shared, address = options_.address](const grpc::Status& status) {
            (*shared)(FromGrpc(status, address), call->answer);
          }));
  }

  const Options options_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::ClientService::Stub> stub_;
};

}  // namespace

std::shared_ptr<JobManagerClient> JobManagerClient::New(Options options) {
  return std::make_shared<GrpcJobManagerClient>(std::move(options));
}

}  // namespace weir
