#include "weir/state/storage/checkpoint_storage.h"

#include <gtest/gtest.h>

#include <string>

#include "weir/base/file/fault_injecting_file_system.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/random.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/state/storage/snapshot_fixture.h"

namespace weir {
namespace {

using Names = std::vector<std::string>;
constexpr char kRoot[] = "/ck";

struct CheckpointFolders : ::testing::Test {
  CheckpointFolders() { files.CreateDirectories(kRoot).ok(); }

  CheckpointStorage Storage(CheckpointStorageOptions options = {.checkpoint_directory = kRoot, .memory_threshold = 2}) {
    return CheckpointStorage::Of(faulty, TestJob(), std::move(options)).value();
  }
  // One whole checkpoint with a file of its own, and the given ones of `shared`.
  CompletedSnapshot Complete(int64_t id, const std::vector<StateFile>& shared = {}) {
    CheckpointStorage storage = Storage();
    const SnapshotLocation location = storage.Begin(CheckpointId(id), false).value();
    SnapshotWriter writer(files, location, "a");
    const StreamStateHandle rows = writer.Write("rows of " + location.id.ToString(), StateScope::kExclusive).value();
    EXPECT_OK(writer.Commit());
    CompletedSnapshot snapshot{.metadata = MetadataOf(location.id, rows, shared), .directory = location.directory};
    EXPECT_EQ(storage.Finalize(location, snapshot.metadata).write, MetadataWrite::kWritten);
    return snapshot;
  }
  std::string JobFolder() { return JoinPath(kRoot, TestJob().ToHex()); }
  StateFile Shared(const std::string& name) {
    return WrittenFile(files, JobFolder() + "/shared/" + name, "table " + name, StateScope::kShared).file;
  }

  InMemoryFileSystem files;
  FaultInjectingFileSystem faulty{files};
  SeededRandom random{5};
};

TEST_F(CheckpointFolders, HaveFlinksLayout) {
  Complete(7);
  EXPECT_EQ(Tree(files, JobFolder()), (Names{"chk-7/", "chk-7/_metadata", "chk-7/a-7-0", "shared/", "taskowned/"}));
}

TEST_F(CheckpointFolders, ComeBack) {
  const CompletedSnapshot written = Complete(7);
  for (const std::string& path : {written.directory, written.directory + "/_metadata", "file://" + written.directory}) {
    const StatusOr<CompletedSnapshot> loaded = LoadSnapshot(files, path, SnapshotCheck::kContents);
    ASSERT_OK(loaded);
    EXPECT_EQ(loaded->metadata, written.metadata);
    EXPECT_EQ(loaded->directory, written.directory);
  }
}

TEST_F(CheckpointFolders, AreNeverUsedTwice) {  // I1
  ASSERT_OK(Storage().Begin(CheckpointId(7), false));
  EXPECT_TRUE(IsError(Storage().Begin(CheckpointId(7), false).status(), StatusCode::kAlreadyExists, "chk-7"));
  EXPECT_EQ(Storage().HighestId().value(), CheckpointId(7));
}

TEST_F(CheckpointFolders, KeepLittleStateInTheJobManagersMemoryIfToldSo) {
  CheckpointStorage storage = Storage({.in_memory = true, .max_memory_state = 10});
  const StatusOr<SnapshotLocation> location = storage.Begin(CheckpointId(1), false);
  ASSERT_OK(location);
  EXPECT_FALSE(location->may_write_files);
  EXPECT_EQ(location->max_inline_bytes, 10u);
  EXPECT_EQ(storage.Finalize(*location, {}).write, MetadataWrite::kWritten);
  EXPECT_EQ(Tree(files, kRoot), Names{});
}

TEST_F(CheckpointFolders, NeedAFolder) {
  EXPECT_TRUE(IsError(CheckpointStorage::Of(files, TestJob(), {}).status(), StatusCode::kInvalidArgument,
                      "execution.checkpointing.dir is not set"));
  EXPECT_TRUE(IsError(CheckpointStorage::Of(files, TestJob(), {.checkpoint_directory = "s3://x"}).status(),
                      StatusCode::kInvalidArgument, "no file system for \"s3://x\""));
}

TEST_F(CheckpointFolders, AreNotThereWithoutMetadata) {
  ASSERT_OK(Storage().Begin(CheckpointId(7), false));
  EXPECT_TRUE(IsError(LoadSnapshot(files, JobFolder() + "/chk-7", SnapshotCheck::kMetadata).status(),
                      StatusCode::kNotFound, "it has no file _metadata"));
  EXPECT_TRUE(IsError(LoadSnapshot(files, "/nowhere", SnapshotCheck::kMetadata).status(), StatusCode::kNotFound,
                      "there is no checkpoint or savepoint at /nowhere, which does not exist"));
}

// Every step of writing the metadata fails once (step 7).
struct FailingStep {
  FileOperation operation;
  const char* path;
  MetadataWrite outcome;
};
TEST_F(CheckpointFolders, AreCompleteOnlyWhenEveryStepIsKnownToBeDone) {  // I5
  const FailingStep steps[] = {
      {FileOperation::kOpenForWrite, "_metadata.tmp", MetadataWrite::kNotWritten},
      {FileOperation::kAppend, "_metadata.tmp", MetadataWrite::kNotWritten},
      {FileOperation::kSync, "_metadata.tmp", MetadataWrite::kNotWritten},
      {FileOperation::kClose, "_metadata.tmp", MetadataWrite::kNotWritten},
      {FileOperation::kRename, "_metadata", MetadataWrite::kNotWritten},
      {FileOperation::kSyncDirectory, "chk-", MetadataWrite::kUnknown},
  };
  int64_t id = 1;
  for (const FailingStep& step : steps) {
    CheckpointStorage storage = Storage();
    const SnapshotLocation location = storage.Begin(CheckpointId(id++), false).value();
    faulty.Add({.operation = step.operation, .path_contains = step.path, .status = InternalError("disk on fire")});
    const MetadataResult result = storage.Finalize(location, MetadataOf(location.id, {}, {}));
    EXPECT_EQ(result.write, step.outcome);
    EXPECT_TRUE(IsError(result.error, StatusCode::kInternal, "disk on fire"));
    const bool is_left = result.write == MetadataWrite::kUnknown;
    EXPECT_EQ(Tree(files, location.directory), is_left ? Names{"_metadata"} : Names{});
    faulty.ClearFaults();
  }
}

TEST_F(CheckpointFolders, OfARenameWithoutAnswerAreReadBack) {
  CheckpointStorage storage = Storage();
  const SnapshotLocation location = storage.Begin(CheckpointId(1), false).value();
  faulty.Add({.operation = FileOperation::kRename, .status = UnavailableError("no answer")});
  faulty.Add({.operation = FileOperation::kOpenForRead, .status = UnavailableError("no answer")});
  EXPECT_EQ(storage.Finalize(location, MetadataOf(location.id, {}, {})).write, MetadataWrite::kUnknown);
}

TEST_F(CheckpointFolders, ListTheNewestFirstAndSayWhatIsWrong) {
  Complete(1);
  const CompletedSnapshot damaged = Complete(2);
  const CompletedSnapshot cut = Complete(3);
  Complete(4);
  ASSERT_OK(Storage().Begin(CheckpointId(5), false));
  files.FlipBit(damaged.directory + "/_metadata", 30);
  ASSERT_OK(files.Delete(cut.directory + "/a-3-0"));
  const StatusOr<std::vector<FoundCheckpoint>> found = Storage().List(SnapshotCheck::kSizes);
  ASSERT_OK(found);
  ASSERT_EQ(found->size(), 5u);
  EXPECT_EQ((*found)[0].damage.code(), StatusCode::kNotFound);
  EXPECT_EQ((*found)[1].metadata.id, CheckpointId(4));
  EXPECT_TRUE(IsError((*found)[2].damage, StatusCode::kDataLoss, "chk-3/a-3-0 is missing"));
  EXPECT_TRUE(IsError((*found)[3].damage, StatusCode::kDataLoss, "chk-2/_metadata"));
  EXPECT_OK((*found)[4].damage);
}

TEST_F(CheckpointFolders, AreSweptOfWhatACrashLeftBehind) {  // step 10, I4
  const StateFile used = (Storage().Begin(CheckpointId(1), false).value(), Shared("used"));
  const StateFile rubbish = Shared("rubbish");
  Complete(2, {used});
  ASSERT_OK(WriteFileAtomically(files, JobFolder() + "/chk-2/_metadata.tmp", "half"));
  const StatusOr<Names> deleted = Storage().Sweep();
  ASSERT_OK(deleted);
  EXPECT_EQ(*deleted, (Names{JobFolder() + "/chk-2/_metadata.tmp", JobFolder() + "/chk-1", rubbish.path}));
  EXPECT_EQ(Tree(files, JobFolder()),
            (Names{"chk-2/", "chk-2/_metadata", "chk-2/a-2-0", "shared/", "shared/used", "taskowned/"}));
}

TEST_F(CheckpointFolders, KeepSharedFilesThatADamagedCheckpointMayName) {  // I5
  const StateFile used = (Storage().Begin(CheckpointId(1), false).value(), Shared("used"));
  const CompletedSnapshot damaged = Complete(2, {used});
  files.FlipBit(damaged.directory + "/_metadata", 30);
  ASSERT_OK(Storage().Sweep());
  EXPECT_TRUE(files.Exists(used.path).value());
  EXPECT_TRUE(files.Exists(damaged.directory + "/_metadata").value()) << "a person may want to look at it";
}

TEST_F(CheckpointFolders, GoMetadataFirst) {
  const CompletedSnapshot snapshot = Complete(1);
  faulty.Add({.operation = FileOperation::kDelete, .path_contains = "_metadata", .status = InternalError("no")});
  EXPECT_FALSE(Storage().Discard(snapshot, {}).ok());
  EXPECT_OK(LoadSnapshot(files, snapshot.directory, SnapshotCheck::kContents)) << "nothing was deleted";
  faulty.Add(
      {.operation = FileOperation::kDelete, .path_contains = "/chk-1", .skip = 1, .status = InternalError("no")});
  EXPECT_FALSE(Storage().Discard(snapshot, {}).ok());
  EXPECT_EQ(LoadSnapshot(files, snapshot.directory, SnapshotCheck::kMetadata).status().code(), StatusCode::kNotFound);
  ASSERT_OK(Storage().Sweep());
  EXPECT_EQ(Tree(files, JobFolder()), (Names{"shared/", "taskowned/"}));
}

TEST_F(CheckpointFolders, OfAnyJobOfTheNameAreFoundForRestoreLatest) {
  Complete(1);
  const CompletedSnapshot newest = Complete(2);
  const CompletedSnapshot damaged = Complete(3);
  files.FlipBit(damaged.directory + "/a-3-0", 20);
  const StatusOr<LatestCheckpoint> latest = FindLatestCheckpoint(files, kRoot, "flights", SnapshotCheck::kContents);
  ASSERT_OK(latest);
  ASSERT_TRUE(latest->found);
  EXPECT_EQ(latest->snapshot.directory, newest.directory);
  ASSERT_EQ(latest->damaged.size(), 1u);
  EXPECT_TRUE(IsError(latest->damaged[0], StatusCode::kDataLoss, "chk-3"));
  EXPECT_FALSE(FindLatestCheckpoint(files, kRoot, "another", SnapshotCheck::kSizes)->found);
  EXPECT_FALSE(FindLatestCheckpoint(files, "/nowhere", "", SnapshotCheck::kSizes)->found) << "a fresh start";
}

TEST_F(CheckpointFolders, TheLastOfAJobIsTheLatestAlsoIfTheClockWasSetBack) {
  CompletedSnapshot before = Complete(1);
  const CompletedSnapshot last = Complete(2);
  before.metadata.time_ms = last.metadata.time_ms + 1000;
  const SnapshotLocation location{.id = CheckpointId(1), .directory = before.directory};
  ASSERT_EQ(Storage().Finalize(location, before.metadata).write, MetadataWrite::kWritten);
  const StatusOr<LatestCheckpoint> latest = FindLatestCheckpoint(files, kRoot, "flights", SnapshotCheck::kContents);
  ASSERT_OK(latest);
  EXPECT_EQ(latest->snapshot.directory, last.directory);
}

struct Savepoints : CheckpointFolders {
  CompletedSnapshot Savepoint() {
    CheckpointStorage storage = Storage();
    const SnapshotLocation location =
        storage.BeginSavepoint(CheckpointId(9), SnapshotFormat::kCanonical, "/sp", random).value();
    SnapshotWriter writer(files, location, "a");
    const StreamStateHandle rows = writer.Write("the rows", StateScope::kShared).value();
    EXPECT_OK(writer.Commit());
    CompletedSnapshot snapshot{.metadata = MetadataOf(location.id, rows, {}), .directory = location.directory};
    snapshot.metadata.kind = SnapshotKind::kSavepoint;
    EXPECT_EQ(storage.Finalize(location, snapshot.metadata).write, MetadataWrite::kWritten);
    return snapshot;
  }
};

TEST_F(Savepoints, HaveFoldersOfTheirOwnAndTakeAllFilesWithThem) {
  const CompletedSnapshot savepoint = Savepoint();
  EXPECT_TRUE(savepoint.directory.starts_with("/sp/savepoint-111111-")) << savepoint.directory;
  EXPECT_EQ(BaseName(savepoint.directory).size(), 10u + 6u + 1u + 12u);
  ASSERT_OK(files.Rename(savepoint.directory, "/moved"));
  const StatusOr<CompletedSnapshot> moved = LoadSnapshot(files, "/moved", SnapshotCheck::kContents);
  ASSERT_OK(moved);
  EXPECT_EQ(ReadState(files, moved->metadata.operators[0].subtasks[0].keyed[0].state).value(), "the rows");
}

TEST_F(Savepoints, AreDisposedOf) {
  const CompletedSnapshot savepoint = Savepoint();
  ASSERT_OK(WriteFileAtomically(files, savepoint.directory + "/note.txt", "a user's"));
  ASSERT_OK(DisposeSavepoint(files, savepoint.directory));
  EXPECT_EQ(Tree(files, savepoint.directory), (Names{"note.txt"})) << "only what the savepoint names";
  EXPECT_EQ(DisposeSavepoint(files, savepoint.directory).code(), StatusCode::kNotFound);
  const CompletedSnapshot other = Savepoint();
  ASSERT_OK(DisposeSavepoint(files, other.directory + "/_metadata"));
  EXPECT_FALSE(files.Exists(other.directory).value());
}

TEST_F(Savepoints, AreDisposedOfButCheckpointsAreNot) {
  EXPECT_TRUE(IsError(DisposeSavepoint(files, Complete(1).directory), StatusCode::kFailedPrecondition,
                      "only savepoints are disposed of"));
}

TEST_F(Savepoints, NeedAFolderThatSomebodyNames) {
  EXPECT_TRUE(IsError(Storage().BeginSavepoint(CheckpointId(1), SnapshotFormat::kNative, "", random).status(),
                      StatusCode::kInvalidArgument, "execution.checkpointing.savepoint-dir"));
}

}  // namespace
}  // namespace weir
