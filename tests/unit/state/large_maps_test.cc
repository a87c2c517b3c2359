// Maps of more than 4 KiB: they lie in pieces, behave like others, and cost a piece per change.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/random.h"
#include "weir/functions/state/map_pieces.h"

#include "tests/unit/state/checkpoints_of_rows.h"
#include "tests/unit/state/one_key_at_a_time.h"

namespace weir {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;

struct Numbers : StatefulFunction {
  MapState<int64_t, int64_t> map{this, "map"};
};

struct Texts : StatefulFunction {
  ValueState<int64_t> before{this, "before"};
  MapState<std::string, std::string> map{this, "map"};
  MapState<int64_t, int64_t> other{this, "other"};
};

struct Timed : StatefulFunction {
  MapState<int64_t, int64_t> map{this, "map", Ttl(1h)};
};

struct Renewed : StatefulFunction {
  MapState<int64_t, int64_t> map{this, "map", Ttl(1h).UpdateOnReadAndWrite()};
};

struct Lenient : StatefulFunction {
  MapState<int64_t, int64_t> map{this, "map", Ttl(1h).ReturnExpiredIfNotCleanedUp()};
};

// Without the state of `Texts` that has the large map.
struct WithoutMap : StatefulFunction {
  ValueState<int64_t> before{this, "before"};
};

template <class Map>
std::map<int64_t, int64_t> ContentOf(const Map& map) {
  std::map<int64_t, int64_t> content;
  for (auto [key, value] : map) EXPECT_TRUE(content.emplace(key, value).second) << key << " came twice";
  return content;
}

// A key and a value in two versions: their bytes, and so the hashes of keys, are others.
struct Spot {
  int32_t x = 0;
  std::string name;
  bool operator==(const Spot&) const = default;
};
struct LaterSpot {
  std::string name;
  int64_t x = 0;
  std::optional<int32_t> height;
  bool operator==(const LaterSpot&) const = default;
};
struct Spots : StatefulFunction {
  MapState<Spot, int32_t> map{this, "map"};
  MapState<float, int32_t> numbers{this, "numbers"};
};
struct LaterSpots : StatefulFunction {
  MapState<LaterSpot, int64_t> map{this, "map"};
  MapState<double, int32_t> numbers{this, "numbers"};
};

class LargeMaps : public testing::TestWithParam<std::string_view> {};

TEST_P(LargeMaps, AreTheSameAsSmallOnesWhileTheyGrowAndShrink) {
  SeededRandom random(7);
  auto keyed = std::make_unique<Keyed<Numbers>>(GetParam());
  std::map<int64_t, int64_t> model;
  size_t most_pieces = 0;
  // Entries of 16 bytes: 256 of them are 4 KiB.
  for (int64_t aim : {100, 255, 260, 3000, 250, 120, 400, 20, 1000, 0, 300}) {
    SCOPED_TRACE("towards " + std::to_string(aim));
    while (static_cast<int64_t>(model.size()) != aim) {
      const int64_t key = static_cast<int64_t>(random.Uniform(4000));
      MapState<int64_t, int64_t>& map = keyed->At(5).map;
      if (static_cast<int64_t>(model.size()) < aim) {
        map.Put(key, aim);
        model[key] = aim;
      } else {
        EXPECT_EQ(map.Remove(key), model.erase(key) > 0);
      }
    }
    EXPECT_EQ(keyed->At(5).map.size(), model.size());
    EXPECT_EQ(ContentOf(keyed->At(5).map), model);
    EXPECT_EQ(keyed->row_count(), model.empty() ? 0u : 1u);
    most_pieces = std::max<size_t>(most_pieces, keyed->piece_count());
    const std::vector<std::string> written = keyed->Write();
    keyed = std::make_unique<Keyed<Numbers>>(GetParam());
    keyed->Read(written);
    EXPECT_EQ(ContentOf(keyed->At(5).map), model);
  }
  EXPECT_GT(most_pieces, 40u) << "of 3000 entries";
  keyed->At(5).map.Clear();
  EXPECT_EQ(keyed->row_count() + keyed->piece_count(), 0u);
}

TEST_P(LargeMaps, ShrinkIntoOneRowWhenTheyArePutToAgain) {
  Keyed<Numbers> keyed(GetParam());
  for (int64_t i = 0; i < 5000; ++i) keyed.At(1).map.Put(i, i);
  EXPECT_GT(keyed.piece_count(), 60u);
  for (int64_t i = 20; i < 5000; ++i) keyed.At(1).map.Remove(i);
  for (int i = 0; i < 100; ++i) keyed.At(1).map.Put(i % 20, -i);
  EXPECT_EQ(keyed.piece_count(), 0u);
  EXPECT_EQ(keyed.At(1).map.size(), 20u);
  EXPECT_EQ(*keyed.At(1).map.Get(19), -99);
}

TEST_P(LargeMaps, OfSeveralKeysAndStatesKeepApart) {
  Keyed<Texts> keyed(GetParam());
  for (int64_t key = 0; key < 5; ++key) {
    for (int i = 0; i < 400; ++i) {
      keyed.At(key).map.Put("entry " + std::to_string(i), std::to_string(key * i));
      keyed.At(key).other.Put(i, key + i);
    }
    keyed.At(key).before.Update(key);
  }
  keyed.At(3).map.Clear();
  keyed.At(3).before.Clear();
  keyed.At(2).other.Clear();
  Keyed<Texts> restored(GetParam() == "hashmap" ? "rocksdb" : "hashmap");
  restored.Read(keyed.Write());
  for (int64_t key = 0; key < 5; ++key) {
    Texts& f = restored.At(key);
    EXPECT_EQ(f.map.size(), key == 3 ? 0u : 400u) << key;
    EXPECT_EQ(f.map.ValueOr("entry 399", ""), key == 3 ? "" : std::to_string(key * 399));
    EXPECT_EQ(f.other.size(), key == 2 ? 0u : 400u) << key;
    EXPECT_EQ(f.other.ValueOr(7, 0), key == 2 ? 0 : key + 7);
    EXPECT_EQ(f.before.ValueOr(-1), key == 3 ? -1 : key);
  }
}

TEST_P(LargeMaps, OfFewLongValuesLieInPiecesToo) {
  Keyed<Texts> keyed(GetParam());
  for (int i = 0; i < 10; ++i) keyed.At(1).map.Put(std::to_string(i), std::string(2000, 'x'));
  EXPECT_GT(keyed.piece_count(), 3u);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(keyed.At(1).map.Get(std::to_string(i))->size(), 2000u) << i;
}

TEST_P(LargeMaps, MayBeChangedWhileTheyAreGoneThrough) {
  Keyed<Numbers> keyed(GetParam());
  for (int64_t i = 0; i < 2000; ++i) keyed.At(1).map.Put(i, i);
  MapState<int64_t, int64_t>& map = keyed.At(1).map;
  int64_t sum = 0;
  for (auto [at, value] : map) {
    const int64_t key = at;     // a reference, until the next Put
    if (key >= 2000) continue;  // put meanwhile
    sum += value;
    map.Put(key + 10000, 1);
    if (key % 2 == 0) map.Remove(key);
  }
  EXPECT_EQ(sum, 2000 * 1999 / 2) << "each of those that were there comes once";
  EXPECT_EQ(keyed.At(1).map.size(), 3000u);
  for (auto [key, value] : keyed.At(1).map) keyed.At(1).map.Clear();
  EXPECT_EQ(keyed.row_count() + keyed.piece_count(), 0u);
}

TEST_P(LargeMaps, KeepWhatTheyReturnedUntilTheNextPut) {
  Keyed<Numbers> keyed(GetParam());
  for (int64_t i = 0; i < 3000; ++i) keyed.At(1).map.Put(i, i);
  // More pieces than RocksDB keeps rows in memory.
  MapState<int64_t, int64_t>& map = keyed.At(1).map;
  std::vector<const int64_t*> values;
  for (int64_t i = 0; i < 3000; ++i) values.push_back(map.Get(i));
  for (int64_t i = 0; i < 3000; ++i) EXPECT_EQ(*values[static_cast<size_t>(i)], i);
}

TEST_P(LargeMaps, ExpireEntryByEntry) {
  Keyed<Timed> keyed(GetParam());
  for (int64_t i = 0; i < 1000; ++i) keyed.At(1).map.Put(i, i);
  keyed.Pass(30min);
  for (int64_t i = 500; i < 1500; ++i) keyed.At(1).map.Put(i, -i);
  keyed.Pass(30min);
  EXPECT_FALSE(keyed.At(1).map.Contains(499));
  EXPECT_EQ(*keyed.At(1).map.Get(500), -500);
  EXPECT_EQ(keyed.At(1).map.size(), 1000u);
  const std::vector<std::string> written = keyed.Write();
  Keyed<Timed> restored(GetParam());
  restored.Pass(1h);
  restored.Read(written);
  EXPECT_EQ(ContentOf(restored.At(1).map).size(), 1000u);
  restored.Pass(30min);
  EXPECT_TRUE(restored.At(1).map.empty());
  restored.CleanUp();
  EXPECT_TRUE(restored.At(1).map.empty());
  // Of RocksDB's what is not in memory goes when it rewrites its files.
  if (GetParam() == "hashmap") {
    EXPECT_EQ(restored.row_count() + restored.piece_count(), 0u);
  }
}

TEST_P(LargeMaps, CleaningUpTakesPiecesAndThenTheRow) {
  Keyed<Timed> keyed(GetParam());
  for (int64_t i = 0; i < 1000; ++i) keyed.At(1).map.Put(i, i);
  keyed.Pass(30min);
  keyed.At(1).map.Put(7, 8);
  keyed.Pass(30min);
  keyed.At(1).map.Contains(7);  // RocksDB cleans up what is in memory, and the rest when it rewrites files
  keyed.CleanUp();
  EXPECT_EQ(keyed.row_count(), 1u);
  EXPECT_EQ(*keyed.At(1).map.Get(7), 8);
  EXPECT_EQ(keyed.At(1).map.size(), 1u);
  keyed.Pass(1h);
  EXPECT_TRUE(keyed.At(1).map.empty());
  // A map under the same key later has nothing of the old one.
  for (int64_t i = 5000; i < 6000; ++i) keyed.At(1).map.Put(i, i);
  EXPECT_EQ(keyed.At(1).map.size(), 1000u);
}

TEST_P(LargeMaps, OfAChangingCrowdOfEntriesDoNotGrowForEver) {
  Keyed<Timed> keyed(GetParam());
  for (int64_t i = 0; i < 20000; ++i) {
    keyed.At(1).map.Put(i, i);
    if (i % 10 == 0) keyed.Pass(1min);
    if (i % 100 == 0) keyed.CleanUp();
  }
  EXPECT_LT(keyed.piece_count(), 60u) << "600 entries of an hour, 16 bytes each";
  EXPECT_LE(keyed.At(1).map.size(), 610u);
}

TEST_P(LargeMaps, AreProlongedAndReturnedExpiredWhereThatWasAskedFor) {
  Keyed<Renewed> renewed(GetParam());
  Keyed<Lenient> lenient(GetParam());
  for (int64_t i = 0; i < 1000; ++i) {
    renewed.At(1).map.Put(i, i);
    lenient.At(1).map.Put(i, i);
  }
  for (int i = 0; i < 3; ++i) {
    renewed.Pass(40min);
    EXPECT_TRUE(renewed.At(1).map.Contains(5));
  }
  EXPECT_EQ(renewed.At(1).map.size(), 1u) << "nobody read the others";
  lenient.Pass(2h);
  EXPECT_EQ(lenient.At(1).map.size(), 1000u);
  EXPECT_TRUE(lenient.At(1).map.Contains(5));
  lenient.CleanUp();
  EXPECT_FALSE(lenient.At(1).map.Contains(5));
}

TEST_P(LargeMaps, GoWithAStateThatIsNotDeclaredAnyMore) {
  Keyed<Texts> keyed(GetParam());
  for (int64_t i = 0; i < 1000; ++i) keyed.At(1).other.Put(i, i);
  keyed.At(1).before.Update(3);
  Keyed<WithoutMap> restored(GetParam());
  restored.Read(keyed.Write());
  EXPECT_EQ(restored.At(1).before.Value(), 3);
  EXPECT_EQ(restored.piece_count(), 0u);
}

TEST_P(LargeMaps, AreFoundByKeysWhoseTypeHasChanged) {
  Keyed<Spots> keyed(GetParam());
  for (int32_t i = 0; i < 2000; ++i) {
    keyed.At(1).map.Put({i, "spot"}, i);
    keyed.At(1).numbers.Put(static_cast<float>(i) / 4, i);
  }
  // Once without being touched between two restores.
  for (const auto& written : {keyed.Write(), Restored<LaterSpots>(GetParam(), keyed.Write())->Write()}) {
    const auto restored = Restored<LaterSpots>(GetParam(), written);
    for (int64_t i = 0; i < 2000; ++i) {
      const int64_t* const value = restored->At(1).map.Get({"spot", i, std::nullopt});
      ASSERT_TRUE(value != nullptr && *value == i) << i;
      ASSERT_EQ(restored->At(1).numbers.ValueOr(static_cast<double>(i) / 4, -1), i);
    }
    restored->At(1).map.Put({"spot", 7, std::nullopt}, 8);
    EXPECT_TRUE(restored->At(1).map.Remove({"spot", 9, std::nullopt}));
    EXPECT_EQ(restored->At(1).map.size(), 1999u);
    restored->At(1).map.Clear();
    restored->At(1).numbers.Clear();
    EXPECT_EQ(restored->row_count() + restored->piece_count(), 0u);
  }
}

TEST_P(LargeMaps, KnowHowLargeTheyAreWhenTheTypeOfTheirValuesHasChanged) {
  struct Later : StatefulFunction {
    MapState<int64_t, std::optional<int64_t>> map{this, "map"};
  };
  Keyed<Numbers> keyed(GetParam());
  for (int64_t i = 0; i < 3000; ++i) keyed.At(1).map.Put(i, i);
  const auto restored = Restored<Later>(GetParam(), keyed.Write());
  for (int64_t i = 0; i < 2990; ++i) restored->At(1).map.Remove(i);
  for (int i = 0; i < 300; ++i) restored->At(1).map.Put(2999, i);
  EXPECT_EQ(restored->At(1).map.size(), 10u);
  EXPECT_EQ(restored->piece_count(), 0u) << "ten entries";
}

TEST_P(LargeMaps, OfManyEntriesCostOnePieceForAChange) {
  // Enough to be passed on in more than one go. RocksDB has all pieces in memory, else each entry would read its piece.
  const int64_t entries = 350'000;
  Keyed<Numbers> keyed(GetParam(), {.rocksdb_cached_rows = 10'000});
  for (int64_t i = 0; i < entries; ++i) keyed.At(1).map.Put(i, i);
  Checkpoints checkpoints;
  const Taken full = checkpoints.Take(keyed.rows());
  EXPECT_GT(full.bytes, 5u << 20);
  EXPECT_LE(full.most_at_once, 4u << 20) << "what is passed on at once, with the last page of rows on top";
  keyed.At(1).map.Put(200'000, -1);
  const Taken change = checkpoints.Take(keyed.rows());
  // The records are less than 3 KiB; RocksDB's table and lists of files are the rest.
  EXPECT_LT(change.bytes, GetParam() == "hashmap" ? 4u << 10 : 40u << 10);
  EXPECT_EQ(*keyed.At(1).map.Get(200'000), -1);
}

INSTANTIATE_TEST_SUITE_P(All, LargeMaps, testing::Values("hashmap", "rocksdb"),
                         [](const auto& info) { return std::string(info.param); });

TEST(MapPieces, SplitOneAtATime) {
  for (uint32_t pieces = 1; pieces < 200; ++pieces) {
    for (uint64_t hash = 0; hash < 64; ++hash) {
      const uint64_t mixed = Hash64(hash);
      const uint32_t before = internal::PieceOf(mixed, pieces);
      const uint32_t after = internal::PieceOf(mixed, pieces + 1);
      ASSERT_LT(before, pieces);
      EXPECT_TRUE(after == before || (before == internal::PieceToSplit(pieces) && after == pieces));
    }
  }
}

}  // namespace
}  // namespace weir
