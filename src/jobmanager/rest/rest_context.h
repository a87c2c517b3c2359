// What REST handlers may ask, and how they wait for the answer.
#pragma once

#include <functional>
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
class JarService;
class JobArchives;
class JobManagerMetrics;
class LogFolder;
class MetricStore;
struct MetricReport;

struct RestContextOptions {
  std::shared_ptr<DispatcherGateway> dispatcher;
  std::shared_ptr<ResourceOverviewGateway> resources;
  std::shared_ptr<const Configuration> configuration;  // of the cluster
  const Clock* clock = nullptr;
  JarService* jars = nullptr;             // null: programs cannot be submitted through this server
  const MetricStore* metrics = nullptr;   // what processes have reported; null: nothing
  const LogFolder* logs = nullptr;        // of this process; null: it writes to a terminal
  const JobArchives* archives = nullptr;  // jobs that ended before this process began; null: none
  bool is_history_server = false;         // archives are all there is: no dispatcher, no resources
  std::function<void()> shut_down = {};   // ends the process, later; empty: it is not this server's to end
  bool is_embedded = false;               // the cluster is part of this process, TaskManager and all
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
  const Clock& clock() const { return *options_.clock; }
  // Of this process; null: it writes to a terminal.
  const LogFolder* logs() const { return options_.logs; }
  // Null: programs cannot be submitted through this server.
  JarService* jars() const { return options_.jars; }
  // What every process reported last.
  std::vector<MetricReport> ReportedMetrics() const;
  // Jobs that ended before this process began; null: none are kept.
  const JobArchives* archives() const { return options_.archives; }
  // Ends the process, later; empty: it is not this server's to end.
  const std::function<void()>& shut_down() const { return options_.shut_down; }
  bool is_history_server() const { return options_.is_history_server; }
  JobManagerMetrics& job_manager_metrics() const { return *job_manager_metrics_; }

  // Running jobs and those that have ended, in the order of their submission.
  StatusOr<std::vector<JobOverview>> Jobs() const;
  // The same with everything about each; one that is forgotten meanwhile is left out.
  StatusOr<std::vector<JobDetails>> AllJobs() const;
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
  // kNotFound unless a TaskManager of the id in the parameter "taskmanagerid" has joined.
  Status CheckTaskManager(const RestRequest& request) const;
  // What that TaskManager answers.
  StatusOr<std::string> Ask(const RestRequest& request, TaskManagerQuestion question) const;
  // Replies when the cancellation has begun.
  Status Cancel(JobId job_id) const;

 private:
  const RestContextOptions options_;
  const std::unique_ptr<AsyncOperations> operations_;
  const std::unique_ptr<JobManagerMetrics> job_manager_metrics_;
};

// The id in the path's parameter "jobid"; kInvalidArgument if it is none.
StatusOr<JobId> JobIdIn(const RestRequest& request);

}  // namespace weir
