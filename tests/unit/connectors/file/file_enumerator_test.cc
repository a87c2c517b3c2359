#include "weir/connectors/file/file_enumerator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/connectors/file/file_listing.h"

#include "tests/unit/connectors/source_driver.h"

namespace weir {
namespace {

using Names = std::vector<std::string>;

class FileEnumeratorTest : public testing::Test {
 protected:
  void Start(FileDiscovery discovery, const FileEnumeratorState* restored = nullptr) {
    enumerator_ = std::make_unique<FileEnumerator>(std::move(discovery), restored);
    status_ = enumerator_->Start(context_);
  }
  // "path begin-end" of what the subtask was given since the last call.
  Names Assigned(int subtask) {
    Names names;
    for (const std::string& encoded : std::exchange(context_.assigned[subtask], {})) {
      FileSplit split;
      EXPECT_TRUE(DecodeFrom(encoded, split).ok());
      const std::string end = split.end == FileSplit::kWholeFile ? "" : std::to_string(split.end);
      names.push_back(split.path + " " + std::to_string(split.begin) + "-" + end);
    }
    return names;
  }
  Names Request(int subtask) {
    enumerator_->HandleSplitRequest(subtask);
    return Assigned(subtask);
  }
  Names Listed(const std::string& path) {
    Names names;
    const auto files = ListInputFiles(files_, path);
    EXPECT_TRUE(files.ok()) << files.status().ToString();
    for (const FileInfo& file : files.value()) names.push_back(file.path);
    return names;
  }

  InMemoryFileSystem files_;
  ManualClock clock_;
  RecordingEnumeratorContext context_{2, files_, clock_};
  std::unique_ptr<FileEnumerator> enumerator_;
  Status status_;
};

TEST_F(FileEnumeratorTest, AFolderIsAllItsFilesExceptHiddenOnes) {
  for (const char* name : {"in/b", "in/a", "in/deep/c", "in/.part.inprogress", "in/_SUCCESS", "in/.git/x"}) {
    PutFile(files_, name, "x");
  }
  EXPECT_EQ(Listed("in"), (Names{"in/a", "in/b", "in/deep/c"}));
  EXPECT_EQ(Listed("in/a"), Names{"in/a"});
}

TEST_F(FileEnumeratorTest, AGlobIsAllFilesThatMatch) {
  for (const char* name : {"in/1/a.csv", "in/2/b.csv", "in/2/c.txt", "in/.hidden.csv", "in/d.csv"}) {
    PutFile(files_, name, "x");
  }
  EXPECT_EQ(Listed("in/*/*.csv"), (Names{"in/1/a.csv", "in/2/b.csv"}));
  EXPECT_EQ(Listed("in/*.csv"), Names{"in/d.csv"});
  EXPECT_EQ(Listed("in/[12]"), (Names{"in/1/a.csv", "in/2/b.csv", "in/2/c.txt"}));
  EXPECT_EQ(Listed("in/*.zip"), Names{});
}

TEST_F(FileEnumeratorTest, HandsOutFilesInOrderToWhoeverAsks) {
  PutFile(files_, "in/a", "x");
  PutFile(files_, "in/b", "x");
  Start({.path = "in"});
  EXPECT_EQ(Request(1), Names{"in/a 0-"});
  EXPECT_EQ(Request(0), Names{"in/b 0-"});
  EXPECT_EQ(Request(1), Names{});
  EXPECT_TRUE(context_.no_more[1]);
  EXPECT_FALSE(context_.no_more[0]);
}

TEST_F(FileEnumeratorTest, CutsLargeFilesUnlessTheyAreCompressed) {
  PutFile(files_, "in/a", std::string(5 << 20, '\n'));
  PutFile(files_, "in/b.gz", "not read here");
  Start({.path = "in", .split_bytes = 2 << 20});
  ASSERT_TRUE(status_.ok()) << status_.ToString();
  EXPECT_EQ(Request(0), Names{"in/a 0-2097152"});
  EXPECT_EQ(Request(0), Names{"in/a 2097152-4194304"});
  EXPECT_EQ(Request(0), Names{"in/a 4194304-"});
  EXPECT_EQ(Request(0), Names{"in/b.gz 0-"});
}

TEST_F(FileEnumeratorTest, SplitsThatComeBackAreHandedOutFirst) {
  PutFile(files_, "in/a", "x");
  PutFile(files_, "in/b", "x");
  Start({.path = "in"});
  Request(0);
  ASSERT_TRUE(enumerator_->AddSplitsBack({{.path = "in/a", .position = 1}}, 0).ok());
  EXPECT_EQ(Request(1), Names{"in/a 0-"});
}

TEST_F(FileEnumeratorTest, FindsFilesThatAppear) {
  ASSERT_TRUE(files_.CreateDirectories("in").ok());
  Start({.path = "in", .interval = std::chrono::seconds(3)});
  EXPECT_EQ(context_.timers, std::vector<Duration>{std::chrono::seconds(3)});
  EXPECT_EQ(Request(0), Names{});
  PutFile(files_, "in/a", "x");
  enumerator_->OnTimer();
  EXPECT_EQ(Assigned(0), Names{"in/a 0-"});
  enumerator_->OnTimer();
  EXPECT_EQ(Request(0), Names{}) << "a file is read once";
  EXPECT_FALSE(context_.no_more[0]);
  EXPECT_EQ(context_.timers.size(), 3u);
}

TEST_F(FileEnumeratorTest, GoesOnAfterARestore) {
  PutFile(files_, "in/a", "x");
  PutFile(files_, "in/b", "x");
  const FileDiscovery discovery{.path = "in", .interval = std::chrono::seconds(1)};
  Start(discovery);
  Request(0);
  const FileEnumeratorState state = enumerator_->SnapshotState();
  PutFile(files_, "in/c", "x");
  Start(discovery, &state);
  enumerator_->OnTimer();
  EXPECT_EQ(Request(0), Names{"in/b 0-"});
  EXPECT_EQ(Request(0), Names{"in/c 0-"});
}

TEST_F(FileEnumeratorTest, NothingToReadIsAnErrorAtTheStart) {
  Start({.path = "in/*.csv"});
  EXPECT_EQ(status_.message(), "cannot read \"in/*.csv\": no file matches this pattern.");
  Start({.path = "missing"});
  EXPECT_THAT(std::string(status_.message()),
              testing::StartsWith("cannot read \"missing\": No such file or directory."));
}

}  // namespace
}  // namespace weir
