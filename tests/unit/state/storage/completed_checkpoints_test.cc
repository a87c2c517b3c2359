#include "weir/state/storage/completed_checkpoints.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "weir/base/file/fault_injecting_file_system.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/random.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/state/storage/snapshot_fixture.h"

namespace weir {
namespace {

using Names = std::vector<std::string>;

// A job that takes checkpoints; files of `shared` are known by the number of the checkpoint that wrote them.
struct KeptCheckpoints : ::testing::Test {
  KeptCheckpoints() { files.CreateDirectories("/ck").ok(); }

  CheckpointStorage NewStorage() {
    return CheckpointStorage::Of(faulty, TestJob(), {.checkpoint_directory = "/ck", .memory_threshold = 2}).value();
  }
  // Begins a checkpoint whose task writes one shared file and names those of `earlier` too.
  OperatorSubtaskState Acknowledge(int64_t id, const std::vector<int64_t>& earlier) {
    location = storage.Begin(CheckpointId(id), kept.needs_full()).value();
    SnapshotWriter writer(files, location, "a");
    StateFile own = writer.Write("table", StateScope::kShared)->file;
    tables[id] = own;
    std::vector<StateFile> named = {own};
    for (const int64_t other : earlier) named.push_back(tables[other]);
    const StreamStateHandle rows = writer.Write("rows", StateScope::kExclusive).value();
    EXPECT_OK(writer.Commit());
    metadata = MetadataOf(location.id, rows, named);
    kept.OnAcknowledged(location.id, metadata.operators[0].subtasks[0]);
    return metadata.operators[0].subtasks[0];
  }
  void Complete() {
    ASSERT_EQ(storage.Finalize(location, metadata).write, MetadataWrite::kWritten);
    kept.Add({.metadata = metadata, .directory = location.directory});
  }
  void Checkpoint(int64_t id, const std::vector<int64_t>& earlier) {
    Acknowledge(id, earlier);
    Complete();
  }
  Names SharedFiles() { return Tree(files, storage.job_directory() + "/shared"); }

  InMemoryFileSystem files;
  FaultInjectingFileSystem faulty{files};
  CheckpointStorage storage = NewStorage();
  CompletedCheckpoints kept{storage};
  SnapshotLocation location;
  CheckpointMetadata metadata;
  std::map<int64_t, StateFile> tables;
};

TEST_F(KeptCheckpoints, LoseOnlyTheFilesThatNoOtherNames) {  // I4
  Checkpoint(1, {});
  Checkpoint(2, {1});
  Checkpoint(3, {2});
  ASSERT_OK(kept.Discard(CheckpointId(1)));
  EXPECT_EQ(SharedFiles(), (Names{"a-1-0", "a-2-0", "a-3-0"})) << "2 names the file of 1";
  ASSERT_OK(kept.Discard(CheckpointId(2)));
  EXPECT_EQ(SharedFiles(), (Names{"a-2-0", "a-3-0"}));
  EXPECT_EQ(kept.latest()->metadata.id, CheckpointId(3));
  EXPECT_OK(LoadSnapshot(files, kept.latest()->directory, SnapshotCheck::kContents));
}

TEST_F(KeptCheckpoints, OutliveAnAbortedOneThatNamedTheirFiles) {
  Checkpoint(1, {});
  Acknowledge(2, {1});
  ASSERT_OK(kept.DiscardPending(location));
  EXPECT_EQ(SharedFiles(), (Names{"a-1-0"}));
  EXPECT_FALSE(files.Exists(location.directory).value());
  EXPECT_OK(LoadSnapshot(files, kept.latest()->directory, SnapshotCheck::kContents));
}

TEST_F(KeptCheckpoints, SavePendingOnesFromLosingTheirFiles) {
  Checkpoint(1, {});
  Acknowledge(2, {1});
  ASSERT_OK(kept.Discard(CheckpointId(1)));
  EXPECT_EQ(SharedFiles(), (Names{"a-1-0", "a-2-0"}));
  Complete();
  EXPECT_OK(LoadSnapshot(files, kept.latest()->directory, SnapshotCheck::kContents));
}

TEST_F(KeptCheckpoints, ForgetALateAcknowledgement) {
  Checkpoint(1, {});
  const OperatorSubtaskState late = Acknowledge(2, {1});
  ASSERT_OK(kept.DiscardPending(location));
  WrittenFile(files, tables[2].path, "table", StateScope::kShared);
  ASSERT_OK(kept.DiscardLate(late));
  EXPECT_EQ(SharedFiles(), (Names{"a-1-0"})) << "what 1 names stays";
}

TEST_F(KeptCheckpoints, OfAnUnknownOutcomeKeepTheirFiles) {  // I5
  Checkpoint(1, {});
  Acknowledge(2, {1});
  faulty.Add({.operation = FileOperation::kSyncDirectory, .path_contains = "chk-2", .status = InternalError("no")});
  ASSERT_EQ(storage.Finalize(location, metadata).write, MetadataWrite::kUnknown);
  Checkpoint(3, {});
  ASSERT_OK(kept.Discard(CheckpointId(1)));
  EXPECT_EQ(SharedFiles(), (Names{"a-1-0", "a-2-0", "a-3-0"}));
  EXPECT_OK(LoadSnapshot(files, location.directory, SnapshotCheck::kContents));
  EXPECT_OK(LoadSnapshot(files, storage.job_directory() + "/chk-2", SnapshotCheck::kContents));
}

TEST_F(KeptCheckpoints, ComeBackAfterACrash) {
  Checkpoint(1, {});
  Checkpoint(2, {1});
  Acknowledge(3, {2});
  CheckpointStorage again = NewStorage();
  CompletedCheckpoints after(again);
  const StatusOr<std::vector<Status>> damaged = after.Recover(SnapshotCheck::kContents);
  ASSERT_OK(damaged);
  EXPECT_TRUE(damaged->empty());
  ASSERT_EQ(after.kept().size(), 2u);
  EXPECT_EQ(after.latest()->metadata.id, CheckpointId(2));
  EXPECT_EQ(SharedFiles(), (Names{"a-1-0", "a-2-0"})) << "what 3 wrote is swept";
  ASSERT_OK(after.Discard(CheckpointId(1)));
  EXPECT_EQ(SharedFiles(), (Names{"a-1-0", "a-2-0"}));
  ASSERT_OK(after.DiscardAll());
  EXPECT_EQ(Tree(files, "/ck"), Names{});
}

TEST_F(KeptCheckpoints, OfAFinishedJobGoButForOneThatFinishesItAgainAtOnce) {
  Checkpoint(1, {});
  Checkpoint(2, {1});
  // The process dies before the last step.
  faulty.Add({.operation = FileOperation::kDelete,
              .path_contains = "chk-2",
              .skip = 2,  // its own file of rows, and temporary metadata
              .status = InternalError("killed")});
  EXPECT_FALSE(kept.DiscardFinished().ok());
  EXPECT_EQ(SharedFiles(), Names{});
  const StatusOr<LatestCheckpoint> latest = FindLatestCheckpoint(files, "/ck", "", SnapshotCheck::kContents);
  ASSERT_OK(latest);
  ASSERT_TRUE(latest->found);
  EXPECT_EQ(latest->snapshot.metadata.id, CheckpointId(2));
  EXPECT_FALSE(latest->snapshot.metadata.operators.empty());
  for (const OperatorSnapshot& op : latest->snapshot.metadata.operators) EXPECT_TRUE(op.subtasks.empty());
}

TEST_F(KeptCheckpoints, OfAJobThatHasEndedLeaveNothingBehind) {
  for (const bool has_finished : {true, false}) {
    Checkpoint(1, {});
    Checkpoint(2, {1});
    Acknowledge(3, {2});  // it ends while this one is under way
    ASSERT_OK(has_finished ? kept.DiscardFinished() : kept.DiscardAll());
    EXPECT_EQ(Tree(files, "/ck"), Names{});
  }
}

// Claim modes: a savepoint of another job.
struct RestoredSavepoint : KeptCheckpoints {
  RestoredSavepoint() {
    files.CreateDirectories("/sp").ok();
    const StreamStateHandle rows = WrittenFile(files, "/sp/rows", "rows", StateScope::kExclusive);
    const StreamStateHandle table = WrittenFile(files, "/sp/table", "table", StateScope::kExclusive);
    tables[0] = table.file;
    savepoint = {.metadata = MetadataOf(CheckpointId(5), rows, {table.file}), .directory = "/sp"};
    savepoint.metadata.kind = SnapshotKind::kSavepoint;
    EXPECT_EQ(storage.Finalize({.directory = "/sp"}, savepoint.metadata).write, MetadataWrite::kWritten);
  }
  CompletedSnapshot savepoint;
};

TEST_F(RestoredSavepoint, NoClaimTakesNothingFromIt) {
  ASSERT_OK(kept.AddRestored(savepoint, RestoreMode::kNoClaim));
  EXPECT_TRUE(kept.needs_full());
  Acknowledge(6, {});
  EXPECT_TRUE(location.is_full);
  EXPECT_TRUE(kept.needs_full()) << "until one is complete";
  Complete();
  EXPECT_FALSE(kept.needs_full());
  ASSERT_OK(kept.DiscardAll());
  EXPECT_EQ(Tree(files, "/sp"), (Names{"_metadata", "rows", "table"}));
}

TEST_F(RestoredSavepoint, ClaimDeletesItWhenItIsSubsumedButForFilesStillNamed) {
  ASSERT_OK(kept.AddRestored(savepoint, RestoreMode::kClaim));
  EXPECT_FALSE(kept.needs_full());
  Checkpoint(6, {0});
  ASSERT_OK(kept.Discard(CheckpointId(5)));
  EXPECT_EQ(Tree(files, "/sp"), (Names{"table"}));
  EXPECT_OK(LoadSnapshot(files, kept.latest()->directory, SnapshotCheck::kContents));
  ASSERT_OK(kept.Discard(CheckpointId(6)));
  EXPECT_FALSE(files.Exists("/sp").value()) << "nothing of it is left";
}

TEST_F(RestoredSavepoint, LegacyNeverDeletesItsFiles) {
  ASSERT_OK(kept.AddRestored(savepoint, RestoreMode::kLegacy));
  EXPECT_FALSE(kept.needs_full());
  Checkpoint(6, {0});
  ASSERT_OK(kept.DiscardAll());
  EXPECT_EQ(Tree(files, "/sp"), (Names{"_metadata", "rows", "table"}));
}

// The job dies after `deletions` of the deletions that would have come.
struct DyingJob : RestoredSavepoint, ::testing::WithParamInterface<int> {
  void Die() {
    faulty.Add({.operation = FileOperation::kDelete,
                .skip = GetParam(),
                .times = kEveryTime,
                .status = InternalError("dead")});
  }
  // Another goes on, and deletes everything in the end.
  void ExpectNothingIsLeft() {
    faulty.ClearFaults();
    CheckpointStorage again = NewStorage();
    CompletedCheckpoints after(again);
    const StatusOr<std::vector<Status>> damaged = after.Recover(SnapshotCheck::kContents);
    ASSERT_OK(damaged);
    EXPECT_TRUE(damaged->empty());
    ASSERT_NE(after.latest(), nullptr);
    EXPECT_OK(LoadSnapshot(files, after.latest()->directory, SnapshotCheck::kContents));
    while (after.kept().size() > 1) ASSERT_OK(after.Discard(after.kept().front().metadata.id));
    EXPECT_FALSE(files.Exists("/sp/rows").value()) << "of the savepoint alone";
    EXPECT_OK(LoadSnapshot(files, after.latest()->directory, SnapshotCheck::kContents));
    ASSERT_OK(after.DiscardAll());
    EXPECT_FALSE(files.Exists("/sp").value());
    EXPECT_EQ(Tree(files, "/ck"), Names{});
  }
};

TEST_P(DyingJob, LeavesNothingOfAClaimedSavepointBehind) {
  ASSERT_OK(kept.AddRestored(savepoint, RestoreMode::kClaim));
  Checkpoint(6, {0});
  Die();
  kept.Discard(CheckpointId(5)).ok();
  ExpectNothingIsLeft();
}

TEST_P(DyingJob, LeavesNoFileOfAClaimedSavepointBehindThatItsLastCheckpointNamed) {
  ASSERT_OK(kept.AddRestored(savepoint, RestoreMode::kClaim));
  Checkpoint(6, {0});
  ASSERT_OK(kept.Discard(CheckpointId(5)));
  Checkpoint(7, {});
  Die();
  kept.Discard(CheckpointId(6)).ok();
  ExpectNothingIsLeft();
}

INSTANTIATE_TEST_SUITE_P(After, DyingJob, ::testing::Range(0, 7));

TEST_F(RestoredSavepoint, AClaimIsKnownAfterACrash) {
  ASSERT_OK(kept.AddRestored(savepoint, RestoreMode::kClaim));
  CheckpointStorage again = NewStorage();
  CompletedCheckpoints after(again);
  ASSERT_OK(after.Recover(SnapshotCheck::kContents));
  ASSERT_EQ(after.kept().size(), 1u);
  EXPECT_EQ(after.latest()->directory, "/sp");
  ASSERT_OK(after.DiscardAll());
  EXPECT_FALSE(files.Exists("/sp").value());
}

// A job with random checkpoints, aborts and crashes.
struct RandomHistory {
  explicit RandomHistory(uint64_t seed) : random(seed) { EXPECT_OK(files.CreateDirectories("/ck")); }

  CheckpointStorage NewStorage() {
    return CheckpointStorage::Of(faulty, TestJob(), {.checkpoint_directory = "/ck", .memory_threshold = 2}).value();
  }
  // All tasks acknowledge a checkpoint that names some of the last one's shared files.
  void Acknowledge() {
    location = storage.Begin(CheckpointId(++id), false).value();
    SnapshotWriter writer(files, location, "a");
    std::vector<StateFile> named = {writer.Write("table", StateScope::kShared)->file};
    if (kept->latest() != nullptr) {
      for (const NamedStateFile& file : kept->latest()->metadata.operators[0].subtasks[0].keyed[0].files) {
        if (random.Chance(0.6)) named.push_back(file.file);
      }
    }
    metadata = MetadataOf(location.id, writer.Write("rows", StateScope::kExclusive).value(), named);
    EXPECT_OK(writer.Commit());
    kept->OnAcknowledged(location.id, metadata.operators[0].subtasks[0]);
  }
  void Complete() {
    EXPECT_EQ(storage.Finalize(location, metadata).write, MetadataWrite::kWritten);
    kept->Add({.metadata = metadata, .directory = location.directory});
    if (kept->kept().size() > 2) {
      EXPECT_OK(kept->Discard(kept->kept().front().metadata.id));
    }
  }
  // With what is under way, or in the middle of a deletion.
  void Crash() {
    if (!kept->kept().empty() && random.Chance(0.5)) {
      faulty.Add({.operation = FileOperation::kDelete,
                  .skip = static_cast<int>(random.Uniform(3)),
                  .times = kEveryTime,
                  .status = InternalError("crashed")});
      kept->Discard(kept->kept().front().metadata.id).ok();
      faulty.ClearFaults();
    }
    kept = std::make_unique<CompletedCheckpoints>(storage);
    EXPECT_OK(kept->Recover(SnapshotCheck::kContents));
  }
  void Step() {
    Acknowledge();
    if (random.Chance(0.2)) {
      Crash();
    } else if (random.Chance(0.3)) {
      EXPECT_OK(kept->DiscardPending(location));
    } else {
      Complete();
    }
    for (const CompletedSnapshot& snapshot : kept->kept())
      EXPECT_OK(LoadSnapshot(files, snapshot.directory, SnapshotCheck::kContents));
  }

  SeededRandom random;
  InMemoryFileSystem files;
  FaultInjectingFileSystem faulty{files};
  CheckpointStorage storage = NewStorage();
  std::unique_ptr<CompletedCheckpoints> kept = std::make_unique<CompletedCheckpoints>(storage);
  int64_t id = 0;
  SnapshotLocation location;
  CheckpointMetadata metadata;
};

// Whatever is completed, aborted, discarded, or lost in a crash, every kept checkpoint stays readable, and in the end nothing is left behind.
TEST(KeptCheckpointsProperty, NothingNeededIsLostAndNothingElseStays) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomHistory history(seed);
    for (int step = 0; step < 30; ++step) history.Step();
    history.Crash();
    EXPECT_OK(history.kept->DiscardAll());
    EXPECT_EQ(Tree(history.files, "/ck"), Names{});
  }
}

}  // namespace
}  // namespace weir
