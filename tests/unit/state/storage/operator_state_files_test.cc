#include "weir/state/storage/operator_state_files.h"

#include <gtest/gtest.h>

#include <string>

#include "weir/base/file/in_memory_file_system.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/state/storage/snapshot_fixture.h"

namespace weir {
namespace {

struct Parts : ::testing::TestWithParam<uint64_t> {
  Parts() { files.CreateDirectories("/chk-1").ok(); }

  OperatorSubtaskState Write() {
    SnapshotWriter writer(files, location, "a");
    StatusOr<OperatorSubtaskState> state = WriteOperatorState(writer, TestOperator(1), 2, {4, 7}, parts);
    EXPECT_OK(state);
    EXPECT_OK(writer.Commit());
    return state.ok() ? *state : OperatorSubtaskState();
  }

  InMemoryFileSystem files;
  SnapshotLocation location{.id = CheckpointId(1), .directory = "/chk-1", .max_inline_bytes = GetParam()};
  const OperatorStateParts parts{
      .keyed = {"the rows"},
      .lists = {{.name = "a", .redistribution = Redistribution::kSplit, .elements = {"one", "", "three"}},
                {.name = "b", .redistribution = Redistribution::kUnion, .schema = "s", .elements = {}},
                {.name = "c", .redistribution = Redistribution::kBroadcast, .elements = {"x"}}}};
};

TEST_P(Parts, ComeBack) {
  const OperatorSubtaskState state = Write();
  EXPECT_EQ(state.subtask_index, 2);
  EXPECT_EQ(state.key_groups, (KeyGroupRange{4, 7}));
  const StatusOr<OperatorStateParts> back = ReadOperatorState(files, state);
  ASSERT_OK(back);
  EXPECT_EQ(*back, parts);
}

TEST_P(Parts, AreReadInSlices) {
  OperatorSubtaskState state = Write();
  ListStateHandle tail = state.lists[0];
  tail.first = 2;
  tail.count = 1;
  state.lists[0].count = 1;
  state.lists = {tail, state.lists[0]};
  const StatusOr<OperatorStateParts> back = ReadOperatorState(files, state);
  ASSERT_OK(back);
  ASSERT_EQ(back->lists.size(), 1u);
  EXPECT_EQ(back->lists[0].elements, (std::vector<std::string>{"three", "one"})) << "in the order of the handles";
}

TEST_P(Parts, RefuseASliceThatIsNotThere) {
  OperatorSubtaskState state = Write();
  state.lists[0].first = 3;
  state.lists[0].count = 1;
  EXPECT_TRUE(IsError(ReadOperatorState(files, state).status(), StatusCode::kDataLoss, "elements of state \"a\""));
}

INSTANTIATE_TEST_SUITE_P(InlineAndInFiles, Parts, ::testing::Values(1000, 0));

TEST(OperatorStateParts, OfAnOperatorShareOneFileForTheirLists) {
  InMemoryFileSystem files;
  ASSERT_OK(files.CreateDirectories("/chk-1"));
  SnapshotWriter writer(files, {.id = CheckpointId(1), .directory = "/chk-1", .max_inline_bytes = 0}, "a");
  OperatorStateParts parts;
  parts.lists = {{.name = "a", .elements = {"one"}}, {.name = "b", .elements = {"two"}}};
  ASSERT_OK(WriteOperatorState(writer, TestOperator(1), 0, {}, parts));
  ASSERT_OK(writer.Commit());
  EXPECT_EQ(Tree(files, "/chk-1"), (std::vector<std::string>{"a-1-0"}));
}

}  // namespace
}  // namespace weir
