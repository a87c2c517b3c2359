#include "weir/state/restore/redistribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "weir/base/random.h"

namespace weir {
namespace {

// Elements of lists as "<subtask that wrote it>.<number>".
using Texts = std::vector<std::string>;

OperatorId Id(uint64_t number) { return OperatorId(Id128{number, number}); }

// A list handle whose file says which subtask wrote it.
ListStateHandle List(int subtask, const std::string& name, Redistribution redistribution, uint32_t count) {
  ListStateHandle list{.name = name, .redistribution = redistribution};
  list.elements.file.path = std::to_string(subtask);
  list.count = count;
  return list;
}

OperatorSnapshot Stored(int parallelism, int max_parallelism = 8) {
  OperatorSnapshot stored{.id = Id(1), .parallelism = parallelism, .max_parallelism = max_parallelism};
  for (int i = 0; i < parallelism; ++i) {
    OperatorSubtaskState subtask{.operator_id = stored.id, .subtask_index = i};
    subtask.key_groups = KeyGroupRangeOf(i, parallelism, max_parallelism);
    KeyedStateHandle keyed{.key_groups = subtask.key_groups, .format = kCanonicalKeyedFormat};
    keyed.state.file.path = "keyed-" + std::to_string(i);
    subtask.keyed.push_back(keyed);
    stored.subtasks.push_back(subtask);
  }
  return stored;
}

Texts Elements(const OperatorSubtaskState& subtask, const std::string& name = "list") {
  Texts texts;
  for (const ListStateHandle& list : subtask.lists) {
    for (uint32_t i = 0; i < list.count && list.name == name; ++i)
      texts.push_back(list.elements.file.path + "." + std::to_string(list.first + i));
  }
  return texts;
}

// Which file every key group is read from; a group that is read twice or not at all is a failure.
std::map<int, std::string> Owners(const std::vector<OperatorSubtaskState>& subtasks) {
  std::map<int, std::string> owners;
  for (const OperatorSubtaskState& subtask : subtasks) {
    for (const KeyedStateHandle& keyed : subtask.keyed) {
      for (int group = keyed.key_groups.first; group <= keyed.key_groups.last; ++group) {
        EXPECT_TRUE(subtask.key_groups.Contains(group)) << group;
        EXPECT_TRUE(owners.emplace(group, keyed.state.file.path).second) << "key group " << group << " twice";
      }
    }
  }
  return owners;
}

TEST(Redistribution, GivesEverySubtaskItsKeyGroups) {
  const auto subtasks = Redistribute(Stored(2), Id(9), 3);
  ASSERT_EQ(subtasks.size(), 3u);
  EXPECT_EQ(subtasks[0].keyed.size(), 1u);
  ASSERT_EQ(subtasks[1].keyed.size(), 2u) << "key groups 3 to 5 of 0 to 3 and 4 to 7";
  EXPECT_EQ(subtasks[1].keyed[0].key_groups, (KeyGroupRange{3, 3}));
  EXPECT_EQ(subtasks[1].keyed[1].key_groups, (KeyGroupRange{4, 5}));
  EXPECT_EQ(subtasks[1].operator_id, Id(9));
  EXPECT_EQ(subtasks[1].subtask_index, 1);
}

TEST(Redistribution, LeavesSplitListsAloneAtTheSameParallelism) {
  OperatorSnapshot stored = Stored(2);
  stored.subtasks[0].lists = {List(0, "list", Redistribution::kSplit, 5)};
  const auto subtasks = Redistribute(stored, Id(1), 2);
  EXPECT_EQ(Elements(subtasks[0]), (Texts{"0.0", "0.1", "0.2", "0.3", "0.4"}));
  EXPECT_EQ(Elements(subtasks[1]), Texts{});
}

// The numbers are those of Flink's RoundRobinOperatorStateRepartitioner.
TEST(Redistribution, DealsSplitListsOutInEvenRuns) {
  OperatorSnapshot stored = Stored(2);
  stored.subtasks[0].lists = {List(0, "a", Redistribution::kSplit, 3), List(0, "b", Redistribution::kSplit, 1)};
  stored.subtasks[1].lists = {List(1, "a", Redistribution::kSplit, 1), List(1, "b", Redistribution::kSplit, 1)};
  const auto subtasks = Redistribute(stored, Id(1), 3);
  EXPECT_EQ(Elements(subtasks[0], "a"), (Texts{"0.0", "0.1"}));
  EXPECT_EQ(Elements(subtasks[1], "a"), (Texts{"0.2"}));
  EXPECT_EQ(Elements(subtasks[2], "a"), (Texts{"1.0"}));
  EXPECT_EQ(Elements(subtasks[0], "b"), Texts{}) << "it has one more of a";
  EXPECT_EQ(Elements(subtasks[1], "b"), (Texts{"0.0"}));
  EXPECT_EQ(Elements(subtasks[2], "b"), (Texts{"1.0"}));
}

TEST(Redistribution, CutsASliceAgain) {
  OperatorSnapshot stored = Stored(1);
  stored.subtasks[0].lists = {List(0, "list", Redistribution::kSplit, 4)};
  stored.subtasks[0].lists[0].first = 10;
  const auto subtasks = Redistribute(stored, Id(1), 2);
  EXPECT_EQ(Elements(subtasks[1]), (Texts{"0.12", "0.13"}));
}

TEST(Redistribution, GivesUnionListsToAll) {
  OperatorSnapshot stored = Stored(2);
  stored.subtasks[0].lists = {List(0, "list", Redistribution::kUnion, 1)};
  stored.subtasks[1].lists = {List(1, "list", Redistribution::kUnion, 2)};
  for (const int parallelism : {1, 2, 3}) {
    for (const OperatorSubtaskState& subtask : Redistribute(stored, Id(1), parallelism))
      EXPECT_EQ(Elements(subtask), (Texts{"0.0", "1.0", "1.1"}));
  }
}

TEST(Redistribution, GivesEverySubtaskOneCopyOfBroadcastState) {
  OperatorSnapshot stored = Stored(3);
  stored.subtasks[0].is_finished = true;
  stored.subtasks[1].lists = {List(1, "list", Redistribution::kBroadcast, 2)};
  stored.subtasks[2].lists = {List(2, "list", Redistribution::kBroadcast, 2)};
  const auto subtasks = Redistribute(stored, Id(1), 4);
  EXPECT_EQ(Elements(subtasks[0]), (Texts{"1.0", "1.1"}));
  EXPECT_EQ(Elements(subtasks[1]), (Texts{"2.0", "2.1"}));
  EXPECT_EQ(Elements(subtasks[2]), (Texts{"1.0", "1.1"}));
  EXPECT_EQ(Elements(subtasks[3]), (Texts{"2.0", "2.1"}));
}

TEST(Redistribution, SharesOutAnewWhenSomeSubtasksHadFinished) {
  OperatorSnapshot stored = Stored(2);
  stored.subtasks[0].is_finished = true;
  stored.subtasks[1].lists = {List(1, "list", Redistribution::kSplit, 2)};
  const auto subtasks = Redistribute(stored, Id(1), 2);
  EXPECT_EQ(Elements(subtasks[0]), (Texts{"1.0"}));
  EXPECT_EQ(Elements(subtasks[1]), (Texts{"1.1"}));
  EXPECT_FALSE(IsFullyFinished(stored));
  stored.subtasks[1].is_finished = true;
  EXPECT_TRUE(IsFullyFinished(stored));
}

TEST(Redistribution, KeepsInFlightDataAtTheSameParallelism) {
  OperatorSnapshot stored = Stored(2);
  stored.subtasks[1].channels = {{.gate = 0, .channel = 1, .batches = StreamStateHandle::Inline("batch")}};
  EXPECT_EQ(Redistribute(stored, Id(1), 2)[1].channels, stored.subtasks[1].channels);
}

// The snapshot that `subtasks` would write if they took one at once.
OperatorSnapshot SnapshotOf(std::vector<OperatorSubtaskState> subtasks, int max_parallelism) {
  return {.id = Id(1),
          .parallelism = static_cast<int>(subtasks.size()),
          .max_parallelism = max_parallelism,
          .subtasks = std::move(subtasks)};
}

TEST(RedistributionProperty, LosesAndDoublesNothingFromNToMToN) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const int max_parallelism = 1 + static_cast<int>(random.Uniform(40));
    const int n = 1 + static_cast<int>(random.Uniform(max_parallelism));
    OperatorSnapshot stored = Stored(n, max_parallelism);
    std::multiset<std::string> expected;
    for (OperatorSubtaskState& subtask : stored.subtasks) {
      subtask.lists = {
          List(subtask.subtask_index, "list", Redistribution::kSplit, static_cast<uint32_t>(random.Uniform(6)))};
      for (const std::string& element : Elements(subtask)) expected.insert(element);
    }
    const std::map<int, std::string> owners = Owners(stored.subtasks);
    for (int round = 0; round < 4; ++round) {
      const int m = 1 + static_cast<int>(random.Uniform(max_parallelism));
      const auto subtasks = Redistribute(stored, Id(1), m);
      EXPECT_EQ(Owners(subtasks), owners);
      std::multiset<std::string> dealt;
      size_t least = SIZE_MAX;
      size_t most = 0;
      for (const OperatorSubtaskState& subtask : subtasks) {
        const Texts elements = Elements(subtask);
        dealt.insert(elements.begin(), elements.end());
        least = std::min(least, elements.size());
        most = std::max(most, elements.size());
      }
      EXPECT_EQ(dealt, expected);
      if (m != stored.parallelism) {
        EXPECT_LE(most - least, 1u) << "dealt out evenly";
      }
      stored = SnapshotOf(subtasks, max_parallelism);
    }
  }
}

}  // namespace
}  // namespace weir
