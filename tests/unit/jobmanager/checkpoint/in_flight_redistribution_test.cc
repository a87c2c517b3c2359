// Who gets the in-flight data of an unaligned checkpoint when a job starts from it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "weir/jobmanager/checkpoint/snapshot_metadata.h"
#include "weir/types/key_group.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int kMaxParallelism = 12;

// source ─▶ sink, whose data in flight is named "<subtask>/<channel>".
class InFlightRedistribution : public ::testing::Test {
 protected:
  void Make(Partitioner partitioner, int sources, int sinks) {
    graph_.vertices.resize(2);
    for (int v = 0; v < 2; ++v) {
      JobVertex& vertex = graph_.vertices[v];
      vertex.operators = {{.id = OperatorId(Id128{1, static_cast<uint64_t>(v) + 1})}};
      vertex.parallelism = v == 0 ? sources : sinks;
      vertex.max_parallelism = kMaxParallelism;
    }
    graph_.vertices[1].inputs = {0};
    graph_.edges = {{.source_vertex = 0, .target_vertex = 1, .partitioner = partitioner}};
  }
  // As a job of that parallelism left it.
  void Store(int sources, int sinks) {
    for (int v = 0; v < 2; ++v) {
      OperatorSnapshot& op = metadata_.operators.emplace_back();
      op.id = graph_.vertices[v].operators[0].id;
      op.parallelism = v == 0 ? sources : sinks;
      op.max_parallelism = kMaxParallelism;
    }
    for (int subtask = 0; subtask < sinks; ++subtask) {
      OperatorSubtaskState& state = metadata_.operators[1].subtasks.emplace_back();
      state.operator_id = metadata_.operators[1].id;
      state.subtask_index = subtask;
      for (int channel = 0; channel < sources; ++channel) {
        const std::string name = std::to_string(subtask) + "/" + std::to_string(channel);
        state.channels.push_back({.channel = channel, .batches = StreamStateHandle::Inline(name)});
      }
    }
  }
  std::vector<std::string> Restored(int subtask) {
    const RestoredTask task = StateOfSubtask(metadata_, graph_, 1, subtask);
    std::vector<std::string> names;
    if (task.operators.empty()) return names;
    for (const ChannelStateHandle& channel : task.operators[0].channels) names.push_back(channel.batches.inline_bytes);
    return names;
  }
  bool Redistributes() { return StateOfSubtask(metadata_, graph_, 1, 0).redistributes_in_flight; }

  JobGraph graph_;
  CheckpointMetadata metadata_;
};

TEST_F(InFlightRedistribution, StaysWhereItWasIfBothEndsAreAsTheyWere) {
  Make(Partitioner::kHash, 2, 2);
  Store(2, 2);
  EXPECT_FALSE(Redistributes());
  EXPECT_THAT(Restored(1), ElementsAre("1/0", "1/1"));
}

TEST_F(InFlightRedistribution, OfAHashEdgeGoesToAllWhoHaveSomeOfTheKeys) {
  Make(Partitioner::kHash, 1, 3);
  Store(1, 2);  // key groups 0-5 and 6-11; now 0-3, 4-7, 8-11
  EXPECT_TRUE(Redistributes());
  EXPECT_THAT(Restored(0), ElementsAre("0/0"));
  EXPECT_THAT(Restored(1), ElementsAre("0/0", "1/0"));
  EXPECT_THAT(Restored(2), ElementsAre("1/0"));
}

TEST_F(InFlightRedistribution, OfAHashEdgeIsSortedAnewIfOnlyTheProducersAreOthers) {
  Make(Partitioner::kHash, 3, 2);
  Store(2, 2);
  EXPECT_TRUE(Redistributes());
  EXPECT_THAT(Restored(0), ElementsAre("0/0", "0/1"));
}

TEST_F(InFlightRedistribution, OfOtherEdgesChannelsMoveAsAWhole) {
  Make(Partitioner::kRebalance, 2, 2);
  Store(2, 3);
  EXPECT_THAT(Restored(0), ElementsAre("0/0", "0/1", "2/0", "2/1"));
  EXPECT_THAT(Restored(1), ElementsAre("1/0", "1/1"));
}

TEST_F(InFlightRedistribution, WhoGetsNothingStartsEmpty) {
  Make(Partitioner::kGlobal, 1, 3);
  Store(1, 1);
  EXPECT_THAT(Restored(0), ElementsAre("0/0"));
  EXPECT_THAT(Restored(1), IsEmpty());
}

TEST_F(InFlightRedistribution, AnOperatorThatIsChainedNowGetsItAll) {
  Make(Partitioner::kHash, 1, 1);
  Store(2, 2);
  graph_.vertices[0].operators.push_back(graph_.vertices[1].operators[0]);
  graph_.vertices.pop_back();
  graph_.edges.clear();
  EXPECT_EQ(FitGraphToSnapshot(metadata_, false, graph_), OkStatus());
  const RestoredTask task = StateOfSubtask(metadata_, graph_, 0, 0);
  std::vector<std::string> names;
  for (const ChannelStateHandle& channel : task.operators.at(1).channels) names.push_back(channel.batches.inline_bytes);
  EXPECT_THAT(names, ElementsAre("0/0", "0/1", "1/0", "1/1"));
}

TEST_F(InFlightRedistribution, ItsTypeIsWrittenDownWithIt) {
  Make(Partitioner::kHash, 1, 2);
  JobOperator& sink = graph_.vertices[1].operators[0];
  sink.stored_input_schemas = {"of a row"};
  OperatorSubtaskState empty{.operator_id = sink.id, .subtask_index = 0};
  OperatorSubtaskState some{.operator_id = sink.id, .subtask_index = 1};
  some.channels = {{.batches = StreamStateHandle::Inline("rows")}};
  const auto build = [&](const OperatorSubtaskState& last) {
    return BuildMetadata(graph_, JobId(Id128{1, 1}), {}, {}, {empty, last}, false).value();
  };
  EXPECT_EQ(InFlightSchema(build(some), sink.id, 0), "of a row");
  some.channels.clear();
  EXPECT_THAT(build(some).properties, IsEmpty());
}

// At every parallelism each key group of each stored piece has exactly one reader, and each whole channel too.
TEST_F(InFlightRedistribution, NothingIsLostNorDoubled) {
  for (int before = 1; before <= 5; ++before) {
    for (int now = 1; now <= 5; ++now) {
      for (const Partitioner partitioner : {Partitioner::kHash, Partitioner::kShuffle}) {
        graph_ = {};
        metadata_ = {};
        Make(partitioner, 2, now);
        Store(2, before);
        std::vector<std::string> read;
        for (int subtask = 0; subtask < now; ++subtask) {
          const KeyGroupRange own = KeyGroupRangeOf(subtask, now, kMaxParallelism);
          for (const std::string& name : Restored(subtask)) {
            const KeyGroupRange former = KeyGroupRangeOf(std::stoi(name), before, kMaxParallelism);
            if (partitioner != Partitioner::kHash) read.push_back(name);
            for (int group = own.first; partitioner == Partitioner::kHash && group <= own.last; ++group) {
              if (group >= former.first && group <= former.last) read.push_back(name + "#" + std::to_string(group));
            }
          }
        }
        const size_t pieces = partitioner == Partitioner::kHash ? 2 * kMaxParallelism : 2 * before;
        EXPECT_EQ(read.size(), pieces) << before << " -> " << now;
        std::sort(read.begin(), read.end());
        EXPECT_EQ(std::unique(read.begin(), read.end()), read.end()) << before << " -> " << now;
      }
    }
  }
}

}  // namespace
}  // namespace weir
