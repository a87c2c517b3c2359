// Files of keyed rows with an index of their key groups: what is read of them, and that it is all of it.
#include "weir/state/snapshot/key_group_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/state/snapshot/keyed_rows_format.h"

#include "tests/unit/state/snapshot_to_memory.h"
#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

constexpr int kGroups = 8;

struct OneNumber : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
};
using Content = std::map<int64_t, int64_t>;

int GroupOf(int64_t key) { return KeyGroupForHash(Hash64(static_cast<uint64_t>(key)), kGroups); }

// Keys below `keys` with the value key + 1, but those of key groups that are in `without`; those below `erased` are erased before.
std::string Written(int64_t keys, int64_t erased, const std::vector<int>& without = {}, bool keeps_index = true) {
  OneNumber function;
  const auto rows = NewRows(function, KeyForm::kInteger, {0, kGroups - 1}, kGroups);
  const KeyedRowsShape shape{function.keyed_states(), rows->layout(), KeyForm::kInteger, {0, kGroups - 1}, kGroups};
  std::string bytes;
  ByteWriter out;
  KeyedRowsWriter writer(shape, out, KeyedRowsVersion::kChanges);
  if (keeps_index) writer.KeepIndex();
  const auto key_of = [](int64_t key) {
    StoredKey stored;
    stored.integer = key;
    return stored;
  };
  for (int64_t key = 0; key < erased; ++key) writer.AddErased(static_cast<uint32_t>(GroupOf(key)), key_of(key));
  for (int group = 0; group < kGroups; ++group) {
    if (std::ranges::count(without, group) > 0) continue;
    for (int64_t key = 0; key < keys; ++key) {
      if (GroupOf(key) != group) continue;
      ByteWriter states;
      states.PutU32(1);
      states.PutString(EncodeToString(key + 1));
      writer.AddWritten(static_cast<uint32_t>(group), key_of(key), states.bytes());
      if (out.size() < 100'000) continue;
      writer.Cut();
      bytes += std::move(out).Take();
      out = ByteWriter();
    }
  }
  writer.Finish();
  return bytes + std::move(out).Take();
}

struct Restored {
  Content content;
  uint64_t read_bytes = 0;
};

// What a subtask with those key groups has of it, if the keys below `before` were there with the value -1.
StatusOr<Restored> Restore(const std::string& bytes, KeyGroupRange groups, int64_t before = 0) {
  OneNumber function;
  const auto rows = NewRows(function, KeyForm::kInteger, groups, kGroups);
  function.BindStates(*rows);
  for (int64_t key = 0; key < before; ++key) {
    if (!groups.Contains(GroupOf(key))) continue;
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    rows->Prepare({.integers = &key}, &hash, 1, &function.key_context().row);
    function.count.Update(-1);
  }
  rows->Finish();
  const auto files = std::make_shared<MemoryFiles>(std::map<std::string, std::string>{{"1", bytes}});
  WEIR_RETURN_IF_ERROR(rows->ReadNative({.format = "heap", .key_groups = {0, kGroups - 1}, .files = files}));
  Restored restored{.content = {}, .read_bytes = files->read_bytes()};
  char* found[256];
  for (RowCursor cursor; !cursor.done;) {
    const uint32_t count = rows->Walk(cursor, 256, found);
    for (uint32_t i = 0; i < count; ++i) {
      function.key_context().row = found[i];
      restored.content[rows->KeyOf(found[i]).integer] = function.count.Value();
    }
  }
  return restored;
}

Content Expected(int64_t keys, KeyGroupRange groups, const std::vector<int>& without = {}) {
  Content expected;
  for (int64_t key = 0; key < keys; ++key) {
    const int group = GroupOf(key);
    if (groups.Contains(group) && std::ranges::count(without, group) == 0) expected[key] = key + 1;
  }
  return expected;
}

// 100 000 rows of 24 bytes are 300 KB for each key group: each has an entry.
constexpr int64_t kKeys = 100'000;

TEST(KeyGroupIndex, LeavesOutWhatIsNotWanted) {
  const std::string bytes = Written(kKeys, 0);
  for (int first = 0; first < kGroups; ++first) {
    for (const int last : {first, (first + kGroups) / 2, kGroups - 1}) {
      const Restored restored = Restore(bytes, {first, last}).value();
      EXPECT_EQ(restored.content, Expected(kKeys, {first, last})) << first << " to " << last;
      EXPECT_LE(restored.read_bytes, bytes.size() * static_cast<uint64_t>(last - first + 1) / kGroups + (256 << 10));
    }
  }
}

TEST(KeyGroupIndex, IsOfKeyGroupsThatAreThere) {
  const std::vector<int> without = {0, 3, 4, 7};
  const std::string bytes = Written(kKeys, 0, without);
  for (int first = 0; first < kGroups; ++first) {
    for (const int last : {first, (first + kGroups) / 2})
      EXPECT_EQ(Restore(bytes, {first, last}).value().content, Expected(kKeys, {first, last}, without));
  }
}

TEST(KeyGroupIndex, LeavesNoErasedKeyOut) {
  const std::string bytes = Written(kKeys, 500, {5});
  const Restored restored = Restore(bytes, {5, 6}, 1000).value();
  Content expected = Expected(kKeys, {5, 6}, {5});
  for (int64_t key = 500; key < 1000; ++key) {
    if (GroupOf(key) == 5) expected[key] = -1;
  }
  EXPECT_EQ(restored.content, expected);
}

TEST(KeyGroupIndex, IsNotOfSmallFilesAndNotNeeded) {
  EXPECT_EQ(Written(2000, 5), Written(2000, 5, {}, /*keeps_index=*/false));
  const std::string without_index = Written(kKeys, 0, {}, /*keeps_index=*/false);
  EXPECT_EQ(Restore(without_index, {2, 3}).value().content, Expected(kKeys, {2, 3}));
  // A file of which nothing is left out is checked to its last row, with or without.
  const std::string with_index = Written(kKeys, 0);
  EXPECT_EQ(with_index.substr(0, without_index.size()), without_index);
}

TEST(KeyGroupIndex, ThatIsDamagedSaysSo) {
  const std::string bytes = Written(kKeys, 0);
  for (const size_t from_end : {1, 9, 16, 18, 20, 25, 50}) {
    std::string damaged = bytes;
    damaged[bytes.size() - from_end] = static_cast<char>(damaged[bytes.size() - from_end] ^ 0x40);
    const Status status = Restore(damaged, {2, 3}).status();
    EXPECT_EQ(status.code(), StatusCode::kDataLoss) << from_end;
    EXPECT_NE(status.message().find("the index of key groups"), std::string::npos) << status.ToString();
  }
}

TEST(KeyGroupIndex, ThatNamesPlacesWhereNoRowsAreIsDamage) {
  const std::string bytes = Written(kKeys, 0);
  constexpr size_t kEntry = 12, kTail = 20;
  for (const uint64_t offset : {uint64_t{0}, bytes.size() - 300, bytes.size() * 2, ~uint64_t{0}}) {
    std::string damaged = bytes;
    char* const end = damaged.data() + damaged.size();
    StoreLittleEndian(end - kTail - sizeof(uint64_t), offset);  // of the last entry
    const std::string_view index(end - kTail - kGroups * kEntry, kGroups * kEntry + sizeof(uint32_t));
    StoreLittleEndian(end - 16, HashBytes(index));
    EXPECT_EQ(Restore(damaged, {kGroups - 1, kGroups - 1}).status().code(), StatusCode::kDataLoss) << offset;
  }
}

// docs/formats/keyed_rows.md explains these bytes; they may never change.
TEST(KeyGroupIndex, HasTheGoldenBytes) {
  KeyGroupIndex index;
  index.Note(3, 100);
  index.Note(4, 1000);  // too near
  index.Note(5, 0x45678);
  index.Note(5, 0x145678);  // has one
  ByteWriter out;
  index.Write(out);
  std::string hex;
  for (const char byte : out.bytes()) {
    hex += "0123456789abcdef"[static_cast<uint8_t>(byte) >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  EXPECT_EQ(hex,
            "030000006400000000000000050000007856040000000000"
            "020000008bc99a9b7c49c33f574549524b494458");
}

}  // namespace
}  // namespace weir
