#include "weir/base/logging.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weir/base/log_context.h"

namespace weir {
namespace {

class CapturingSink final : public LogSink {
 public:
  void Write(const LogRecord& record) override {
    lines.push_back(std::string(LogLevelName(record.level)) + " " + std::string(record.message));
    file = std::string(record.file);
    jobs.emplace_back(record.job);
  }
  std::vector<std::string> lines;
  std::string file;
  std::vector<std::string> jobs;
};

class LoggingTest : public testing::Test {
 protected:
  LoggingTest() : level_before_(GetLogLevel()), sink_before_(SetLogSink(&sink_)) {}
  ~LoggingTest() override {
    SetLogSink(sink_before_);
    SetLogLevel(level_before_);
  }

  CapturingSink sink_;
  const LogLevel level_before_;
  LogSink* const sink_before_;
};

TEST_F(LoggingTest, FormatsAndNamesTheFile) {
  WEIR_LOG(kError, "job {} failed after {} ms", "abc", 12);
  EXPECT_EQ(sink_.lines, std::vector<std::string>{"error job abc failed after 12 ms"});
  EXPECT_TRUE(sink_.file.ends_with("logging_test.cc")) << sink_.file;
}

TEST_F(LoggingTest, DropsLinesBelowTheLevelWithoutEvaluatingThem) {
  SetLogLevel(LogLevel::kWarning);
  int evaluated = 0;
  WEIR_LOG(kInfo, "{}", ++evaluated);
  EXPECT_TRUE(sink_.lines.empty());
  EXPECT_EQ(evaluated, 0);
  SetLogLevel(LogLevel::kInfo);
  WEIR_LOG(kInfo, "{}", ++evaluated);
  EXPECT_EQ(sink_.lines.size(), 1u);
}

TEST_F(LoggingTest, LoggersMayHaveLevelsOfTheirOwn) {
  SetLogLevels(LogLevel::kError, {{"runtime", LogLevel::kWarning}, {"runtime.network", LogLevel::kDebug}});
  EXPECT_TRUE(LogEnabled(LogLevel::kDebug, "/x/src/runtime/network/input_gate.cc"));
  EXPECT_FALSE(LogEnabled(LogLevel::kInfo, "/x/src/runtime/task/task.cc"));
  EXPECT_TRUE(LogEnabled(LogLevel::kWarning, "/x/src/runtime/task/task.cc"));
  // Not a part of "runtime", only of the same beginning.
  EXPECT_FALSE(LogEnabled(LogLevel::kWarning, "/x/src/runtimes/task.cc"));
  EXPECT_FALSE(LogEnabled(LogLevel::kWarning, "/x/src/rpc/gateway.cc"));
}

TEST_F(LoggingTest, LinesCarryTheJobThatTheThreadWorksFor) {
  {
    const LogJob outer("a");
    {
      const LogJob inner("b");
      WEIR_LOG(kError, "one");
    }
    WEIR_LOG(kError, "two");
  }
  WEIR_LOG(kError, "three");
  EXPECT_EQ(sink_.jobs, (std::vector<std::string>{"b", "a", ""}));
}

TEST_F(LoggingTest, LevelsHaveNames) {
  EXPECT_EQ(*ParseLogLevel("WARN"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("loud").status().message(), "log level \"loud\"; expected debug, info, warn, error or off");
}

std::string ContentsOf(const std::string& path) {
  std::string contents;
  if (FILE* file = std::fopen(path.c_str(), "r")) {
    char piece[4096];
    contents.assign(piece, std::fread(piece, 1, sizeof(piece), file));
    std::fclose(file);
  }
  return contents;
}

TEST_F(LoggingTest, DefaultSinkWritesFlinksLayoutToItsFile) {
  SetLogSink(nullptr);
  const std::string path = testing::TempDir() + "weir_logging_test.log";
  std::remove(path.c_str());
  ASSERT_TRUE(SetLogOutput({.file = path}).ok());
  EXPECT_EQ(LogFilePath(), path);
  WEIR_LOG(kError, "disk {} is full", "sda");
  const std::string line = ContentsOf(path);
  EXPECT_NE(line.find(" ERROR "), std::string::npos) << line;
  EXPECT_NE(line.find(" - disk sda is full\n"), std::string::npos) << line;
  ASSERT_TRUE(SetLogOutput({}).ok());
  std::remove(path.c_str());
}

TEST_F(LoggingTest, AFullFileIsSetAside) {
  SetLogSink(nullptr);
  const std::string stem = testing::TempDir() + "weir_rotation_test";
  for (const char* end : {".log", ".1.log", ".2.log", ".3.log"}) std::remove((stem + end).c_str());
  ASSERT_TRUE(SetLogOutput({.file = stem + ".log", .file_bytes = 10, .files_kept = 2, .pattern = "%m"}).ok());
  for (const char* line : {"line one", "line two", "line three", "line four"}) WEIR_LOG(kError, "{}", line);
  EXPECT_EQ(ContentsOf(stem + ".log"), "line four\n");
  EXPECT_EQ(ContentsOf(stem + ".1.log"), "line three\n");
  EXPECT_EQ(ContentsOf(stem + ".2.log"), "line two\n");
  EXPECT_EQ(ContentsOf(stem + ".3.log"), "");
  ASSERT_TRUE(SetLogOutput({}).ok());
  for (const char* end : {".log", ".1.log", ".2.log"}) std::remove((stem + end).c_str());
}

TEST_F(LoggingTest, UnwritableLogFileIsAnErrorAndChangesNothing) {
  EXPECT_EQ(SetLogOutput({.file = "/proc/nowhere/x.log"}).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(SetLogOutput({.pattern = "%q"}).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(LogFilePath(), "");
}

}  // namespace
}  // namespace weir
