#include "weir/config/config_file.h"

#include <gtest/gtest.h>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/config/cluster_options.h"
#include "weir/config/pipeline_options.h"

namespace weir {
namespace {

std::string ErrorOf(std::string_view yaml) {
  return std::string(ParseYaml(yaml, "conf/config.yaml").status().message());
}

TEST(ParseYaml, ReadsNestedFlatAndMixedKeysAlike) {
  const Configuration config = ParseYaml(
                                   "parallelism.default: 4\n"
                                   "taskmanager:\n"
                                   "  numberOfTaskSlots: 2\n"
                                   "  memory.process.size: 2 gb\n"
                                   "io.tmp.dirs: [/a, /b]\n",
                                   "c.yaml")
                                   .value();
  EXPECT_EQ(config.Get(kParallelism), 4);
  EXPECT_EQ(config.Get(kTaskSlots), 2);
  EXPECT_EQ(config.Get(kTaskManagerMemory), MemorySize::GiB(2));
  EXPECT_EQ(config.Find(kTemporaryDirs), (std::vector<std::string>{"/a", "/b"}));
}

TEST(ParseYaml, RemembersTheLineOfEachValue) {
  const Configuration config =
      ParseYaml("# slots\ntaskmanager:\n  numberOfTaskSlots: 1000000000\n", "conf/config.yaml").value();
  EXPECT_EQ(CheckValues(config).message(),
            "conf/config.yaml:3: taskmanager.numberOfTaskSlots is \"1000000000\"; expected a whole number from 1 to "
            "32768. Default: 1.");
}

TEST(ParseYaml, AcceptsAFileWithoutValues) {
  EXPECT_TRUE(ParseYaml("", "c.yaml").value().entries().empty());
  EXPECT_TRUE(ParseYaml("# nothing\n", "c.yaml").value().entries().empty());
}

TEST(ParseYaml, RefusesAKeyThatIsSetTwiceUnderAnyOfItsNames) {
  EXPECT_EQ(ErrorOf("rest.port: 1\nrest:\n  port: 2\n"),
            "conf/config.yaml:3: rest.port is set twice, the first time at conf/config.yaml:1. Remove one of them.");
  EXPECT_EQ(ErrorOf("pipeline.operator-chaining: true\npipeline.operator-chaining.enabled: true\n"),
            "conf/config.yaml:2: pipeline.operator-chaining.enabled is set twice, the first time at "
            "conf/config.yaml:1, by its older name pipeline.operator-chaining. Remove one of them.");
}

TEST(ParseYaml, NamesTheLineOfWhatItCannotRead) {
  EXPECT_EQ(ErrorOf("rest:\n  port:\n"),
            "conf/config.yaml:2: rest.port has no value. Give it one, or remove the line.");
  EXPECT_EQ(ErrorOf("a: [1\nb: 2\n").substr(0, 18), "conf/config.yaml:2");
  EXPECT_EQ(ErrorOf("just a text"), "conf/config.yaml:1: expected lines of the form \"key: value\".");
  EXPECT_EQ(ErrorOf("a: [{b: 1}]"), "conf/config.yaml:1: the items of the list a must be plain values.");
}

TEST(ParseYaml, SaysThatATabIsNoIndentation) {
  EXPECT_EQ(ErrorOf("b: 1\na:\n\tc: 1\n"),
            "conf/config.yaml:3:3: this is not valid YAML: illegal map value. The line begins with a tab; YAML is "
            "indented with spaces.");
}

class ConfigurationFolder : public ::testing::Test {
 protected:
  void Write(const std::string& path, std::string_view text) {
    ASSERT_TRUE(files_.CreateDirectories("conf").ok());
    ASSERT_TRUE(WriteFileAtomically(files_, path, text).ok());
  }

  InMemoryFileSystem files_;
};

TEST_F(ConfigurationFolder, IsReadFromConfigYamlOrAnOldFlinkFile) {
  Write("conf/flink-conf.yaml", "parallelism.default: 2\n");
  EXPECT_EQ(LoadConfigurationFolder(files_, "conf").value().Get(kParallelism), 2);
  Write("conf/config.yaml", "parallelism.default: 3\n");
  EXPECT_EQ(LoadConfigurationFolder(files_, "conf").value().Get(kParallelism), 3);
}

TEST_F(ConfigurationFolder, TakesLinesOfAnOldFlinkFileThatAreNoYaml) {
  Write("conf/flink-conf.yaml",
        "# an old file\nweb.access-control-allow-origin: *   # anybody\nparallelism.default: 2\r\n\n"
        "metrics.x: a: b\nparallelism.default: 3\n");
  const Configuration config = LoadConfigurationFolder(files_, "conf").value();
  EXPECT_EQ(config.FindEntry("web.access-control-allow-origin")->value, "*");
  EXPECT_EQ(config.FindEntry("metrics.x")->value, "a: b");
  EXPECT_EQ(config.Get(kParallelism), 3);
  EXPECT_EQ(config.FindEntry("parallelism.default")->origin, "conf/flink-conf.yaml:6");
  Write("conf/flink-conf.yaml", "a: [1\nnonsense\n");
  const std::string error(LoadConfigurationFolder(files_, "conf").status().message());
  EXPECT_EQ(error.substr(0, 21), "conf/flink-conf.yaml:") << error;
}

TEST_F(ConfigurationFolder, MayBeNoneButNotOneWithoutAFile) {
  EXPECT_TRUE(LoadConfigurationFolder(files_, "").value().entries().empty());
  EXPECT_EQ(LoadConfigurationFolder(files_, "nowhere").status().code(), StatusCode::kNotFound);
}

TEST_F(ConfigurationFolder, LetsTheCommandLineWinAndIsChecked) {
  Write("conf/config.yaml", "parallelism.default: 3\njobmanager.rpc.port: many\n");
  Configuration command_line;
  command_line.SetText("parallelism.default", "7", "the command line");
  EXPECT_EQ(
      LoadLayers(files_, "conf", command_line).status().message(),
      "conf/config.yaml:2: jobmanager.rpc.port is \"many\"; expected a whole number from 0 to 65535. Default: 6123.");
  command_line.SetText("jobmanager.rpc.port", "0", "the command line");
  EXPECT_EQ(LoadLayers(files_, "conf", command_line).value().Get(kParallelism), 7);
}

TEST(LoadYaml, SaysWhichFileItCannotRead) {
  InMemoryFileSystem files;
  const Status error = LoadYaml(files, "nowhere.yaml").status();
  EXPECT_EQ(error.code(), StatusCode::kNotFound);
  EXPECT_NE(error.message().find("nowhere.yaml"), std::string::npos);
}

TEST(ShippedConfiguration, IsReadWithoutErrorOrUnknownKey) {
  LocalFileSystem files;
  const Configuration config = LoadLayers(files, "conf", Configuration()).value();
  for (const std::string& warning : WarningsFor(config)) {
    EXPECT_EQ(warning.find("unknown key"), std::string::npos) << warning;
  }
}

}  // namespace
}  // namespace weir
