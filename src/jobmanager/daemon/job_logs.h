// Finds the log files of a job on every machine of the cluster.
#pragma once

#include <memory>

#include "weir/rpc/job_logs.h"
#include "weir/rpc/resource_overview.h"

namespace weir {

class LogFolder;

// Threads: any.
class ClusterJobLogs final : public JobLogsGateway {
 public:
  // `own`: of the JobManager's machine.
  ClusterJobLogs(std::shared_ptr<ResourceOverviewGateway> resources, const LogFolder* own)
      : resources_(std::move(resources)), own_(own) {}

  void ListLogs(JobId job_id, Reply<std::vector<JobLogFile>> reply) override;
  void FollowLog(JobLogFile file, FilePosition from, uint64_t length, Reply<FilePiece> reply) override;

 private:
  const std::shared_ptr<ResourceOverviewGateway> resources_;
  const LogFolder* const own_;
};

}  // namespace weir
