// Snapshots of heap rows: what is in them.
#include "weir/state/heap/heap_snapshots.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/unit/state/snapshot_to_memory.h"
#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

struct Count : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
};

class HeapSnapshotTest : public testing::Test {
 protected:
  HeapSnapshotTest() { function_.BindStates(*rows_); }

  void Set(int64_t from, int64_t to, int64_t value) {
    for (int64_t key = from; key < to; ++key) {
      const uint64_t hash = Hash64(static_cast<uint64_t>(key));
      char* row = nullptr;
      rows_->Prepare({.integers = &key}, &hash, 1, &row);
      function_.key_context().row = row;
      if (value == 0) {
        function_.count.Clear();
      } else {
        function_.count.Update(value);
      }
    }
    rows_->Finish();
  }
  // A checkpoint from its begin to its completion.
  WrittenToMemory Take(KeyedSnapshotRequest request) {
    WrittenToMemory written;
    const std::unique_ptr<KeyedSnapshot> snapshot = rows_->BeginSnapshot();
    snapshot->Start(request, std::make_shared<MemorySink>(written, is_full_));
    while (snapshot->Advance()) {
    }
    snapshot->OnComplete();
    return written;
  }
  static KeyedSnapshotRequest Shared(int64_t id) {
    return {.checkpoint_id = id, .is_native = true, .may_be_shared = true};
  }

  bool is_full_ = false;
  Count function_;
  std::unique_ptr<KeyedRows> rows_ = NewRows(function_, KeyForm::kInteger, {0, 127}, 128);
};

TEST_F(HeapSnapshotTest, WritesOnlyWhatChangedSinceTheLastCompleteOne) {
  Set(0, 20000, 1);
  const WrittenToMemory full = Take(Shared(1));
  Set(100, 300, 2);
  const WrittenToMemory increment = Take(Shared(2));
  EXPECT_EQ(full.base, 0);
  EXPECT_EQ(increment.base, 1);
  EXPECT_LE(increment.bytes.size(), full.bytes.size() / 50) << "1 % has changed";
}

TEST_F(HeapSnapshotTest, BuildsOnTheLastCompleteOneWhenTheOneBetweenWasNot) {
  Set(0, 20000, 1);
  Take(Shared(1));
  Set(0, 100, 2);
  {
    WrittenToMemory aborted;
    const std::unique_ptr<KeyedSnapshot> snapshot = rows_->BeginSnapshot();
    snapshot->Start(Shared(2), std::make_shared<MemorySink>(aborted, is_full_));
    while (snapshot->Advance()) {
    }
  }
  Set(100, 200, 3);
  const WrittenToMemory third = Take(Shared(3));
  EXPECT_EQ(third.base, 1);
  // 200 records of 24 bytes: those of the aborted one too.
  EXPECT_GE(third.bytes.size(), 200u * 24);
}

TEST_F(HeapSnapshotTest, IsFullWhenItMustNotNameOtherFilesOrIsSmall) {
  Set(0, 20000, 1);
  Take(Shared(1));
  KeyedSnapshotRequest full = Shared(2);
  full.is_full = true;
  EXPECT_EQ(Take(full).base, 0);
  KeyedSnapshotRequest small = Shared(3);
  small.max_inline_bytes = 100 << 20;
  const WrittenToMemory inline_state = Take(small);
  EXPECT_EQ(inline_state.base, 0);
  EXPECT_FALSE(inline_state.may_be_base);
}

TEST_F(HeapSnapshotTest, BeginsANewChainWhenMoreHasChangedThanThereWas) {
  Set(0, 20000, 1);
  Take(Shared(1));
  int64_t id = 2;
  for (; id < 10 && Take(Shared(id)).base != 0; ++id) Set(0, 20000, id);
  EXPECT_EQ(id, 4) << "one increment of everything is as much as there was, two are more";
}

TEST_F(HeapSnapshotTest, IsFullAfterEverythingWasCleared) {
  Set(0, 20000, 1);
  Take(Shared(1));
  rows_->Clear();
  Set(0, 3, 1);
  EXPECT_EQ(Take(Shared(2)).base, 0);
}

TEST_F(HeapSnapshotTest, WaitsWhileTheBytesAreNotTaken) {
  Set(0, 100000, 1);
  WrittenToMemory written;
  const std::unique_ptr<KeyedSnapshot> snapshot = rows_->BeginSnapshot();
  EXPECT_FALSE(snapshot->Advance()) << "not started";
  snapshot->Start(Shared(1), std::make_shared<MemorySink>(written, is_full_));
  EXPECT_TRUE(snapshot->Advance());
  is_full_ = true;
  EXPECT_FALSE(snapshot->Advance());
  is_full_ = false;
  EXPECT_TRUE(snapshot->Advance());
}

TEST_F(HeapSnapshotTest, OutlivesItsRows) {
  Set(0, 100000, 1);
  WrittenToMemory written;
  const std::unique_ptr<KeyedSnapshot> snapshot = rows_->BeginSnapshot();
  snapshot->Start(Shared(1), std::make_shared<MemorySink>(written, is_full_));
  snapshot->Advance();
  rows_.reset();
  EXPECT_FALSE(snapshot->Advance());
  EXPECT_FALSE(written.is_done);
  snapshot->OnComplete();
}

TEST_F(HeapSnapshotTest, LendsMorePagesOnlyUntilTheNextBatch) {
  // With 4 key groups each has many pages.
  rows_ = NewRows(function_, KeyForm::kInteger, {0, 3}, 4);
  function_.BindStates(*rows_);
  Set(0, 100000, 1);
  WrittenToMemory written;
  PostedWork posted;
  const std::unique_ptr<KeyedSnapshot> snapshot = rows_->BeginSnapshot();
  snapshot->Start(Shared(1), std::make_shared<MemorySink>(written, is_full_, MemorySink::Known(), &posted));
  EXPECT_TRUE(snapshot->Advance());
  EXPECT_TRUE(snapshot->Advance());
  EXPECT_EQ(posted.size(), 2u);
  Set(5, 6, 2);
  EXPECT_FALSE(snapshot->Advance()) << "every row that changes in a loan costs a copy of its page";
  EXPECT_EQ(posted.size(), 2u);
  posted.RunNext();
  EXPECT_FALSE(snapshot->Advance());
  posted.RunNext();
  EXPECT_TRUE(snapshot->Advance());
  EXPECT_EQ(posted.size(), 1u);
  while (!written.is_done) {
    snapshot->Advance();
    while (!posted.empty()) posted.RunNext();
  }
}

struct ShortLivedCount : StatefulFunction {
  ValueState<int64_t> count{this, "count", Ttl(Duration(1000))};
};

TEST_F(HeapSnapshotTest, AnIncrementNamesRowsThatHaveExpired) {
  ShortLivedCount function;
  rows_ = NewRows(function, KeyForm::kInteger, {0, 127}, 128);
  function.BindStates(*rows_);
  for (int64_t key = 0; key < 2100; ++key) {
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    rows_->Prepare({.integers = &key}, &hash, 1, &function.key_context().row);
    function.key_context().now_ms = key < 2000 ? 0 : 1500;
    function.count.Update(1);
  }
  rows_->Finish();
  Take(Shared(1));
  while (rows_->row_count() > 100) rows_->CleanUp(2000);
  const WrittenToMemory increment = Take(Shared(2));
  ASSERT_EQ(increment.base, 1);
  // The key of each.
  EXPECT_GT(increment.bytes.size(), 2000 * sizeof(int64_t));
}

}  // namespace
}  // namespace weir
