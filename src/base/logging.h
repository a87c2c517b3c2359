// Log lines for the people who run a job or a cluster.
//
//   WEIR_LOG(kInfo, "job {} restarts in {} ms: {}", job_id.ToHex(), delay_ms, cause);
//
// The arguments are not evaluated when the level is off. No line per record. Lines go to stderr, or where SetLogSink says; the default sink is
// spdlog's, behind logging_sink.cc. Not for headers that user programs see: fmt costs every includer its parse time.
//
// Threads: everything here from any thread, but SetLogSink only while no other thread logs.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

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
LogLevel GetLogLevel();
// "debug", "info", "warn", "error", "off", in any case; kInvalidArgument names the choices.
StatusOr<LogLevel> ParseLogLevel(std::string_view name);
std::string_view LogLevelName(LogLevel level);

// Sends lines to `sink`, which must outlive its use; nullptr: back to the default. Returns the one before.
LogSink* SetLogSink(LogSink* sink);
// Sends lines to the end of `path` instead of stderr, as daemons do. kFailedPrecondition when it cannot be opened.
Status SetLogFile(const std::string& path);
// Writes out what the default sink still holds. Before _exit.
void FlushLog();

bool LogEnabled(LogLevel level);

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
    if (::weir::LogEnabled(::weir::LogLevel::level)) [[unlikely]]                      \
      ::weir::internal::Log(::weir::LogLevel::level, __FILE__, __LINE__, __VA_ARGS__); \
  } while (false)
