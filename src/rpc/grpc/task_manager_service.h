// The streams of TaskManagers. For this folder's .cc files.
#pragma once

#include <cstdint>
#include <map>

#include "weir/base/mutex.h"
#include "weir/rpc/grpc/job_manager_server.h"
#include "weir/v1/task_manager.grpc.pb.h"

namespace weir {

class TaskManagerStream;

// Threads: gRPC's.
class TaskManagerServiceImpl final : public v1::TaskManagerService::CallbackService {
 public:
  explicit TaskManagerServiceImpl(const JobManagerServerOptions& options) : options_(options) {}

  grpc::ServerBidiReactor<v1::TaskManagerMessage, v1::JobManagerMessage>* Connect(
      grpc::CallbackServerContext* context) override;
  grpc::ServerWriteReactor<v1::ArtifactChunk>* GetArtifact(grpc::CallbackServerContext* context,
                                                           const v1::GetArtifactRequest* request) override;

  // From the streams. A TaskManager that connects anew has lost its former stream, though this side may not have noticed.
  void Joined(const TaskManagerId& id, TaskManagerStream* stream);
  // Whether `stream` was its present one.
  bool Left(const TaskManagerId& id, TaskManagerStream* stream);

  const JobManagerServerOptions& options() const { return options_; }

 private:
  const JobManagerServerOptions& options_;
  Mutex mutex_;
  std::map<TaskManagerId, TaskManagerStream*> streams_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
