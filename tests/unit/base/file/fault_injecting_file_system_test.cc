#include "weir/base/file/fault_injecting_file_system.h"

#include <gtest/gtest.h>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"

namespace weir {
namespace {

class FaultInjectingFileSystemTest : public testing::Test {
 protected:
  InMemoryFileSystem memory_;
  FaultInjectingFileSystem files_{memory_};
};

TEST_F(FaultInjectingFileSystemTest, PassesOnWhatNoFaultConcerns) {
  files_.Add({.operation = FileOperation::kSync,
              .path_contains = "other",
              .times = kEveryTime,
              .status = DataLossError("EIO")});
  ASSERT_TRUE(WriteFileAtomically(files_, "/a", "x").ok());
  EXPECT_EQ(*ReadWholeFile(files_, "/a"), "x");
  EXPECT_EQ(files_.CallCount(FileOperation::kSync), 1);
  EXPECT_EQ(files_.CallCount(FileOperation::kRename), 1);
}

TEST_F(FaultInjectingFileSystemTest, FailsTheCallsThatWereMeant) {
  files_.Add({.operation = FileOperation::kStat, .skip = 1, .times = 2, .status = UnavailableError("slow")});
  EXPECT_TRUE(files_.Stat("/").ok());
  EXPECT_EQ(files_.Stat("/").status().message(), "/: slow");
  EXPECT_FALSE(files_.Stat("/").ok());
  EXPECT_TRUE(files_.Stat("/").ok());
  files_.Add({.operation = FileOperation::kStat, .times = kEveryTime, .status = UnavailableError("slow")});
  EXPECT_FALSE(files_.Stat("/").ok());
  files_.ClearFaults();
  EXPECT_TRUE(files_.Stat("/").ok());
}

TEST_F(FaultInjectingFileSystemTest, TornWriteLeavesHalf) {
  files_.Add({.operation = FileOperation::kAppend, .status = ResourceExhaustedError("disk full"), .tears_write = true});
  const std::unique_ptr<WritableFile> file = *files_.OpenForWrite("/a", WriteMode::kCreate);
  EXPECT_EQ(file->Append("abcdef").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(*ReadWholeFile(files_, "/a"), "abc");
}

// At whichever step an atomic write fails, the old content stays and no temporary file is left.
TEST_F(FaultInjectingFileSystemTest, FailedAtomicWriteKeepsTheOldContent) {
  using enum FileOperation;
  ASSERT_TRUE(WriteFileAtomically(files_, "/m", "old").ok());
  for (const FileOperation operation : {kOpenForWrite, kAppend, kSync, kClose, kRename}) {
    files_.Add({.operation = operation, .status = DataLossError("EIO"), .tears_write = true});
    EXPECT_EQ(WriteFileAtomically(files_, "/m", "newer").code(), StatusCode::kDataLoss);
    EXPECT_EQ(*ReadWholeFile(memory_, "/m"), "old");
    EXPECT_EQ(memory_.List("/")->size(), 1u);
  }
}

TEST(InMemoryFileSystem, CrashTakesWhatWasNotSynced) {
  InMemoryFileSystem files;
  const std::unique_ptr<WritableFile> file = *files.OpenForWrite("/a", WriteMode::kCreate);
  ASSERT_TRUE(file->Append("safe").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Append("lost").ok());
  files.LoseUnsyncedContents();
  EXPECT_EQ(*ReadWholeFile(files, "/a"), "safe");
  files.FlipBit("/a", 0);
  EXPECT_EQ(*ReadWholeFile(files, "/a"), "rafe");
}

TEST(InMemoryFileSystem, ModificationTimesComeFromTheClock) {
  ManualClock clock;
  InMemoryFileSystem files(&clock);
  const std::unique_ptr<WritableFile> file = *files.OpenForWrite("/a", WriteMode::kCreate);
  clock.Advance(std::chrono::seconds(5));
  ASSERT_TRUE(file->Append("x").ok());
  EXPECT_EQ(files.Stat("/a")->modified, clock.WallTime());
}

}  // namespace
}  // namespace weir
