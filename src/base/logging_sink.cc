// The only file that includes spdlog: one spdlog call costs its file 4 s to compile.
#include "weir/base/logging_sink.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "weir/base/log_pattern.h"
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

// What lines go to, as one: replaced as a whole.
struct Target {
  std::shared_ptr<spdlog::logger> logger;
  LogPattern pattern;
  std::string file;
};

std::shared_ptr<spdlog::logger> MakeLogger(std::vector<spdlog::sink_ptr> sinks) {
  auto logger = std::make_shared<spdlog::logger>("weir", sinks.begin(), sinks.end());
  logger->set_level(spdlog::level::trace);  // LogEnabled has decided already
  logger->set_pattern("%v");
  // Every line: whoever follows the file waits for it, and a process that dies takes nothing with it.
  logger->flush_on(spdlog::level::trace);
  return logger;
}

std::vector<spdlog::sink_ptr> SinksOf(const LogOutput& output) {
  std::vector<spdlog::sink_ptr> sinks;
  if (!output.file.empty() && output.file_bytes > 0) {
    sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(output.file, output.file_bytes,
                                                                           static_cast<size_t>(output.files_kept)));
  } else if (!output.file.empty()) {
    sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(output.file));
  }
  if (output.file.empty() || output.to_stderr) sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  return sinks;
}

class SpdlogSink final : public LogSink {
 public:
  void Write(const LogRecord& record) override {
    const std::shared_ptr<const Target> target = Current();
    target->logger->log(ToSpdlog(record.level), "{}", target->pattern.Format(record));
  }

  Status Open(const LogOutput& output) {
    LogPattern pattern = LogPattern::Default();
    if (!output.pattern.empty()) {
      WEIR_ASSIGN_OR_RETURN(pattern, LogPattern::Parse(output.pattern));
    }
    try {
      auto target =
          std::make_shared<const Target>(Target{MakeLogger(SinksOf(output)), std::move(pattern), output.file});
      MutexLock lock(mutex_);
      target_ = std::move(target);
    } catch (const spdlog::spdlog_ex& error) {
      return FailedPreconditionError("cannot open the log file " + output.file + ": " + error.what());
    }
    return OkStatus();
  }

  void Flush() { Current()->logger->flush(); }

  std::shared_ptr<const Target> Current() {
    MutexLock lock(mutex_);
    return target_;
  }

 private:
  Mutex mutex_;
  std::shared_ptr<const Target> target_ WEIR_GUARDED_BY(mutex_) = std::make_shared<const Target>(Target{
      MakeLogger(SinksOf({})), LogPattern::Default(), ""});
};

SpdlogSink& Spdlog() {
  static SpdlogSink* const sink = new SpdlogSink;
  return *sink;
}

}  // namespace

LogSink& DefaultLogSink() { return Spdlog(); }
Status SetLogOutput(const LogOutput& output) { return Spdlog().Open(output); }
std::string LogFilePath() { return Spdlog().Current()->file; }
void FlushLog() { Spdlog().Flush(); }

}  // namespace weir
