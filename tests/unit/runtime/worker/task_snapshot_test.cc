#include "weir/runtime/worker/task_snapshot.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "weir/base/execution/event_count.h"
#include "weir/base/file/fault_injecting_file_system.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/hash.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/state/state_backend.h"
#include "weir/state/storage/local_copies.h"
#include "weir/state/storage/operator_state_files.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

struct Count : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
};

// A task with one keyed operator, whose I/O thread is a queue of closures.
class TaskSnapshotsTest : public testing::TestWithParam<const char*> {
 protected:
  TaskSnapshotsTest() {
    files_.CreateDirectories("/ck/shared").ok();
    task_.max_parallelism = 128;
    StartTask(1);
  }

  // With no rows yet.
  void StartTask(uint64_t attempt) {
    rows_ = NewStateBackend(GetParam())
                .value()
                ->CreateKeyedRows({.states = function_.keyed_states(), .key_groups = {0, 127}})
                .value();
    function_.BindStates(*rows_);
    task_.attempt_id = ExecutionAttemptId(Id128{1, attempt});
    TaskSnapshots::Options options;
    options.files = &files_;
    options.task = task_;
    options.operators = {{OperatorId(Id128{3, 4}), "counts"}};
    options.post = [this](Closure work) { io_.push_back(std::move(work)); };
    options.executor = &executor_;
    options.copies = copies_.get();
    snapshots_ = std::make_shared<TaskSnapshots>(std::move(options));
  }
  // The task again, as a failover makes it.
  void Restart(const WrittenSnapshot& from, int64_t id, uint64_t attempt) {
    task_.restored_checkpoint = CheckpointId(id);
    task_.restored_state = from.state;
    StartTask(attempt);
    const OperatorStateParts parts = ReadOperatorState(files_, from.state[0]).value();
    for (NativeKeyedState native : parts.native) {
      if (RestoredBase(task_, 0, 0) != nullptr) native.base = id;
      ASSERT_OK(rows_->ReadNative(native));
    }
  }

  void Erase(int64_t key) {
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    rows_->Prepare({.integers = &key}, &hash, 1, &function_.key_context().row);
    function_.count.Clear();
    rows_->Finish();
  }
  void Set(int64_t from, int64_t to, int64_t value) {
    for (int64_t key = from; key < to; ++key) {
      const uint64_t hash = Hash64(static_cast<uint64_t>(key));
      rows_->Prepare({.integers = &key}, &hash, 1, &function_.key_context().row);
      function_.count.Update(value);
    }
    rows_->Finish();
  }
  SnapshotLocation Location(int64_t id) {
    const std::string folder = "/ck/chk-" + std::to_string(id);
    files_.CreateDirectories(folder).ok();
    return {.id = CheckpointId(id), .directory = folder, .shared_directory = "/ck/shared", .max_inline_bytes = 100};
  }
  std::shared_ptr<KeyedSnapshot> Begin(const SnapshotLocation& location) {
    const std::shared_ptr<KeyedSnapshot> snapshot = rows_->BeginSnapshot();
    OperatorStateParts parts;
    parts.running = {snapshot};
    parts.lists = {{.name = "offsets", .elements = {"7"}}};
    FrozenTask frozen;
    frozen.operators.push_back(std::move(parts));
    snapshots_->Begin(location, std::move(frozen),
                      [this](StatusOr<WrittenSnapshot> written) { done_ = std::move(written); });
    return snapshot;
  }
  // Until neither the task nor the disk has anything to do.
  void RunAll(KeyedSnapshot& snapshot) {
    for (bool works = true; works;) {
      works = snapshot.Advance();
      works |= RunDisk();
    }
  }
  bool RunDisk() {
    if (io_.empty()) return false;
    Closure work = std::move(io_.front());
    io_.pop_front();
    work();
    return true;
  }
  WrittenSnapshot Take(int64_t id, bool is_complete = true) {
    const std::shared_ptr<KeyedSnapshot> snapshot = Begin(Location(id));
    RunAll(*snapshot);
    if (is_complete) snapshot->OnComplete();
    EXPECT_TRUE(done_.has_value() && done_->ok());
    return *std::move(*done_);
  }
  // The values that a restore from it has, added up.
  int64_t SumOf(const OperatorSubtaskState& state) {
    Count function;
    const auto rows = NewStateBackend(GetParam())
                          .value()
                          ->CreateKeyedRows({.states = function.keyed_states(), .key_groups = {0, 127}})
                          .value();
    function.BindStates(*rows);
    const OperatorStateParts parts = ReadOperatorState(files_, state).value();
    for (const std::string& bytes : parts.keyed) {
      ByteReader in(bytes, "rows");
      EXPECT_OK(rows->Read(in));
    }
    for (const NativeKeyedState& native : parts.native) EXPECT_OK(rows->ReadNative(native));
    int64_t sum = 0;
    char* row[1];
    for (RowCursor cursor; !cursor.done;) {
      if (rows->Walk(cursor, 1, row) == 0) break;
      function.key_context().row = row[0];
      sum += function.count.ValueOr(0);
    }
    return sum;
  }
  size_t FilesIn(const std::string& folder) { return files_.List(folder).value().size(); }

  InMemoryFileSystem memory_;
  FaultInjectingFileSystem files_{memory_};
  TaskDeploymentDescriptor task_;
  EventCount executor_;
  std::deque<Closure> io_;
  Count function_;
  std::unique_ptr<KeyedRows> rows_;
  std::unique_ptr<LocalCopies> copies_;
  std::shared_ptr<TaskSnapshots> snapshots_;
  std::optional<StatusOr<WrittenSnapshot>> done_;
};

TEST_P(TaskSnapshotsTest, NamesTheFilesOfTheLastCompleteCheckpointAndWritesTheRest) {
  Set(0, 5000, 1);
  const WrittenSnapshot first = Take(1);
  Set(0, 10, 3);
  const WrittenSnapshot second = Take(2);
  EXPECT_LT(second.new_bytes, first.new_bytes / 2);
  const auto& before = first.state[0].keyed[0].files;
  const auto& after = second.state[0].keyed[0].files;
  EXPECT_TRUE(std::any_of(after.begin(), after.end(), [&](const NamedStateFile& file) {
    return std::find(before.begin(), before.end(), file) != before.end();
  }));
  EXPECT_EQ(SumOf(first.state[0]), 5000);
  EXPECT_EQ(SumOf(second.state[0]), 5020);
  EXPECT_EQ(second.state[0].lists.size(), 1u);
}

TEST_P(TaskSnapshotsTest, BuildsOnTheCheckpointThatTheTaskIsRestoredFrom) {
  Set(0, 5000, 1);
  Take(1);
  Set(0, 10, 2);
  const WrittenSnapshot second = Take(2);
  Restart(second, 2, /*attempt=*/3);
  Set(5, 20, 3);
  Erase(0);
  Erase(4000);
  const WrittenSnapshot third = Take(3);
  EXPECT_LT(third.new_bytes, 50'000u);
  EXPECT_EQ(SumOf(third.state[0]), 4 * 2 + 15 * 3 + 4979);
  Restart(third, 3, /*attempt=*/4);
  Set(5, 20, 4);
  const WrittenSnapshot fourth = Take(4);
  EXPECT_LT(fourth.new_bytes, 50'000u);
  EXPECT_EQ(SumOf(fourth.state[0]), 4 * 2 + 15 * 4 + 4979);
}

TEST_P(TaskSnapshotsTest, BuildsOnNoRestoredSnapshotThatBelongsToTheUser) {
  Set(0, 5000, 1);
  const WrittenSnapshot first = Take(1);
  Restart(first, 1, /*attempt=*/3);
  SnapshotLocation location = Location(2);
  location.is_full = true;
  const std::shared_ptr<KeyedSnapshot> snapshot = Begin(location);
  RunAll(*snapshot);
  ASSERT_TRUE(done_.has_value() && done_->ok());
  for (const NamedStateFile& file : (*done_)->state[0].keyed[0].files)
    EXPECT_NE(file.file.path.find("-2-"), std::string::npos) << file.file.path;
}

TEST_P(TaskSnapshotsTest, KeepsCopiesOfAllThatTheLastCompleteCheckpointNames) {
  copies_ = LocalCopies::Open(files_, "/local", 1, JobId()).value();
  StartTask(1);
  Set(0, 5000, 1);
  Take(1);
  Set(0, 10, 2);
  WrittenSnapshot second = Take(2);
  snapshots_->OnComplete(CheckpointId(2));
  while (RunDisk()) {
  }
  size_t named = 0;
  ForEachSubtaskFile(second.state[0], [&](const StateFile&) { ++named; });
  EXPECT_EQ(FilesIn(copies_->folder()), named) << "and of nothing else";
  ASSERT_OK(files_.DeleteRecursively("/ck"));
  EXPECT_EQ(copies_->Use(second.state[0]), static_cast<int>(named));
  EXPECT_EQ(SumOf(second.state[0]), 5010);
}

TEST_P(TaskSnapshotsTest, HoldsWhatWasThereWhenItBegan) {
  Set(0, 5000, 1);
  const std::shared_ptr<KeyedSnapshot> snapshot = Begin(Location(1));
  Set(2000, 7000, 9);
  snapshot->Advance();
  Set(0, 2000, 9);
  RunAll(*snapshot);
  ASSERT_TRUE(done_.has_value() && done_->ok());
  EXPECT_EQ(SumOf((*done_)->state[0]), 5000);
}

TEST_P(TaskSnapshotsTest, BuildsOnNoneThatIsNotComplete) {
  Set(0, 5000, 1);
  Take(1, /*is_complete=*/false);
  const WrittenSnapshot second = Take(2);
  for (const NamedStateFile& file : second.state[0].keyed[0].files)
    EXPECT_NE(file.file.path.find("-2-"), std::string::npos) << file.file.path;
}

TEST_P(TaskSnapshotsTest, LeavesNothingWhenTheTaskGivesItUp) {
  Set(0, 30000, 1);  // not written in one piece
  std::shared_ptr<KeyedSnapshot> snapshot = Begin(Location(1));
  snapshot->Advance();
  RunDisk();
  snapshot.reset();
  while (RunDisk()) {
  }
  EXPECT_FALSE(done_.has_value());
  EXPECT_EQ(FilesIn("/ck/chk-1") + FilesIn("/ck/shared"), 0u);
}

TEST_P(TaskSnapshotsTest, LeavesNothingWhenTheDiskFailsAndSaysWhy) {
  Set(0, 5000, 1);
  files_.Add({.operation = FileOperation::kSync, .status = ResourceExhaustedError("no space left")});
  const std::shared_ptr<KeyedSnapshot> snapshot = Begin(Location(1));
  RunAll(*snapshot);
  ASSERT_TRUE(done_.has_value());
  EXPECT_EQ(done_->status().code(), StatusCode::kResourceExhausted) << done_->status().ToString();
  EXPECT_EQ(FilesIn("/ck/chk-1") + FilesIn("/ck/shared"), 0u);
}

TEST_P(TaskSnapshotsTest, SharesNothingInASavepoint) {
  Set(0, 5000, 1);
  Take(1);
  Set(0, 10, 3);
  for (const SnapshotFormat format : {SnapshotFormat::kNative, SnapshotFormat::kCanonical}) {
    SnapshotLocation location = Location(format == SnapshotFormat::kNative ? 2 : 3);
    location.kind = SnapshotKind::kSavepoint;
    location.format = format;
    location.shared_directory.clear();
    const size_t shared = FilesIn("/ck/shared");
    const std::shared_ptr<KeyedSnapshot> snapshot = Begin(location);
    RunAll(*snapshot);
    snapshot->OnComplete();
    ASSERT_TRUE(done_.has_value() && done_->ok());
    EXPECT_EQ(SumOf((*done_)->state[0]), 5020);
    EXPECT_EQ(FilesIn("/ck/shared"), shared);
    ForEachSubtaskFile((*done_)->state[0], [&](const StateFile& file) {
      EXPECT_TRUE(file.path.starts_with(location.directory)) << file.path;
    });
  }
  // A savepoint is nothing to build on.
  const WrittenSnapshot fourth = Take(4);
  EXPECT_EQ(SumOf(fourth.state[0]), 5020);
}

TEST_P(TaskSnapshotsTest, WritesEverythingIntoFilesWhereNothingMayBeInline) {
  Set(0, 500, 1);
  SnapshotLocation location = Location(1);
  location.max_inline_bytes = 0;
  const std::shared_ptr<KeyedSnapshot> snapshot = Begin(location);
  RunAll(*snapshot);
  ASSERT_TRUE(done_.has_value() && done_->ok());
  EXPECT_EQ(SumOf((*done_)->state[0]), 500);
}

TEST_P(TaskSnapshotsTest, WritesEverythingInlineForTheMemoryOfTheJobManager) {
  Set(0, 500, 1);
  SnapshotLocation location{.id = CheckpointId(1), .max_inline_bytes = 1 << 20, .may_write_files = false};
  const std::shared_ptr<KeyedSnapshot> snapshot = Begin(location);
  RunAll(*snapshot);
  ASSERT_TRUE(done_.has_value() && done_->ok());
  EXPECT_TRUE((*done_)->state[0].keyed[0].state.is_inline());
  EXPECT_EQ(SumOf((*done_)->state[0]), 500);
}

// What a sink has written is on the disk before anybody hears that the snapshot is.
class SinksFiles final : public PendingSync {
 public:
  explicit SinksFiles(Status result) : result_(std::move(result)) {}
  Status Sync() override {
    ++calls;
    return result_;
  }
  int calls = 0;

 private:
  const Status result_;
};

TEST_P(TaskSnapshotsTest, IsAcknowledgedWhenWhatSinksHavePreparedIsSynced) {
  for (const Status& result : {OkStatus(), InternalError("the disk is gone")}) {
    const auto sync = std::make_shared<SinksFiles>(result);
    OperatorStateParts parts;
    parts.syncs = {sync};
    FrozenTask frozen;
    frozen.operators.push_back(std::move(parts));
    done_.reset();
    snapshots_->Begin(Location(1), std::move(frozen), [&](StatusOr<WrittenSnapshot> written) {
      EXPECT_EQ(sync->calls, 1);
      done_ = std::move(written);
    });
    EXPECT_EQ(sync->calls, 0) << "that is for the I/O thread";
    while (RunDisk()) {
    }
    ASSERT_TRUE(done_.has_value());
    EXPECT_EQ(done_->status().code(), result.code());
    if (result.ok()) continue;
    EXPECT_TRUE(IsError(done_->status(), StatusCode::kInternal, "\"counts\": the disk is gone"));
  }
}

// A user's own, which runs on an I/O thread: nobody there could catch what it throws.
TEST_P(TaskSnapshotsTest, WhatThrowsWhileItSyncsFailsTheSnapshotAndNothingElse) {
  struct Throws final : PendingSync {
    Status Sync() override { throw std::runtime_error("the database is gone"); }
  };
  OperatorStateParts parts;
  parts.syncs = {std::make_shared<Throws>()};
  FrozenTask frozen;
  frozen.operators.push_back(std::move(parts));
  snapshots_->Begin(Location(1), std::move(frozen),
                    [&](StatusOr<WrittenSnapshot> written) { done_ = std::move(written); });
  while (RunDisk()) {
  }
  ASSERT_TRUE(done_.has_value());
  EXPECT_TRUE(IsError(done_->status(), StatusCode::kUnknown,
                      "operator \"counts\" threw std::runtime_error: the database is gone"));
}

INSTANTIATE_TEST_SUITE_P(Backends, TaskSnapshotsTest, testing::Values("hashmap", "rocksdb"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace weir
