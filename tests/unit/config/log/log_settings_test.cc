#include "weir/config/log/log_settings.h"

#include <gtest/gtest.h>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"

namespace weir {
namespace {

using Loggers = std::vector<std::pair<std::string, LogLevel>>;

LogSettings Parsed(std::string_view text, LogProcess process = LogProcess::kJobManager) {
  StatusOr<LogSettings> settings = ParseLogSettings(text, "logging.properties", process);
  EXPECT_TRUE(settings.ok()) << settings.status().message();
  return settings.ValueOr({});
}

std::string MistakeIn(std::string_view text) {
  return std::string(ParseLogSettings(text, "conf/x", LogProcess::kWorker).status().message());
}

TEST(LogSettings, SayLevelsPatternAndRotation) {
  const LogSettings settings = Parsed(
      "# a comment\n\nlevel = WARN\nlevel.runtime.network = debug\n"
      "pattern = %p %m\nfile.max-size = 2 mb\nfile.max-files: 3\nconsole = true\n");
  EXPECT_EQ(settings.level, LogLevel::kWarning);
  EXPECT_EQ(settings.loggers, (Loggers{{"runtime.network", LogLevel::kDebug}}));
  EXPECT_EQ(settings.pattern, "%p %m");
  EXPECT_EQ(settings.file_bytes, 2u << 20);
  EXPECT_EQ(settings.files_kept, 3);
  EXPECT_TRUE(settings.to_console);
}

TEST(LogSettings, AProcessesOwnLinesWinWhereverTheyStand) {
  const char* const text = "worker.level = error\nworker.level.rpc = off\nlevel = debug\nlevel.rpc = warn\n";
  EXPECT_EQ(Parsed(text, LogProcess::kWorker).level, LogLevel::kError);
  EXPECT_EQ(Parsed(text, LogProcess::kWorker).loggers, (Loggers{{"rpc", LogLevel::kOff}}));
  EXPECT_EQ(Parsed(text, LogProcess::kJobManager).level, LogLevel::kDebug);
  EXPECT_EQ(Parsed(text, LogProcess::kJobManager).loggers, (Loggers{{"rpc", LogLevel::kWarning}}));
}

TEST(LogSettings, ATerminalHearsOfMoreOnlyWhenItsOwnLineSaysSo) {
  EXPECT_EQ(Parsed("level = debug\n", LogProcess::kClient).level, LogLevel::kWarning);
  EXPECT_EQ(Parsed("client.level = debug\n", LogProcess::kClient).level, LogLevel::kDebug);
}

TEST(LogSettings, MistakesNameTheirLine) {
  EXPECT_EQ(MistakeIn("\nlevel = loud\n"), "conf/x:2: level is \"loud\"; expected debug, info, warn, error or off");
  EXPECT_EQ(MistakeIn("\nlevel info\n"), "conf/x:2: expected \"<key> = <value>\", got \"level info\"");
  EXPECT_EQ(MistakeIn("level = info\n\nlevel = warn\n"), "conf/x:3: level is set already, at conf/x:1");
  EXPECT_EQ(MistakeIn("file.max-files = 0"),
            "conf/x:1: file.max-files is \"0\"; expected a whole number from 1 to 1000");
  EXPECT_EQ(MistakeIn("console = perhaps"), "conf/x:1: console is \"perhaps\"; expected true or false");
  EXPECT_TRUE(MistakeIn("levle = info").starts_with("conf/x:1: there is no key \"levle\"; did you mean \"level\"?"));
  EXPECT_TRUE(MistakeIn("pattern = %q").starts_with("conf/x:1: pattern: \"%q\" at character 1 of the pattern:"));
}

TEST(LogSettings, AMistakeOfAnotherProcessIsOneToo) {
  EXPECT_EQ(MistakeIn("client.level = loud"), "conf/x:1: level is \"loud\"; expected debug, info, warn, error or off");
}

TEST(LogSettings, AFileThatIsNotThereMeansTheDefaults) {
  InMemoryFileSystem files;
  EXPECT_EQ(LoadLogSettings(files, "/conf/logging.properties", LogProcess::kWorker).value().level, LogLevel::kInfo);
  ASSERT_TRUE(files.CreateDirectories("/conf").ok());
  ASSERT_TRUE(WriteFileAtomically(files, "/conf/logging.properties", "level=off").ok());
  EXPECT_EQ(LoadLogSettings(files, "/conf/logging.properties", LogProcess::kWorker).value().level, LogLevel::kOff);
}

}  // namespace
}  // namespace weir
