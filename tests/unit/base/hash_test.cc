#include "weir/base/hash.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "weir/base/random.h"

namespace weir {
namespace {

std::string RandomBytes(Random& random, size_t length) {
  std::string bytes(length, '\0');
  for (char& c : bytes) c = static_cast<char>(random.Next());
  return bytes;
}

// The key groups of existing savepoints follow from these values: a change here loses state.
TEST(Hash, GoldenValues) {
  EXPECT_EQ(Hash64(0), 0xc77b3abb6f87acd9);
  EXPECT_EQ(Hash64(1), 0x2fbc593564db792e);
  EXPECT_EQ(HashBytes(""), 0x2d06800538d394c2);
  EXPECT_EQ(HashBytes("a"), 0xe6c632b61e964e1f);
  EXPECT_EQ(HashBytes("weir"), 0x09831dc741817118);
  EXPECT_EQ(HashBytes("0123456789abcdef"), 0x64439946d8fa212d);
  EXPECT_EQ(HashBytes("0123456789abcdef0"), 0xc92e2385daf36034);
}

TEST(Hash, EqualsXxh3AtEveryLength) {
  SeededRandom random(1);
  for (size_t length = 0; length <= 400; ++length) {
    const std::string bytes = RandomBytes(random, length);
    ASSERT_EQ(HashBytes(bytes), XXH3_64bits(bytes.data(), bytes.size())) << "length " << length;
  }
}

TEST(Hash, ShortLengthsEqualXxh3ForManyInputs) {
  SeededRandom random(2);
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = RandomBytes(random, random.Uniform(18));
    ASSERT_EQ(HashBytes(bytes), XXH3_64bits(bytes.data(), bytes.size())) << "seed 2, input " << i;
  }
}

TEST(Hash, IntegersHashAsTheirLittleEndianBytes) {
  SeededRandom random(3);
  for (int i = 0; i < 1000; ++i) {
    const uint64_t value = random.Next();
    const auto* bytes = reinterpret_cast<const char*>(&value);
    ASSERT_EQ(Hash64(value), HashBytes(bytes, 8));
    ASSERT_EQ(Hash32(static_cast<uint32_t>(value)), HashBytes(bytes, 4));
    ASSERT_EQ(Hash16(static_cast<uint16_t>(value)), HashBytes(bytes, 2));
    ASSERT_EQ(Hash8(static_cast<uint8_t>(value)), HashBytes(bytes, 1));
  }
}

TEST(Hash, BatchEqualsOneByOne) {
  std::vector<int64_t> keys = {0, 1, -1, 42, std::numeric_limits<int64_t>::min()};
  std::vector<uint64_t> hashes(keys.size());
  HashInts(keys, hashes);
  for (size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(hashes[i], Hash64(static_cast<uint64_t>(keys[i])));
}

TEST(StreamingHash, EqualsTheHashOfTheWholeHoweverItIsCut) {
  SeededRandom random(4);
  const std::string bytes = RandomBytes(random, 5000);
  for (int round = 0; round < 20; ++round) {
    StreamingHash hash;
    for (size_t at = 0; at < bytes.size();) {
      const size_t length = std::min<size_t>(random.Uniform(700), bytes.size() - at);
      hash.Update(std::string_view(bytes).substr(at, length));
      at += length;
    }
    EXPECT_EQ(hash.Digest(), HashBytes(bytes));
  }
}

TEST(HashCombine, DependsOnTheOrder) {
  EXPECT_NE(HashCombine(HashCombine(0, 1), 2), HashCombine(HashCombine(0, 2), 1));
}

}  // namespace
}  // namespace weir
