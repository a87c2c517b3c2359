#include "weir/base/crash/crash_report.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "weir/base/crash/crash_text.h"

namespace weir {
namespace {

class CrashReport : public testing::Test {
 protected:
  void SetUp() override {
    if (!CanReportCrashes()) GTEST_SKIP() << "a sanitizer reports crashes itself";
  }
  // What a process leaves behind that installs the report and does this.
  CrashText CrashOf(void (*crash)()) {
    const std::string path = testing::TempDir() + "/crash_report_test-" + std::to_string(getpid());
    const pid_t child = fork();
    if (child == 0) {
      InstallCrashReport(path);
      crash();
      _exit(0);
    }
    waitpid(child, &how_, 0);
    LocalFileSystem files;
    const auto text = TakeCrashReport(files, path);
    unlink(path.c_str());
    return text.value_or(CrashText{.signal = 0, .text = "no report"});
  }

  int how_ = 0;
};

[[gnu::noinline]] void WriteToNowhere() {
  volatile int* const nowhere = nullptr;
  *nowhere = 1;
}

[[gnu::noinline]] void ThrowOutOfRange() { throw std::out_of_range("boom"); }

[[gnu::noinline]] int Recurse(int depth) {
  volatile char frame[4096];
  frame[depth % 4096] = 1;
  return depth < 0 ? 0 : Recurse(depth + 1) + frame[0];  // never below 0
}

TEST_F(CrashReport, NamesFunctionFileAndLineAndEndsAsWithoutIt) {
  const CrashText crash = CrashOf(WriteToNowhere);
  EXPECT_TRUE(WIFSIGNALED(how_));
  EXPECT_EQ(WTERMSIG(how_), SIGSEGV);
  EXPECT_EQ(crash.signal, SIGSEGV);
  EXPECT_NE(crash.text.find("at address 0x0 in thread"), std::string::npos) << crash.text;
  EXPECT_NE(crash.text.find("WriteToNowhere"), std::string::npos) << crash.text;
  EXPECT_NE(crash.text.find("crash_report_test.cc:"), std::string::npos) << crash.text;
}

// By way of a pointer that the compiler cannot see through: it leaves out a direct call that cannot return.
void (*volatile crash_at_work)() = WriteToNowhere;

void WriteToNowhereAtWork() {
  const int number = 42;
  const WorkingOn outer([](const void*) { return std::string("something else"); }, nullptr);
  const WorkingOn inner([](const void* about) { return "row " + std::to_string(*static_cast<const int*>(about)); },
                        &number);
  crash_at_work();
}

TEST_F(CrashReport, SaysWhatTheThreadWorkedOn) {
  const CrashText crash = CrashOf(WriteToNowhereAtWork);
  EXPECT_TRUE(crash.text.ends_with("\nworking on row 42")) << crash.text;
}

void CrashWhileDescribing() {
  const WorkingOn work(
      [](const void*) -> std::string {
        crash_at_work();
        return "";
      },
      nullptr);
  crash_at_work();
}

TEST_F(CrashReport, ADescriptionThatCrashesTooTakesNothingElseAway) {
  const CrashText crash = CrashOf(CrashWhileDescribing);
  EXPECT_EQ(WTERMSIG(how_), SIGSEGV);
  EXPECT_NE(crash.text.find("WriteToNowhere"), std::string::npos) << crash.text;
}

TEST_F(CrashReport, AnAbortShowsWhoCalledIt) {
  const CrashText crash = CrashOf([] { std::abort(); });
  EXPECT_EQ(WTERMSIG(how_), SIGABRT);
  EXPECT_NE(crash.text.find("crash_report_test.cc:"), std::string::npos) << crash.text;
}

TEST_F(CrashReport, AnExceptionThatNobodyCatchesIsNamedWithItsThrow) {
  const CrashText crash = CrashOf([]() noexcept { ThrowOutOfRange(); });
  EXPECT_EQ(WTERMSIG(how_), SIGABRT);
  EXPECT_NE(crash.text.find("uncaught exception std::out_of_range: boom"), std::string::npos) << crash.text;
  EXPECT_NE(crash.text.find("ThrowOutOfRange"), std::string::npos) << crash.text;
}

TEST_F(CrashReport, AStackThatOverflowsIsReported) {
  const CrashText crash = CrashOf([] { Recurse(0); });
  EXPECT_EQ(WTERMSIG(how_), SIGSEGV);
  EXPECT_NE(crash.text.find("the stack has overflowed"), std::string::npos) << crash.text;
  EXPECT_NE(crash.text.find("Recurse"), std::string::npos) << crash.text;
}

}  // namespace
}  // namespace weir
