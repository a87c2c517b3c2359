#include "weir/functions/state/keyed_state.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/random.h"
#include "weir/base/status_exception.h"

#include "tests/unit/functions/state/fake_rows.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Profile {
  std::string name;
  std::vector<int64_t> visits;
  friend bool operator==(const Profile&, const Profile&) = default;
};

struct Functions : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
  ValueState<std::pair<int32_t, double>> pair{this, "pair"};
  ValueState<Profile> profile{this, "profile"};
  ListState<std::string> list{this, "list"};
  MapState<std::string, int64_t> map{this, "map"};
  ReducingState<int64_t, std::plus<int64_t>> sum{this, "sum"};
};

struct WithTtl : StatefulFunction {
  ValueState<int64_t> count{this, "count", Ttl(1h)};
  ListState<int64_t> list{this, "list", Ttl(1h)};
  MapState<int64_t, int64_t> map{this, "map", Ttl(1h)};

  void Pass(Duration time) { key_context().now_ms += time.count(); }
};

TEST(ValueState, StartsFromTheDefaultValue) {
  Functions f;
  FakeRows rows(f);
  EXPECT_FALSE(f.count.Has());
  EXPECT_EQ(f.count.Get(), nullptr);
  EXPECT_EQ(f.count.Value(), 0);
  EXPECT_EQ(f.count.ValueOr(7), 7);
  EXPECT_EQ(f.count.Update([](int64_t n) { return n + 1; }), 1);
  EXPECT_EQ(f.count.Update([](int64_t n) { return n + 1; }), 2);
  EXPECT_EQ(f.count.Value(), 2);
}

TEST(ValueState, ClearedLeavesTheRowEmptyAndSaysSo) {
  Functions f;
  FakeRows rows(f);
  f.count.Update(5);
  f.pair.Update({1, 2.5});
  f.count.Clear();
  EXPECT_FALSE(f.count.Has());
  EXPECT_EQ(f.pair.Value(), std::make_pair(1, 2.5));
  EXPECT_EQ(rows.times_emptied(), 0u);
  f.pair.Clear();
  EXPECT_TRUE(rows.IsEmpty());
  EXPECT_EQ(rows.times_emptied(), 1u);
}

TEST(ValueState, KeepsLargeValuesOutsideTheRowAndChangesThemInPlace) {
  Functions f;
  FakeRows rows(f);
  f.profile.Modify([](Profile& p) { p.visits.push_back(3); });
  f.profile.Modify([](Profile& p) { p.name = "ada"; });
  EXPECT_EQ(*f.profile.Get(), (Profile{"ada", {3}}));
  f.profile.Update(Profile{"bob", {}});
  EXPECT_EQ(f.profile.Value().name, "bob");
  f.profile.Clear();
  EXPECT_TRUE(rows.IsEmpty());
}

TEST(ValueState, ExpiresAfterItsLastWrite) {
  WithTtl f;
  FakeRows rows(f);
  f.count.Update(1);
  f.Pass(59min);
  EXPECT_EQ(f.count.ValueOr(0), 1);  // reading does not prolong it
  f.count.Update([](int64_t n) { return n + 1; });
  f.Pass(59min);
  EXPECT_EQ(f.count.ValueOr(0), 2);
  f.Pass(1min);
  EXPECT_FALSE(f.count.Has());
  EXPECT_TRUE(rows.IsEmpty());
  EXPECT_EQ(f.count.Update([](int64_t n) { return n + 1; }), 1);
}

TEST(ValueState, TakesAFunctionThatConvertsToItsTypeForAFunction) {
  struct F : StatefulFunction {
    ValueState<bool> flag{this, "flag"};
    ValueState<std::optional<bool>> answer{this, "answer"};
  } f;
  FakeRows rows(f);
  EXPECT_TRUE(f.flag.Update([](bool flag) { return !flag; }));
  EXPECT_FALSE(f.flag.Update([](bool flag) { return !flag; }));
  EXPECT_EQ(f.answer.Update([](std::optional<bool>) { return std::optional<bool>(false); }), false);
  f.flag.Update(true);
  EXPECT_TRUE(f.flag.Value());
}

TEST(StateHandle, SaysWhereThereIsNoKey) {
  Functions f;
  const auto expect_refusal = [&f] {
    EXPECT_THROW(f.count.Has(), StatusException);
    EXPECT_THROW(f.count.Update(1), StatusException);
    EXPECT_THROW(f.profile.Update({"ada", {}}), StatusException);
    EXPECT_THROW(f.list.Add("a"), StatusException);
    EXPECT_THROW(f.list.Clear(), StatusException);
    EXPECT_THROW(f.map.Put("a", 1), StatusException);
    EXPECT_THROW(f.map.Clear(), StatusException);
    EXPECT_THROW(f.sum.Clear(), StatusException);
  };
  expect_refusal();  // as in a constructor
  FakeRows rows(f);
  f.count.Update(1);
  f.key_context().LeaveKey();
  expect_refusal();
  try {
    f.count.Value();
  } catch (const StatusException& refusal) {
    EXPECT_EQ(refusal.status().code(), StatusCode::kFailedPrecondition);
    EXPECT_TRUE(refusal.status().message().starts_with("state \"count\" was used where there is no key"));
  }
  f.key_context().row = rows.row();
  EXPECT_EQ(f.count.Value(), 1);
}

TEST(ReducingState, CombinesWhatIsAdded) {
  Functions f;
  FakeRows rows(f);
  EXPECT_EQ(f.sum.Get(), nullptr);
  f.sum.Add(3);
  EXPECT_EQ(f.sum.Add(4), 7);
  f.sum.Clear();
  EXPECT_FALSE(f.sum.Has());
}

struct Mean {
  struct Accumulator {
    int64_t count = 0;
    double sum = 0;
  };
  Accumulator CreateAccumulator() const { return {}; }
  void Add(Accumulator& a, const double& value) const {
    ++a.count;
    a.sum += value;
  }
  std::optional<double> GetResult(const Accumulator& a) const {
    if (a.count == 0) return std::nullopt;
    return a.sum / static_cast<double>(a.count);
  }
};

TEST(AggregatingState, FoldsWhatIsAddedIntoAnAccumulator) {
  struct F : StatefulFunction {
    AggregatingState<double, Mean> mean{this, "mean"};
  } f;
  FakeRows rows(f);
  EXPECT_EQ(f.mean.Get(), std::nullopt);
  f.mean.Add(1);
  f.mean.Add(4);
  EXPECT_EQ(f.mean.Get(), 2.5);
}

TEST(ListState, KeepsTheOrderOfAdding) {
  Functions f;
  FakeRows rows(f);
  EXPECT_TRUE(f.list.empty());
  f.list.Add("a");
  f.list.AddAll(std::vector<std::string>{"b", "c"});
  EXPECT_EQ(std::vector<std::string>(f.list.Get().begin(), f.list.Get().end()),
            (std::vector<std::string>{"a", "b", "c"}));
  f.list.Update({"z"});
  EXPECT_EQ(f.list.size(), 1u);
  f.list.Update({});
  EXPECT_TRUE(rows.IsEmpty());
}

TEST(ListState, ExpiresElementByElement) {
  WithTtl f;
  FakeRows rows(f);
  f.list.Add(1);
  f.Pass(30min);
  f.list.Add(2);
  f.Pass(30min);
  ASSERT_EQ(f.list.size(), 1u);
  EXPECT_EQ(f.list.Get()[0], 2);
  f.Pass(30min);
  EXPECT_TRUE(f.list.empty());
  EXPECT_TRUE(rows.IsEmpty());
}

TEST(MapState, FindsWhatWasPut) {
  Functions f;
  FakeRows rows(f);
  EXPECT_EQ(f.map.Get("x"), nullptr);
  f.map.Put("x", 1);
  f.map.Put("y", 2);
  f.map.Put("x", 3);
  EXPECT_EQ(*f.map.Get("x"), 3);
  EXPECT_EQ(f.map.size(), 2u);
  EXPECT_EQ(f.map.Keys(), (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(f.map.Remove("x"));
  EXPECT_FALSE(f.map.Remove("x"));
  f.map.Remove("y");
  EXPECT_TRUE(rows.IsEmpty());
}

TEST(MapState, MayBeChangedWhileItIsWalked) {
  Functions f;
  FakeRows rows(f);
  for (int64_t i = 0; i < 100; ++i) f.map.Put(std::to_string(i), i);
  int visited = 0;
  for (auto [key, value] : f.map) {
    ++visited;
    if (value % 2 == 0) f.map.Remove(key);
    if (value == 99) f.map.Put("101", 101);
  }
  EXPECT_GE(visited, 100);
  EXPECT_EQ(f.map.size(), 51u);
  for (auto [key, value] : f.map) f.map.Remove(key);
  EXPECT_TRUE(rows.IsEmpty()) << "the walk's end frees what the walk emptied";
}

TEST(MapState, TakesAPartOfAnEntryAsTheKeyOfAnother) {
  struct F : StatefulFunction {
    MapState<std::string, std::string> next{this, "next"};
  } f;
  FakeRows rows(f);
  f.next.Put("0", "1");
  for (int i = 1; i < 100; ++i) {
    // Some holes, which are closed when there are many.
    f.next.Put("gone", "");
    f.next.Remove("gone");
    f.next.Put(*f.next.Get(std::to_string(i - 1)), std::to_string(i + 1));
  }
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(f.next.Contains(std::to_string(i))) << i;
  EXPECT_EQ(f.next.size(), 100u);
}

struct Place {
  double x;
  std::optional<float> y;
  bool operator==(const Place&) const = default;
};

TEST(MapState, HasOneEntryForZerosOfBothSignsAndForAllThatAreNoNumbers) {
  struct F : StatefulFunction {
    MapState<double, int> numbers{this, "numbers"};
    MapState<Place, int> places{this, "places"};
  } f;
  FakeRows rows(f);
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (int i = 0; i < 100; ++i) {  // from nine entries on there is an index
    f.numbers.Put(i, i);
    f.numbers.Put(-0.0, -i);
    f.numbers.Put(-none, i);
    f.numbers.Put(none, i);
    f.places.Put({-0.0, static_cast<float>(none)}, i);
    f.places.Put({0.0, -static_cast<float>(none)}, i);
    f.places.Put({i + 1.0, -0.0f}, i);
    ASSERT_EQ(f.numbers.ValueOr(0.0, 1), -i);
    ASSERT_EQ(f.numbers.size(), i + 2u);
    ASSERT_EQ(f.places.size(), i + 2u);
    ASSERT_TRUE(f.places.Contains({i + 1.0, 0.0f}));
  }
}

TEST(MapState, ExpiresEntryByEntry) {
  WithTtl f;
  FakeRows rows(f);
  f.map.Put(1, 10);
  f.Pass(40min);
  f.map.Put(2, 20);
  f.Pass(20min);
  EXPECT_FALSE(f.map.Contains(1));
  EXPECT_EQ(f.map.size(), 1u);
  f.Pass(40min);
  EXPECT_TRUE(f.map.empty());
  EXPECT_TRUE(rows.IsEmpty());
}

TEST(MapState, AgreesWithAnOrderedMapUnderRandomChanges) {
  Functions f;
  FakeRows rows(f);
  SeededRandom random(7);
  std::map<std::string, int64_t> model;
  for (int step = 0; step < 20000; ++step) {
    const std::string key = std::to_string(random.Uniform(step < 10000 ? 20 : 2000));
    if (random.Chance(0.6)) {
      model[key] = step;
      f.map.Put(key, step);
    } else {
      EXPECT_EQ(f.map.Remove(key), model.erase(key) == 1) << "step " << step;
    }
    const auto found = model.find(key);
    const int64_t* const value = f.map.Get(key);
    ASSERT_EQ(value != nullptr, found != model.end()) << "step " << step;
    if (value == nullptr) continue;
    ASSERT_EQ(*value, found->second) << "step " << step;
  }
  std::map<std::string, int64_t> all;
  for (auto [key, value] : f.map) all.emplace(key, value);
  EXPECT_EQ(all, model);
}

TEST(ValueOps, WriteAndReadEveryKindOfState) {
  Functions from, to;
  FakeRows rows(from), copies(to);
  from.count.Update(42);
  from.profile.Update({"ada", {1, 2}});
  from.list.AddAll(std::vector<std::string>{"x", ""});
  from.map.Put("k", 9);
  for (uint32_t number : {0u, 2u, 3u, 4u}) ASSERT_EQ(rows.CopyState(number, copies), OkStatus()) << number;
  EXPECT_EQ(to.count.Value(), 42);
  EXPECT_EQ(to.profile.Value(), from.profile.Value());
  EXPECT_EQ(to.list.Get()[0], "x");
  EXPECT_EQ(to.list.size(), 2u);
  EXPECT_EQ(*to.map.Get("k"), 9);
}

TEST(ValueOps, KeepTheTimesOfElementsAndEntries) {
  WithTtl from, to;
  FakeRows rows(from), copies(to);
  from.list.Add(1);
  from.map.Put(1, 1);
  from.Pass(30min);
  from.list.Add(2);
  from.map.Put(2, 2);
  ASSERT_EQ(rows.CopyState(1, copies), OkStatus());
  ASSERT_EQ(rows.CopyState(2, copies), OkStatus());
  to.Pass(60min);
  EXPECT_EQ(to.list.size(), 1u);
  EXPECT_EQ(to.map.Keys(), std::vector<int64_t>{2});
}

TEST(ValueOps, LetElementsLiveThatWereWrittenBeforeTheStateHadATimeToLive) {
  struct Plain : StatefulFunction {
    ListState<int64_t> list{this, "list"};
    MapState<int64_t, int64_t> map{this, "map"};
  } from;
  struct Timed : StatefulFunction {
    ListState<int64_t> list{this, "list", Ttl(1h)};
    MapState<int64_t, int64_t> map{this, "map", Ttl(1h)};
  } to;
  FakeRows rows(from), copies(to);
  from.list.Add(1);
  from.map.Put(1, 1);
  ASSERT_EQ(rows.CopyState(0, copies), OkStatus());
  ASSERT_EQ(rows.CopyState(1, copies), OkStatus());
  to.key_context().now_ms = Duration(100h).count();
  EXPECT_EQ(to.list.size(), 1u);
  EXPECT_TRUE(to.map.Contains(1));
  to.list.Add(2);
  to.key_context().now_ms += Duration(1h).count();
  EXPECT_TRUE(to.list.empty());
}

TEST(StatefulFunction, ReportsTwoStatesOfOneName) {
  struct F : StatefulFunction {
    ValueState<int64_t> a{this, "count"};
    ListState<int64_t> b{this, "count"};
  } f;
  EXPECT_EQ(f.CheckStates().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace weir
