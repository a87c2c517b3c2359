#include "weir/rpc/wire/task_manager_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/random.h"
#include "weir/graph/job/job_graph.h"
#include "weir/v1/task_manager.pb.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SeededRandom seed(7);
const MessageHeader kHeader{LeaderId::Random(seed), JobId::Random(seed)};
const AllocationId kAllocation = AllocationId::Random(seed);
const AllocationId kOtherAllocation = AllocationId::Random(seed);
const ExecutionAttemptId kAttempt = ExecutionAttemptId::Random(seed);
const ExecutionAttemptId kOtherAttempt = ExecutionAttemptId::Random(seed);

// Keeps what was sent, as bytes that crossed the wire.
template <class Message>
class Wire final : public MessageSink<Message> {
 public:
  void Send(const Message& message) override { frames.push_back(message.SerializeAsString()); }
  // The messages since the last call.
  std::vector<Message> Take() {
    std::vector<Message> messages;
    for (const std::string& frame : frames) EXPECT_TRUE(messages.emplace_back().ParseFromString(frame));
    frames.clear();
    return messages;
  }

  std::vector<std::string> frames;
};

// Writes down what it is told.
class RecordingTaskExecutor final : public TaskExecutorGateway {
 public:
  void RequestSlot(SlotRequest request) override { calls.push_back("request slot " + std::to_string(request.slot)); }
  void FreeSlot(MessageHeader, AllocationId allocation_id) override {
    calls.push_back("free slot " + allocation_id.ToHex());
  }
  void SubmitTask(TaskSubmission submission) override {
    calls.push_back("submit to " + submission.graph->name);
    submissions.push_back(std::move(submission));
  }
  void CancelTask(MessageHeader, ExecutionAttemptId attempt) override { calls.push_back("cancel " + attempt.ToHex()); }
  void AddSplits(MessageHeader, ExecutionAttemptId, std::vector<std::string> splits) override {
    for (const std::string& split : splits) calls.push_back("split " + split);
  }
  void NoMoreSplits(MessageHeader, ExecutionAttemptId attempt) override {
    calls.push_back("no more splits for " + attempt.ToHex());
  }
  void TriggerCheckpoint(MessageHeader, ExecutionAttemptId, CheckpointTrigger trigger) override {
    calls.push_back("trigger " + trigger.id.ToString());
    triggers.push_back(std::move(trigger));
  }
  void NotifyCheckpointComplete(MessageHeader, ExecutionAttemptId, CheckpointId id) override {
    calls.push_back("complete " + id.ToString());
  }
  void NotifyCheckpointAborted(MessageHeader, ExecutionAttemptId, CheckpointId id) override {
    calls.push_back("aborted " + id.ToString());
  }
  void LimitWatermark(MessageHeader, ExecutionAttemptId attempt, int64_t limit) override {
    calls.push_back("limit of " + attempt.ToHex() + " " + std::to_string(limit));
  }

  std::vector<std::string> calls;
  std::vector<TaskSubmission> submissions;
  std::vector<CheckpointTrigger> triggers;
};

// A JobManager's gateway, the wire, and the TaskManager behind it.
struct Connection {
  std::shared_ptr<Wire<v1::JobManagerMessage>> wire = std::make_shared<Wire<v1::JobManagerMessage>>();
  std::shared_ptr<RecordingTaskExecutor> task_executor = std::make_shared<RecordingTaskExecutor>();
  RemoteTaskExecutor remote{wire};
  JobManagerInbox inbox{task_executor};

  // How many of the messages that were delivered carried a graph.
  int Deliver() {
    int graphs = 0;
    for (const v1::JobManagerMessage& message : wire->Take()) {
      graphs += message.submit_task().has_graph() ? 1 : 0;
      const Status status = inbox.Deliver(message);
      EXPECT_TRUE(status.ok()) << status.ToString();
    }
    return graphs;
  }
};

JobGraph OneVertex() {
  JobGraph graph{.name = "small"};
  JobOperator source{.id = OperatorId::FromName("source"), .kind = NodeKind::kSource, .name = "numbers"};
  graph.vertices.push_back({.id = VertexId::FromName("source"), .name = "numbers", .operators = {source}});
  return graph;
}

// Subtasks 3 and 4 of a vertex: one here, one on another TaskManager.
const std::shared_ptr<const DeployedRegion>& NearAndFar() {
  static const auto region = std::make_shared<const DeployedRegion>(DeployedRegion{
      .number = 2,
      .task_managers = {{TaskManagerId("near"), "10.0.0.1:4711"}, {TaskManagerId("far"), "10.0.0.2:4711"}},
      .vertices = {{.vertex = 1, .first_subtask = 3, .attempts = {kAttempt, kOtherAttempt}, .places = {0, 1}}}});
  return region;
}

ChannelRange Gate(const ChannelRange::Values& values) { return ChannelRange(NearAndFar(), values); }

TaskSubmission Submission() {
  TaskSubmission submission{.header = kHeader, .allocation_id = kAllocation};
  submission.graph = std::make_shared<const JobGraph>(OneVertex());
  submission.descriptor.job_id = kHeader.job_id;
  submission.descriptor.job_name = "small \xff";
  submission.descriptor.attempt_id = kAttempt;
  submission.descriptor.subtask_index = 2;
  submission.descriptor.parallelism = 3;
  submission.descriptor.attempt_number = 4;
  submission.descriptor.region = NearAndFar();
  submission.descriptor.inputs = {
      {.edge = 1, .channels = Gate({.begin = 3, .count = 2, .result = 5, .subpartition = 6})}};
  submission.descriptor.outputs = {
      {.result = 7, .channels = Gate({.begin = 3, .count = 1, .result = 7, .producer = kAttempt})}};
  return submission;
}

OperatorSubtaskState StateOfOneList() {
  OperatorSubtaskState state{.operator_id = OperatorId::FromName("source"), .subtask_index = 2};
  ListStateHandle list{.name = "offsets"};
  list.elements = StreamStateHandle::Inline("abc");
  list.count = 1;
  state.lists.push_back(list);
  return state;
}

TEST(TaskManagerMessages, DeliversTheCallsOfTheJobManagerInOrder) {
  Connection connection;
  connection.remote.RequestSlot({kHeader, kAllocation, 3});
  connection.remote.CancelTask(kHeader, kAttempt);
  connection.remote.AddSplits(kHeader, kAttempt, {"a", "b"});
  connection.remote.NoMoreSplits(kHeader, kAttempt);
  connection.remote.FreeSlot(kHeader, kAllocation);
  connection.Deliver();
  EXPECT_THAT(connection.task_executor->calls,
              ElementsAre("request slot 3", "cancel " + kAttempt.ToHex(), "split a", "split b",
                          "no more splits for " + kAttempt.ToHex(), "free slot " + kAllocation.ToHex()));
}

TEST(TaskManagerMessages, CarriesADeploymentWhole) {
  Connection connection;
  connection.remote.RequestSlot({kHeader, kAllocation, 0});
  connection.remote.SubmitTask(Submission());
  connection.Deliver();
  ASSERT_EQ(connection.task_executor->submissions.size(), 1u);
  const TaskSubmission& got = connection.task_executor->submissions[0];
  EXPECT_EQ(got.header.leader, kHeader.leader);
  EXPECT_EQ(got.allocation_id, kAllocation);
  EXPECT_EQ(got.descriptor.job_name, "small \xff");
  EXPECT_EQ(got.descriptor.attempt_id, kAttempt);
  EXPECT_EQ(got.descriptor.subtask_index, 2);
  EXPECT_EQ(got.descriptor.attempt_number, 4);
  EXPECT_EQ(got.descriptor.inputs[0].channels[0], (ChannelId{kAttempt, 5, 6}));
  EXPECT_EQ(got.descriptor.inputs[0].channels[1], (ChannelId{kOtherAttempt, 5, 6}));
  EXPECT_EQ(got.descriptor.outputs[0].result, 7);
  EXPECT_EQ(got.descriptor.outputs[0].channels[0], (ChannelId{kAttempt, 7, 0}));
}

TEST(TaskManagerMessages, CarriesWhereTheOtherEndsOfChannelsAre) {
  Connection connection;
  connection.remote.SubmitTask(Submission());
  connection.Deliver();
  const TaskDeploymentDescriptor& got = connection.task_executor->submissions.at(0).descriptor;
  EXPECT_EQ(*got.region, *NearAndFar());
  EXPECT_EQ(got.inputs[0].channels.PeerOf(0), kSameWorker);
  EXPECT_EQ(got.inputs[0].channels.PeerOf(1), 1);
}

TEST(TaskManagerMessages, SendsWhatARegionsTasksShareOncePerDeployment) {
  Connection connection;
  connection.remote.SubmitTask(Submission());
  connection.remote.SubmitTask(Submission());
  TaskSubmission again = Submission();  // after a failover: the same region, other attempts
  auto moved = std::make_shared<DeployedRegion>(*NearAndFar());
  moved->vertices[0].places = {1, 1};
  again.descriptor.region = moved;
  again.descriptor.inputs = {{.edge = 1, .channels = ChannelRange(moved, {.begin = 3, .count = 2})}};
  again.descriptor.outputs = {};
  connection.remote.SubmitTask(again);
  int regions = 0;
  for (const v1::JobManagerMessage& message : connection.wire->Take()) {
    regions += message.submit_task().has_region() ? 1 : 0;
    EXPECT_TRUE(connection.inbox.Deliver(message).ok());
  }
  EXPECT_EQ(regions, 2);
  const auto& got = connection.task_executor->submissions;
  EXPECT_EQ(got[0].descriptor.region, got[1].descriptor.region);
  EXPECT_EQ(got[1].descriptor.inputs[0].channels.PeerOf(0), kSameWorker);
  EXPECT_EQ(got[2].descriptor.inputs[0].channels.PeerOf(0), 1);
}

TEST(TaskManagerMessages, RefusesADeploymentWhoseChannelsLeadNowhere) {
  using Values = ChannelRange::Values;
  for (const Values& wrong :
       {Values{.vertex = 1}, Values{.vertex = -1}, Values{.begin = 2, .count = 1}, Values{.begin = 3, .count = 3},
        Values{.begin = 3, .count = -1}, Values{.begin = 3, .count = 1, .here = 2}}) {
    Connection connection;
    TaskSubmission submission = Submission();
    submission.descriptor.inputs[0].channels = Gate(wrong);
    connection.remote.SubmitTask(submission);
    EXPECT_EQ(connection.inbox.Deliver(connection.wire->Take().at(0)).code(), StatusCode::kDataLoss);
  }
}

TEST(TaskManagerMessages, RefusesARegionWhoseTasksAreNowhere) {
  for (const std::vector<int32_t>& wrong : {std::vector<int32_t>{0, 2}, {-1, 0}, {0}}) {
    Connection connection;
    auto region = std::make_shared<DeployedRegion>(*NearAndFar());
    region->vertices[0].places = wrong;
    TaskSubmission submission = Submission();
    submission.descriptor.region = region;
    connection.remote.SubmitTask(submission);
    EXPECT_EQ(connection.inbox.Deliver(connection.wire->Take().at(0)).code(), StatusCode::kDataLoss);
  }
}

TEST(TaskManagerMessages, CarriesWhatKeepsSourcesInStep) {
  Connection connection;
  connection.remote.LimitWatermark(kHeader, kAttempt, -5);
  connection.Deliver();
  EXPECT_THAT(connection.task_executor->calls, ElementsAre("limit of " + kAttempt.ToHex() + " -5"));
}

TEST(TaskManagerMessages, CarriesTheStateThatATaskBeginsFrom) {
  Connection connection;
  TaskSubmission submission = Submission();
  submission.descriptor.restored_state = {StateOfOneList()};
  submission.descriptor.restored_checkpoint = CheckpointId(17);
  connection.remote.SubmitTask(submission);
  connection.Deliver();
  EXPECT_EQ(connection.task_executor->submissions.at(0).descriptor.restored_checkpoint, CheckpointId(17));
  EXPECT_EQ(connection.task_executor->submissions.at(0).descriptor.restored_state,
            submission.descriptor.restored_state);
}

TEST(TaskManagerMessages, CarriesTheTriggerOfACheckpointWhole) {
  Connection connection;
  CheckpointTrigger trigger{.id = CheckpointId(9), .time_ms = 5, .stops = true, .drains = true};
  trigger.location = {.id = CheckpointId(9), .kind = SnapshotKind::kSavepoint, .format = SnapshotFormat::kCanonical};
  trigger.location.directory = "/snapshots/9";
  trigger.location.shared_directory = "/snapshots/shared";
  trigger.location.is_full = true;
  trigger.location.max_inline_bytes = 77;
  trigger.location.may_write_files = false;
  connection.remote.TriggerCheckpoint(kHeader, kAttempt, trigger);
  connection.remote.NotifyCheckpointComplete(kHeader, kAttempt, CheckpointId(9));
  connection.remote.NotifyCheckpointAborted(kHeader, kAttempt, CheckpointId(10));
  connection.Deliver();
  EXPECT_THAT(connection.task_executor->calls, ElementsAre("trigger 9", "complete 9", "aborted 10"));
  EXPECT_EQ(connection.task_executor->triggers[0], trigger);
}

TEST(TaskManagerMessages, SendsTheGraphOnceWhileTheJobHasSlotsThere) {
  Connection connection;
  connection.remote.RequestSlot({kHeader, kAllocation, 0});
  connection.remote.RequestSlot({kHeader, kOtherAllocation, 1});
  connection.remote.SubmitTask(Submission());
  connection.remote.SubmitTask(Submission());
  connection.remote.FreeSlot(kHeader, kAllocation);
  connection.remote.SubmitTask(Submission());
  EXPECT_EQ(connection.Deliver(), 1);
  connection.remote.FreeSlot(kHeader, kOtherAllocation);
  connection.remote.RequestSlot({kHeader, kAllocation, 0});
  connection.remote.SubmitTask(Submission());
  EXPECT_EQ(connection.Deliver(), 1);
}

TEST(TaskManagerMessages, RefusesATaskWhoseGraphNeverCame) {
  Connection connection;
  connection.remote.SubmitTask(Submission());
  v1::JobManagerMessage message = connection.wire->Take()[0];
  message.mutable_submit_task()->clear_graph();
  EXPECT_THAT(connection.inbox.Deliver(message).ToString(), HasSubstr("before the graph of its job"));
}

TEST(TaskManagerMessages, RefusesWhatItDoesNotKnow) {
  Connection connection;
  EXPECT_EQ(connection.inbox.Deliver(v1::JobManagerMessage()).code(), StatusCode::kDataLoss);
}

// Writes down what the TaskManager says.
class RecordingJobMasters final : public JobMasterGateway {
 public:
  void OfferSlot(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway) override {
    calls.push_back("offer of slot " + std::to_string(offer.slot) + " by " + offer.task_manager.value());
    offered = std::move(gateway);
  }
  void UpdateTaskState(LeaderId leader, TaskStateUpdate update) override {
    EXPECT_EQ(leader, kHeader.leader);
    calls.push_back(std::string(ExecutionStateName(update.state)) + ": " + update.error.ToString());
    updates.push_back(std::move(update));
  }
  void RegisterReader(MessageHeader, ExecutionAttemptId) override { calls.emplace_back("reader"); }
  void RequestSplit(MessageHeader, ExecutionAttemptId) override { calls.emplace_back("split"); }
  void ReportStatistics(StatisticsReport report) override {
    calls.push_back("records " + std::to_string(report.tasks.at(0).second.records_in));
  }
  void NotifyEndOfData(MessageHeader, ExecutionAttemptId) override { calls.emplace_back("end of data"); }
  void ReportWatermark(MessageHeader, ExecutionAttemptId, WatermarkReport report) override {
    calls.push_back("watermark " + std::to_string(report.watermark) + " of " + report.group + ", drift " +
                    std::to_string(report.max_drift_ms));
  }
  void AcknowledgeCheckpoint(CheckpointAcknowledgement acknowledgement) override {
    calls.push_back("acknowledge " + acknowledgement.id.ToString());
    acknowledgements.push_back(std::move(acknowledgement));
  }
  void DeclineCheckpoint(CheckpointDecline decline) override {
    calls.push_back("decline " + decline.id.ToString() + ": " + decline.reason.ToString());
  }
  void NotifySlotShortage(SlotShortage) override {}
  void TaskExecutorLost(MessageHeader, TaskManagerId, Status) override {}

  std::vector<std::string> calls;
  std::vector<TaskStateUpdate> updates;
  std::vector<CheckpointAcknowledgement> acknowledgements;
  std::shared_ptr<TaskExecutorGateway> offered;
};

struct ReverseConnection {
  std::shared_ptr<Wire<v1::TaskManagerMessage>> wire = std::make_shared<Wire<v1::TaskManagerMessage>>();
  std::shared_ptr<RecordingJobMasters> job_masters = std::make_shared<RecordingJobMasters>();
  std::shared_ptr<RecordingTaskExecutor> task_executor = std::make_shared<RecordingTaskExecutor>();
  RemoteJobMasters remote{wire};
  TaskManagerInbox inbox{task_executor, job_masters, nullptr};

  void Deliver() {
    for (const v1::TaskManagerMessage& message : wire->Take()) EXPECT_TRUE(inbox.Deliver(message).ok());
  }
};

TEST(TaskManagerMessages, DeliversTheCallsOfTheTaskManagerInOrder) {
  ReverseConnection connection;
  connection.remote.OfferSlot({kHeader, TaskManagerId("tm"), kAllocation, 5}, nullptr);
  connection.remote.RegisterReader(kHeader, kAttempt);
  connection.remote.RequestSplit(kHeader, kAttempt);
  StatisticsReport report{.header = kHeader, .tasks = {}};
  report.tasks.emplace_back(kAttempt, TaskStatistics{.records_in = 17});
  connection.remote.ReportStatistics(report);
  connection.remote.ReportWatermark(kHeader, kAttempt, {.group = "all", .max_drift_ms = 10, .watermark = -3});
  connection.Deliver();
  EXPECT_THAT(connection.job_masters->calls,
              ElementsAre("offer of slot 5 by tm", "reader", "split", "records 17", "watermark -3 of all, drift 10"));
  // What reaches the JobMaster is the gateway of the stream that the offer came by.
  EXPECT_EQ(connection.job_masters->offered, connection.task_executor);
}

TEST(TaskManagerMessages, CarriesTheAnswersToACheckpoint) {
  ReverseConnection connection;
  CheckpointAcknowledgement acknowledgement{.header = kHeader, .attempt_id = kAttempt, .id = CheckpointId(4)};
  acknowledgement.state = {StateOfOneList()};
  acknowledgement.metrics = {.start_delay_ms = 1,
                             .alignment_ms = 2,
                             .sync_ms = 3,
                             .async_ms = 4,
                             .checkpointed_bytes = 5,
                             .processed_bytes = 6,
                             .persisted_bytes = 7,
                             .is_unaligned = true};
  connection.remote.NotifyEndOfData(kHeader, kAttempt);
  connection.remote.AcknowledgeCheckpoint(acknowledgement);
  connection.remote.DeclineCheckpoint({kHeader, kAttempt, CheckpointId(5), AbortedError("newer")});
  connection.Deliver();
  EXPECT_THAT(connection.job_masters->calls, ElementsAre("end of data", "acknowledge 4", "decline 5: ABORTED: newer"));
  EXPECT_EQ(connection.job_masters->acknowledgements[0].state, acknowledgement.state);
  EXPECT_EQ(connection.job_masters->acknowledgements[0].attempt_id, kAttempt);
  EXPECT_EQ(connection.job_masters->acknowledgements[0].metrics, acknowledgement.metrics);
}

TEST(TaskManagerMessages, CarriesTheEndOfATaskWhole) {
  ReverseConnection connection;
  TaskStateUpdate update;
  update.job_id = kHeader.job_id;
  update.attempt_id = kAttempt;
  update.state = ExecutionState::kFailed;
  update.error = DataLossError("line 3 of \xfe");
  update.accumulators = {{"bad", -4}};
  update.statistics.watermark = INT64_MIN;
  update.statistics.bytes_total = -1;
  connection.remote.UpdateTaskState(kHeader.leader, update);
  connection.Deliver();
  EXPECT_THAT(connection.job_masters->calls, ElementsAre("FAILED: DATA_LOSS: line 3 of \xfe"));
  EXPECT_EQ(connection.job_masters->updates[0].accumulators, update.accumulators);
  EXPECT_EQ(connection.job_masters->updates[0].statistics.watermark, INT64_MIN);
  EXPECT_EQ(connection.job_masters->updates[0].statistics.bytes_total, -1);
}

TEST(TaskManagerMessages, TakesAStateOfANewerVersionForAFailure) {
  ReverseConnection connection;
  TaskStateUpdate update;
  update.job_id = kHeader.job_id;
  update.state = ExecutionState::kRunning;
  connection.remote.UpdateTaskState(kHeader.leader, update);
  v1::TaskManagerMessage message = connection.wire->Take()[0];
  message.mutable_task_state()->set_state(static_cast<v1::ExecutionState>(99));
  ASSERT_TRUE(connection.inbox.Deliver(message).ok());
  EXPECT_THAT(connection.job_masters->calls[0], HasSubstr("FAILED: INTERNAL: the task reported the unknown state"));
}

}  // namespace
}  // namespace weir
