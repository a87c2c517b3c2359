#include "weir/base/logging.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <memory>

#include "weir/base/clock.h"
#include "weir/base/log_context.h"
#include "weir/base/logging_sink.h"
#include "weir/base/mutex.h"
#include "weir/base/source_location.h"

namespace weir {
namespace {

// Both are settings: read by every thread that logs, written at start and by tests; relaxed and acquire, since they order nothing but the sink itself.
std::atomic<LogLevel> minimum_level{LogLevel::kWarning};
std::atomic<LogSink*> current_sink{nullptr};

struct LoggerLevels {
  LogLevel other;
  std::vector<std::pair<std::string, LogLevel>> loggers;  // the longest names first

  LogLevel Of(std::string_view file) const {
    for (const auto& [logger, level] : loggers) {
      if (IsPart(logger, file)) return level;
    }
    return other;
  }

  // Of the logger "runtime.network" are "runtime/network/input_gate.cc" and all else in that folder.
  static bool IsPart(std::string_view logger, std::string_view file) {
    if (file.size() <= logger.size()) return false;
    for (size_t i = 0; i < logger.size(); ++i) {
      if (file[i] != logger[i] && !(file[i] == '/' && logger[i] == '.')) return false;
    }
    return file[logger.size()] == '/' || file[logger.size()] == '.';
  }
};
// Null: minimum_level is everybody's. A table is never changed nor freed: others may read it.
std::atomic<const LoggerLevels*> logger_levels{nullptr};

constexpr std::string_view kLevelNames[] = {"debug", "info", "warn", "error", "off"};

}  // namespace

void SetLogLevel(LogLevel level) { SetLogLevels(level, {}); }

void SetLogLevels(LogLevel level, std::vector<std::pair<std::string, LogLevel>> loggers) {
  static Mutex mutex;
  static auto* const tables = new std::vector<std::unique_ptr<LoggerLevels>>;
  LogLevel lowest = level;
  for (const auto& [logger, its_level] : loggers) lowest = std::min(lowest, its_level);
  std::ranges::sort(loggers, [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  const MutexLock lock(mutex);
  const LoggerLevels* table = nullptr;
  if (!loggers.empty()) {
    tables->push_back(std::make_unique<LoggerLevels>(LoggerLevels{level, std::move(loggers)}));
    table = tables->back().get();
  }
  // Release: who sees the table sees what is in it.
  logger_levels.store(table, std::memory_order_release);
  minimum_level.store(lowest, std::memory_order_relaxed);
}

LogLevel GetLogLevel() { return minimum_level.load(std::memory_order_relaxed); }

bool LogEnabled(LogLevel level, const char* file) {
  if (level < GetLogLevel()) return false;
  const LoggerLevels* const table = logger_levels.load(std::memory_order_acquire);
  return table == nullptr || level >= table->Of(SourceFileInTree(file));
}

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
  sink->Write({.level = level,
               .time = SystemClock::Instance().WallTime(),
               .file = SourceFileInTree(file),
               .line = line,
               .thread_name = thread_name,
               .job = LogJob::Current(),
               .message = message});
}

}  // namespace internal
}  // namespace weir
