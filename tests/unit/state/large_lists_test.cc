// Lists of more than 4 KiB: they lie in pieces, behave like others, and an element that is added costs a piece.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/random.h"
#include "weir/functions/state/list_pieces.h"
#include "weir/state/snapshot/keyed_rows_format.h"

#include "tests/unit/state/checkpoints_of_rows.h"
#include "tests/unit/state/one_key_at_a_time.h"

namespace weir {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;

struct Numbers : StatefulFunction {
  ListState<int64_t> list{this, "list"};
};

struct SmallNumbers : StatefulFunction {
  ListState<int32_t> list{this, "list"};
};

struct Note {
  std::string text;
  int64_t number = 0;
  friend bool operator==(const Note&, const Note&) = default;
};

struct Texts : StatefulFunction {
  ValueState<int64_t> before{this, "before"};
  ListState<std::string> list{this, "list"};
  ListState<Note> notes{this, "notes"};
  MapState<int64_t, int64_t> map{this, "map"};
};

struct Timed : StatefulFunction {
  ListState<int64_t> list{this, "list", Ttl(1h)};
};

struct Renewed : StatefulFunction {
  ListState<int64_t> list{this, "list", Ttl(1h).UpdateOnReadAndWrite()};
};

struct Lenient : StatefulFunction {
  ListState<int64_t> list{this, "list", Ttl(1h).ReturnExpiredIfNotCleanedUp()};
};

struct WithoutList : StatefulFunction {
  ValueState<int64_t> before{this, "before"};
};

std::vector<int64_t> UpTo(int64_t count, int64_t first = 0) {
  std::vector<int64_t> numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

template <class V>
std::vector<V> ContentOf(const ListState<V>& list) {
  const std::span<const V> elements = list.Get();
  EXPECT_EQ(list.size(), elements.size());
  EXPECT_EQ(list.empty(), elements.empty());
  return {elements.begin(), elements.end()};
}

class LargeLists : public testing::TestWithParam<std::string_view> {};

// A random change of the list of one key, and of its model.
void Change(SeededRandom& random, ListState<int64_t>& list, std::vector<int64_t>& model) {
  const int64_t number = static_cast<int64_t>(random.Uniform(1'000'000));
  const uint64_t change = random.Uniform(100);
  if (change < 80) {
    list.Add(number);
    model.push_back(number);
  } else if (change < 95) {
    const std::vector<int64_t> more = UpTo(static_cast<int64_t>(random.Uniform(200)), number);
    list.AddAll(more);
    model.insert(model.end(), more.begin(), more.end());
  } else if (change < 98) {
    model = UpTo(static_cast<int64_t>(random.Uniform(1200)), number);
    list.Update(model);
  } else if (change == 98) {
    list.Clear();
    model.clear();
  } else {
    list.AddAll(list.Get());
    const std::vector<int64_t> again = model;
    model.insert(model.end(), again.begin(), again.end());
  }
}

TEST_P(LargeLists, AreTheSameAsSmallOnesWhateverHappensToThem) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::string_view backend = GetParam();
    auto keyed = std::make_unique<Keyed<Numbers>>(backend);
    std::vector<int64_t> models[3];
    uint64_t most_pieces = 0;
    for (int round = 0; round < 12; ++round) {
      for (int i = 0; i < 60; ++i) {
        const uint64_t key = random.Uniform(3);
        Change(random, keyed->At(static_cast<int64_t>(key)).list, models[key]);
        if (random.Uniform(10) == 0) {
          ASSERT_EQ(ContentOf(keyed->At(static_cast<int64_t>(key)).list), models[key]);
        }
      }
      most_pieces = std::max(most_pieces, keyed->piece_count());
      // A canonical savepoint, into the other backend.
      const std::vector<std::string> written = keyed->Write();
      backend = backend == "hashmap" ? "rocksdb" : "hashmap";
      keyed = Restored<Numbers>(backend, written);
      for (int64_t key = 0; key < 3; ++key) ASSERT_EQ(ContentOf(keyed->At(key).list), models[key]) << "round " << round;
    }
    EXPECT_GT(most_pieces, 10u);
    for (int64_t key = 0; key < 3; ++key) keyed->At(key).list.Clear();
    EXPECT_EQ(keyed->row_count() + keyed->piece_count(), 0u);
  }
}

TEST_P(LargeLists, AreDividedAboveFourKilobytesAndOneRowAgainWhenTheyAreReplaced) {
  Keyed<Numbers> keyed(GetParam());
  keyed.At(1).list.Update(UpTo(512));
  EXPECT_EQ(keyed.piece_count(), 0u);
  keyed.At(1).list.Add(512);
  EXPECT_EQ(keyed.piece_count(), 3u) << "of 256 numbers at most";
  EXPECT_EQ(ContentOf(keyed.At(1).list), UpTo(513));
  keyed.At(1).list.Update({1, 2});
  EXPECT_EQ(keyed.piece_count(), 0u);
  EXPECT_EQ(ContentOf(keyed.At(1).list), (std::vector<int64_t>{1, 2}));
  keyed.At(1).list.Update({});
  EXPECT_EQ(keyed.row_count(), 0u);
}

TEST_P(LargeLists, OfSeveralKeysAndStatesKeepApart) {
  Keyed<Texts> keyed(GetParam());
  for (int64_t key = 0; key < 4; ++key) {
    for (int64_t i = 0; i < 400; ++i) {
      keyed.At(key).list.Add("element " + std::to_string(key * i));
      keyed.At(key).notes.Add({"note", key + i});
      keyed.At(key).map.Put(i, key);
    }
    keyed.At(key).before.Update(key);
  }
  EXPECT_GT(keyed.piece_count(), 4u * 3 * 3) << "of each";
  keyed.At(3).list.Clear();
  keyed.At(3).before.Clear();
  keyed.At(2).notes.Clear();
  const auto restored = Restored<Texts>(GetParam() == "hashmap" ? "rocksdb" : "hashmap", keyed.Write());
  for (int64_t key = 0; key < 4; ++key) {
    Texts& f = restored->At(key);
    ASSERT_EQ(f.list.size(), key == 3 ? 0u : 400u) << key;
    ASSERT_EQ(f.notes.size(), key == 2 ? 0u : 400u) << key;
    if (key == 1) {
      EXPECT_EQ(f.list.Get()[399], "element 399");
      EXPECT_EQ(f.notes.Get()[7], (Note{"note", 8}));
    }
    EXPECT_EQ(f.map.size(), 400u);
    EXPECT_EQ(f.before.ValueOr(-1), key == 3 ? -1 : key);
  }
}

TEST_P(LargeLists, OfFewLongElementsLieInPiecesToo) {
  Keyed<Texts> keyed(GetParam());
  for (int i = 0; i < 10; ++i) keyed.At(1).list.Add(std::string(2500, static_cast<char>('a' + i)));
  EXPECT_EQ(keyed.piece_count(), 10u);
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(keyed.At(1).list.Get()[i], std::string(2500, static_cast<char>('a' + i)));
}

TEST_P(LargeLists, KnowHowLargeTheyAreAfterARestore) {
  Keyed<Texts> keyed(GetParam());
  keyed.At(1).list.Add(std::string(2500, 'a'));
  const auto restored = Restored<Texts>(GetParam(), keyed.Write());
  restored->At(1).list.Add(std::string(2500, 'b'));
  EXPECT_EQ(restored->piece_count(), 2u);
  EXPECT_EQ(restored->At(1).list.Get()[0], std::string(2500, 'a'));
}

TEST_P(LargeLists, AreAddedToThemselves) {
  Keyed<Texts> keyed(GetParam());
  std::vector<std::string> expected = {"an element that has memory of its own", "and another one, which has some, too"};
  keyed.At(1).list.AddAll(expected);
  for (int i = 0; i < 8; ++i) {  // first a small list, then one in pieces
    keyed.At(1).list.AddAll(keyed.At(1).list.Get());
    const std::vector<std::string> again = expected;
    expected.insert(expected.end(), again.begin(), again.end());
    ASSERT_EQ(ContentOf(keyed.At(1).list), expected);
  }
  EXPECT_GT(keyed.piece_count(), 1u);
}

TEST_P(LargeLists, KeepWhatTheyReturnedUntilTheyChange) {
  Keyed<Texts> keyed(GetParam());
  for (int i = 0; i < 2000; ++i) keyed.At(1).list.Add("an element that has memory of its own: " + std::to_string(i));
  const ListState<std::string>& list = keyed.At(1).list;
  const std::span<const std::string> all = list.Get();
  const std::string_view last = all.back();
  EXPECT_EQ(list.Get().data(), all.data());
  EXPECT_EQ(list.size(), 2000u);
  EXPECT_EQ(list.Get().back().data(), last.data()) << "not put together anew";
  keyed.At(1).list.Add("one more");
  EXPECT_EQ(keyed.At(1).list.Get().back(), "one more");
  // What is put together for another key takes nothing from this one.
  keyed.At(2).list.AddAll(std::vector<std::string>(900, "one of the second key"));
  EXPECT_EQ(keyed.At(2).list.Get().size(), 900u);
  EXPECT_EQ(keyed.At(1).list.Get().size(), 2001u);
  EXPECT_EQ(keyed.At(1).list.Get().front(), "an element that has memory of its own: 0");
}

// One that a version before pieces of lists wrote: all of it in its key's row.
std::vector<std::string> WrittenWhole(const std::vector<int64_t>& elements) {
  Numbers function;
  KeyedRowsShape shape;
  shape.states = function.keyed_states();
  shape.layout = RowLayout::Of(shape.states).value();
  ByteWriter value;
  value.PutU32(static_cast<uint32_t>(elements.size()));
  value.PutBool(false);
  for (int64_t element : elements) value.PutI64(element);
  ByteWriter states;
  states.PutU32(1);
  states.PutString(value.bytes());
  ByteWriter out;
  KeyedRowsWriter writer(KeyForm::kInteger, EncodeKeyedRowsHeader(shape), out);
  writer.AddWritten(static_cast<uint32_t>(KeyGroupForHash(Hash64(1), 128)), {1, {}}, states.bytes());
  writer.Finish();
  return {std::string(out.bytes())};
}

TEST_P(LargeLists, ThatCameWholeAreDividedAtTheirFirstChange) {
  const auto keyed = Restored<Numbers>(GetParam(), WrittenWhole(UpTo(3000)));
  EXPECT_EQ(ContentOf(keyed->At(1).list), UpTo(3000));
  EXPECT_EQ(keyed->piece_count(), 0u);
  keyed->At(1).list.Add(3000);
  EXPECT_EQ(keyed->piece_count(), 12u);
  EXPECT_EQ(ContentOf(keyed->At(1).list), UpTo(3001));
}

TEST_P(LargeLists, AreConvertedWhenTheTypeOfTheirElementsHasChanged) {
  Keyed<SmallNumbers> keyed(GetParam());
  for (int32_t i = 0; i < 3000; ++i) keyed.At(1).list.Add(i);
  EXPECT_EQ(ContentOf(Restored<Numbers>(GetParam(), keyed.Write())->At(1).list), UpTo(3000));
}

TEST_P(LargeLists, GoWithAStateThatIsNotDeclaredAnyMore) {
  Keyed<Texts> keyed(GetParam());
  for (int i = 0; i < 1000; ++i) keyed.At(1).list.Add(std::to_string(i));
  keyed.At(1).before.Update(3);
  const auto restored = Restored<WithoutList>(GetParam(), keyed.Write());
  EXPECT_EQ(restored->At(1).before.Value(), 3);
  EXPECT_EQ(restored->piece_count(), 0u);
}

TEST_P(LargeLists, ExpireElementByElement) {
  Keyed<Timed> keyed(GetParam());
  for (int64_t i = 0; i < 1000; ++i) keyed.At(1).list.Add(i);
  keyed.Pass(30min);
  keyed.At(1).list.AddAll(UpTo(700, 1000));
  EXPECT_EQ(ContentOf(keyed.At(1).list), UpTo(1700));
  keyed.Pass(30min);
  EXPECT_EQ(ContentOf(keyed.At(1).list), UpTo(700, 1000));
  const auto restored = Restored<Timed>(GetParam(), keyed.Write(), 1h);
  EXPECT_EQ(ContentOf(restored->At(1).list), UpTo(700, 1000));
  restored->Pass(30min);
  EXPECT_TRUE(restored->At(1).list.empty());
  EXPECT_TRUE(restored->At(1).list.Get().empty());
  EXPECT_EQ(restored->row_count() + restored->piece_count(), 0u);
}

TEST_P(LargeLists, AreNotThoseOfWhichMostHasExpired) {
  Keyed<Timed> keyed(GetParam());
  for (int64_t i = 0; i < 2000; ++i) {
    keyed.At(1).list.Add(i);
    keyed.Pass(1min);
  }
  EXPECT_EQ(keyed.piece_count(), 0u) << "60 elements of an hour, 8 bytes each";
  EXPECT_EQ(ContentOf(keyed.At(1).list), UpTo(59, 1941));
}

TEST_P(LargeLists, CleaningUpTakesPiecesAndThenTheRow) {
  Keyed<Timed> keyed(GetParam());
  keyed.At(1).list.Update(UpTo(1000));
  keyed.Pass(30min);
  keyed.At(1).list.Add(1000);
  keyed.Pass(30min);
  EXPECT_EQ(keyed.At(1).list.size(), 1u);  // RocksDB cleans up what is in memory, and the rest when it rewrites files
  keyed.CleanUp();
  EXPECT_EQ(keyed.row_count(), 1u);
  EXPECT_EQ(keyed.piece_count(), 1u);
  EXPECT_EQ(ContentOf(keyed.At(1).list), UpTo(1, 1000));
  keyed.Pass(1h);
  keyed.CleanUp();
  // A list under the same key later has nothing of the old one.
  keyed.At(1).list.AddAll(UpTo(1000, 5000));
  EXPECT_EQ(ContentOf(keyed.At(1).list), UpTo(1000, 5000));
}

TEST_P(LargeLists, HaveNothingOfAnOlderOneWhosePiecesAreStillThere) {
  Keyed<Lenient> keyed(GetParam(), {.rocksdb_cached_rows = 2000});
  keyed.At(1).list.Update(UpTo(200'000));
  keyed.Pass(1h);
  const int64_t now_ms = keyed.At(1).key_context().now_ms;
  keyed.rows().CleanUp(now_ms);
  EXPECT_EQ(keyed.row_count(), 0u);
  EXPECT_GT(keyed.piece_count(), 100u) << "cleaned up page by page";
  keyed.At(1).list.Update(UpTo(100'000, 7));
  EXPECT_EQ(ContentOf(keyed.At(1).list), UpTo(100'000, 7));
}

TEST_P(LargeLists, OfAChangingCrowdOfElementsDoNotGrowForEver) {
  for (const bool is_cleaned : {true, false}) {
    Keyed<Timed> keyed(GetParam());
    for (int64_t i = 0; i < 20'000; ++i) {
      keyed.At(1).list.Add(i);
      if (i % 20 == 0) keyed.Pass(1min);
      if (is_cleaned && i % 500 == 0) keyed.CleanUp();
    }
    EXPECT_LT(keyed.piece_count(), 10u) << "1200 elements of an hour, 8 bytes each";
    EXPECT_EQ(ContentOf(keyed.At(1).list), UpTo(1199, 18'801));
    const auto restored = Restored<Timed>(GetParam(), keyed.Write(), 1000min);
    EXPECT_EQ(ContentOf(restored->At(1).list), UpTo(1199, 18'801)) << "the first piece has another number";
  }
}

TEST_P(LargeLists, AreProlongedAndReturnedExpiredWhereThatWasAskedFor) {
  Keyed<Renewed> renewed(GetParam());
  Keyed<Lenient> lenient(GetParam());
  renewed.At(1).list.Update(UpTo(1000));
  renewed.At(2).list.Update(UpTo(1000));
  lenient.At(1).list.Update(UpTo(1000));
  for (int i = 0; i < 3; ++i) {
    renewed.Pass(40min);
    EXPECT_EQ(ContentOf(renewed.At(1).list), UpTo(1000));
  }
  EXPECT_TRUE(renewed.At(2).list.empty()) << "nobody read it";
  renewed.CleanUp();
  EXPECT_EQ(ContentOf(renewed.At(1).list), UpTo(1000));
  lenient.Pass(2h);
  EXPECT_EQ(ContentOf(lenient.At(1).list), UpTo(1000));
  lenient.CleanUp();
  EXPECT_TRUE(lenient.At(1).list.empty());
}

TEST_P(LargeLists, CountAsWrittenAtTheFirstChangeWhenTheyGetATimeToLive) {
  Keyed<Numbers> keyed(GetParam());
  keyed.At(1).list.Update(UpTo(1000));
  const auto timed = Restored<Timed>(GetParam(), keyed.Write());
  timed->Pass(2h);
  timed->CleanUp();
  EXPECT_EQ(ContentOf(timed->At(1).list), UpTo(1000));
  timed->At(1).list.Add(1000);
  timed->Pass(59min);
  EXPECT_EQ(ContentOf(timed->At(1).list), UpTo(1001));
  const std::vector<std::string> written = timed->Write();
  timed->Pass(1min);
  EXPECT_TRUE(timed->At(1).list.empty());
  // ... and for ever when they lose it.
  const auto again = Restored<Numbers>(GetParam(), written, 24h);
  EXPECT_EQ(again->At(1).list.size(), 1001u);
  again->At(1).list.Add(1001);
  EXPECT_EQ(ContentOf(again->At(1).list), UpTo(1002));
}

TEST_P(LargeLists, CostOnePieceForAnElementAndNothingForALook) {
  Keyed<Numbers> keyed(GetParam());
  keyed.At(1).list.AddAll(UpTo(200'000));
  Checkpoints checkpoints;
  EXPECT_GT(checkpoints.Take(keyed.rows()).bytes, 200'000u * 8);
  keyed.At(1).list.Add(200'000);
  EXPECT_EQ(keyed.At(1).list.size(), 200'001u);
  // The records are less than 2.5 KiB; RocksDB's table and lists of files are the rest.
  const uint64_t most = GetParam() == "hashmap" ? 3u << 10 : 40u << 10;
  EXPECT_LT(checkpoints.Take(keyed.rows()).bytes, most);
  EXPECT_EQ(keyed.At(1).list.Get().back(), 200'000);
  EXPECT_LT(checkpoints.Take(keyed.rows()).bytes, most) << "a look changes nothing";
  EXPECT_EQ(ContentOf(keyed.At(1).list), UpTo(200'001));
}

INSTANTIATE_TEST_SUITE_P(All, LargeLists, testing::Values("hashmap", "rocksdb"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace weir
