// The only file that includes spdlog: one spdlog call costs its file 4 s to compile.
#include "weir/base/logging_sink.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "weir/base/mutex.h"

namespace weir {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      break;
  }
  return spdlog::level::off;
}

std::shared_ptr<spdlog::logger> MakeLogger(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("weir", std::move(sink));
  logger->set_level(spdlog::level::trace);  // LogEnabled has decided already
  logger->set_pattern("%v");
  logger->flush_on(spdlog::level::warn);
  return logger;
}

class SpdlogSink final : public LogSink {
 public:
  void Write(const LogRecord& record) override {
    const std::shared_ptr<spdlog::logger> logger = Logger();
    // Flink's layout: time, level padded to five, where, message.
    const auto days = std::chrono::floor<std::chrono::days>(record.time);
    const std::chrono::year_month_day date(days);
    const std::chrono::hh_mm_ss time(record.time - days);
    logger->log(ToSpdlog(record.level), "{:04}-{:02}-{:02} {:02}:{:02}:{:02},{:03} {:<5} {}:{} [{}] - {}",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                time.hours().count(), time.minutes().count(), time.seconds().count(), time.subseconds().count(),
                LevelText(record.level), record.file, record.line, record.thread_name, record.message);
  }

  Status OpenFile(const std::string& path) {
    try {
      auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
      MutexLock lock(mutex_);
      logger_ = MakeLogger(std::move(sink));
      logger_->flush_on(spdlog::level::info);
    } catch (const spdlog::spdlog_ex& error) {
      return FailedPreconditionError("cannot open the log file " + path + ": " + error.what());
    }
    return OkStatus();
  }

  void Flush() { Logger()->flush(); }

 private:
  static std::string_view LevelText(LogLevel level) {
    static constexpr std::string_view kNames[] = {"DEBUG", "INFO", "WARN", "ERROR", "OFF"};
    return kNames[static_cast<int>(level)];
  }

  std::shared_ptr<spdlog::logger> Logger() {
    MutexLock lock(mutex_);
    return logger_;
  }

  Mutex mutex_;
  std::shared_ptr<spdlog::logger> logger_ WEIR_GUARDED_BY(mutex_) =
      MakeLogger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
};

SpdlogSink& Spdlog() {
  static SpdlogSink* const sink = new SpdlogSink;
  return *sink;
}

}  // namespace

LogSink& DefaultLogSink() { return Spdlog(); }
Status SetLogFile(const std::string& path) { return Spdlog().OpenFile(path); }
void FlushLog() { Spdlog().Flush(); }

}  // namespace weir
