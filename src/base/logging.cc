#include "weir/base/logging.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cctype>

#include "weir/base/clock.h"
#include "weir/base/logging_sink.h"
#include "weir/base/source_location.h"

namespace weir {
namespace {

// Both are settings: read by every thread that logs, written at start and by tests; relaxed and acquire, since they order nothing but the sink itself.
std::atomic<LogLevel> minimum_level{LogLevel::kWarning};
std::atomic<LogSink*> current_sink{nullptr};

constexpr std::string_view kLevelNames[] = {"debug", "info", "warn", "error", "off"};

}  // namespace

void SetLogLevel(LogLevel level) { minimum_level.store(level, std::memory_order_relaxed); }
LogLevel GetLogLevel() { return minimum_level.load(std::memory_order_relaxed); }
bool LogEnabled(LogLevel level) { return level >= GetLogLevel(); }
std::string_view LogLevelName(LogLevel level) { return kLevelNames[static_cast<int>(level)]; }

StatusOr<LogLevel> ParseLogLevel(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (int level = 0; level <= static_cast<int>(LogLevel::kOff); ++level) {
    if (lower == kLevelNames[level]) return static_cast<LogLevel>(level);
  }
  return InvalidArgumentError("log level \"" + std::string(name) + "\"; expected debug, info, warn, error or off");
}

LogSink* SetLogSink(LogSink* sink) { return current_sink.exchange(sink, std::memory_order_acq_rel); }

namespace internal {

void LogFormatted(LogLevel level, const char* file, int line, fmt::string_view format, fmt::format_args args) {
  const std::string message = fmt::vformat(format, args);
  char thread_name[16] = "";
  pthread_getname_np(pthread_self(), thread_name, sizeof(thread_name));
  LogSink* sink = current_sink.load(std::memory_order_acquire);
  if (sink == nullptr) sink = &DefaultLogSink();
  sink->Write(LogRecord{level, SystemClock::Instance().WallTime(), SourceFileInTree(file), line, thread_name, message});
}

}  // namespace internal
}  // namespace weir
