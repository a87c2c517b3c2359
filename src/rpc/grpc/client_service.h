// The calls of clients. For this folder's .cc files.
#pragma once

#include "weir/rpc/grpc/job_manager_server.h"
#include "weir/v1/client.grpc.pb.h"

namespace weir {

// OK, or why a call with this metadata is refused.
Status CheckSecret(const grpc::CallbackServerContext& context, const std::string& secret);

// Threads: gRPC's.
class ClientServiceImpl final : public v1::ClientService::CallbackService {
 public:
  explicit ClientServiceImpl(const JobManagerServerOptions& options) : options_(options) {}

  grpc::ServerUnaryReactor* DiagnoseJob(grpc::CallbackServerContext* context, const v1::JobRequest* request,
                                        v1::JobDiagnosis* reply) override;
  grpc::ServerUnaryReactor* DescribeCluster(grpc::CallbackServerContext* context,
                                            const v1::DescribeClusterRequest* request,
                                            v1::DescribeClusterReply* reply) override;
  grpc::ServerUnaryReactor* FindArtifacts(grpc::CallbackServerContext* context, const v1::FindArtifactsRequest* request,
                                          v1::FindArtifactsReply* reply) override;
  grpc::ServerReadReactor<v1::ArtifactChunk>* PutArtifact(grpc::CallbackServerContext* context,
                                                          v1::PutArtifactReply* reply) override;
  grpc::ServerUnaryReactor* SubmitJob(grpc::CallbackServerContext* context, const v1::SubmitJobRequest* request,
                                      v1::SubmitJobReply* reply) override;
  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* context, const v1::ListJobsRequest* request,
                                     v1::ListJobsReply* reply) override;
  grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext* context, const v1::JobRequest* request,
                                      v1::CancelJobReply* reply) override;
  grpc::ServerUnaryReactor* TriggerSavepoint(grpc::CallbackServerContext* context, const v1::SavepointRequest* request,
                                             v1::SavepointReply* reply) override;
  grpc::ServerUnaryReactor* TriggerCheckpoint(grpc::CallbackServerContext* context,
                                              const v1::CheckpointRequest* request,
                                              v1::CheckpointReply* reply) override;
  grpc::ServerUnaryReactor* DisposeSavepoint(grpc::CallbackServerContext* context,
                                             const v1::DisposeSavepointRequest* request,
                                             v1::DisposeSavepointReply* reply) override;
  grpc::ServerUnaryReactor* DescribeJob(grpc::CallbackServerContext* context, const v1::JobRequest* request,
                                        v1::JobDetails* reply) override;
  grpc::ServerUnaryReactor* AwaitJob(grpc::CallbackServerContext* context, const v1::JobRequest* request,
                                     v1::JobResult* reply) override;
  grpc::ServerUnaryReactor* FetchRows(grpc::CallbackServerContext* context, const v1::FetchRowsRequest* request,
                                      v1::FetchRowsReply* reply) override;
  grpc::ServerUnaryReactor* ListLogs(grpc::CallbackServerContext* context, const v1::JobRequest* request,
                                     v1::ListLogsReply* reply) override;
  grpc::ServerUnaryReactor* FollowLog(grpc::CallbackServerContext* context, const v1::FollowLogRequest* request,
                                      v1::FollowLogReply* reply) override;

 private:
  Status Check(const grpc::CallbackServerContext& context, const v1::Hello& hello) const;

  const JobManagerServerOptions& options_;
};

}  // namespace weir
