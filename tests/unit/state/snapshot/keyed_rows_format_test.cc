#include "weir/state/snapshot/keyed_rows_format.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/state/snapshot/keyed_rows_scan.h"

#include "tests/harness/hex.h"
#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

struct Visits : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
  ValueState<std::string> last{this, "last", Ttl(Duration(1000))};
};

struct OtherType : StatefulFunction {
  ValueState<int32_t> count{this, "count"};
};
struct OtherKind : StatefulFunction {
  ListState<int64_t> count{this, "count"};
};
struct FewerStates : StatefulFunction {
  ValueState<std::string> last{this, "last", Ttl(Duration(1000))};
};

template <class Function>
struct Rows {
  explicit Rows(KeyGroupRange groups = {0, 3}, int max_parallelism = 4)
      : rows(NewRows(function, KeyForm::kBytes, groups, max_parallelism)) {
    function.BindStates(*rows);
  }
  void At(std::string_view key) {
    const uint64_t hash = HashBytes(key);
    rows->Prepare({.bytes = &key}, &hash, 1, &function.key_context().row);
  }
  std::string Write() {
    ByteWriter out;
    rows->Write(0, 3, out);
    return std::move(out).Take();
  }
  Status Read(std::string_view bytes) {
    ByteReader in(bytes, "rows");
    return rows->Read(in);
  }

  Function function;
  std::unique_ptr<KeyedRows> rows;
};

// Two keys: "ada" with both states, "bob" with one.
std::string Written() {
  Rows<Visits> from;
  from.function.key_context().now_ms = 5;
  from.At("ada");
  from.function.count.Update(3);
  from.function.last.Update("x");
  from.At("bob");
  from.function.count.Update(4);
  from.rows->Finish();
  return from.Write();
}

TEST(KeyedRowsFormat, ComesBack) {
  Rows<Visits> to;
  ASSERT_EQ(to.Read(Written()), OkStatus());
  EXPECT_EQ(to.rows->row_count(), 2u);
  to.At("ada");
  EXPECT_EQ(to.function.count.ValueOr(0), 3);
  EXPECT_EQ(to.function.last.ValueOr(""), "x");
  to.function.key_context().now_ms = 1005;
  EXPECT_FALSE(to.function.last.Has()) << "its time came with it";
}

// docs/formats/keyed_rows.md explains these bytes; they may never change.
TEST(KeyedRowsFormat, HasTheGoldenBytes) {
  EXPECT_EQ(HexLines(Written()),
            "574549524b524f57010000002a00000001040000000200000005000000636f75\n"
            "6e740000020000000105040000006c617374000102000000010cfbc40edfdaa5\n"
            "ab330000000001000000170000000000000003000000626f6201000000080000\n"
            "000400000000000000c46ede9dd306e8b8010000000100000028000000000000\n"
            "0003000000616461030000000800000003000000000000000d00000005000000\n"
            "00000000010000007872a93c880c9c1d12ffffffff0000000002000000000000\n"
            "006303415e35e750db");
}

// What has changed since Written: "ada" has no `last` any more, "bob" was erased, "eve" is new.
std::string Changes() {
  Rows<Visits> now;
  now.At("ada");
  now.function.count.Update(5);
  char* const ada = now.function.key_context().row;
  ByteWriter states;
  const KeyedRowsShape shape{now.function.keyed_states(), now.rows->layout(), KeyForm::kBytes, {0, 3}, 4};
  WriteRowStates(shape, ada, states);
  const auto group_of = [](std::string_view key) { return static_cast<uint32_t>(KeyGroupForHash(HashBytes(key), 4)); };
  ByteWriter out;
  KeyedRowsWriter writer(shape, out, KeyedRowsVersion::kChanges);
  for (std::string_view erased : {"bob", "eve"}) writer.AddErased(group_of(erased), {.bytes = erased});
  for (std::string_view key : {"ada", "eve"}) writer.AddWritten(group_of(key), {.bytes = key}, states.bytes());
  writer.Finish();
  return std::move(out).Take();
}

struct OneNumber : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
};

// A page of four slots with the keys 1 and 6, which are in key group 0 of 1, and a record behind it.
std::string Pages() {
  OneNumber function;
  const auto rows = NewRows(function, KeyForm::kInteger, {0, 0}, 1);
  const KeyedRowsShape shape{function.keyed_states(), rows->layout(), KeyForm::kInteger, {0, 0}, 1};
  const PageImageHeader pages{.rows = 3,
                              .first_key_group = 0,
                              .last_key_group = 0,
                              .shape = {.page_bytes = 128,
                                        .first_group = 8,
                                        .group_bytes = 16,
                                        .slots = 4,
                                        .first_slot = 32,
                                        .slot_bytes = 24,
                                        .flags_offset = 8,
                                        .states = {{.offset = 16, .bytes = 8}}}};
  std::string page(128, '\0');
  const auto put = [&page](size_t slot, int64_t key, int64_t value) {
    page[8 + slot] = static_cast<char>(0x80 + key);
    StoreLittleEndian(page.data() + 32 + slot * 24, key);
    StoreLittleEndian(page.data() + 32 + slot * 24 + 8, uint64_t{1} | uint64_t{1} << 63);
    StoreLittleEndian(page.data() + 32 + slot * 24 + 16, value);
  };
  put(0, 1, 10);
  put(2, 6, 60);
  page[8 + 3] = 1;  // a gap
  ByteWriter out;
  KeyedRowsWriter writer(shape, pages, out);
  page.copy(writer.AddPage(0, 2, 0, 63), page.size());
  ByteWriter states;
  states.PutU32(1);
  states.PutString(EncodeToString(int64_t{70}));
  StoredKey seven;
  seven.integer = 7;
  writer.AddWritten(0, seven, states.bytes());
  writer.Finish();
  return std::move(out).Take();
}

TEST(KeyedRowsFormat, ReadsTheRowsOfPagesThatLieInAnotherWay) {
  OneNumber function;
  const auto rows = NewRows(function, KeyForm::kInteger, {0, 0}, 1);
  function.BindStates(*rows);
  const std::string bytes = Pages();
  ByteReader in(bytes, "rows");
  ASSERT_EQ(rows->Read(in), OkStatus());
  EXPECT_EQ(rows->row_count(), 3u);
  for (const int64_t key : {1, 6, 7}) {
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    rows->Prepare({.integers = &key}, &hash, 1, &function.key_context().row);
    EXPECT_EQ(function.count.ValueOr(0), key * 10);
  }
}

// docs/formats/keyed_rows.md explains these bytes; they may never change.
TEST(KeyedRowsFormat, HasTheGoldenBytesOfPages) {
  EXPECT_EQ(HexLines(Pages()),
            "574549524b524f57030000001a00000000010000000100000005000000636f75\n"
            "6e740000020000000105e0142ad72b2a5d413800000003000000000000000000\n"
            "0000000000008000000008000000100000000400000020000000180000000800\n"
            "000001000000100000000800000076af50406ac0e3e500000040020000008000\n"
            "00000000000000000000000000003f000000000000005dccdff9b7ccaeb30000\n"
            "0000000000008100860100000000000000000000000000000000000000000100\n"
            "00000000000001000000000000800a0000000000000000000000000000000000\n"
            "0000000000000000000000000000060000000000000001000000000000803c00\n"
            "0000000000000000000000000000000000000000000000000000000000000000\n"
            "0000010000001800000000000000070000000000000001000000080000004600\n"
            "000000000000a74ef35c75131724ffffffff0000000003000000000000001afe\n"
            "131d57d0ed59");
}

// The same page without flags: a slot is key and value.
std::string PagesWithoutFlags() {
  OneNumber function;
  const auto rows = NewRows(function, KeyForm::kInteger, {0, 0}, 1);
  const KeyedRowsShape shape{function.keyed_states(), rows->layout(), KeyForm::kInteger, {0, 0}, 1};
  const PageImageHeader pages{.rows = 2,
                              .first_key_group = 0,
                              .last_key_group = 0,
                              .shape = {.page_bytes = 96,
                                        .first_group = 0,
                                        .group_bytes = 32,
                                        .slots = 4,
                                        .first_slot = 32,
                                        .slot_bytes = 16,
                                        .flags_offset = 0,
                                        .states = {{.offset = 8, .bytes = 8}}}};
  std::string page(96, '\0');
  const auto put = [&page](size_t slot, int64_t key, int64_t value) {
    page[slot] = static_cast<char>(0x80 + key);
    StoreLittleEndian(page.data() + 32 + slot * 16, key);
    StoreLittleEndian(page.data() + 32 + slot * 16 + 8, value);
  };
  put(0, 1, 10);
  put(2, 6, 60);
  page[3] = 1;  // a gap
  ByteWriter out;
  KeyedRowsWriter writer(shape, pages, out);
  page.copy(writer.AddPage(0, 2, 0, 63), page.size());
  writer.Finish();
  return std::move(out).Take();
}

TEST(KeyedRowsFormat, ReadsTheRowsOfPagesWithoutFlags) {
  OneNumber function;
  const auto rows = NewRows(function, KeyForm::kInteger, {0, 0}, 1);
  function.BindStates(*rows);
  const std::string bytes = PagesWithoutFlags();
  ByteReader in(bytes, "rows");
  ASSERT_EQ(rows->Read(in), OkStatus());
  EXPECT_EQ(rows->row_count(), 2u);
  for (const int64_t key : {1, 6}) {
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    rows->Prepare({.integers = &key}, &hash, 1, &function.key_context().row);
    EXPECT_EQ(function.count.ValueOr(0), key * 10);
  }
}

// docs/formats/keyed_rows.md explains these bytes; they may never change.
TEST(KeyedRowsFormat, HasTheGoldenBytesOfPagesWithoutFlags) {
  EXPECT_EQ(HexLines(PagesWithoutFlags()),
            "574549524b524f57040000001a00000000010000000100000005000000636f75\n"
            "6e740000020000000105e0142ad72b2a5d413800000002000000000000000000\n"
            "0000000000006000000000000000200000000400000020000000100000000000\n"
            "00000100000008000000080000006ef617d403dd68dd00000040020000006000\n"
            "00000000000000000000000000003f00000000000000f8f59239dcb13a428100\n"
            "8601000000000000000000000000000000000000000000000000000000000100\n"
            "0000000000000a00000000000000000000000000000000000000000000000600\n"
            "0000000000003c0000000000000000000000000000000000000000000000ffff\n"
            "ffff0000000002000000000000006303415e35e750db");
}

TEST(KeyedRowsFormat, ReplacesAndErasesRowsByWhatHasChanged) {
  Rows<Visits> to;
  ASSERT_EQ(to.Read(Written()), OkStatus());
  ASSERT_EQ(to.Read(Changes()), OkStatus());
  EXPECT_EQ(to.rows->row_count(), 2u);
  to.At("ada");
  EXPECT_EQ(to.function.count.ValueOr(0), 5);
  EXPECT_FALSE(to.function.last.Has()) << "it had one before";
  to.At("eve");
  EXPECT_EQ(to.function.count.ValueOr(0), 5) << "it was erased and came back";
}

// docs/formats/keyed_rows.md explains these bytes; they may never change.
TEST(KeyedRowsFormat, HasTheGoldenBytesOfChanges) {
  EXPECT_EQ(HexLines(Changes()),
            "574549524b524f57020000002a00000001040000000200000005000000636f75\n"
            "6e740000020000000105040000006c617374000102000000010cfbc40edfdaa5\n"
            "ab330000008001000000070000000000000003000000626f624bae6e0f5992ff\n"
            "e60200008001000000070000000000000003000000657665fe22ef911b2c7178\n"
            "0100000001000000170000000000000003000000616461010000000800000005\n"
            "00000000000000a8935a0026faa4860200000001000000170000000000000003\n"
            "0000006576650100000008000000050000000000000033fc4d10612a1750ffff\n"
            "ffff0000000002000000000000006303415e35e750db");
}

TEST(KeyedRowsFormat, ShowsRowsOfAChainAsTheyAreAtItsEnd) {
  struct Keys : RowScanner {
    Status OnHeader(const ScannedHeader&) override { return ++headers, OkStatus(); }
    Status OnRow(const ScannedRow& row) override {
      found[std::string(row.key.bytes)] = row.values.size();
      return OkStatus();
    }
    int headers = 0;
    std::map<std::string, size_t> found;
  } keys;
  ASSERT_EQ(ScanKeyedRowsChain({Written(), Changes()}, 0, 3, keys), OkStatus());
  EXPECT_EQ(keys.headers, 1);
  EXPECT_EQ(keys.found, (std::map<std::string, size_t>{{"ada", 1}, {"eve", 1}}));
}

TEST(KeyedRowsFormat, RefusesErasedKeysInVersion1) {
  std::string bytes = Changes();
  bytes[8] = 1;
  Rows<Visits> to;
  EXPECT_EQ(to.Read(bytes).code(), StatusCode::kDataLoss);
}

TEST(KeyedRowsFormat, ReportsEveryTruncation) {
  const std::string bytes = Written();
  for (size_t length = 0; length < bytes.size(); ++length) {
    Rows<Visits> to;
    EXPECT_EQ(to.Read(std::string_view(bytes).substr(0, length)).code(), StatusCode::kDataLoss) << length;
  }
}

TEST(KeyedRowsFormat, ReportsEveryFlippedByte) {
  const std::string bytes = Written();
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
    Rows<Visits> to;
    EXPECT_FALSE(to.Read(damaged).ok()) << at;
  }
}

TEST(KeyedRowsFormat, NamesTheDamagedKeyGroup) {
  std::string damaged = Written();
  damaged[damaged.size() - 40] ^= 1;
  Rows<Visits> to;
  const Status status = to.Read(damaged);
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("key group"), std::string_view::npos) << status.ToString();
}

TEST(KeyedRowsFormat, LeavesOutStatesThatAreNotDeclaredAnyMore) {
  Rows<FewerStates> to;
  ASSERT_EQ(to.Read(Written()), OkStatus());
  EXPECT_EQ(to.rows->row_count(), 1u) << "bob had nothing else";
  to.At("ada");
  EXPECT_EQ(to.function.last.ValueOr(""), "x");
}

TEST(KeyedRowsFormat, RefusesAStateOfAnotherTypeOrKind) {
  Rows<OtherType> type;
  const Status status = type.Read(Written());
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("int64 in the savepoint and is now int32"), std::string_view::npos)
      << status.ToString();
  Rows<OtherKind> kind;
  EXPECT_EQ(kind.Read(Written()).code(), StatusCode::kFailedPrecondition);
}

struct Visit {
  int32_t n = 0;
};
struct LaterVisit {
  std::string note = "none";
  int64_t n = 0;
};
struct VisitStates : StatefulFunction {
  ValueState<Visit> value{this, "value"};
  ListState<Visit> list{this, "list", Ttl(Duration(1000))};
  MapState<int16_t, Visit> map{this, "map"};
};
struct LaterVisitStates : StatefulFunction {
  MapState<int32_t, LaterVisit> map{this, "map"};
  ValueState<LaterVisit> value{this, "value"};
  ListState<LaterVisit> list{this, "list", Ttl(Duration(1000))};
};

TEST(KeyedRowsFormat, ConvertsValuesListsAndMapsOfATypeThatHasChanged) {
  Rows<VisitStates> from;
  from.function.key_context().now_ms = 5;
  from.At("ada");
  from.function.value.Update({1});
  from.function.list.Add({2});
  from.function.list.Add({3});
  from.function.map.Put(-4, {4});
  from.rows->Finish();
  Rows<LaterVisitStates> to;
  ASSERT_EQ(to.Read(from.Write()), OkStatus());
  to.function.key_context().now_ms = 5;
  to.At("ada");
  ASSERT_TRUE(to.function.value.Has());
  EXPECT_EQ(to.function.value.Get()->n, 1);
  EXPECT_EQ(to.function.value.Get()->note, "none");
  ASSERT_EQ(to.function.list.Get().size(), 2u);
  EXPECT_EQ(to.function.list.Get()[1].n, 3);
  EXPECT_EQ(to.function.list.Get()[1].note, "none");
  ASSERT_NE(to.function.map.Get(-4), nullptr);
  EXPECT_EQ(to.function.map.Get(-4)->n, 4);
  to.function.key_context().now_ms = 1005;
  EXPECT_TRUE(to.function.list.empty()) << "times came with the elements";
}

TEST(KeyedRowsFormat, RefusesAnotherMaxParallelism) {
  Rows<Visits> to({0, 7}, 8);
  EXPECT_EQ(to.Read(Written()).code(), StatusCode::kFailedPrecondition);
}

TEST(KeyedRowsFormat, TakesOnlyItsOwnKeyGroups) {
  const std::string bytes = Written();
  uint64_t rows = 0;
  for (int group = 0; group < 4; ++group) {
    Rows<Visits> to(KeyGroupRangeOf(group, 4, 4));
    ASSERT_EQ(to.Read(bytes), OkStatus());
    rows += to.rows->row_count();
  }
  EXPECT_EQ(rows, 2u);
}

}  // namespace
}  // namespace weir
