#include "weir/state/heap/heap_keyed_rows.h"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "weir/state/heap/heap_table.h"

#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

struct Count : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
};

class HeapKeyedRowsTest : public testing::Test {
 protected:
  HeapKeyedRowsTest() { function_.BindStates(*rows_); }

  std::vector<char*> Prepare(const std::vector<int64_t>& keys) {
    std::vector<uint64_t> hashes(keys.size());
    HashInts(keys, hashes);
    std::vector<char*> rows(keys.size());
    rows_->Prepare({.integers = keys.data()}, hashes.data(), static_cast<uint32_t>(keys.size()), rows.data());
    return rows;
  }
  void Add(const std::vector<int64_t>& keys) {
    for (char* row : Prepare(keys)) {
      function_.key_context().row = row;
      function_.count.Update([](int64_t n) { return n + 1; });
    }
    rows_->Finish();
  }
  int64_t CountOf(int64_t key) {
    function_.key_context().row = Prepare({key})[0];
    return function_.count.ValueOr(0);
  }

  Count function_;
  std::unique_ptr<KeyedRows> rows_ = NewRows(function_, KeyForm::kInteger, {0, 127}, 128);
};

TEST_F(HeapKeyedRowsTest, GivesAKeyOfABatchOneRowHoweverOftenItComes) {
  const std::vector<char*> rows = Prepare({5, 6, 5});
  EXPECT_EQ(rows[0], rows[2]);
  EXPECT_NE(rows[0], rows[1]);
}

TEST_F(HeapKeyedRowsTest, KeepsTheRowsOfABatchThatSplitsPages) {
  std::vector<int64_t> keys(100000);
  std::iota(keys.begin(), keys.end(), 0);
  Add(keys);
  Add(keys);
  EXPECT_EQ(rows_->row_count(), 100000u);
  for (int64_t key : {0, 1, 4711, 99999}) EXPECT_EQ(CountOf(key), 2);
}

TEST_F(HeapKeyedRowsTest, DropsAKeyThatWasOnlyLookedAt) {
  Prepare({1, 2, 3});
  EXPECT_EQ(rows_->row_count(), 3u);
  rows_->Finish();
  EXPECT_EQ(rows_->row_count(), 0u);
}

TEST_F(HeapKeyedRowsTest, KeepsAKeyThatWasClearedAndSetAgainInOneBatch) {
  Add({1});
  function_.key_context().row = Prepare({1})[0];
  function_.count.Clear();
  function_.count.Update(7);
  rows_->Finish();
  EXPECT_EQ(CountOf(1), 7);
}

TEST_F(HeapKeyedRowsTest, MayDropRowsWhileItIsWalked) {
  std::vector<int64_t> keys(3000);
  std::iota(keys.begin(), keys.end(), 0);
  Add(keys);
  char* rows[64];
  uint64_t walked = 0;
  for (RowCursor cursor; !cursor.done;) {
    const uint32_t count = rows_->Walk(cursor, 64, rows);
    walked += count;
    for (uint32_t i = 0; i < count; ++i) {
      function_.key_context().row = rows[i];
      function_.count.Clear();
    }
    rows_->Finish();
  }
  EXPECT_EQ(walked, 3000u);
  EXPECT_EQ(rows_->row_count(), 0u);
}

TEST_F(HeapKeyedRowsTest, KeepsItsSizeWhenKeysComeAndGo) {
  for (int64_t round = 0; round < 400; ++round) {
    std::vector<int64_t> keys(100);
    std::iota(keys.begin(), keys.end(), round * 100);
    Add(keys);
    for (char* row : Prepare(keys)) {
      function_.key_context().row = row;
      function_.count.Clear();
    }
    rows_->Finish();
  }
  EXPECT_EQ(rows_->row_count(), 0u);
  EXPECT_LE(rows_->memory_bytes(), 4 * PageArena::kPageBytes);
}

TEST(HeapTable, HasRoomForTheRowsThatWereAnnounced) {
  for (const KeyGroupRange groups : {KeyGroupRange{0, 127}, KeyGroupRange{3, 7}, KeyGroupRange{100, 127}}) {
    HeapTable<IntegerKeys> table(16, FirstHashOf(groups.first, 128), FirstHashOf(groups.last + 1, 128) - 1);
    std::vector<int64_t> keys;
    std::vector<uint64_t> hashes;
    for (int64_t key = 0; keys.size() < 50000; ++key) {
      const uint64_t hash = Hash64(static_cast<uint64_t>(key));
      if (!groups.Contains(KeyGroupForHash(hash, 128))) continue;
      keys.push_back(key);
      hashes.push_back(hash);
    }
    table.Reserve(keys.size());
    const uint64_t pages = table.page_count();
    std::vector<char*> rows(keys.size());
    std::vector<char*> inserted;
    table.Prepare({.integers = keys.data()}, hashes.data(), static_cast<uint32_t>(keys.size()), rows.data(), inserted);
    EXPECT_LE(table.page_count(), pages + pages / 50) << "pages were split";
    EXPECT_LE(pages, 50000u / 100) << "too many";
    EXPECT_EQ(table.row_count(), 50000u);
    char* walked[256];
    uint64_t count = 0;
    for (RowCursor cursor; !cursor.done;) count += table.Walk(cursor, 256, walked);
    EXPECT_EQ(count, 50000u);
  }
}

// The key with that hash: the steps of Hash64 backwards.
int64_t KeyWithHash(uint64_t h) {
  // Inverse of an odd number modulo 2^64, by Newton's method.
  constexpr uint64_t kFactor = 0x9fb21c651e98df25;
  uint64_t inverse = kFactor;
  for (int i = 0; i < 6; ++i) inverse *= 2 - kFactor * inverse;
  h ^= h >> 28 ^ h >> 56;
  h *= inverse;
  h ^= (h >> 35) + 8;
  h *= inverse;
  // The rotation step, taken 64 times, changes nothing.
  for (int i = 0; i < 63; ++i) h ^= internal::RotateLeft(h, 49) ^ internal::RotateLeft(h, 24);
  h ^= internal::kXxh3Flip4To8;
  return static_cast<int64_t>(h >> 32 | h << 32);
}

TEST_F(HeapKeyedRowsTest, HoldsKeysWhoseHashesWereChosenToCollide) {
  std::vector<int64_t> keys;
  for (uint64_t i = 0; i < 3000; ++i) keys.push_back(KeyWithHash(0x1234567812345678 + (i << 3)));
  ASSERT_EQ(Hash64(static_cast<uint64_t>(keys[1])), 0x1234567812345680u);
  Add(keys);
  Add(keys);
  EXPECT_EQ(rows_->row_count(), 3000u);
  EXPECT_EQ(CountOf(keys[2999]), 2);
  EXPECT_LT(rows_->memory_bytes(), 64 * PageArena::kPageBytes) << "the directory must not grow for them";
  ByteWriter out;
  rows_->Write(0, 127, out);
  rows_->Clear();
  ByteReader in(out.bytes(), "rows");
  ASSERT_EQ(rows_->Read(in), OkStatus());
  EXPECT_EQ(CountOf(keys[17]), 2);
}

}  // namespace
}  // namespace weir
