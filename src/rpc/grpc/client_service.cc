#include "weir/rpc/grpc/client_service.h"

#include <utility>

#include "weir/rpc/artifact/artifact_store.h"
#include "weir/rpc/artifact/sha256.h"
#include "weir/rpc/grpc/grpc_edge.h"
#include "weir/rpc/wire/hello.h"
#include "weir/rpc/wire/job_values.h"

namespace weir {
namespace {

// Ends a call exactly once: by the answer, or, if whoever was to give it stops without a word, by being destroyed.
class Call {
 public:
  explicit Call(grpc::ServerUnaryReactor* reactor) : reactor_(reactor) {}
  Call(Call&& other) noexcept : reactor_(std::exchange(other.reactor_, nullptr)) {}
  ~Call() { Finish(AbortedError("the JobManager stops")); }

  void Finish(const Status& status) {
    if (reactor_ != nullptr) std::exchange(reactor_, nullptr)->Finish(ToGrpc(status));
  }

 private:
  grpc::ServerUnaryReactor* reactor_;
};

grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext* context, const Status& why) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(why));
  return reactor;
}

// An upload; deletes itself when the call is over.
class Receiver final : public grpc::ServerReadReactor<v1::ArtifactChunk> {
 public:
  explicit Receiver(ArtifactStore* store) : store_(store) { StartRead(&chunk_); }
  explicit Receiver(const Status& refusal) { Finish(ToGrpc(refusal)); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      // The client has said all, or has gone: then the content is not what was announced.
      if (upload_ == nullptr) return Finish(ToGrpc(InvalidArgumentError("an upload without a file")));
      return Finish(ToGrpc(upload_->Finish()));
    }
    const Status taken = Take();
    if (!taken.ok()) return Finish(ToGrpc(taken));
    StartRead(&chunk_);
  }
  void OnDone() override { delete this; }

 private:
  Status Take() {
    if (upload_ == nullptr) {
      WEIR_ASSIGN_OR_RETURN(upload_, store_->Begin(chunk_.sha256()));
    }
    return upload_->Append(chunk_.data());
  }

  ArtifactStore* store_ = nullptr;
  std::unique_ptr<ArtifactUpload> upload_;
  v1::ArtifactChunk chunk_;
};

}  // namespace

Status CheckSecret(const grpc::CallbackServerContext& context, const std::string& secret) {
  if (secret.empty()) return OkStatus();
  const auto given = context.client_metadata().find(kSecretMetadata);
  if (given == context.client_metadata().end()) {
    return PermissionDeniedError(
        "this cluster wants its secret. Set security.secret-file to a copy of the file that start-cluster.sh made.");
  }
  if (EqualInConstantTime(std::string_view(given->second.data(), given->second.size()), secret)) return OkStatus();
  return PermissionDeniedError(
      "the secret is not this cluster's. Copy the file that security.secret-file names there.");
}

Status ClientServiceImpl::Check(const grpc::CallbackServerContext& context, const v1::Hello& hello) const {
  WEIR_RETURN_IF_ERROR(CheckSecret(context, options_.secret));
  return CheckHello(hello, "client");
}

grpc::ServerUnaryReactor* ClientServiceImpl::DescribeCluster(grpc::CallbackServerContext* context,
                                                             const v1::DescribeClusterRequest* request,
                                                             v1::DescribeClusterReply* reply) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  auto* const reactor = context->DefaultReactor();
  FillHello(*reply->mutable_hello());
  options_.describe_cluster([reply, call = Call(reactor)](StatusOr<ClusterOverview> cluster) mutable {
    if (!cluster.ok()) return call.Finish(cluster.status());
    reply->set_leader_id(IdBytes(cluster->leader));
    reply->set_task_managers(cluster->task_managers);
    reply->set_slots(cluster->slots);
    reply->set_free_slots(cluster->free_slots);
    call.Finish(OkStatus());
  });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::FindArtifacts(grpc::CallbackServerContext* context,
                                                           const v1::FindArtifactsRequest* request,
                                                           v1::FindArtifactsReply* reply) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  for (const std::string& sha256 : request->sha256()) {
    if (!options_.artifacts->Has(sha256)) reply->add_missing(sha256);
  }
  return Refuse(context, OkStatus());
}

grpc::ServerReadReactor<v1::ArtifactChunk>* ClientServiceImpl::PutArtifact(grpc::CallbackServerContext* context,
                                                                           v1::PutArtifactReply*) {
  const Status checked = CheckSecret(*context, options_.secret);
  return checked.ok() ? new Receiver(options_.artifacts) : new Receiver(checked);
}

grpc::ServerUnaryReactor* ClientServiceImpl::SubmitJob(grpc::CallbackServerContext* context,
                                                       const v1::SubmitJobRequest* request, v1::SubmitJobReply*) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  StatusOr<JobSubmission> submission = FromProto(*request);
  if (!submission.ok()) return Refuse(context, submission.status());
  auto* const reactor = context->DefaultReactor();
  options_.dispatcher->SubmitJob(std::move(submission).value(),
                                 [call = Call(reactor)](const Status& status) mutable { call.Finish(status); });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::ListJobs(grpc::CallbackServerContext* context,
                                                      const v1::ListJobsRequest* request, v1::ListJobsReply* reply) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  auto* const reactor = context->DefaultReactor();
  options_.dispatcher->ListJobs([reply, call = Call(reactor)](StatusOr<std::vector<JobOverview>> jobs) mutable {
    if (!jobs.ok()) return call.Finish(jobs.status());
    for (const JobOverview& job : *jobs) ToProto(job, *reply->add_jobs());
    call.Finish(OkStatus());
  });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::CancelJob(grpc::CallbackServerContext* context,
                                                       const v1::JobRequest* request, v1::CancelJobReply*) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  auto* const reactor = context->DefaultReactor();
  options_.dispatcher->CancelJob(IdFrom<JobId>(request->job_id()),
                                 [call = Call(reactor)](const Status& status) mutable { call.Finish(status); });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::TriggerSavepoint(grpc::CallbackServerContext* context,
                                                              const v1::SavepointRequest* request,
                                                              v1::SavepointReply* reply) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  auto* const reactor = context->DefaultReactor();
  options_.dispatcher->TriggerSavepoint(IdFrom<JobId>(request->job_id()), FromProto(*request),
                                        [reply, call = Call(reactor)](StatusOr<std::string> path) mutable {
                                          if (path.ok()) reply->set_path(*path);
                                          call.Finish(path.status());
                                        });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::TriggerCheckpoint(grpc::CallbackServerContext* context,
                                                               const v1::CheckpointRequest* request,
                                                               v1::CheckpointReply* reply) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  if (!v1::CheckpointType_IsValid(request->type())) {
    return Refuse(context, InvalidArgumentError("this JobManager knows no checkpoint of the type " +
                                                std::to_string(request->type())));
  }
  auto* const reactor = context->DefaultReactor();
  // The enums have the same order.
  options_.dispatcher->TriggerCheckpoint(IdFrom<JobId>(request->job_id()), static_cast<CheckpointType>(request->type()),
                                         [reply, call = Call(reactor)](StatusOr<CheckpointId> id) mutable {
                                           if (id.ok()) reply->set_checkpoint_id(id->value());
                                           call.Finish(id.status());
                                         });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::DisposeSavepoint(grpc::CallbackServerContext* context,
                                                              const v1::DisposeSavepointRequest* request,
                                                              v1::DisposeSavepointReply*) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  auto* const reactor = context->DefaultReactor();
  options_.dispose_savepoint(request->path(),
                             [call = Call(reactor)](const Status& status) mutable { call.Finish(status); });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::DescribeJob(grpc::CallbackServerContext* context,
                                                         const v1::JobRequest* request, v1::JobDetails* reply) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  auto* const reactor = context->DefaultReactor();
  options_.dispatcher->RequestJobDetails(IdFrom<JobId>(request->job_id()),
                                         [reply, call = Call(reactor)](StatusOr<JobDetails> details) mutable {
                                           if (details.ok()) ToProto(*details, *reply);
                                           call.Finish(details.status());
                                         });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::DiagnoseJob(grpc::CallbackServerContext* context,
                                                         const v1::JobRequest* request, v1::JobDiagnosis* reply) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  auto* const reactor = context->DefaultReactor();
  options_.dispatcher->RequestJobDetails(IdFrom<JobId>(request->job_id()),
                                         [this, reply, call = Call(reactor)](StatusOr<JobDetails> details) mutable {
                                           if (!details.ok()) return call.Finish(details.status());
                                           for (const JobVerdict& verdict : options_.diagnose(*details)) {
                                             v1::JobDiagnosis::Verdict& stored = *reply->add_verdicts();
                                             stored.set_kind(verdict.kind);
                                             stored.set_severity(verdict.severity);
                                             stored.set_summary(verdict.summary);
                                             stored.set_advice(verdict.advice);
                                             if (verdict.vertex.has_value())
                                               stored.set_vertex_id(IdBytes(*verdict.vertex));
                                             stored.set_subtask(verdict.subtask);
                                             for (const auto& [name, value] : verdict.evidence) {
                                               v1::JobDiagnosis::Evidence& evidence = *stored.add_evidence();
                                               evidence.set_name(name);
                                               evidence.set_value(value);
                                             }
                                           }
                                           call.Finish(OkStatus());
                                         });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::AwaitJob(grpc::CallbackServerContext* context,
                                                      const v1::JobRequest* request, v1::JobResult* reply) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  auto* const reactor = context->DefaultReactor();
  options_.dispatcher->RequestJobResult(IdFrom<JobId>(request->job_id()),
                                        [reply, call = Call(reactor)](StatusOr<JobResult> result) mutable {
                                          if (result.ok()) ToProto(*result, *reply);
                                          call.Finish(result.status());
                                        });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::FetchRows(grpc::CallbackServerContext* context,
                                                       const v1::FetchRowsRequest* request, v1::FetchRowsReply* reply) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  auto* const reactor = context->DefaultReactor();
  options_.dispatcher->FetchRows(IdFrom<JobId>(request->job_id()), request->request(),
                                 [reply, call = Call(reactor)](StatusOr<std::vector<std::string>> answers) mutable {
                                   if (!answers.ok()) return call.Finish(answers.status());
                                   for (std::string& answer : *answers) reply->add_answers(std::move(answer));
                                   call.Finish(OkStatus());
                                 });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::ListLogs(grpc::CallbackServerContext* context,
                                                      const v1::JobRequest* request, v1::ListLogsReply* reply) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  auto* const reactor = context->DefaultReactor();
  options_.logs->ListLogs(IdFrom<JobId>(request->job_id()),
                          [reply, call = Call(reactor)](StatusOr<std::vector<JobLogFile>> files) mutable {
                            if (!files.ok()) return call.Finish(files.status());
                            for (const JobLogFile& file : *files) {
                              v1::JobLogFile& told = *reply->add_files();
                              told.set_task_manager(file.task_manager);
                              told.set_name(file.name);
                            }
                            call.Finish(OkStatus());
                          });
  return reactor;
}

grpc::ServerUnaryReactor* ClientServiceImpl::FollowLog(grpc::CallbackServerContext* context,
                                                       const v1::FollowLogRequest* request, v1::FollowLogReply* reply) {
  if (const Status checked = Check(*context, request->hello()); !checked.ok()) return Refuse(context, checked);
  auto* const reactor = context->DefaultReactor();
  options_.logs->FollowLog({.task_manager = request->log().task_manager(), .name = request->log().name()},
                           {.file = request->file(), .offset = request->offset()}, request->length(),
                           [reply, call = Call(reactor)](StatusOr<FilePiece> piece) mutable {
                             if (!piece.ok()) return call.Finish(piece.status());
                             reply->set_file(piece->next.file);
                             reply->set_offset(piece->next.offset);
                             reply->set_has_gap(piece->has_gap);
                             reply->set_bytes(std::move(piece->bytes));
                             call.Finish(OkStatus());
                           });
  return reactor;
}

}  // namespace weir
