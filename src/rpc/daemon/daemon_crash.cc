#include "weir/rpc/daemon/daemon_crash.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "weir/base/crash/crash_report.h"
#include "weir/base/crash/crash_text.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/file/process.h"
#include "weir/base/logging.h"
#include "weir/base/process/child_process.h"
#include "weir/rpc/program/program_command.h"

namespace weir {
namespace {

constexpr std::string_view kReader = "--readable-crash";
// Of the reader: itself, kReader, the daemon, the report, the log.
constexpr int kReaderArguments = 5;
constexpr uint64_t kLongestReport = 1 << 20;

// The log's name without its ending; the daemon's, if it logs to no file.
std::string StemOf(const std::string& daemon, const DaemonCommandLine& command_line) {
  constexpr std::string_view kEnding = ".log";
  std::string path = LogFilePath();
  if (path.empty()) return command_line.log_dir + "/" + daemon + "-" + std::to_string(command_line.index);
  if (path.ends_with(kEnding)) path.resize(path.size() - kEnding.size());
  return path;
}

}  // namespace

std::optional<std::string> DaemonCrashText(const std::string& daemon, const std::string& report,
                                           const std::string& last_log_lines) {
  const std::optional<CrashText> crash = ReadableCrash(report);
  if (!crash.has_value()) return std::nullopt;
  std::string text = daemon + " " + ExitStatus{true, crash->signal}.ToString() + " " + crash->text + "\n";
  if (!last_log_lines.empty()) text += "The last lines of its log:\n" + last_log_lines + "\n";
  return text;
}

std::optional<int> ReadCrashIfAsked(int argc, const char* const* argv) {
  if (argc != kReaderArguments || argv[1] != kReader) return std::nullopt;
  const std::string daemon = argv[2];
  const std::string path = argv[3];
  const std::string log = argv[4];
  LocalFileSystem files;
  const StatusOr<std::string> report = ReadWholeFile(files, path, kLongestReport);
  const auto text = DaemonCrashText(daemon, report.ValueOr(""), log.empty() ? "" : LastLinesOf(files, log));
  if (!text.has_value()) return EXIT_FAILURE;
  std::fprintf(stderr, "%s\n(this report is in %s)\n", text->c_str(), path.c_str());
  return WriteFileAtomically(files, path, *text).ok() ? EXIT_SUCCESS : EXIT_FAILURE;
}

void ReportCrashesOf(const std::string& daemon, const DaemonCommandLine& command_line) {
  const std::string stem = StemOf(daemon, command_line);
  const std::string path = stem + ".crash";
  LocalFileSystem files;
  if (files.Exists(path).ValueOr(false)) {
    const std::string kept = stem + ".1.crash";
    const Status renamed = files.Rename(path, kept);
    WEIR_LOG(kWarning, "{} has crashed before: {}", daemon, renamed.ok() ? kept : path);
  }
  const StatusOr<std::string> program = CurrentExecutablePath();
  std::vector<std::string> reader;
  if (program.ok()) reader = {*program, std::string(kReader), daemon, path, LogFilePath()};
  InstallCrashReport(path, reader);
}

}  // namespace weir
