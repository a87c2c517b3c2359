#include "weir/rpc/job_role.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "weir/base/crash/crash_report.h"
#include "weir/base/process/child_process.h"

namespace weir {
namespace {

constexpr const char* kRole = "WEIR_JOB_ROLE";
constexpr const char* kParent = "WEIR_JOB_PARENT";
constexpr const char* kDetached = "WEIR_JOB_DETACHED";
constexpr const char* kConfiguration = "WEIR_JOB_CONFIGURATION";
constexpr const char* kCrashReport = "WEIR_JOB_CRASH_REPORT";
constexpr const char* kShipFolder = "WEIR_JOB_SHIP_FOLDER";
constexpr const char* kLogFile = "WEIR_JOB_LOG_FILE";
constexpr const char* kLogSettings = "WEIR_JOB_LOG_SETTINGS";
constexpr const char* kLogJob = "WEIR_JOB_LOG_ID";

constexpr std::pair<JobRole, std::string_view> kRoleNames[] = {{JobRole::kClient, "client"},
                                                               {JobRole::kPlan, "plan"},
                                                               {JobRole::kWorker, "worker"},
                                                               {JobRole::kCoordinator, "coordinator"}};

std::string Take(const char* name) {
  const char* const value = getenv(name);
  std::string taken = value == nullptr ? "" : value;
  unsetenv(name);
  return taken;
}

RoleVariables TakeRole() {
  RoleVariables taken;
  const std::string name = Take(kRole);
  const std::string parent = Take(kParent);
  taken.is_detached = Take(kDetached) == "1";
  taken.configuration = Take(kConfiguration);
  taken.crash_report = Take(kCrashReport);
  taken.ship_folder = Take(kShipFolder);
  taken.log = {.file = Take(kLogFile), .settings = Take(kLogSettings), .job = Take(kLogJob)};
  for (const auto& [role, known] : kRoleNames) {
    if (name == known) taken.role = role;
  }
  if (taken.role == JobRole::kEmbedded) return taken;
  // What the job starts must not hold the socket open.
  fcntl(kInheritedFd, F_SETFD, FD_CLOEXEC);
  if (taken.role == JobRole::kWorker || taken.role == JobRole::kCoordinator) DieWithParent(atoi(parent.c_str()));
  // Here, so that it covers what runs before main().
  if (!taken.crash_report.empty()) InstallCrashReport(taken.crash_report);
  return taken;
}

// While the library is loaded there is one thread, which setenv's users must have.
const RoleVariables current_role = TakeRole();

}  // namespace

JobRole CurrentJobRole() { return current_role.role; }
bool IsDetachedClient() { return current_role.is_detached; }
const std::string& ClientConfigurationText() { return current_role.configuration; }
const std::string& ShipFolder() { return current_role.ship_folder; }
const RoleLog& CurrentRoleLog() { return current_role.log; }

std::vector<std::string> EnvironmentOf(const RoleVariables& variables) {
  std::vector<std::string> environment;
  for (const auto& [role, name] : kRoleNames) {
    if (role == variables.role) environment.push_back(std::string(kRole) + "=" + std::string(name));
  }
  environment.push_back(std::string(kParent) + "=" + std::to_string(getpid()));
  if (variables.is_detached) environment.push_back(std::string(kDetached) + "=1");
  const auto add = [&environment](const char* name, const std::string& value) {
    if (!value.empty()) environment.push_back(std::string(name) + "=" + value);
  };
  add(kConfiguration, variables.configuration);
  add(kCrashReport, variables.crash_report);
  add(kShipFolder, variables.ship_folder);
  add(kLogFile, variables.log.file);
  add(kLogSettings, variables.log.settings);
  add(kLogJob, variables.log.job);
  return environment;
}

}  // namespace weir
