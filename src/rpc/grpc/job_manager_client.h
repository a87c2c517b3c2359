// The JobManager as the command line reaches it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/base/time.h"
#include "weir/rpc/cluster_messages.h"
#include "weir/rpc/dispatcher_gateway.h"
#include "weir/rpc/job_diagnosis.h"
#include "weir/rpc/job_logs.h"

namespace weir {

class FileSystem;

namespace v1 {
class SubmitJobRequest;
}

// Requests fail with kUnavailable, and what to do, when no JobManager answers.
//
// Threads: any; replies come on gRPC's threads, but exactly once each. May go only when no reply is due.
class JobManagerClient : public DispatcherGateway {
 public:
  struct Options {
    std::string address;  // "host:port"
    std::string secret = {};
    // For answers that come at once; waiting for a job's end has no limit.
    Duration timeout{60000};
  };
  static std::shared_ptr<JobManagerClient> New(Options options);

  // These wait.
  virtual StatusOr<ClusterOverview> DescribeCluster() = 0;
  // Of these files, those that the JobManager lacks.
  virtual StatusOr<std::vector<std::string>> FindMissing(const std::vector<std::string>& sha256) = 0;
  virtual Status Upload(FileSystem& files, const std::string& path, const std::string& sha256) = 0;
  // The worst first.
  virtual StatusOr<std::vector<JobVerdict>> Diagnose(JobId job_id) = 0;
  virtual Status DisposeSavepoint(const std::string& path) = 0;
  // The log files of the job's processes on all machines, and what one of them has behind a position.
  virtual StatusOr<std::vector<JobLogFile>> ListLogs(JobId job_id) = 0;
  virtual StatusOr<FilePiece> FollowLog(const JobLogFile& file, FilePosition from, uint64_t length) = 0;
  // SubmitJob of a message as a program made it.
  virtual Status Submit(v1::SubmitJobRequest request) = 0;
};

}  // namespace weir
