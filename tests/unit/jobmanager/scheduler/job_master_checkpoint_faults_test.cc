// Checkpoints that are asked for, told of, and that go wrong: docs/checkpointing.md, the coordinator's side.
#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/jobmanager/scheduler/job_master_checkpoints_fixture.h"

namespace weir {
namespace {

using jobmanager_test::EverySecond;
using jobmanager_test::FakeTask;
using jobmanager_test::Ids;
using jobmanager_test::ShuffledJob;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class JobMasterCheckpointFaultsTest : public jobmanager_test::JobMasterCheckpointsTest {};

TEST_F(JobMasterCheckpointFaultsTest, WhatIsToldOfTheJobHasItsCheckpointsWithEverySubtask) {
  Submit(EverySecond());
  Advance(2500ms);
  const std::shared_ptr<const CheckpointStatistics> statistics = cluster_.Details().checkpoints;
  ASSERT_NE(statistics, nullptr);
  EXPECT_EQ(statistics->counts.completed, 2);
  ASSERT_EQ(statistics->history.size(), 2u);
  const CheckpointRecord& latest = *statistics->history[0];
  EXPECT_EQ(latest.id, CheckpointId(2));
  EXPECT_EQ(latest.path, Folder(2));
  EXPECT_TRUE(statistics->history[1]->is_discarded);
  EXPECT_EQ(latest.totals.acknowledged, latest.totals.subtasks);
  EXPECT_EQ(latest.totals.checkpointed_bytes, 7 * latest.totals.subtasks);  // what the fake tasks say
  EXPECT_GT(latest.vertices[0].subtasks[0].state_bytes, 0);
  EXPECT_FALSE(statistics->latest_restored.has_value());
}

TEST_F(JobMasterCheckpointFaultsTest, AFolderThatCannotBeMadeFailsTheJobAtItsStart) {
  cluster_.faults().Add({.operation = FileOperation::kCreateDirectories,
                         .status = PermissionDeniedError("cannot create /checkpoints: Permission denied")});
  Submit(EverySecond());
  EXPECT_EQ(cluster_.result().status, JobStatus::kFailed);
  EXPECT_NE(cluster_.error().find("Permission denied; execution.checkpointing.dir must name a folder"),
            std::string::npos)
      << cluster_.error();
}

TEST_F(JobMasterCheckpointFaultsTest, AFailedCheckpointAndTheRestoreThatFollowsAreTold) {
  Submit(EverySecond());
  Advance(1500ms);
  cluster_.world().acknowledges_by_itself = false;
  Advance(1s);
  cluster_.world().Decline(cluster_.Task("lines", 0), CheckpointId(2), DataLossError("disk full"));
  cluster_.world().acknowledges_by_itself = true;
  Advance(500ms);
  const std::shared_ptr<const CheckpointStatistics> statistics = cluster_.Details().checkpoints;
  EXPECT_EQ(statistics->counts.failed, 1);
  ASSERT_NE(statistics->latest_failed, nullptr);
  EXPECT_EQ(statistics->latest_failed->failure, "disk full");
  ASSERT_TRUE(statistics->latest_restored.has_value());
  EXPECT_EQ(statistics->latest_restored->id, CheckpointId(1));
  EXPECT_EQ(statistics->counts.restored, 1);
}

TEST_F(JobMasterCheckpointFaultsTest, OneThatIsAskedForWaitsForNoInterval) {
  Submit(EverySecond());
  Advance(300ms);
  const auto answer = cluster_.TriggerCheckpoint();
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->ValueOr(CheckpointId()), CheckpointId(1));
  EXPECT_TRUE(IsComplete(1));
  EXPECT_FALSE(cluster_.Task("lines", 0).triggered[0].location.is_full);
}

TEST_F(JobMasterCheckpointFaultsTest, OneThatIsAskedForInFullIsFullAndTheNextIsNot) {
  Submit(EverySecond());
  Advance(300ms);
  cluster_.TriggerCheckpoint(CheckpointType::kFull);
  Advance(1s);
  const std::vector<CheckpointTrigger>& triggered = cluster_.Task("lines", 0).triggered;
  ASSERT_EQ(triggered.size(), 2u);
  EXPECT_TRUE(triggered[0].location.is_full);
  EXPECT_FALSE(triggered[1].location.is_full);
}

TEST_F(JobMasterCheckpointFaultsTest, WhoAskedHearsWhyThereIsNone) {
  Submit(EverySecond());
  cluster_.world().acknowledges_by_itself = false;
  Advance(300ms);
  const auto answer = cluster_.TriggerCheckpoint();
  ASSERT_FALSE(answer->has_value());
  cluster_.world().Decline(cluster_.Task("lines", 0), CheckpointId(1), DataLossError("disk full"));
  cluster_.simulation().RunUntilIdle();
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->status().message(), "the checkpoint failed: disk full");
}

TEST_F(JobMasterCheckpointFaultsTest, AnAcknowledgementWithStateThatIsNotItsOwnFailsTheCheckpoint) {
  for (const bool is_known : {false, true}) {
    SCOPED_TRACE(is_known);
    cluster_.world().acknowledges_by_itself = false;
    Submit(EverySecond());
    Advance(1s);
    FakeTask& map = cluster_.Task("Map", 0);
    map.operators = is_known ? cluster_.Task("lines", 0).operators : std::vector<OperatorId>{OperatorId()};
    AcknowledgeAll(1);
    EXPECT_FALSE(IsComplete(1));
    const auto statistics = cluster_.Details().checkpoints;
    ASSERT_NE(statistics->latest_failed, nullptr);
    EXPECT_NE(statistics->latest_failed->failure.find("with state that is not its own"), std::string::npos);
  }
}

TEST_F(JobMasterCheckpointFaultsTest, AJobWithoutCheckpointsRefusesToTakeOne) {
  Submit({});
  Advance(300ms);
  const auto answer = cluster_.TriggerCheckpoint();
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(JobMasterCheckpointFaultsTest, AnUnalignedCheckpointAndASavepointAreTakenOneAfterTheOther) {
  Configuration configuration = EverySecond();
  configuration.Set(kUnalignedCheckpoints, true);
  Submit(std::move(configuration));
  cluster_.world().acknowledges_by_itself = false;
  Advance(2500ms);
  cluster_.TriggerSavepoint({.directory = "/savepoints"});
  EXPECT_EQ(Triggered("lines", 0), Ids{1});
  AcknowledgeAll(1);
  EXPECT_EQ(Triggered("lines", 0), (Ids{1, 2}));
  EXPECT_EQ(cluster_.Task("lines", 0).triggered[1].location.kind, SnapshotKind::kSavepoint);
}

TEST_F(JobMasterCheckpointFaultsTest, IfTheCheckpointIsDamagedTheOneBeforeIsUsed) {
  Configuration configuration = EverySecond();
  configuration.Set(kRetainedCheckpoints, 3);
  Submit(std::move(configuration));
  Advance(3500ms);
  cluster_.world().runs_by_itself = false;
  cluster_.world().Report(cluster_.Task("lines", 0), ExecutionState::kFailed, InternalError("out of luck"));
  cluster_.simulation().RunUntilIdle();
  for (const int64_t id : {3, 2}) {
    Advance(20ms);
    FakeTask& task = cluster_.Task("lines", 0);
    EXPECT_EQ(cluster_.Details().checkpoints->latest_restored->id, CheckpointId(id));
    cluster_.world().Report(task, ExecutionState::kInitializing);
    cluster_.world().Report(task, ExecutionState::kFailed, DataLossError(Folder(id) + "/a1-0: block 3 is damaged"));
    cluster_.simulation().RunUntilIdle();
  }
  Advance(20ms);
  EXPECT_EQ(cluster_.Details().checkpoints->latest_restored->id, CheckpointId(1));
}

TEST_F(JobMasterCheckpointFaultsTest, ADamagedBeginningEndsTheJobAndStaysWhereItIs) {
  Configuration configuration = EverySecond();
  configuration.Set(kRestorePath, std::string(kLatestCheckpoint));
  configuration.Set(kCheckpointRetention, CheckpointRetention::kRetainOnCancellation);
  Submit(configuration);
  Advance(1500ms);
  const std::string folder = Folder(1);
  ASSERT_TRUE(cluster_.Cancel().ok());

  configuration.Set(kCheckpointRetention, CheckpointRetention::kNone);
  graph_test::TestGraph again;
  ShuffledJob(again, 2);
  cluster_.world().runs_by_itself = false;
  cluster_.Submit(again, configuration);
  FakeTask& task = cluster_.Task("lines", 0);
  cluster_.world().Report(task, ExecutionState::kInitializing);
  cluster_.world().Report(task, ExecutionState::kFailed, DataLossError(folder + "/a1-0: block 3 is damaged"));
  cluster_.simulation().RunUntilIdle();
  for (FakeTask* other : cluster_.Living()) cluster_.world().Report(*other, ExecutionState::kCanceled);
  Advance(20ms);
  EXPECT_EQ(cluster_.Status_(), JobStatus::kFailed);
  EXPECT_TRUE(*cluster_.files().Exists(folder + "/_metadata"));
}

void CopyFiles(FileSystem& from, const std::string& folder, FileSystem& to) {
  ASSERT_OK(to.CreateDirectories(folder));
  const std::vector<FileInfo> files = from.List(folder).value();
  for (const FileInfo& file : files) {
    if (file.IsDirectory()) {
      CopyFiles(from, file.path, to);
    } else {
      ASSERT_OK(WriteFileAtomically(to, file.path, ReadWholeFile(from, file.path).value()));
    }
  }
}

// Which other checkpoints there are is known only when their folder has been read, which may take longer than a task takes to fail.
TEST(JobMasterCheckpointFaults, ADamagedBeginningDoesNotEndTheJobBeforeTheFolderHasBeenRead) {
  Configuration configuration = EverySecond();
  configuration.Set(kRetainedCheckpoints, 3);
  configuration.Set(kRestorePath, std::string(kLatestCheckpoint));
  InMemoryFileSystem disk;
  graph_test::TestGraph first, again;
  ShuffledJob(first, 2);
  ShuffledJob(again, 2);
  JobId job;
  {
    jobmanager_test::SimulatedCluster before(/*seed=*/1);
    job = before.Submit(first, configuration);
    before.simulation().AdvanceTime(2500ms);
    CopyFiles(before.files(), "/checkpoints", disk);
  }

  // Of the same seed: so the job has the same id, and the folder is its own.
  jobmanager_test::SimulatedCluster after(/*seed=*/1, {.io_delay = 5ms});
  CopyFiles(disk, "/checkpoints", after.files());
  after.world().first_failure = DataLossError("/checkpoints/" + job.ToHex() + "/chk-2/a1-0: block 3 is damaged");
  ASSERT_EQ(after.Submit(again, configuration), job);
  after.simulation().AdvanceTime(100ms);
  EXPECT_TRUE(after.world().first_failure.ok()) << "no task has failed";
  EXPECT_EQ(after.Status_(), JobStatus::kRunning) << after.Details().error.ToString();
}

TEST_F(JobMasterCheckpointFaultsTest, DamageOfSomethingElseIsNoReasonToGoBack) {
  Configuration configuration = EverySecond();
  configuration.Set(kRetainedCheckpoints, 3);
  Submit(std::move(configuration));
  Advance(3500ms);
  cluster_.world().runs_by_itself = false;
  cluster_.world().Report(cluster_.Task("lines", 0), ExecutionState::kFailed, InternalError("out of luck"));
  Advance(20ms);
  cluster_.world().Report(cluster_.Task("lines", 0), ExecutionState::kInitializing);
  cluster_.world().Report(cluster_.Task("lines", 0), ExecutionState::kFailed, DataLossError("/input/a.csv: line 3"));
  Advance(20ms);
  EXPECT_EQ(cluster_.Details().checkpoints->latest_restored->id, CheckpointId(3));
}

TEST_F(JobMasterCheckpointFaultsTest, MetadataOfAnUnknownOutcomeIsWrittenAgain) {  // I5
  Submit(EverySecond());
  cluster_.faults().Add({.operation = FileOperation::kSyncDirectory,
                         .path_contains = "chk-1",
                         .times = 2,
                         .status = UnavailableError("no answer")});
  Advance(1500ms);
  EXPECT_TRUE(IsComplete(1));
  EXPECT_EQ(cluster_.Task("lines", 0).completed, Ids{1});
  EXPECT_EQ(cluster_.Details().checkpoints->counts.failed, 0);
}

TEST_F(JobMasterCheckpointFaultsTest, IfItStaysUnknownNothingOfItIsTakenBack) {  // I5, I7
  Configuration configuration = EverySecond();
  configuration.Set(kTolerableFailedCheckpoints, 1);
  Submit(std::move(configuration));
  cluster_.faults().Add({.operation = FileOperation::kSyncDirectory,
                         .path_contains = "chk-1",
                         .times = kEveryTime,
                         .status = UnavailableError("no answer")});
  Advance(1500ms);
  FakeTask& task = cluster_.Task("lines", 0);
  EXPECT_TRUE(task.completed.empty());
  EXPECT_TRUE(task.aborted.empty()) << "a restore from it would commit what they hold";
  EXPECT_TRUE(IsComplete(1)) << "what might be there stays";
  Advance(1s);
  EXPECT_EQ(task.completed, Ids{2});
}

TEST_F(JobMasterCheckpointFaultsTest, AFailoverWaitsForTheOutcome) {  // I5, I6
  Submit(EverySecond());
  cluster_.faults().Add({.operation = FileOperation::kSyncDirectory,
                         .path_contains = "chk-1",
                         .times = 1,
                         .status = UnavailableError("no answer")});
  Advance(1010ms);
  cluster_.world().Report(cluster_.Task("lines", 0), ExecutionState::kFailed, InternalError("out of luck"));
  Advance(500ms);
  ASSERT_TRUE(cluster_.Details().checkpoints->latest_restored.has_value());
  EXPECT_EQ(cluster_.Details().checkpoints->latest_restored->id, CheckpointId(1));
}

TEST_F(JobMasterCheckpointFaultsTest, WhoAskedForASavepointHearsOfItThoughTheJobEndsMeanwhile) {
  Submit(EverySecond());
  cluster_.faults().Add({.operation = FileOperation::kSyncDirectory,
                         .path_contains = "/savepoints/savepoint-",
                         .times = kEveryTime,
                         .status = UnavailableError("no answer")});
  cluster_.TriggerSavepoint({.directory = "/savepoints"});
  EXPECT_TRUE(cluster_.savepoints().empty()) << "its metadata is to be written again";
  ASSERT_TRUE(cluster_.Cancel().ok());
  ASSERT_EQ(cluster_.savepoints().size(), 1u);
  const Status answer = cluster_.savepoints()[0].status();
  EXPECT_EQ(answer.code(), StatusCode::kCancelled);
  EXPECT_NE(answer.message().find("the job ended while /savepoints/"), std::string::npos) << answer.message();
}

TEST_F(JobMasterCheckpointFaultsTest, ANewerOneMayBecomeCompleteWhileMetadataIsWrittenAgain) {  // I5
  Configuration configuration = EverySecond();
  configuration.Set(kMaxConcurrentCheckpoints, 2);
  Submit(std::move(configuration));
  cluster_.world().acknowledges_by_itself = false;
  for (const auto& [folder, times] : {std::pair("chk-1", kEveryTime), std::pair("chk-2", 1)}) {
    cluster_.faults().Add({.operation = FileOperation::kSyncDirectory,
                           .path_contains = folder,
                           .times = times,
                           .status = UnavailableError("no answer")});
  }
  Advance(1500ms);
  cluster_.TriggerCheckpoint();
  AcknowledgeAll(2);
  AcknowledgeAll(1);
  Advance(300ms);  // both are written again: the newer first
  EXPECT_EQ(cluster_.Task("lines", 0).completed, Ids{2});
}

TEST_F(JobMasterCheckpointFaultsTest, AFullDiskFailsTheCheckpointAndTheOneBeforeStays) {
  Configuration configuration = EverySecond();
  configuration.Set(kTolerableFailedCheckpoints, 1);
  Submit(std::move(configuration));
  Advance(1500ms);
  cluster_.faults().Add({.operation = FileOperation::kAppend,
                         .path_contains = "chk-2",
                         .times = kEveryTime,
                         .status = ResourceExhaustedError("no space left on device"),
                         .tears_write = true});
  Advance(1s);
  EXPECT_FALSE(IsComplete(2));
  EXPECT_TRUE(IsComplete(1));
  EXPECT_NE(cluster_.Details().checkpoints->latest_failed->failure.find("no space left"), std::string::npos);
  Advance(1s);
  EXPECT_TRUE(IsComplete(3));
}

}  // namespace
}  // namespace weir
