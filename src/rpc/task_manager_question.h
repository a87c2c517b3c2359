// What a person asks of a TaskManager's machine, through the JobManager: log files and threads; and what a program asks of its workers.
#pragma once

#include <cstdint>
#include <string>

#include "weir/base/ids.h"

namespace weir {

struct TaskManagerQuestion {
  enum class Kind : uint8_t {
    kLogs,       // answered by LogListText (rpc/program/log_folder.h)
    kReadLog,    // by bytes of the file `name`
    kThreads,    // by ThreadStacksText (base/crash/thread_stacks.h) of it and its workers
    kFollowLog,  // by FollowedText (rpc/program/log_folder.h)
    kRows,       // by what the job's worker has of collected rows; `name` is the program's request (connectors/collect)
  };
  Kind kind = Kind::kLogs;
  std::string name = {};
  uint64_t offset = 0;
  uint64_t length = 0;
  uint64_t file = 0;  // with the offset a FilePosition, for kFollowLog
  JobId job_id = {};  // kRows
};

}  // namespace weir
