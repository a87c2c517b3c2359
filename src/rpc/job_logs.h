// The log files of a job's processes, wherever they run, as the command line asks the JobManager for them.
#pragma once

#include <string>
#include <vector>

#include "weir/base/file/rotated_file.h"
#include "weir/rpc/job_messages.h"

namespace weir {

struct JobLogFile {
  std::string task_manager;  // on whose machine it is; empty: the JobManager's
  std::string name;          // as log_folder.h lists it: "<job>_<process>-1.log"
};

// Threads: any; replies come on any.
class JobLogsGateway {
 public:
  virtual ~JobLogsGateway() = default;
  // Of all machines whose TaskManager answers.
  virtual void ListLogs(JobId job_id, Reply<std::vector<JobLogFile>> reply) = 0;
  // What was written after `from`.
  virtual void FollowLog(JobLogFile file, FilePosition from, uint64_t length, Reply<FilePiece> reply) = 0;
};

}  // namespace weir
