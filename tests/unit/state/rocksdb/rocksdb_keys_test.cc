#include "weir/state/rocksdb/rocksdb_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace weir {
namespace {

std::string KeyOfInteger(uint32_t key_group, int64_t integer) {
  ByteWriter out;
  AppendRecordKey(key_group, KeyForm::kInteger, {.integer = integer, .bytes = {}}, out);
  return std::move(out).Take();
}

TEST(RocksDbKeys, AreInTheOrderOfKeyGroupsAndThenOfIntegers) {
  const std::vector<std::string> keys = {KeyOfInteger(3, std::numeric_limits<int64_t>::min()),
                                         KeyOfInteger(3, -1),
                                         KeyOfInteger(3, 0),
                                         KeyOfInteger(3, 255),
                                         KeyOfInteger(3, 256),
                                         KeyOfInteger(200, -5),
                                         KeyOfInteger(32767, std::numeric_limits<int64_t>::max())};
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
}

TEST(RocksDbKeys, GiveBackKeyGroupAndKey) {
  const std::string integer = KeyOfInteger(32767, -42);
  EXPECT_EQ(KeyGroupOfRecord(integer), 32767u);
  EXPECT_EQ(KeyOfRecord(integer, KeyForm::kInteger).integer, -42);

  ByteWriter text;
  AppendRecordKey(258, KeyForm::kBytes, {.integer = 0, .bytes = std::string_view("a\0b", 3)}, text);
  EXPECT_EQ(KeyGroupOfRecord(text.bytes()), 258u);
  EXPECT_EQ(KeyOfRecord(text.bytes(), KeyForm::kBytes).bytes, std::string_view("a\0b", 3));
}

}  // namespace
}  // namespace weir
