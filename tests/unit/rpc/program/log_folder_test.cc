#include "weir/rpc/program/log_folder.h"

#include <gtest/gtest.h>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"

namespace weir {
namespace {

class LogFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* folder : {"/log/jobs/j1", "/log/jobs/j2"}) ASSERT_TRUE(files_.CreateDirectories(folder).ok());
    Write("/log/weir-me-taskmanager-0-h.log", "own log");
    Write("/log/weir-me-taskmanager-0-h.out", "printed");
    Write("/log/weir-me-taskmanager-1-h.log", "of another");
    Write("/log/jobs/j1/tm1-1.err", "worker");
    Write("/log/jobs/j1/tm2-1.err", "worker of another");
    Write("/secret", "secret");
  }
  void Write(const std::string& path, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(files_, path, text).ok());
  }

  InMemoryFileSystem files_;
  LogFolder folder_{{&files_, "/log/weir-me-taskmanager-0-h.log", "/log/jobs", "tm1-"}};
};

TEST_F(LogFolderTest, ListsItsOwnFilesAndThoseOfItsWorkers) {
  std::vector<std::string> names;
  for (const LogFile& file : folder_.List()) names.push_back(file.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"weir-me-taskmanager-0-h.log", "weir-me-taskmanager-0-h.out", "j1_tm1-1.err"}));
}

TEST_F(LogFolderTest, FindsALogThatIsMissingBetweenTwoStepsOfARotation) {
  Write("/log/jobs/j1/tm1-2.1.log", "old");
  const StatusOr<LogFile> found = folder_.Find("j1_tm1-2.log");
  ASSERT_TRUE(found.ok()) << found.status().message();
  EXPECT_EQ(found->path, "/log/jobs/j1/tm1-2.log");
  EXPECT_FALSE(folder_.Find("j1_tm1-3.log").ok());
  Write("/log/jobs/j1/tm1-2.log", "new one");
  EXPECT_EQ(folder_.Find("j1_tm1-2.log")->size, 7U);
}

TEST_F(LogFolderTest, ItsLogComesBeforeWhatRotationHasSetAside) {
  Write("/log/weir-me-taskmanager-0-h.1.log", "old");
  EXPECT_EQ(folder_.List()[0].name, "weir-me-taskmanager-0-h.log");
  EXPECT_EQ(folder_.List()[1].name, "weir-me-taskmanager-0-h.1.log");
}

TEST_F(LogFolderTest, ReadsAPieceOfAFile) {
  EXPECT_EQ(folder_.Read("log", 4, 100).value(), "log");
  EXPECT_EQ(folder_.Read("stdout", 0, 3).value(), "pri");
  EXPECT_EQ(folder_.Read("j1_tm1-1.err", 0, 100).value(), "worker");
  EXPECT_EQ(folder_.Read("log", 100, 10).value(), "");
}

TEST_F(LogFolderTest, OpensNothingThatItDoesNotList) {
  for (const char* name : {"../secret", "/secret", "weir-me-taskmanager-1-h.log", "j1_tm2-1.err", "", ".", "j1"}) {
    EXPECT_EQ(folder_.Read(name, 0, 10).status().code(), StatusCode::kNotFound) << name;
  }
}

TEST_F(LogFolderTest, FollowedPiecesTravelAsText) {
  const FilePiece piece{.bytes = "a line\n", .next = {.file = 12, .offset = 7}, .has_gap = true};
  const StatusOr<FilePiece> read = ParseFollowed(FollowedText(piece));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->bytes, "a line\n");
  EXPECT_EQ(read->next.ToString(), "12-7");
  EXPECT_TRUE(read->has_gap);
  EXPECT_FALSE(ParseFollowed("nonsense").ok());
}

TEST_F(LogFolderTest, ListsTravelAsText) {
  const std::vector<LogFile> files = {{.name = "a b.log", .path = "", .size = 7, .modified_ms = 1234},
                                      {.name = "c", .path = "", .size = 0, .modified_ms = 0}};
  const std::vector<LogFile> read = ParseLogList(LogListText(files));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].name, "a b.log");
  EXPECT_EQ(read[0].size, 7u);
  EXPECT_EQ(read[0].modified_ms, 1234);
  EXPECT_EQ(read[1].name, "c");
}

}  // namespace
}  // namespace weir
