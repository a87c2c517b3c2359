#include "weir/base/log_pattern.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

LogRecord Record(std::string_view job = "") {
  return {.level = LogLevel::kWarning,
          .time = Timestamp(std::chrono::milliseconds(1'700'000'000'007)),
          .file = "runtime/task/stream_task.cc",
          .line = 12,
          .thread_name = "weir-io",
          .job = job,
          .message = "disk full"};
}

std::string Formatted(std::string_view pattern, std::string_view job = "") {
  const StatusOr<LogPattern> parsed = LogPattern::Parse(pattern);
  return parsed.ok() ? parsed->Format(Record(job)) : std::string(parsed.status().message());
}

TEST(LogPattern, TheUsualOneIsFlinksLayoutWithTheJob) {
  EXPECT_EQ(LogPattern::Default().Format(Record()),
            "2023-11-14 22:13:20,007 WARN  runtime/task/stream_task.cc:12 [weir-io] - disk full");
  EXPECT_EQ(LogPattern::Default().Format(Record("a1b2")),
            "2023-11-14 22:13:20,007 WARN  runtime/task/stream_task.cc:12 [weir-io] [job a1b2] - disk full");
}

TEST(LogPattern, HasTheFieldsOfLog4j) {
  EXPECT_EQ(Formatted("%d{ISO8601}"), "2023-11-14T22:13:20,007");
  EXPECT_EQ(Formatted("%d{HH:mm} %c|%6p|%-6p|%%|%X{job}|%n", "j"), "22:13 runtime.task.stream_task|  WARN|WARN  |%|j|");
}

TEST(LogPattern, LeavesOutWhatIsAboutNothing) {
  EXPECT_EQ(Formatted("%notEmpty{(%X{job}) }%m"), "disk full");
  EXPECT_EQ(Formatted("%notEmpty{(%X{job}) }%m", "j"), "(j) disk full");
}

TEST(LogPattern, SaysWhereItIsWrong) {
  EXPECT_EQ(
      Formatted("%m %q"),
      "\"%q\" at character 4 of the pattern: expected one of d, p, c, F, L, t, X{job}, pid, m, n, notEmpty{...} or %");
  EXPECT_EQ(Formatted("%X{user}"),
            "\"%X{user}\" at character 1 of the pattern: expected %X{job}: a line carries no other");
  EXPECT_EQ(Formatted("%d{HH"), "\"%d{HH\" at character 1 of the pattern: its { is not closed");
  EXPECT_EQ(Formatted("%9999m").substr(0, 8), "\"%9999m\"");
}

}  // namespace
}  // namespace weir
