// Log lines for the people who run a job or a cluster.
//
//   WEIR_LOG(kInfo, "job {} restarts in {} ms: {}", job_id.ToHex(), delay_ms, cause);
//
// The arguments are not evaluated when the level is off. No line per record. Lines go to stderr, or where SetLogOutput or SetLogSink say; the default sink
// is spdlog's, behind logging_sink.cc. A file's path is its logger: levels may differ by it. Which job a line is about, a LogJob (log_context.h) says.
// People set all this in conf/logging.properties (base/log). Not for headers that user programs see: fmt costs every includer its parse time.
//
// Threads: everything here from any thread, but SetLogSink and SetLogOutput only while no other thread logs.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

enum class LogLevel : int { kDebug, kInfo, kWarning, kError, kOff };

// One line, as a sink gets it. The views live as long as the call.
struct LogRecord {
  LogLevel level;
  Timestamp time;
  std::string_view file;  // inside the tree: "runtime/task/task.cc"
  int line;
  std::string_view thread_name;
  std::string_view job;  // its id; empty: the line is about none
  std::string_view message;
};

// Where lines go.
class LogSink {
 public:
  virtual ~LogSink() = default;
  // Any thread, several at once.
  virtual void Write(const LogRecord& record) = 0;
};

// Lines below `level` are dropped. Starts at kWarning, so that an embedded job says nothing while all is well; daemons set kInfo.
void SetLogLevel(LogLevel level);
// The same for all but some loggers: {"runtime.network", kDebug} is about every file in runtime/network. The longest name that fits decides.
void SetLogLevels(LogLevel level, std::vector<std::pair<std::string, LogLevel>> loggers);
// The lowest that any logger takes.
LogLevel GetLogLevel();
// "debug", "info", "warn", "error", "off", in any case; kInvalidArgument names the choices.
StatusOr<LogLevel> ParseLogLevel(std::string_view name);
std::string_view LogLevelName(LogLevel level);

// Sends lines to `sink`, which must outlive its use; nullptr: back to the default. Returns the one before.
LogSink* SetLogSink(LogSink* sink);

// Where the default sink writes to.
struct LogOutput {
  std::string file = {};     // at its end; empty: none
  uint64_t file_bytes = 0;   // a file of this size becomes <name>.1.log, that one <name>.2.log, ...; 0: it grows
  int files_kept = 10;       // of those with numbers
  bool to_stderr = false;    // also when there is a file
  std::string pattern = {};  // as in log_pattern.h; empty: the usual one
};
// kFailedPrecondition when the file cannot be opened; kInvalidArgument about the pattern. Nothing has changed then.
Status SetLogOutput(const LogOutput& output);
// The file that lines go to; empty: none.
std::string LogFilePath();
// Writes out what the default sink still holds. Before _exit.
void FlushLog();

// Whether the logger of a source file takes the level.
bool LogEnabled(LogLevel level, const char* file);

namespace internal {

void LogFormatted(LogLevel level, const char* file, int line, fmt::string_view format, fmt::format_args args);

template <class... Args>
void Log(LogLevel level, const char* file, int line, fmt::format_string<Args...> format, Args&&... args) {
  LogFormatted(level, file, line, format, fmt::make_format_args(args...));
}

}  // namespace internal
}  // namespace weir

#define WEIR_LOG(level, ...)                                                           \
  do {                                                                                 \
    if (::weir::LogEnabled(::weir::LogLevel::level, __FILE__)) [[unlikely]]            \
      ::weir::internal::Log(::weir::LogLevel::level, __FILE__, __LINE__, __VA_ARGS__); \
  } while (false)
