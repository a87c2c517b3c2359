#include "weir/client/cli/command_line_options.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "weir/client/cli/command.h"
#include "weir/client/cli/program_run.h"
#include "weir/config/config_file.h"

namespace weir::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

StatusOr<ParsedLine> ParseRun(const std::vector<std::string>& arguments) {
  for (const Command& command : AllCommands()) {
    if (command.name == "run") return ParseLine(command.options, arguments, command.takes_program);
  }
  return NotFoundError("no such command");
}

TEST(CommandLineOptions, LeavesTheProgramItsOwnArguments) {
  const StatusOr<ParsedLine> line = ParseRun({"-p", "4", "-d", "./job", "-p", "7", "--input", "x"});
  ASSERT_TRUE(line.ok()) << line.status().ToString();
  EXPECT_EQ(line->Get("parallelism"), "4");
  EXPECT_TRUE(line->Has("detached"));
  EXPECT_THAT(line->positionals, ElementsAre("./job", "-p", "7", "--input", "x"));
}

TEST(CommandLineOptions, MayStandBehindTheProgramWhereACommandNeedsThem) {
  const std::vector<OptionSpec> specs = {{"fromSavepoint", "s", "<path>", ""}, {"json", "", "", ""}};
  const auto parse = [&](const std::vector<std::string>& arguments) {
    StatusOr<ParsedLine> line = ParseLine(specs, arguments, /*stops_at_positional=*/true);
    return line.ok() ? TakeOptionsBehindProgram(specs, *std::move(line)) : line;
  };
  const StatusOr<ParsedLine> line = parse({"./job", "--input", "x", "-s", "/savepoint", "--json", "-"});
  ASSERT_TRUE(line.ok()) << line.status().ToString();
  EXPECT_EQ(line->Get("fromSavepoint"), "/savepoint");
  EXPECT_TRUE(line->Has("json"));
  EXPECT_THAT(line->positionals, ElementsAre("./job", "--input", "x", "-"));
  EXPECT_THAT(parse({"./job", "-s"}).status().ToString(), HasSubstr("needs a value: <path>"));
}

TEST(CommandLineOptions, TakesFlinksSpellings) {
  const StatusOr<ParsedLine> line =
      ParseRun({"--parallelism=3", "-fromSavepoint", "/s", "-sae", "-Dkey=a=b", "-D", "other=1", "job"});
  ASSERT_TRUE(line.ok()) << line.status().ToString();
  EXPECT_EQ(line->Get("parallelism"), "3");
  EXPECT_EQ(line->Get("fromSavepoint"), "/s");
  EXPECT_TRUE(line->Has("shutdownOnAttachedExit"));
  EXPECT_EQ(line->properties.FindEntry("key")->value, "a=b");
  EXPECT_EQ(line->properties.FindEntry("other")->value, "1");
}

TEST(CommandLineOptions, ListsTheOptionsWhenOneIsUnknown) {
  const StatusOr<ParsedLine> line = ParseRun({"--paralelism", "3"});
  ASSERT_FALSE(line.ok());
  EXPECT_THAT(line.status().ToString(), HasSubstr("unknown option \"--paralelism\""));
  EXPECT_THAT(line.status().ToString(), HasSubstr("--parallelism <number>"));
}

TEST(CommandLineOptions, SaysWhichValueIsMissing) {
  EXPECT_THAT(ParseRun({"-p"}).status().ToString(), HasSubstr("option \"-p\" needs a value: <number>"));
  EXPECT_THAT(ParseRun({"-Dkey"}).status().ToString(), HasSubstr("expected -D<key>=<value>"));
}

TEST(CommandLineOptions, TakesANumberBehindItsLetter) {
  const StatusOr<ParsedLine> line = ParseRun({"-p4", "./job", "-p7"});
  ASSERT_TRUE(line.ok()) << line.status().ToString();
  EXPECT_EQ(line->Get("parallelism"), "4");
  EXPECT_THAT(line->positionals, ElementsAre("./job", "-p7"));
  EXPECT_THAT(ParseRun({"-d4", "./job"}).status().ToString(), HasSubstr("unknown option \"-d4\""));
}

TEST(CommandLineOptions, NameTheOneThatWasProbablyMeant) {
  EXPECT_THAT(ParseRun({"--paralelism=3", "./job"}).status().ToString(),
              HasSubstr("unknown option \"--paralelism=3\". Did you mean \"--parallelism\"? Options:\n"));
  EXPECT_THAT(ParseRun({"-x", "./job"}).status().ToString(), HasSubstr("unknown option \"-x\". Options:\n"));
}

TEST(CommandLineOptions, TakeAnAddressWithAPortThatThereIs) {
  EXPECT_EQ(CheckAddress("host:65535"), OkStatus());
  EXPECT_THAT(CheckAddress("host:65536").ToString(), HasSubstr("-m wants <host:port>, a port from 1 to 65535"));
  EXPECT_THAT(CheckAddress("host:0").ToString(), HasSubstr("got \"host:0\""));
}

TEST(CommandLineOptions, EndAtTwoMinusSigns) {
  const StatusOr<ParsedLine> line = ParseRun({"-d", "--", "./job", "--", "-x"});
  ASSERT_TRUE(line.ok()) << line.status().ToString();
  EXPECT_THAT(line->positionals, ElementsAre("./job", "--", "-x"));
}

TEST(CommandLineOptions, WithoutAValueTakeNone) {
  EXPECT_THAT(ParseRun({"--detached=false", "./job"}).status().ToString(),
              HasSubstr("option \"--detached\" takes no value"));
}

TEST(ProgramRun, HandsAnyValueToTheProgramAsYaml) {
  Configuration properties;
  properties.SetText("pipeline.name", "it's: #1 \"quoted\"", "test");
  const StatusOr<Configuration> read = ParseYaml(ConfigurationText(properties), "run");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->FindEntry("pipeline.name")->value, "it's: #1 \"quoted\"");
}

TEST(ProgramRun, SaysWhatAFileIsThatIsNoProgramOfThisMachine) {
  EXPECT_THAT(CheckElfHeader("#!/bin/sh\n", "job.sh").ToString(), HasSubstr("not that of a 64-bit ELF file"));
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_machine = EM_S390;
  const std::string_view bytes(reinterpret_cast<const char*>(&header), sizeof(header));
  EXPECT_THAT(CheckElfHeader(bytes, "job").ToString(), HasSubstr("built for another processor (ELF machine 22"));
}

}  // namespace
}  // namespace weir::cli
