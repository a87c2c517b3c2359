#include "weir/jobmanager/scheduler/deployment.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "weir/base/random.h"
#include "weir/graph/job/job_graph_builder.h"

#include "tests/unit/graph/graph_fixture.h"

namespace weir {
namespace {

using graph_test::TestGraph;

// Two vertices with the given partitioner and parallelisms between them.
std::shared_ptr<const JobGraph> Exchange(Partitioner partitioner, int producers, int consumers) {
  TestGraph graph;
  const int source = graph.Source("source");
  const int sink = graph.Sink("sink", {source});
  graph.LastEdge().partitioner = partitioner;
  graph.Node(source).parallelism = producers;
  graph.Node(sink).parallelism = consumers;
  graph.Node(sink).chaining = ChainingStrategy::kHead;
  StatusOr<JobGraph> built = BuildJobGraph(graph.graph());
  EXPECT_TRUE(built.ok()) << built.status().ToString();
  return std::make_shared<const JobGraph>(*std::move(built));
}

TEST(Deployment, EveryChannelHasOneWriterAndOneReaderWhateverThePattern) {
  for (Partitioner partitioner : {Partitioner::kForward, Partitioner::kRescale, Partitioner::kRebalance}) {
    for (int producers = 1; producers <= 5; ++producers) {
      for (int consumers = 1; consumers <= 5; ++consumers) {
        if (partitioner == Partitioner::kForward && producers != consumers) continue;
        SCOPED_TRACE(std::string(PartitionerName(partitioner)) + " " + std::to_string(producers) + " to " +
                     std::to_string(consumers));
        SeededRandom random(1);
        const ExecutionGraph executions(Exchange(partitioner, producers, consumers), random, 0);
        std::multiset<ChannelId> written;
        std::multiset<ChannelId> read;
        for (const SubtaskRef& task : executions.tasks()) {
          const TaskDeploymentDescriptor descriptor = DescribeDeployment(executions, task);
          for (const auto& result : descriptor.outputs) written.insert(result.channels.begin(), result.channels.end());
          for (const auto& gate : descriptor.inputs) read.insert(gate.channels.begin(), gate.channels.end());
        }
        EXPECT_EQ(written, read);
        EXPECT_EQ(std::set<ChannelId>(written.begin(), written.end()).size(), written.size());
      }
    }
  }
}

TEST(Deployment, SubpartitionsAreNumberedInTheOrderOfTheConsumers) {
  SeededRandom random(1);
  const ExecutionGraph executions(Exchange(Partitioner::kRebalance, 2, 3), random, 0);
  const TaskDeploymentDescriptor producer = DescribeDeployment(executions, {0, 1});
  ASSERT_EQ(producer.outputs.size(), 1u);
  for (int channel = 0; channel < 3; ++channel) EXPECT_EQ(producer.outputs[0].channels[channel].subpartition, channel);
  const TaskDeploymentDescriptor consumer = DescribeDeployment(executions, {1, 2});
  EXPECT_EQ(consumer.inputs[0].channels[1], producer.outputs[0].channels[2]);
}

TEST(Deployment, ChannelsToOtherTaskManagersNameThem) {
  SeededRandom random(1);
  ExecutionGraph executions(Exchange(Partitioner::kRebalance, 2, 3), random, 0);
  for (const SubtaskRef& task : executions.tasks()) {
    const std::string name = task.subtask == 0 ? "here" : "there";
    executions.SetTaskManager(task, TaskManagerId(name), name + ":1");
  }
  const TaskDeploymentDescriptor producer = DescribeDeployment(executions, {0, 0});
  EXPECT_EQ(producer.outputs[0].peers, (std::vector<int32_t>{kSameWorker, 0, 0}));
  EXPECT_EQ(producer.peers, (std::vector<DataPeer>{{TaskManagerId("there"), "there:1"}}));
  const TaskDeploymentDescriptor consumer = DescribeDeployment(executions, {1, 1});
  EXPECT_EQ(consumer.inputs[0].peers, (std::vector<int32_t>{0, kSameWorker}));
  EXPECT_EQ(consumer.peers, (std::vector<DataPeer>{{TaskManagerId("here"), "here:1"}}));
}

TEST(Deployment, ATaskWhoseChannelsAreAllInItsWorkerNamesNobody) {
  SeededRandom random(1);
  ExecutionGraph executions(Exchange(Partitioner::kRebalance, 2, 2), random, 0);
  for (const SubtaskRef& task : executions.tasks()) executions.SetTaskManager(task, TaskManagerId("here"), "here:1");
  const TaskDeploymentDescriptor producer = DescribeDeployment(executions, {0, 0});
  EXPECT_TRUE(producer.outputs[0].peers.empty());
  EXPECT_TRUE(producer.peers.empty());
}

TEST(Deployment, ANewAttemptHasNewChannels) {
  SeededRandom random(1);
  ExecutionGraph executions(Exchange(Partitioner::kRebalance, 1, 1), random, 0);
  const ChannelId before = DescribeDeployment(executions, {1, 0}).inputs[0].channels[0];
  executions.Transition({0, 0}, ExecutionState::kFailed, 0);
  executions.Reset({0, 0}, 0);
  EXPECT_NE(DescribeDeployment(executions, {1, 0}).inputs[0].channels[0], before);
  EXPECT_EQ(DescribeDeployment(executions, {0, 0}).attempt_number, 1);
}

}  // namespace
}  // namespace weir
