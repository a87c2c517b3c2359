#include "weir/rpc/program/program_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"

namespace weir {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

JobGraph SubmittedFrom(const std::string& folder) {
  JobGraph graph{.name = "words"};
  graph.program.name = "word_count";
  graph.program.working_directory = folder;
  graph.fingerprint.arguments = {"--input", "a b.txt"};
  return graph;
}

const ProgramPlace kPlace{.executable = "/store/abc",
                          .folder = "/run/job",
                          .log_prefix = "/log/job/tm-1",
                          .log_settings = "/conf/logging.properties",
                          .job = "a1"};

TEST(ProgramCommand, RunsTheProgramWithTheArgumentsOfItsSubmission) {
  const ChildCommand command = ProgramCommandFor(JobRole::kWorker, SubmittedFrom("/home/me"), kPlace, {});
  EXPECT_EQ(command.executable, "/store/abc");
  EXPECT_THAT(command.arguments, ElementsAre("word_count", "--input", "a b.txt"));
  EXPECT_EQ(command.stdout_path, "/log/job/tm-1.out");
  EXPECT_EQ(command.stderr_path, "/log/job/tm-1.err");
  EXPECT_THAT(command.environment, Contains("WEIR_JOB_ROLE=worker"));
  EXPECT_THAT(command.environment, Contains("WEIR_JOB_LOG_FILE=/log/job/tm-1.log"));
  EXPECT_THAT(command.environment, Contains("WEIR_JOB_LOG_SETTINGS=/conf/logging.properties"));
  EXPECT_THAT(command.environment, Contains("WEIR_JOB_LOG_ID=a1"));
}

TEST(ProgramCommand, RelativePathsMeanTheFolderOfTheSubmissionWhereItExists) {
  InMemoryFileSystem files;
  const ProgramPlace place = PlaceFor(files, SubmittedFrom("/home/me"), "/store/abc", "/run/job", "/log/x");
  EXPECT_EQ(ProgramCommandFor(JobRole::kWorker, SubmittedFrom("/home/me"), place, {}).working_directory, "/run/job");
  ASSERT_TRUE(files.CreateDirectories("/home/me").ok());
  const ProgramPlace there = PlaceFor(files, SubmittedFrom("/home/me"), "/store/abc", "/run/job", "/log/x");
  EXPECT_EQ(ProgramCommandFor(JobRole::kWorker, SubmittedFrom("/home/me"), there, {}).working_directory, "/home/me");
}

TEST(ProgramCommand, PassesOnOnlyWhatProgramsNeed) {
  const std::vector<std::string> daemon = {"PATH=/bin", "LC_ALL=C", "AWS_SECRET_KEY=x", "PATHOLOGICAL=1",
                                           "WEIR_CONF_DIR=/conf"};
  const ChildCommand command = ProgramCommandFor(JobRole::kCoordinator, SubmittedFrom(""), kPlace, daemon);
  EXPECT_THAT(command.environment, Contains("PATH=/bin"));
  EXPECT_THAT(command.environment, Contains("LC_ALL=C"));
  EXPECT_THAT(command.environment, Contains("TMPDIR=/run/job"));
  EXPECT_THAT(command.environment, Not(Contains(StartsWith("AWS_"))));
  EXPECT_THAT(command.environment, Not(Contains(StartsWith("PATHOLOGICAL"))));
  EXPECT_THAT(command.environment, Not(Contains(StartsWith("WEIR_CONF_DIR"))));
}

TEST(ProgramCommand, SaysHowAWorkerDiedAndItsLastWords) {
  const std::string text = Describe({.what = "worker",
                                     .pid = 12,
                                     .how = {.by_signal = true, .number = 11},
                                     .was_ready = true,
                                     .log_prefix = "/log/x",
                                     .last_lines = "terminate called"},
                                    SubmittedFrom(""));
  EXPECT_EQ(text,
            "the worker process of job \"words\" (word_count, pid 12) was killed by signal 11 (SIGSEGV, Segmentation "
            "fault). Its last lines:\nterminate called\nIts error output is in /log/x.err, its log in /log/x.log");
}

TEST(ProgramCommand, TheReportOfACrashAsAFileHoldsTheLastLinesOfOutputAndLog) {
  InMemoryFileSystem files;
  ASSERT_TRUE(files.CreateDirectories("/log").ok());
  ASSERT_TRUE(WriteFileAtomically(files, "/log/x.err", "oh\n").ok());
  ASSERT_TRUE(WriteFileAtomically(files, "/log/x.log", "first\nlast\n").ok());
  ASSERT_TRUE(
      WriteFileAtomically(files, "/log/x.crash",
                          "weir crash report 1\nsignal 11 code 1 address 0x0 thread 7\n#0 _Z1fv at a.cc:1\nend\n")
          .ok());
  const ExitStatus how{.by_signal = true, .number = 11};
  const std::string text = DescribeFrom(files, "/log/x", {.what = "worker", .pid = 12, .how = how}, SubmittedFrom(""));
  EXPECT_THAT(text, HasSubstr("#0 f() at a.cc:1\nIts last lines:\noh\nThe last lines of its log:\nfirst\nlast\n"));
  EXPECT_EQ(ReadWholeFile(files, "/log/x.crash", 9999).value(), text + "\n");
}

TEST(ProgramCommand, ShowsTheStackOfACrashAndTheSignalThatItBeganWith) {
  const std::string text = Describe({.what = "worker",
                                     .pid = 12,
                                     .how = {.by_signal = true, .number = 14},
                                     .was_ready = true,
                                     .log_prefix = "/log/x",
                                     .crash = CrashText{.signal = 11, .text = "in thread 7\n#0 f() at a.cc:1"}},
                                    SubmittedFrom(""));
  EXPECT_EQ(text,
            "the worker process of job \"words\" (word_count, pid 12) was killed by signal 11 (SIGSEGV, Segmentation "
            "fault) in thread 7\n#0 f() at a.cc:1\nIts error output is in /log/x.err, its log in /log/x.log");
}

TEST(ProgramCommand, ExplainsAProgramThatNeverCameToItsExecute) {
  const std::string text =
      Describe({.what = "worker", .pid = 1, .how = {.number = 0}, .was_ready = false}, SubmittedFrom(""));
  EXPECT_THAT(text, HasSubstr("ended with exit code 0 before it executed the job"));
}

TEST(ProgramCommand, TakesTheLastLinesOfAFile) {
  EXPECT_EQ(LastLines("a\nb\nc\n\n", 2), "b\nc");
  EXPECT_EQ(LastLines("a", 3), "a");
  EXPECT_EQ(LastLines(" \n", 3), "");
  InMemoryFileSystem files;
  EXPECT_EQ(LastLinesOf(files, "/none"), "");
  ASSERT_TRUE(WriteFileAtomically(files, "/log", std::string(20'000, 'x') + "\nend\n").ok());
  EXPECT_THAT(LastLinesOf(files, "/log"), testing::EndsWith("x\nend"));
}

}  // namespace
}  // namespace weir
