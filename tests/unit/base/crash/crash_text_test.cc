#include "weir/base/crash/crash_text.h"

#include <gtest/gtest.h>

#include <string>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"

namespace weir {
namespace {

constexpr const char* kReport =
    "weir crash report 1\n"
    "signal 11 code 1 address 0x0 thread 77\n"
    "frame 0x55d0 offset=0x5d0 id=abc /jobs/count\n"
    "#0 _ZN4user3MapERKi at job.cc:11\n"
    "   inlined into _ZN4user3RunEv at job.cc:19\n"
    "#1 /lib/libc.so+0x123\n"
    "end\n";

TEST(CrashText, TakesNamesApart) {
  const auto crash = ReadableCrash(kReport);
  ASSERT_TRUE(crash.has_value());
  EXPECT_EQ(crash->signal, 11);
  EXPECT_EQ(crash->text,
            "at address 0x0 in thread 77\n"
            "#0 user::Map(int const&) at job.cc:11\n"
            "   inlined into user::Run() at job.cc:19\n"
            "#1 /lib/libc.so+0x123");
}

TEST(CrashText, AnAbortHasNoAddressButItsException) {
  const auto crash = ReadableCrash(
      "weir crash report 1\nsignal 6 code -6 address 0x0 thread 7\nexception std::runtime_error: boom\n#0 "
      "abort\nend\n");
  ASSERT_TRUE(crash.has_value());
  EXPECT_EQ(crash->text, "in thread 7\nuncaught exception std::runtime_error: boom\n#0 abort");
}

TEST(CrashText, ASignalThatAnotherProcessSentHasNoAddress) {
  const auto crash = ReadableCrash("weir crash report 1\nsignal 11 code 0 address 0x0 thread 7\n#0 f\nend\n");
  ASSERT_TRUE(crash.has_value());
  EXPECT_EQ(crash->text, "in thread 7\n#0 f");
}

TEST(CrashText, OfHalfAReportTheRawFramesAreShown) {
  const auto crash = ReadableCrash(
      "weir crash report 1\nsignal 11 code 1 address 0x8 thread 7\nframe 0x55d0 offset=0x5d0 id=abc /jobs/count\n");
  ASSERT_TRUE(crash.has_value());
  EXPECT_EQ(crash->text,
            "at address 0x8 in thread 7\n#0 0x55d0 offset=0x5d0 id=abc /jobs/count\n(the report breaks off here)");
}

TEST(CrashText, SaysWhatTheThreadWorkedOn) {
  const std::string report =
      "weir crash report 1\nsignal 11 code 1 address 0x0 thread 7\n#0 _Z1fv at a.cc:1\nworking on task 3\nend\n";
  EXPECT_EQ(ReadableCrash(report)->text, "at address 0x0 in thread 7\n#0 f() at a.cc:1\nworking on task 3");
}

TEST(CrashText, WhatIsNoReportIsNone) {
  EXPECT_FALSE(ReadableCrash("").has_value());
  EXPECT_FALSE(ReadableCrash("segfault").has_value());
}

TEST(CrashText, TheFileBecomesReadable) {
  InMemoryFileSystem files;
  EXPECT_FALSE(TakeCrashReport(files, "/worker.crash").has_value());
  ASSERT_TRUE(WriteFileAtomically(files, "/worker.crash", kReport).ok());
  const auto crash = TakeCrashReport(files, "/worker.crash");
  ASSERT_TRUE(crash.has_value());
  EXPECT_EQ(*ReadWholeFile(files, "/worker.crash"), crash->text + "\n");
}

}  // namespace
}  // namespace weir
