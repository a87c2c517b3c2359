#include "weir/functions/split_list_enumerator.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

struct Range {
  int64_t first = 0, last = 0;
};

// Remembers what it is told: "1:0-9" for a split given to reader 1, "1:end" for no more.
class RecordingContext : public EnumeratorContext {
 public:
  int parallelism() const override { return 2; }
  FileSystem& file_system() override { std::abort(); }
  const Clock& clock() const override { std::abort(); }
  void AssignEncodedSplit(int subtask, std::string split) override {
    Range range;
    EXPECT_TRUE(DecodeFrom(split, range).ok());
    said.push_back(std::to_string(subtask) + ":" + std::to_string(range.first) + "-" + std::to_string(range.last));
  }
  void SignalNoMoreSplits(int subtask) override { said.push_back(std::to_string(subtask) + ":end"); }
  void CallLater(Duration) override { std::abort(); }
  void Fail(Status status) override { ADD_FAILURE() << status.ToString(); }

  std::vector<std::string> said;
};

TEST(SplitListEnumerator, HandsOutSplitsInOrderToWhoeverAsks) {
  RecordingContext context;
  SplitListEnumerator<Range> enumerator({{0, 9}, {10, 19}});
  ASSERT_TRUE(enumerator.Start(context).ok());
  for (const int subtask : {1, 0, 1}) enumerator.HandleSplitRequest(subtask);
  EXPECT_EQ(context.said, (std::vector<std::string>{"1:0-9", "0:10-19", "1:end"}));
}

TEST(SplitListEnumerator, KeepsWhatNobodyHasInItsState) {
  RecordingContext context;
  SplitListEnumerator<Range> enumerator({{0, 9}, {10, 19}});
  ASSERT_TRUE(enumerator.Start(context).ok());
  enumerator.HandleSplitRequest(0);
  ASSERT_EQ(enumerator.SnapshotState().size(), 1u);
  EXPECT_EQ(enumerator.SnapshotState()[0].first, 10);
}

TEST(SplitListEnumerator, HandsOutAgainWhatComesBack) {
  RecordingContext context;
  SplitListEnumerator<Range> enumerator({{0, 9}});
  ASSERT_TRUE(enumerator.Start(context).ok());
  enumerator.HandleSplitRequest(0);
  ASSERT_TRUE(enumerator.AddSplitsBack({{5, 9}}, 0).ok());
  enumerator.HandleSplitRequest(1);
  EXPECT_EQ(context.said, (std::vector<std::string>{"0:0-9", "1:5-9"}));
}

}  // namespace
}  // namespace weir
