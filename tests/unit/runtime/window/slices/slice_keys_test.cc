// Numbers of keys: given out, kept while in use, given back.
#include "weir/runtime/window/slices/slice_keys.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "weir/base/hash.h"

namespace weir {
namespace {

// The number of `key`, which gets one if it has none.
uint32_t NumberOf(SliceKeys& keys, std::string_view key) {
  const uint64_t hash = HashBytes(key);
  char* row = nullptr;
  keys.table().Prepare({nullptr, &key}, &hash, 1, &row);
  const uint32_t number = keys.NumberIn(row) != SliceKeys::kNone ? keys.NumberIn(row) : keys.Assign(row);
  keys.table().Finish();
  return number;
}
std::unique_ptr<SliceKeys> NewKeys() { return std::move(*SliceKeys::New(KeyForm::kBytes, {0, 127}, 128)); }

TEST(SliceKeys, KeepTheNumberOfAKeyThatIsInUse) {
  const auto keys = NewKeys();
  const uint32_t ape = NumberOf(*keys, "ape");
  keys->Use(ape);
  EXPECT_NE(NumberOf(*keys, "bee"), ape);
  keys->PurgeAll();
  EXPECT_EQ(NumberOf(*keys, "ape"), ape);
  EXPECT_EQ(keys->KeyOf(ape).bytes, "ape");
}

TEST(SliceKeys, ForgetAKeyThatIsUnusedAtTwoCleanUps) {
  const auto keys = NewKeys();
  const uint32_t ape = NumberOf(*keys, "ape");
  keys->Use(ape);
  keys->Release(ape);
  keys->Age();
  EXPECT_FALSE(keys->HasStale());
  keys->Age();
  ASSERT_TRUE(keys->HasStale());
  keys->PurgeStale(10);
  EXPECT_EQ(keys->table().row_count(), 0u);
  EXPECT_EQ(NumberOf(*keys, "bee"), ape) << "the number is free";
  EXPECT_EQ(keys->KeyOf(ape).bytes, "bee");
}

TEST(SliceKeys, KeepAKeyThatComesBackBetweenTwoCleanUps) {
  const auto keys = NewKeys();
  const uint32_t ape = NumberOf(*keys, "ape");
  keys->Use(ape);
  keys->Release(ape);
  keys->Age();
  keys->Use(ape);
  keys->Age();
  keys->PurgeStale(10);
  EXPECT_EQ(keys->table().row_count(), 1u);
  EXPECT_EQ(NumberOf(*keys, "ape"), ape);
}

}  // namespace
}  // namespace weir
