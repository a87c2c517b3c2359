#include "weir/rpc/program/program_command.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_path.h"

namespace weir {
namespace {

// Enough for the last words of most programs.
constexpr int kReportedLines = 20;
constexpr uint64_t kReportedBytes = 8192;

constexpr std::string_view kPassedOn[] = {"PATH", "HOME",     "USER", "LOGNAME",        "SHELL",
                                          "LANG", "LANGUAGE", "TZ",   "LD_LIBRARY_PATH"};
// LC_ALL and its like; options of sanitizers, without which their builds cannot be tested.
constexpr std::string_view kPassedOnPrefixes[] = {"LC_", "ASAN_", "LSAN_", "TSAN_", "UBSAN_", "MALLOC_", "GLIBC_"};

bool IsPassedOn(std::string_view variable) {
  const std::string_view name = variable.substr(0, variable.find('='));
  return std::ranges::find(kPassedOn, name) != std::end(kPassedOn) ||
         std::ranges::any_of(kPassedOnPrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// In front of the library path.
void PutFirst(const std::string& folder, std::vector<std::string>& environment) {
  constexpr std::string_view kName = "LD_LIBRARY_PATH=";
  for (std::string& variable : environment) {
    if (!variable.starts_with(kName)) continue;
    variable.insert(kName.size(), folder + ":");
    return;
  }
  environment.push_back(std::string(kName) + folder);
}

// In place of what the daemon's own user has.
void BecomeIn(std::vector<std::string>& environment, const ProcessUser& user) {
  const auto is_of_daemon = [](const std::string& variable) {
    const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
    return name == "HOME" || name == "USER" || name == "LOGNAME";
  };
  std::erase_if(environment, is_of_daemon);
  for (const std::string& variable : {"HOME=" + user.home, "USER=" + user.name, "LOGNAME=" + user.name}) {
    environment.push_back(variable);
  }
}

}  // namespace

ProgramPlace PlaceFor(FileSystem& files, const JobGraph& graph, std::string executable, std::string folder,
                      std::string log_prefix, std::shared_ptr<const ProcessUser> user) {
  const std::string& submitted_from = graph.program.working_directory;
  const bool exists = !submitted_from.empty() && files.Exists(submitted_from).ValueOr(false) &&
                      (user == nullptr || MayEnter(*user, submitted_from));
  return {.executable = std::move(executable),
          .folder = std::move(folder),
          .log_prefix = std::move(log_prefix),
          .has_submit_folder = exists,
          .files = {},
          .user = std::move(user)};
}

Status HandOver(const ProgramPlace& place) {
  if (place.user == nullptr) return OkStatus();
  WEIR_RETURN_IF_ERROR(GiveTo(*place.user, DirectoryName(place.log_prefix)));
  return GiveFoldersTo(*place.user, place.folder);
}

Status MakeProgramFolder(FileSystem& files, const ProcessUser* user, const std::string& folder) {
  if (user == nullptr) return files.CreateDirectories(folder);
  WEIR_RETURN_IF_ERROR(files.DeleteRecursively(folder));
  return MakePrivateFolder(folder);
}

std::vector<std::string> CurrentEnvironment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

ChildCommand ProgramCommandFor(JobRole role, const JobGraph& graph, const ProgramPlace& place,
                               const std::vector<std::string>& environment) {
  ChildCommand command;
  command.executable = place.executable;
  command.arguments.push_back(graph.program.name);
  const auto& arguments = graph.fingerprint.arguments;
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  std::ranges::copy_if(environment, std::back_inserter(command.environment), IsPassedOn);
  command.environment.push_back("TMPDIR=" + place.folder);
  if (place.user != nullptr) BecomeIn(command.environment, *place.user);
  command.user = place.user;
  if (!place.files.library_folder.empty()) PutFirst(place.files.library_folder, command.environment);
  for (std::string& variable :
       EnvironmentOf({.role = role,
                      .crash_report = CrashReportOf(place.log_prefix),
                      .ship_folder = place.files.ship_folder,
                      .log = {.file = LogOf(place.log_prefix), .settings = place.log_settings, .job = place.job}})) {
    command.environment.push_back(std::move(variable));
  }
  // Relative paths among the arguments were meant from there.
  command.working_directory = place.has_submit_folder ? graph.program.working_directory : place.folder;
  command.stdout_path = place.log_prefix + ".out";
  command.stderr_path = place.log_prefix + ".err";
  return command;
}

std::string Describe(const ProgramDeath& death, const JobGraph& graph) {
  // A report that takes too long is ended by another signal than the crash.
  const ExitStatus how = death.crash.has_value() ? ExitStatus{true, death.crash->signal} : death.how;
  std::string text = "the " + death.what + " process of job \"" + graph.name + "\" (" + graph.program.name + ", pid " +
                     std::to_string(death.pid) + ") " + how.ToString();
  if (death.crash.has_value()) text += " " + death.crash->text + "\n";
  if (!death.was_ready && !death.how.by_signal) {
    text +=
        " before it executed the job. On a cluster main() runs again with the same arguments and must come to the "
        "same Execute(): it may not depend on time, environment or files that only the submitter has";
  }
  if (!death.crash.has_value()) text += ". ";
  if (!death.last_lines.empty()) text += "Its last lines:\n" + death.last_lines + "\n";
  if (!death.last_log_lines.empty()) text += "The last lines of its log:\n" + death.last_log_lines + "\n";
  return text + "Its error output is in " + death.log_prefix + ".err, its log in " + LogOf(death.log_prefix);
}

std::string CrashReportOf(const std::string& log_prefix) { return log_prefix + ".crash"; }
std::string LogOf(const std::string& log_prefix) { return log_prefix + ".log"; }

std::string DescribeFrom(FileSystem& files, const std::string& log_prefix, ProgramDeath death, const JobGraph& graph) {
  death.log_prefix = log_prefix;
  death.last_lines = LastLinesOf(files, log_prefix + ".err");
  death.last_log_lines = LastLinesOf(files, LogOf(log_prefix));
  if (death.how.by_signal) death.crash = TakeCrashReport(files, CrashReportOf(log_prefix));
  std::string text = Describe(death, graph);
  // The report as a file says all of it. One that cannot be replaced is only shorter.
  if (death.crash.has_value()) static_cast<void>(WriteFileAtomically(files, CrashReportOf(log_prefix), text + "\n"));
  return text;
}

std::string LastLinesOf(FileSystem& files, const std::string& path) {
  const StatusOr<std::unique_ptr<ReadableFile>> file = files.OpenForRead(path);
  if (!file.ok()) return {};
  const uint64_t size = (*file)->Size().ValueOr(0);
  const uint64_t length = std::min(size, kReportedBytes);
  return LastLines(ReadExactly(**file, size - length, length).ValueOr(""), kReportedLines);
}

std::string LastLines(const std::string& text, int count) {
  const size_t last = text.find_last_not_of("\n ");
  if (last == std::string::npos) return {};
  size_t begin = last;
  for (; begin > 0; --begin) {
    if (text[begin - 1] == '\n' && --count == 0) break;
  }
  return text.substr(begin, last + 1 - begin);
}

}  // namespace weir
