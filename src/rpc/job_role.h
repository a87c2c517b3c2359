// What a job's executable is started for. Whoever starts it says so in its environment; a program that a person starts finds nothing there and runs its
// jobs embedded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

enum class JobRole : uint8_t {
  kEmbedded,
  kClient,       // `weir run`: Execute() hands the job to the command line and waits for its result
  kPlan,         // `weir info`: Execute() hands over the plan and ends the process
  kWorker,       // of a TaskManager: Execute() serves tasks and never returns
  kCoordinator,  // of the JobManager: Execute() serves split enumerators and never returns
};

// The role of this process. The variables are taken out of the environment when the library is loaded, so that programs which the job starts are not
// taken for one of its roles; a worker or coordinator then also dies with its parent, and reports its crashes. Threads: any.
JobRole CurrentJobRole();
// Whether results of jobs are waited for: false under `weir run -d`.
bool IsDetachedClient();
// What the command line sets for the program's jobs, as lines "key: value" of YAML; empty outside of `weir run`.
const std::string& ClientConfigurationText();
// Where files that travel with the job are on this machine; empty: where they were shipped from.
const std::string& ShipFolder();

// How a worker or coordinator logs.
struct RoleLog {
  std::string file = {};      // where its lines go; empty: to stderr
  std::string settings = {};  // the logging configuration file of its daemon; empty: none
  std::string job = {};       // the id that its lines carry
};
const RoleLog& CurrentRoleLog();

struct RoleVariables {
  JobRole role = JobRole::kEmbedded;
  bool is_detached = false;
  std::string configuration = {};
  std::string crash_report = {};  // the file for it; empty: crashes are not reported
  std::string ship_folder = {};   // where files that travel with the job are
  RoleLog log = {};
};
// The variables to add to the environment of the child, which finds its socket at kInheritedFd (base/process/child_process.h).
std::vector<std::string> EnvironmentOf(const RoleVariables& variables);

}  // namespace weir
