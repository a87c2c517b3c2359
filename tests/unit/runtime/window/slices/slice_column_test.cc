// Columns that hold few keys or all, beside a map.
#include "weir/runtime/window/slices/slice_column.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "weir/base/random.h"

namespace weir {
namespace {

template <class V>
std::map<uint32_t, V> Contents(SliceColumn<V>& column) {
  std::map<uint32_t, V> found;
  for (uint32_t block = 0; block < column.block_count(); ++block) {
    column.ForEach(block, [&](uint32_t bit, V& value) { found.emplace(block * kBlockRows + bit, value); });
  }
  return found;
}

void CompareWithMap(uint64_t seed, uint32_t keys, bool starts_full) {
  SCOPED_TRACE("seed " + std::to_string(seed) + ", " + std::to_string(keys) + " keys");
  SeededRandom random(seed);
  CellPool pool = SliceColumn<std::string>::NewPool();
  SliceColumn<std::string> column(pool, starts_full);
  std::map<uint32_t, std::string> model;
  for (int step = 0; step < 2000; ++step) {
    const uint32_t number = static_cast<uint32_t>(random.Uniform(keys));
    std::string* const value = column.Find(number);
    ASSERT_EQ(value != nullptr, model.contains(number));
    ASSERT_EQ(column.Has(number), model.contains(number));
    if (value == nullptr) {
      column.Insert(number, "a value that is longer than its place " + std::to_string(step));
      model[number] = "a value that is longer than its place " + std::to_string(step);
    } else if (random.Uniform(3) == 0) {
      column.Remove(number);
      model.erase(number);
    } else {
      ASSERT_EQ(*value, model[number]);
      *value += "+";
      model[number] += "+";
    }
  }
  EXPECT_EQ(Contents(column), model);
  column.ClearBlock(0);
  std::erase_if(model, [](const auto& entry) { return entry.first < kBlockRows; });
  EXPECT_EQ(Contents(column), model);
}

// Sums that begin with 100, added to without a look whether the key is new, wherever the column can.
TEST(SliceColumn, RevivesCellsWithTheValueThatAllBeginWith) {
  for (const bool starts_full : {false, true}) {
    SeededRandom random(7);
    CellPool pool = SliceColumn<int64_t>::NewPool();
    const int64_t fresh = 100;
    SliceColumn<int64_t> column(pool, starts_full, &fresh);
    std::map<uint32_t, int64_t> model;
    for (int step = 0; step < 20'000; ++step) {
      const uint32_t number = static_cast<uint32_t>(random.Uniform(300));
      if (random.Uniform(3) == 0 && column.Has(number)) {
        column.Remove(number);
        model.erase(number);
        continue;
      }
      bool is_new = false;
      if (int64_t* const sum = column.FindOrRevive(number, is_new)) {
        ASSERT_EQ(is_new, !model.contains(number));
        *sum += step;
      } else if (int64_t* const found = column.Find(number)) {
        *found += step;
      } else {
        column.Insert(number, fresh + step);
      }
      model.try_emplace(number, fresh).first->second += step;
    }
    EXPECT_EQ(Contents(column), model);
  }
}

TEST(SliceColumn, HoldsWhatAMapHolds) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    for (const uint32_t keys : {3, 64, 200, 5000}) {
      CompareWithMap(seed, keys, false);
      CompareWithMap(seed, keys, true);
    }
  }
}

TEST(SliceColumn, UsesMemoryForTheKeysThatItHas) {
  CellPool pool = SliceColumn<int64_t>::NewPool();
  SliceColumn<int64_t> column(pool);
  // One key in 64: an array would be 8 MB.
  for (uint32_t number = 0; number < 1'000'000; number += kBlockRows) column.Insert(number, 1);
  EXPECT_LT(pool.memory_bytes(), 1'000'000u);
  EXPECT_FALSE(column.IsMostlyFull());
  const uint64_t before = pool.memory_bytes();
  column.Clear();
  for (uint32_t number = 0; number < 1'000'000; number += kBlockRows) column.Insert(number, 2);
  EXPECT_EQ(pool.memory_bytes(), before) << "cells of a slice that went are used again";
}

}  // namespace
}  // namespace weir
