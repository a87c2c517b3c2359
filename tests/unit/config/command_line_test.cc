#include "weir/config/command_line.h"

#include <gtest/gtest.h>

#include "weir/config/pipeline_options.h"

namespace weir {
namespace {

using std::chrono_literals::operator""min;

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "build/word_count");
  return CommandLine(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Parameters, ReadsEveryWayToWriteThem) {
  CommandLine line = Parse({"--input", "a.txt", "--limit=5", "-gap", "2 min", "--offset", "-3", "--verbose"});
  EXPECT_EQ(line.parameters().Get("input", "default.txt"), "a.txt");
  EXPECT_EQ(line.parameters().Get("limit", 1), 5);
  EXPECT_EQ(line.parameters().Get("gap", 1min), 2min);
  EXPECT_EQ(line.parameters().Get("offset", int64_t{0}), -3);
  EXPECT_TRUE(line.parameters().Get("verbose", false));
  EXPECT_TRUE(line.Check().ok()) << line.Check().message();
}

TEST(Parameters, GivesTheDefaultForWhatIsNotThere) {
  CommandLine line = Parse({});
  EXPECT_EQ(line.parameters().Get("input", "default.txt"), "default.txt");
  EXPECT_EQ(line.parameters().Get("rate", 1.5), 1.5);
  EXPECT_EQ(line.parameters().Get("cache", MemorySize::MiB(1)), MemorySize::MiB(1));
  EXPECT_FALSE(line.parameters().Has("output"));
  EXPECT_TRUE(line.Check().ok());
}

TEST(Parameters, LetsTheLastOneCount) {
  EXPECT_EQ(Parse({"--input", "a", "--input", "b"}).parameters().Get("input", ""), "b");
}

TEST(Parameters, ReportsAWrongTypeAndGoesOnWithTheDefault) {
  CommandLine line = Parse({"--limit", "many"});
  EXPECT_EQ(line.parameters().Get("limit", 7), 7);
  EXPECT_EQ(line.parameters().Get("limit", 7), 7);
  EXPECT_EQ(line.Check().message(), "--limit is \"many\"; expected a whole number. Default: 7.");
}

TEST(Parameters, ReportsATextWithoutItsValue) {
  CommandLine line = Parse({"--input", "--verbose"});
  line.parameters().Get("input", "x");
  line.parameters().Get("verbose", false);
  EXPECT_EQ(line.Check().message(), "--input needs a value: --input <text>.");
}

TEST(Parameters, ReportsWhatIsRequiredAndMissing) {
  CommandLine line = Parse({});
  EXPECT_EQ(line.parameters().Require("input", "file to read"), "");
  EXPECT_EQ(line.Check().message(), "--input is missing: file to read. Give it as --input <text>.");
}

TEST(CommandLine, SuggestsTheOptionThatWasMeant) {
  CommandLine line = Parse({"--inptu", "x"});
  line.parameters().Get("input", "");
  EXPECT_EQ(line.Check().message(),
            "unknown option --inptu; did you mean --input? Run word_count --help for all options.");
  EXPECT_EQ(Parse({"--paralelism", "2"}).Check().message(),
            "unknown option --paralelism; did you mean --parallelism? Run word_count --help for all options.");
}

TEST(CommandLine, RefusesUnknownOptionsAndStrayValues) {
  CommandLine line = Parse({"stray", "--colour=red"});
  EXPECT_EQ(line.Check().message(),
            "\"stray\" belongs to no option. Parameters are given as --name value.\n"
            "unknown option --colour. Run word_count --help for all options.");
}

TEST(CommandLine, TakesParallelismInEveryForm) {
  for (const std::vector<const char*>& form : std::vector<std::vector<const char*>>{
           {"-p", "4"}, {"-p4"}, {"--parallelism", "4"}, {"--parallelism=4"}, {"-Dparallelism.default=4"}}) {
    EXPECT_EQ(Parse(form).configuration().Get(kParallelism), 4) << form[0];
    EXPECT_TRUE(Parse(form).Check().ok()) << form[0];
  }
  EXPECT_EQ(Parse({"-p"}).Check().message(), "-p needs a value: the number of parallel subtasks, >= 1.");
}

TEST(CommandLine, TakesConfigurationKeys) {
  const CommandLine line = Parse({"-Drest.port=0", "-D", "pipeline.auto-watermark-interval=50 ms"});
  EXPECT_EQ(line.configuration().FindEntry("rest.port")->value, "0");
  EXPECT_EQ(line.configuration().Get(kAutoWatermarkInterval), Duration(50));
  EXPECT_EQ(Parse({"-Drest.port"}).Check().message(), "-Drest.port is not understood; write -Dkey=value.");
}

TEST(CommandLine, NamesTheOptionInErrorsAboutItsValue) {
  EXPECT_EQ(CheckValues(Parse({"-p", "zero"}).configuration()).message(),
            "-p: parallelism.default is \"zero\"; expected a whole number from 1 to 32768. Default: 1.");
}

TEST(CommandLine, ListsWhatTheProgramAskedForInItsHelp) {
  CommandLine line = Parse({"--help"});
  line.parameters().Get("input", "data.txt", "text to count");
  line.parameters().Get("gap", 1min);
  line.parameters().Get("late", "", "folder for late rows");
  line.parameters().Require("output", "folder");
  EXPECT_TRUE(line.help_requested());
  EXPECT_EQ(line.HelpText().substr(0, line.HelpText().find("\nOptions of Weir:")),
            "usage: word_count [options]\n"
            "\n"
            "Options of this program:\n"
            "  --input <text>                  text to count (default: data.txt)\n"
            "  --gap <duration>                (default: 1 min)\n"
            "  --late <text>                   folder for late rows\n"
            "  --output <text>                 folder (required)\n");
}

}  // namespace
}  // namespace weir
