// How a log line looks: a pattern in the letters of log4j.
//
//   %d  time, UTC: %d{yyyy-MM-dd HH:mm:ss,SSS} (the default), or %d{ISO8601}     %p  level        %c  logger: runtime.task.stream_task
//   %F  source file    %L  its line    %t  thread    %X{job}  job id    %pid  process id          %m  message     %n  end of the line
//   %-5p  at least five wide, to the left; %5p to the right               %notEmpty{[%X{job}] }  nothing where all its fields are empty
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/logging.h"
#include "weir/base/status.h"

namespace weir {

// Threads: const, any.
class LogPattern {
 public:
  // Flink's layout, with the job's id.
  static constexpr std::string_view kDefault = "%d %-5p %F:%L [%t] %notEmpty{[job %X{job}] }- %m%n";

  // kInvalidArgument names the field that is not known, and where it stands.
  static StatusOr<LogPattern> Parse(std::string_view text);
  static const LogPattern& Default();

  // One line without its end.
  std::string Format(const LogRecord& record) const;

 private:
  enum class Field { kText, kTime, kLevel, kLogger, kFile, kLine, kThread, kJob, kProcess, kMessage, kNotEmpty };
  struct Piece {
    Field field = Field::kText;
    int width = 0;                                      // < 0: to the left
    std::string text = {};                              // of kText; of kTime its format
    std::shared_ptr<const LogPattern> inner = nullptr;  // of kNotEmpty
  };
  class Parser;

  static std::string ValueOf(const Piece& piece, const LogRecord& record);
  bool HasValue(const LogRecord& record) const;

  std::vector<Piece> pieces_;
};

}  // namespace weir
