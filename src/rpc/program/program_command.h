// What a job's program is started with by a daemon, and what is said when it dies: pure functions but for the reading of its last words.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/crash/crash_text.h"
#include "weir/base/file/file_system.h"
#include "weir/base/process/child_process.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/job_role.h"
#include "weir/rpc/program/program_files.h"

namespace weir {

struct ProgramPlace {
  std::string executable;         // on this machine
  std::string folder;             // its own, for what it writes beside its output
  std::string log_prefix;         // its log goes to <prefix>.log, what it prints to <prefix>.out and <prefix>.err
  bool has_submit_folder = true;  // the folder that the job was submitted from exists here
  PlacedFiles files = {};
  std::string log_settings = {};                      // the logging configuration file of its daemon
  std::string job = {};                               // whose id its log lines carry
  std::shared_ptr<const ProcessUser> user = nullptr;  // as whom it runs; null: as this process
};

// Where the program of `graph` runs here.
ProgramPlace PlaceFor(FileSystem& files, const JobGraph& graph, std::string executable, std::string folder,
                      std::string log_prefix, std::shared_ptr<const ProcessUser> user = nullptr);
// The folder that a program is to run in, empty if there is a user: until it is handed over nobody but this process may enter, so that no other program of that
// user can change what is put there. What is above it must be there.
Status MakeProgramFolder(FileSystem& files, const ProcessUser* user, const std::string& folder);
// Makes over to the place's user the folder, all folders in it, and that of its logs. With no user, nothing.
Status HandOver(const ProgramPlace& place);

// `environment`: that of the daemon, "NAME=value". Of it the program gets what programs need to find their files and their language, and no more: the
// daemon's other variables may hold secrets.
ChildCommand ProgramCommandFor(JobRole role, const JobGraph& graph, const ProgramPlace& place,
                               const std::vector<std::string>& environment);
// This process' variables, as "NAME=value".
std::vector<std::string> CurrentEnvironment();

// How a process of the program ended.
struct ProgramDeath {
  std::string what;  // "worker", "coordinator"
  int pid = 0;
  ExitStatus how = {};
  bool was_ready = false;  // it had come to the job's Execute()
  std::string log_prefix = {};
  std::string last_lines = {};          // of what it printed as errors
  std::string last_log_lines = {};      // of its log
  std::optional<CrashText> crash = {};  // what it reported of its own end
};
// One paragraph: what ended and how, the stack if it crashed, its last lines, and where there is more.
std::string Describe(const ProgramDeath& death, const JobGraph& graph);
// The same, with what the process has left in its files (see ProgramPlace::log_prefix).
std::string DescribeFrom(FileSystem& files, const std::string& log_prefix, ProgramDeath death, const JobGraph& graph);
// Where a process with this prefix reports its crash; readable once that was described.
std::string CrashReportOf(const std::string& log_prefix);

// The log of a process with this prefix.
std::string LogOf(const std::string& log_prefix);

// The last lines of a file; empty when it cannot be read.
std::string LastLinesOf(FileSystem& files, const std::string& path);
// The last `count` lines of `text`.
std::string LastLines(const std::string& text, int count);

}  // namespace weir
