// What each kind of state promises, on every backend: rows leave memory and come back between any two steps.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/unit/state/one_key_at_a_time.h"

namespace weir {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;

struct Sum {
  int64_t operator()(int64_t a, int64_t b) const { return a + b; }
};

struct Longest {
  std::string CreateAccumulator() const { return {}; }
  void Add(std::string& longest, const std::string& text) const {
    if (text.size() > longest.size()) longest = text;
  }
  size_t GetResult(const std::string& longest) const { return longest.size(); }
};

struct AllKinds : StatefulFunction {
  ValueState<int64_t> value{this, "value"};
  ListState<std::string> list{this, "list"};
  MapState<std::string, int64_t> map{this, "map"};
  ReducingState<int64_t, Sum> reducing{this, "reducing"};
  AggregatingState<std::string, Longest> aggregating{this, "aggregating"};
};

struct Timed : StatefulFunction {
  ValueState<int64_t> value{this, "value", Ttl(1h)};
  ValueState<std::string> text{this, "text", Ttl(1h)};
  ListState<int64_t> list{this, "list", Ttl(1h)};
  MapState<int64_t, std::string> map{this, "map", Ttl(1h)};
  ReducingState<int64_t, Sum> reducing{this, "reducing", Ttl(1h)};
  AggregatingState<std::string, Longest> aggregating{this, "aggregating", Ttl(1h)};
};

struct Renewed : StatefulFunction {
  ValueState<int64_t> value{this, "value", Ttl(1h).UpdateOnReadAndWrite()};
  ListState<int64_t> list{this, "list", Ttl(1h).UpdateOnReadAndWrite()};
  MapState<int64_t, int64_t> map{this, "map", Ttl(1h).UpdateOnReadAndWrite()};
};

struct Lenient : StatefulFunction {
  ValueState<int64_t> value{this, "value", Ttl(1h).ReturnExpiredIfNotCleanedUp()};
  ListState<int64_t> list{this, "list", Ttl(1h).ReturnExpiredIfNotCleanedUp()};
  MapState<int64_t, int64_t> map{this, "map", Ttl(1h).ReturnExpiredIfNotCleanedUp()};
};

// Rows leave memory between any two steps.
constexpr KeyedOptions kInAndOut{.rocksdb_cached_rows = 4, .keys_between = 12};

class StateKinds : public testing::TestWithParam<std::string_view> {};

TEST_P(StateKinds, EachKeyHasItsOwnOfEveryKind) {
  Keyed<AllKinds> keyed(GetParam(), kInAndOut);
  for (int64_t key = 0; key < 30; ++key) {
    AllKinds& f = keyed.At(key);
    f.value.Update(key);
    f.list.AddAll(std::vector<std::string>{"a", std::to_string(key)});
    f.map.Put("k" + std::to_string(key % 3), key);
    f.reducing.Add(key);
    f.reducing.Add(1);
    f.aggregating.Add(std::string(static_cast<size_t>(key), 'x'));
  }
  EXPECT_EQ(keyed.row_count(), 30u);
  for (int64_t key = 0; key < 30; ++key) {
    AllKinds& f = keyed.At(key);
    EXPECT_EQ(f.value.Value(), key);
    EXPECT_EQ(f.list.Get()[1], std::to_string(key));
    EXPECT_EQ(*f.map.Get("k" + std::to_string(key % 3)), key);
    EXPECT_EQ(f.map.size(), 1u);
    EXPECT_EQ(*f.reducing.Get(), key + 1);
    EXPECT_EQ(f.aggregating.Get(), static_cast<size_t>(key));
  }
}

TEST_P(StateKinds, ClearedOnesAreGoneAndTheLastTakesTheRowAlong) {
  Keyed<AllKinds> keyed(GetParam(), kInAndOut);
  keyed.At(1).value.Update(1);
  keyed.At(1).list.Add("a");
  keyed.At(1).map.Put("k", 1);
  keyed.At(1).value.Clear();
  EXPECT_FALSE(keyed.At(1).value.Has());
  EXPECT_EQ(keyed.At(1).list.size(), 1u);
  keyed.At(1).list.Clear();
  EXPECT_TRUE(keyed.At(1).map.Remove("k"));
  EXPECT_EQ(keyed.row_count(), 0u);
  EXPECT_TRUE(keyed.At(1).map.empty());
  keyed.At(1).value.Update(5);
  EXPECT_EQ(keyed.At(1).value.Value(), 5);
  EXPECT_EQ(keyed.row_count(), 1u);
}

TEST_P(StateKinds, WhatAWalkChangesStaysChanged) {
  Keyed<AllKinds> keyed(GetParam(), kInAndOut);
  for (int64_t key = 0; key < 40; ++key) keyed.At(key).value.Update(key);
  AllKinds& f = keyed.At(0);
  char* rows[7];
  for (RowCursor cursor; !cursor.done;) {
    const uint32_t count = keyed.rows().Walk(cursor, 7, rows);
    for (uint32_t i = 0; i < count; ++i) {
      f.key_context().row = rows[i];
      const int64_t key = keyed.rows().KeyOf(rows[i]).integer;
      if (key % 4 == 0) f.list.Add("walked");
      if (key % 4 == 1) f.value.Clear();
    }
    keyed.rows().Finish();
  }
  EXPECT_EQ(keyed.row_count(), 30u);
  for (int64_t key = 0; key < 40; ++key) {
    EXPECT_EQ(keyed.At(key).list.size(), key % 4 == 0 ? 1u : 0u) << key;
    EXPECT_EQ(keyed.At(key).value.Has(), key % 4 != 1) << key;
  }
}

TEST_P(StateKinds, ExpireAnHourAfterTheyWereWritten) {
  Keyed<Timed> keyed(GetParam(), kInAndOut);
  keyed.At(1).value.Update(1);
  keyed.At(1).text.Update("a");
  keyed.At(1).reducing.Add(3);
  keyed.At(1).aggregating.Add("abc");
  keyed.Pass(30min);
  keyed.At(1).reducing.Add(4);
  keyed.Pass(30min);
  EXPECT_FALSE(keyed.At(1).value.Has());
  EXPECT_FALSE(keyed.At(1).text.Has());
  EXPECT_FALSE(keyed.At(1).aggregating.Has());
  EXPECT_EQ(*keyed.At(1).reducing.Get(), 7);
  keyed.Pass(30min);
  EXPECT_FALSE(keyed.At(1).reducing.Has());
  EXPECT_EQ(keyed.row_count(), 0u);
}

TEST_P(StateKinds, ElementsAndEntriesExpireOneByOne) {
  Keyed<Timed> keyed(GetParam(), kInAndOut);
  keyed.At(1).list.Add(1);
  keyed.At(1).map.Put(1, "a");
  keyed.Pass(30min);
  keyed.At(1).list.Add(2);
  keyed.At(1).map.Put(2, "b");
  keyed.Pass(30min);
  ASSERT_EQ(keyed.At(1).list.size(), 1u);
  EXPECT_EQ(keyed.At(1).list.Get()[0], 2);
  EXPECT_FALSE(keyed.At(1).map.Contains(1));
  EXPECT_TRUE(keyed.At(1).map.Contains(2));
}

TEST_P(StateKinds, ReadingProlongsWhereItWasAskedFor) {
  Keyed<Renewed> keyed(GetParam(), kInAndOut);
  keyed.At(1).value.Update(1);
  keyed.At(1).list.Add(1);
  keyed.At(1).map.Put(1, 1);
  keyed.At(2).value.Update(2);
  for (int i = 0; i < 3; ++i) {
    keyed.Pass(40min);
    EXPECT_TRUE(keyed.At(1).value.Has()) << i;
    EXPECT_EQ(keyed.At(1).list.size(), 1u) << i;
    EXPECT_TRUE(keyed.At(1).map.Contains(1)) << i;
  }
  EXPECT_FALSE(keyed.At(2).value.Has()) << "nobody read it";
}

TEST_P(StateKinds, ExpiredOnesMayBeReturnedUntilTheyAreCleanedUp) {
  Keyed<Lenient> keyed(GetParam(), kInAndOut);
  keyed.At(1).value.Update(1);
  keyed.At(1).list.Add(1);
  keyed.At(1).map.Put(1, 1);
  keyed.Pass(2h);
  EXPECT_EQ(keyed.At(1).value.ValueOr(0), 1);
  EXPECT_EQ(keyed.At(1).list.size(), 1u);
  EXPECT_TRUE(keyed.At(1).map.Contains(1));
  keyed.CleanUp();
  EXPECT_EQ(keyed.At(1).value.ValueOr(0), 0);
  EXPECT_EQ(keyed.At(1).list.size(), 0u);
  EXPECT_FALSE(keyed.At(1).map.Contains(1));
}

TEST_P(StateKinds, CleaningUpRemovesOnlyWhatHasExpired) {
  Keyed<Timed> keyed(GetParam(), kInAndOut);
  keyed.At(1).value.Update(1);
  keyed.At(2).list.Add(1);
  keyed.At(2).map.Put(1, "a");
  keyed.Pass(30min);
  keyed.At(2).list.Add(2);
  keyed.At(2).map.Put(2, "b");
  keyed.At(3).text.Update("c");
  keyed.Pass(30min);
  keyed.At(1);
  keyed.At(2);  // the last, so that it is in memory
  keyed.CleanUp();
  EXPECT_EQ(keyed.row_count(), 2u);
  EXPECT_EQ(keyed.At(2).list.size(), 1u);
  EXPECT_EQ(keyed.At(2).map.size(), 1u);
  EXPECT_EQ(keyed.At(3).text.Value(), "c");
}

TEST_P(StateKinds, SnapshotsHoldTimesAndNothingExpired) {
  Keyed<Timed> keyed(GetParam(), kInAndOut);
  keyed.At(1).value.Update(1);
  keyed.At(2).list.Add(1);
  keyed.At(2).map.Put(1, "a");
  keyed.Pass(30min);
  keyed.At(2).list.Add(2);
  keyed.Pass(30min);
  keyed.CleanUp();
  const std::vector<std::string> written = keyed.Write();
  for (std::string_view backend : {"hashmap", "rocksdb"}) {
    Keyed<Timed> restored(backend, kInAndOut);
    restored.Read(written);
    EXPECT_EQ(restored.row_count(), 1u);
    restored.Pass(1h);
    EXPECT_EQ(restored.At(2).list.size(), 1u);
    restored.Pass(30min);
    EXPECT_EQ(restored.At(2).list.size(), 0u) << "restoring does not prolong";
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, StateKinds, testing::Values("hashmap", "rocksdb"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace weir
