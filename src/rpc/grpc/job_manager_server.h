// The JobManager's port: clients' calls, TaskManagers' streams, files.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "weir/base/execution/executor.h"
#include "weir/base/time.h"
#include "weir/base/unique_function.h"
#include "weir/rpc/cluster_messages.h"
#include "weir/rpc/dispatcher_gateway.h"
#include "weir/rpc/job_diagnosis.h"
#include "weir/rpc/job_logs.h"
#include "weir/rpc/job_master_gateway.h"
#include "weir/rpc/resource_manager_gateway.h"

namespace weir {

class ArtifactStore;

struct JobManagerServerOptions {
  std::string bind_address = "127.0.0.1";
  int port = 0;  // 0: any that is free
  std::string secret = {};
  LeaderId leader;
  Executor* executor = nullptr;  // for heartbeats
  std::shared_ptr<DispatcherGateway> dispatcher;
  std::shared_ptr<JobMasterGateway> job_masters;
  std::shared_ptr<ResourceManagerGateway> resource_manager;
  ArtifactStore* artifacts = nullptr;
  // Answers how many TaskManagers and slots there are.
  std::function<void(Reply<ClusterOverview>)> describe_cluster;
  // Finds what is wrong with a job.
  std::function<std::vector<JobVerdict>(const JobDetails&)> diagnose;
  // Deletes the savepoint at a path.
  std::function<void(const std::string& path, StatusReply)> dispose_savepoint;
  std::shared_ptr<JobLogsGateway> logs;
  Duration heartbeat_interval{3000};
  Duration heartbeat_timeout{10000};
};

// Threads: any; what the gateways are called with comes on gRPC's threads.
class JobManagerServer {
 public:
  // kUnavailable when the port is in use, with what to do.
  static StatusOr<std::unique_ptr<JobManagerServer>> Start(JobManagerServerOptions options);
  virtual ~JobManagerServer() = default;

  virtual int port() const = 0;
  // Ends all streams and calls. The gateways must still be there.
  virtual void Shutdown() = 0;
};

}  // namespace weir
