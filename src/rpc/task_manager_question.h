// What a person asks of a TaskManager's machine, through the JobManager: log files and threads.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

struct TaskManagerQuestion {
  enum class Kind : uint8_t {
    kLogs,     // answered by LogListText (rpc/program/log_folder.h)
    kReadLog,  // by bytes of the file `name`
    kThreads,  // by a line per thread of it and its workers: "<process id> <thread id> <state> <name>"
  };
  Kind kind = Kind::kLogs;
  std::string name = {};
  uint64_t offset = 0;
  uint64_t length = 0;
};

}  // namespace weir
