#include "weir/base/logging.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir {
namespace {

class CapturingSink final : public LogSink {
 public:
  void Write(const LogRecord& record) override {
    lines.push_back(std::string(LogLevelName(record.level)) + " " + std::string(record.message));
    file = std::string(record.file);
  }
  std::vector<std::string> lines;
  std::string file;
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

TEST_F(LoggingTest, LevelsHaveNames) {
  EXPECT_EQ(*ParseLogLevel("WARN"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("loud").status().message(), "log level \"loud\"; expected debug, info, warn, error or off");
}

TEST_F(LoggingTest, DefaultSinkWritesFlinksLayoutToItsFile) {
  SetLogSink(nullptr);
  const std::string path = testing::TempDir() + "weir_logging_test.log";
  ASSERT_TRUE(SetLogFile(path).ok());
  WEIR_LOG(kError, "disk {} is full", "sda");
  FlushLog();
  FILE* file = std::fopen(path.c_str(), "r");
  ASSERT_NE(file, nullptr);
  char line[300] = "";
  ASSERT_NE(std::fgets(line, sizeof(line), file), nullptr);
  std::fclose(file);
  std::remove(path.c_str());
  EXPECT_NE(std::string(line).find(" ERROR "), std::string::npos) << line;
  EXPECT_NE(std::string(line).find(" - disk sda is full\n"), std::string::npos) << line;
}

TEST_F(LoggingTest, UnwritableLogFileIsAnError) {
  EXPECT_EQ(SetLogFile("/proc/nowhere/x.log").code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace weir
