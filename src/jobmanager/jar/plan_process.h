// Runs a job's executable as far as its first Execute(), in a process that may not do much, and takes the plan that it sends.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/process/process_user.h"
#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/graph/job/job_graph.h"

namespace weir {

struct PlanRequest {
  std::string executable;                             // on this machine
  std::string name;                                   // its argv[0]
  std::vector<std::string> arguments;                 // behind it
  std::string configuration;                          // of its job, as lines of YAML
  std::vector<std::string> environment;               // of the daemon, "NAME=value"; it gets a part
  std::string folder;                                 // an empty one for what it writes; removed afterwards
  std::string library_folder = {};                    // where a libweir.so is for a program that finds none
  std::shared_ptr<const ProcessUser> user = nullptr;  // as whom it runs; null: as this process
  Duration timeout{60'000};                           // then it is killed, with what it has started
};

// Waits. kDeadlineExceeded; kInvalidArgument: it lacks libraries, or ended without a plan, with its last words. The plan's files are those of ShipFile(),
// and the libweir.so of `library_folder` if the program needs that one.
StatusOr<JobGraph> PlanProgram(FileSystem& files, PlanRequest request);

}  // namespace weir
