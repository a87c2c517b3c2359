// What REST handlers may ask, and how they wait for the answer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/jobmanager/rest/rest_message.h"
#include "weir/rpc/dispatcher_gateway.h"
#include "weir/rpc/resource_overview.h"

namespace weir {

class AsyncOperations;
class Clock;
class Configuration;

struct RestContextOptions {
  std::shared_ptr<DispatcherGateway> dispatcher;
  std::shared_ptr<ResourceOverviewGateway> resources;
  std::shared_ptr<const Configuration> configuration;  // of the cluster
  const Clock* clock = nullptr;
  bool is_embedded = false;  // the cluster is part of this process, TaskManager and all
};

// Threads: any; a call waits for the JobManager's reply, at most `web.timeout`.
class RestContext {
 public:
  explicit RestContext(RestContextOptions options);
  ~RestContext();

  const Configuration& configuration() const { return *options_.configuration; }
  bool is_embedded() const { return options_.is_embedded; }
  AsyncOperations& operations() const { return *operations_; }
  DispatcherGateway& dispatcher() const { return *options_.dispatcher; }
  Timestamp Now() const;

  // Running jobs and those that have ended, in the order of their submission.
  StatusOr<std::vector<JobOverview>> Jobs() const;
  // The job that the parameter "jobid" names. kInvalidArgument, kNotFound.
  StatusOr<JobDetails> Job(const RestRequest& request) const;
  // The same, and the position of the vertex that "vertexid" names.
  struct JobAndVertex {
    JobDetails job;
    size_t vertex = 0;

    const VertexDetails& details() const { return job.vertices[vertex]; }
  };
  StatusOr<JobAndVertex> Vertex(const RestRequest& request) const;
  StatusOr<std::vector<TaskManagerOverview>> TaskManagers() const;
  // Replies when the cancellation has begun.
  Status Cancel(JobId job_id) const;

 private:
  const RestContextOptions options_;
  const std::unique_ptr<AsyncOperations> operations_;
};

// The id in the path's parameter "jobid"; kInvalidArgument if it is none.
StatusOr<JobId> JobIdIn(const RestRequest& request);

}  // namespace weir
