#include "weir/taskmanager/task_executor.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/execution/simulated_executor.h"
#include "weir/graph/job/job_graph.h"

namespace weir {
namespace {

// Remembers what it is told.
class RecordingResourceManager final : public ResourceManagerGateway {
 public:
  void RegisterTaskExecutor(TaskExecutorRegistration, std::shared_ptr<TaskExecutorGateway>) override {}
  void DisconnectTaskExecutor(TaskManagerId, Status) override {}
  void DeclareRequirements(RequirementsDeclaration, std::shared_ptr<JobMasterGateway>) override {}
  void NotifySlotFree(TaskManagerId, SlotStatus slot) override { freed.push_back(slot); }
  std::vector<SlotStatus> freed;
};

class RecordingJobMaster final : public JobMasterGateway {
 public:
  void OfferSlot(SlotOffer offer, std::shared_ptr<TaskExecutorGateway>) override { offers.push_back(std::move(offer)); }
  void UpdateTaskState(LeaderId, TaskStateUpdate update) override { updates.push_back(std::move(update)); }
  void RegisterReader(MessageHeader, ExecutionAttemptId) override {}
  void RequestSplit(MessageHeader, ExecutionAttemptId) override {}
  void NotifyEndOfData(MessageHeader, ExecutionAttemptId) override {}
  void AcknowledgeCheckpoint(CheckpointAcknowledgement acknowledgement) override {
    acknowledged.push_back(std::move(acknowledgement));
  }
  void DeclineCheckpoint(CheckpointDecline) override {}
  void ReportStatistics(StatisticsReport report) override { reports += report.tasks.empty() ? 0 : 1; }
  void NotifySlotShortage(SlotShortage) override {}
  void TaskExecutorLost(MessageHeader, TaskManagerId, Status) override {}
  std::vector<SlotOffer> offers;
  std::vector<TaskStateUpdate> updates;
  std::vector<CheckpointAcknowledgement> acknowledged;
  int reports = 0;
};

struct WorkerLog {
  WorkerListener* listener = nullptr;
  std::vector<ExecutionAttemptId> deployed;
  std::vector<ExecutionAttemptId> cancelled;
  std::vector<std::pair<ExecutionAttemptId, CheckpointId>> triggered;
  std::vector<std::string> connections;  // whom they are from
  int launched = 0;
  double memory_share = 0;  // of the newest
  int shut_down = 0;
};

class RecordingWorker final : public Worker {
 public:
  explicit RecordingWorker(WorkerLog* log) : log_(log) {}
  Status Deploy(TaskDeploymentDescriptor descriptor, std::shared_ptr<const JobGraph>) override {
    log_->deployed.push_back(descriptor.attempt_id);
    return OkStatus();
  }
  void Cancel(ExecutionAttemptId attempt) override { log_->cancelled.push_back(attempt); }
  void AddSplits(ExecutionAttemptId, std::vector<std::string>) override {}
  void NoMoreSplits(ExecutionAttemptId) override {}
  void TriggerCheckpoint(ExecutionAttemptId attempt, CheckpointTrigger trigger) override {
    log_->triggered.emplace_back(attempt, trigger.id);
  }
  void NotifyCheckpointComplete(ExecutionAttemptId, CheckpointId) override {}
  void NotifyCheckpointAborted(ExecutionAttemptId, CheckpointId) override {}
  std::vector<std::pair<ExecutionAttemptId, TaskStatistics>> Statistics() const override { return {{{}, {}}}; }
  void AdoptConnection(Descriptor, TaskManagerId from) override { log_->connections.push_back(from.value()); }
  void Shutdown() override { ++log_->shut_down; }

 private:
  WorkerLog* const log_;
};

class RecordingLauncher final : public WorkerLauncher {
 public:
  explicit RecordingLauncher(WorkerLog* log) : log_(log) {}
  StatusOr<std::unique_ptr<Worker>> Launch(WorkerRequest request, WorkerListener* listener) override {
    ++log_->launched;
    log_->memory_share = request.memory_share;
    log_->listener = listener;
    return std::make_unique<RecordingWorker>(log_);
  }

 private:
  WorkerLog* const log_;
};

class TaskExecutorTest : public testing::Test {
 protected:
  TaskExecutorTest() {
    TaskExecutorOptions options;
    options.id = TaskManagerId("tm");
    options.leader = header_.leader;
    options.slots = 2;
    options.strand = &strand_;
    options.launcher = &launcher_;
    options.resource_manager = resources_;
    options.job_masters = job_;
    options.statistics_interval = Duration(100);
    options.leaderless = Duration(3000);
    options.return_wait = Duration(2000);
    executor_.emplace(std::move(options));
  }
  ~TaskExecutorTest() override { strand_.Stop(); }

  void Submit(int task) {
    TaskSubmission submission;
    submission.header = header_;
    submission.allocation_id = allocation_;
    submission.descriptor.job_id = header_.job_id;
    submission.descriptor.attempt_id = Attempt(task);
    submission.graph = std::make_shared<const JobGraph>();
    executor_->SubmitTask(std::move(submission));
    simulation_.RunUntilIdle();
  }
  void Report(int task, ExecutionState state) {
    TaskStateUpdate update;
    update.job_id = header_.job_id;
    update.attempt_id = Attempt(task);
    update.state = state;
    log_.listener->OnTaskState(std::move(update));
    simulation_.RunUntilIdle();
  }
  // A JobManager that knows nothing of what came before.
  void Follow(const std::string& leader) {
    header_.leader = LeaderId::FromName(leader);
    executor_->Registration();
    executor_->FollowLeader(header_.leader, resources_, job_);
  }
  static ExecutionAttemptId Attempt(int task) { return ExecutionAttemptId::FromName(std::to_string(task)); }

  SimulatedExecutor simulation_;
  Strand strand_{simulation_};
  MessageHeader header_{LeaderId::FromName("leader"), JobId::FromName("job")};
  const AllocationId allocation_ = AllocationId::FromName("slot 0");
  WorkerLog log_;
  RecordingLauncher launcher_{&log_};
  const std::shared_ptr<RecordingResourceManager> resources_ = std::make_shared<RecordingResourceManager>();
  const std::shared_ptr<RecordingJobMaster> job_ = std::make_shared<RecordingJobMaster>();
  std::optional<TaskExecutor> executor_;
};

TEST_F(TaskExecutorTest, ARequestedSlotIsOfferedToTheJobOnceHoweverOftenItIsRequested) {
  executor_->RequestSlot({header_, allocation_, 0});
  executor_->RequestSlot({header_, allocation_, 0});
  ASSERT_EQ(job_->offers.size(), 1u);
  EXPECT_EQ(job_->offers[0].allocation_id, allocation_);
}

TEST_F(TaskExecutorTest, ASlotInUseIsNotGivenAway) {
  executor_->RequestSlot({header_, allocation_, 0});
  const AllocationId other = AllocationId::FromName("other");
  executor_->RequestSlot({header_, other, 0});
  EXPECT_EQ(job_->offers.size(), 1u);
  ASSERT_EQ(resources_->freed.size(), 1u);
  EXPECT_EQ(resources_->freed[0].allocation_id, other);
}

TEST_F(TaskExecutorTest, TheJobsTasksShareOneWorker) {
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  Submit(2);
  EXPECT_EQ(log_.launched, 1);
  EXPECT_EQ(log_.deployed.size(), 2u);
}

TEST_F(TaskExecutorTest, AWorkerHasTheMemoryOfItsJobsSlots) {
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  EXPECT_EQ(log_.memory_share, 0.5);
  Report(1, ExecutionState::kCanceled);
  Submit(2);
  EXPECT_EQ(log_.launched, 1);

  executor_->RequestSlot({header_, AllocationId::FromName("slot 1"), 1});
  Submit(3);
  EXPECT_EQ(log_.launched, 1);  // it has a task, whose state is its memory
  Report(2, ExecutionState::kCanceled);
  Report(3, ExecutionState::kCanceled);
  Submit(4);
  EXPECT_EQ(log_.launched, 2);
  EXPECT_EQ(log_.memory_share, 1);
  EXPECT_EQ(log_.shut_down, 1);
  Report(4, ExecutionState::kFinished);
}

TEST_F(TaskExecutorTest, AConnectionWaitsForTheWorkerThatItIsMeantFor) {
  executor_->AdoptConnection(header_.job_id, TaskManagerId("early"), Descriptor());
  executor_->AdoptConnection(JobId::FromName("another"), TaskManagerId("stranger"), Descriptor());
  EXPECT_TRUE(log_.connections.empty());
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  executor_->AdoptConnection(header_.job_id, TaskManagerId("late"), Descriptor());
  EXPECT_EQ(log_.connections, (std::vector<std::string>{"early", "late"}));
}

TEST_F(TaskExecutorTest, AConnectionThatNobodyTakesIsClosed) {
  executor_->AdoptConnection(header_.job_id, TaskManagerId("early"), Descriptor());
  simulation_.AdvanceTime(std::chrono::minutes(5));
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  EXPECT_TRUE(log_.connections.empty());
}

TEST_F(TaskExecutorTest, ATaskIsDeployedOnceHoweverOftenItIsSubmitted) {
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  Submit(1);
  EXPECT_EQ(log_.deployed.size(), 1u);
  EXPECT_EQ(executor_->stale_messages(), 1);
}

TEST_F(TaskExecutorTest, ATaskWithoutItsSlotFails) {
  Submit(1);
  ASSERT_EQ(job_->updates.size(), 1u);
  EXPECT_EQ(job_->updates[0].state, ExecutionState::kFailed);
  EXPECT_EQ(job_->updates[0].error.message(), "TaskManager \"tm\" does not hold the slot of this task");
}

TEST_F(TaskExecutorTest, AFreedSlotIsFreeWhenItsTasksHaveEndedAndTheWorkerGoesWithIt) {
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  executor_->FreeSlot(header_, allocation_);
  EXPECT_EQ(log_.cancelled.size(), 1u);
  EXPECT_TRUE(resources_->freed.empty());
  Report(1, ExecutionState::kCanceled);
  ASSERT_EQ(resources_->freed.size(), 1u);
  EXPECT_EQ(log_.shut_down, 1);
  ASSERT_EQ(job_->updates.size(), 1u);
}

TEST_F(TaskExecutorTest, MessagesOfAnotherLeaderAreDroppedAndCounted) {
  const MessageHeader stale{LeaderId::FromName("former leader"), header_.job_id};
  executor_->RequestSlot({stale, allocation_, 0});
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  executor_->CancelTask(stale, Attempt(1));
  executor_->FreeSlot(stale, allocation_);
  executor_->CancelTask(header_, Attempt(7));
  EXPECT_TRUE(log_.cancelled.empty());
  EXPECT_EQ(executor_->stale_messages(), 4);
  Report(1, ExecutionState::kFinished);
}

TEST_F(TaskExecutorTest, NumbersOfLivingTasksAreReportedRegularly) {
  executor_->Start();
  simulation_.AdvanceTime(Duration(1000));
  EXPECT_EQ(job_->reports, 0);
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  simulation_.AdvanceTime(Duration(1000));
  EXPECT_EQ(job_->reports, 10);
  Report(1, ExecutionState::kFinished);
}

TEST_F(TaskExecutorTest, PassesCheckpointsToTheTaskAndItsAnswerToTheJobMaster) {
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  executor_->TriggerCheckpoint(header_, Attempt(1), {.id = CheckpointId(4)});
  EXPECT_EQ(log_.triggered, (std::vector<std::pair<ExecutionAttemptId, CheckpointId>>{{Attempt(1), CheckpointId(4)}}));
  log_.listener->OnCheckpointAcknowledged(Attempt(1), CheckpointId(4), {{.subtask_index = 3}}, {.sync_ms = 8});
  ASSERT_EQ(job_->acknowledged.size(), 1u);
  EXPECT_EQ(job_->acknowledged[0].id, CheckpointId(4));
  EXPECT_EQ(job_->acknowledged[0].attempt_id, Attempt(1));
  EXPECT_EQ(job_->acknowledged[0].state[0].subtask_index, 3);
  EXPECT_EQ(job_->acknowledged[0].metrics.sync_ms, 8);
}

TEST_F(TaskExecutorTest, DropsACheckpointForATaskThatIsNotThere) {
  executor_->RequestSlot({header_, allocation_, 0});
  executor_->TriggerCheckpoint(header_, Attempt(1), {.id = CheckpointId(4)});
  EXPECT_TRUE(log_.triggered.empty());
  EXPECT_EQ(executor_->stale_messages(), 1);
}

TEST_F(TaskExecutorTest, WithoutALeaderTasksRunOnAndNothingNewIsTaken) {
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  executor_->LoseLeader();
  executor_->RequestSlot({header_, AllocationId::FromName("slot 1"), 1});
  simulation_.AdvanceTime(Duration(2900));
  EXPECT_TRUE(log_.cancelled.empty());
  EXPECT_EQ(job_->offers.size(), 1u);
  Report(1, ExecutionState::kFinished);
}

TEST_F(TaskExecutorTest, TasksThatNoLeaderComesForAreCancelledInTheEnd) {
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  executor_->LoseLeader();
  simulation_.AdvanceTime(Duration(3100));
  EXPECT_EQ(log_.cancelled.size(), 1u);
  Report(1, ExecutionState::kCanceled);
  EXPECT_EQ(log_.shut_down, 1);
}

TEST_F(TaskExecutorTest, TheNextLeaderGetsTheSlotWhenItsOldTasksHaveEnded) {
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  executor_->LoseLeader();
  Follow("next");
  EXPECT_EQ(log_.cancelled.size(), 1u);
  EXPECT_TRUE(resources_->freed.empty());
  Report(1, ExecutionState::kCanceled);
  ASSERT_EQ(resources_->freed.size(), 1u);
  EXPECT_EQ(resources_->freed[0].allocation_id, allocation_);
}

TEST_F(TaskExecutorTest, TheJobThatComesBackFindsItsWorker) {
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  executor_->LoseLeader();
  Follow("next");
  Report(1, ExecutionState::kCanceled);
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(2);
  EXPECT_EQ(log_.launched, 1);
  EXPECT_EQ(log_.deployed.size(), 2u);
  simulation_.AdvanceTime(Duration(5000));
  EXPECT_EQ(log_.shut_down, 0);
  log_.listener->OnCheckpointAcknowledged(Attempt(2), CheckpointId(1), {}, {});
  ASSERT_EQ(job_->acknowledged.size(), 1u);
  EXPECT_EQ(job_->acknowledged[0].header.leader, header_.leader);
  Report(2, ExecutionState::kFinished);
}

TEST_F(TaskExecutorTest, AWorkerWhoseJobDoesNotComeBackEnds) {
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  executor_->LoseLeader();
  Follow("next");
  Report(1, ExecutionState::kCanceled);
  EXPECT_EQ(log_.shut_down, 0);
  simulation_.AdvanceTime(Duration(2100));
  EXPECT_EQ(log_.shut_down, 1);
}

TEST_F(TaskExecutorTest, ASlotThatBecameFreeAfterItWasRegisteredIsToldFree) {
  executor_->RequestSlot({header_, allocation_, 0});
  Submit(1);
  executor_->LoseLeader();
  executor_->Registration();
  simulation_.AdvanceTime(Duration(3100));
  Report(1, ExecutionState::kCanceled);
  resources_->freed.clear();  // what the lost one would have heard
  executor_->FollowLeader(LeaderId::FromName("next"), resources_, job_);
  ASSERT_EQ(resources_->freed.size(), 1u);
  EXPECT_EQ(resources_->freed[0].allocation_id, allocation_);
}

}  // namespace
}  // namespace weir
