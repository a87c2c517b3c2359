// The streams of TaskManagers. For this folder's .cc files.
#pragma once

#include <cstdint>
#include <map>
#include <string>

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

  // From the streams. A TaskManager that connects anew has lost its former stream, though this side may not have noticed. kAlreadyExists: another process
  // has this name, and is there.
  Status Joined(const TaskManagerId& id, const std::string& process, TaskManagerStream* stream);
  // Whether `stream` was its present one.
  bool Left(const TaskManagerId& id, TaskManagerStream* stream);

  const JobManagerServerOptions& options() const { return options_; }

 private:
  struct Present {
    TaskManagerStream* stream = nullptr;
    std::string process;  // as its hello names it: host and pid
  };

  const JobManagerServerOptions& options_;
  Mutex mutex_;
  std::map<TaskManagerId, Present> streams_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
