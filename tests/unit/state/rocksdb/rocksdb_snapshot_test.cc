#include "weir/state/rocksdb/rocksdb_snapshot.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "tests/unit/state/snapshot_to_memory.h"
#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

TEST(RocksDbStateHead, HasTheGoldenBytes) {
  RocksDbStateHead head;
  head.rows_header = std::string("\0hdr", 4);
  head.key_groups = {3, 7};
  head.rows = 9;
  // docs/formats/rocksdb_state.md explains these bytes; they may never change.
  const std::string golden("\1\0\0\0\4\0\0\0\0hdr\3\0\0\0\7\0\0\0\x9\0\0\0\0\0\0\0", 28);
  EXPECT_EQ(head.Encode(), golden);
  const StatusOr<RocksDbStateHead> read = RocksDbStateHead::Decode(golden);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->key_groups, head.key_groups);
  EXPECT_EQ(read->rows, 9u);
}

TEST(RocksDbStateHead, SaysWhatIsWrongWithItsBytes) {
  RocksDbStateHead head;
  head.rows_header = "x";
  std::string bytes = head.Encode();
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_EQ(RocksDbStateHead::Decode(bytes.substr(0, length)).status().code(), StatusCode::kDataLoss) << length;
  bytes[0] = 2;
  EXPECT_EQ(RocksDbStateHead::Decode(bytes).status().code(), StatusCode::kFailedPrecondition);
}

struct Count : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
};

class RocksDbSnapshotTest : public testing::Test {
 protected:
  RocksDbSnapshotTest() { function_.BindStates(*rows_); }
  void Set(int64_t from, int64_t to, int64_t value) {
    for (int64_t key = from; key < to; ++key) {
      const uint64_t hash = Hash64(static_cast<uint64_t>(key));
      rows_->Prepare({.integers = &key}, &hash, 1, &function_.key_context().row);
      function_.count.Update(value);
    }
    rows_->Finish();
  }

  bool is_full_ = false;
  Count function_;
  std::unique_ptr<KeyedRows> rows_ = NewRows(function_, KeyForm::kInteger, {0, 127}, 128, "rocksdb");
};

TEST_F(RocksDbSnapshotTest, ComesToAnEndWhicheverComesFirst) {
  Set(0, 2000, 1);
  const KeyedSnapshotRequest native{.checkpoint_id = 1, .is_native = true, .may_be_shared = true};
  for (const bool start_first : {true, false}) {
    WrittenToMemory written;
    const std::unique_ptr<KeyedSnapshot> snapshot = rows_->BeginSnapshot();
    if (start_first) snapshot->Start(native, std::make_shared<MemorySink>(written, is_full_));
    while (snapshot->Advance()) {
    }
    if (!start_first) snapshot->Start(native, std::make_shared<MemorySink>(written, is_full_));
    EXPECT_TRUE(written.is_done);
    EXPECT_EQ(RocksDbStateHead::Decode(written.bytes)->rows, 2000u);
  }
}

TEST_F(RocksDbSnapshotTest, MayBeGivenUpAtAnyTime) {
  Set(0, 2000, 1);
  for (int pieces = 0; pieces < 12; ++pieces) {
    std::unique_ptr<KeyedSnapshot> snapshot = rows_->BeginSnapshot();
    for (int i = 0; i < pieces; ++i) snapshot->Advance();
    snapshot.reset();
    Set(0, 2000, pieces);
  }
  EXPECT_EQ(rows_->row_count(), 2000u);
}

TEST_F(RocksDbSnapshotTest, OutlivesItsRows) {
  Set(0, 2000, 1);
  WrittenToMemory written;
  const std::unique_ptr<KeyedSnapshot> snapshot = rows_->BeginSnapshot();
  rows_.reset();
  snapshot->Start({.checkpoint_id = 1, .is_native = true}, std::make_shared<MemorySink>(written, is_full_));
  EXPECT_FALSE(snapshot->Advance());
  EXPECT_FALSE(written.is_done);
}

}  // namespace
}  // namespace weir
