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

TaskDeploymentDescriptor Describe(const ExecutionGraph& executions, const SubtaskRef& task) {
  return DescribeDeployment(executions, task, DescribeRegion(executions, executions.RegionOf(task)));
}

template <class Deployed>
std::vector<ChannelId> ChannelsOf(const Deployed& end) {
  std::vector<ChannelId> channels;
  for (size_t i = 0; i < end.channels.size(); ++i) channels.push_back(end.channels[i]);
  return channels;
}

// The TaskManagers at the other ends; "": the task's own.
template <class Deployed>
std::vector<std::string> PeersOf(const TaskDeploymentDescriptor& task, const Deployed& end) {
  std::vector<std::string> peers;
  for (size_t i = 0; i < end.channels.size(); ++i) {
    const int32_t peer = end.channels.PeerOf(i);
    peers.push_back(peer == kSameWorker ? "" : task.region->task_managers.at(peer).address);
  }
  return peers;
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
          const TaskDeploymentDescriptor descriptor = Describe(executions, task);
          for (const auto& result : descriptor.outputs) {
            for (const ChannelId& channel : ChannelsOf(result)) written.insert(channel);
          }
          for (const auto& gate : descriptor.inputs) {
            EXPECT_TRUE(gate.channels.IsValid());
            for (const ChannelId& channel : ChannelsOf(gate)) read.insert(channel);
          }
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
  const TaskDeploymentDescriptor producer = Describe(executions, {0, 1});
  ASSERT_EQ(producer.outputs.size(), 1u);
  for (int channel = 0; channel < 3; ++channel) EXPECT_EQ(producer.outputs[0].channels[channel].subpartition, channel);
  const TaskDeploymentDescriptor consumer = Describe(executions, {1, 2});
  EXPECT_EQ(consumer.inputs[0].channels[1], producer.outputs[0].channels[2]);
}

TEST(Deployment, ChannelsToOtherTaskManagersNameThem) {
  SeededRandom random(1);
  ExecutionGraph executions(Exchange(Partitioner::kRebalance, 2, 3), random, 0);
  for (const SubtaskRef& task : executions.tasks()) {
    const std::string name = task.subtask == 0 ? "here" : "there";
    executions.SetTaskManager(task, TaskManagerId(name), name + ":1");
  }
  const TaskDeploymentDescriptor producer = Describe(executions, {0, 0});
  EXPECT_EQ(PeersOf(producer, producer.outputs[0]), (std::vector<std::string>{"", "there:1", "there:1"}));
  const TaskDeploymentDescriptor consumer = Describe(executions, {1, 1});
  EXPECT_EQ(PeersOf(consumer, consumer.inputs[0]), (std::vector<std::string>{"here:1", ""}));
}

TEST(Deployment, TheTasksOfARegionShareOneListOfAttempts) {
  SeededRandom random(1);
  const ExecutionGraph executions(Exchange(Partitioner::kRebalance, 4, 4), random, 0);
  const auto region = DescribeRegion(executions, 0);
  EXPECT_EQ(region->vertices.size(), 2u);
  EXPECT_EQ(DescribeDeployment(executions, {0, 1}, region).region, region);
  EXPECT_EQ(DescribeDeployment(executions, {1, 3}, region).inputs[0].channels.size(), 4u);
}

TEST(Deployment, ARegionOfOneSubtaskListsNoOthers) {
  SeededRandom random(1);
  const ExecutionGraph executions(Exchange(Partitioner::kForward, 5, 5), random, 0);
  const auto region = DescribeRegion(executions, 3);
  EXPECT_EQ(region->number, 3);
  EXPECT_EQ(region->vertices[1], (DeployedVertex{1, 3, {executions.Current({1, 3}).id}, {0}}));
}

TEST(Deployment, ANewAttemptHasNewChannels) {
  SeededRandom random(1);
  ExecutionGraph executions(Exchange(Partitioner::kRebalance, 1, 1), random, 0);
  const ChannelId before = Describe(executions, {1, 0}).inputs[0].channels[0];
  executions.Transition({0, 0}, ExecutionState::kFailed, 0);
  executions.Reset({0, 0}, 0);
  EXPECT_NE(Describe(executions, {1, 0}).inputs[0].channels[0], before);
  EXPECT_EQ(Describe(executions, {0, 0}).attempt_number, 1);
}

}  // namespace
}  // namespace weir
