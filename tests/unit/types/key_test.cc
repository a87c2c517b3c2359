#include "weir/types/key.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <unordered_map>

#include "weir/base/time.h"

namespace app {

enum class Colour : uint8_t { kRed = 200 };

struct Route {
  std::string_view from;
  std::string_view to;
  friend bool operator==(const Route&, const Route&) = default;
};

}  // namespace app

namespace weir {
namespace {

template <class K>
std::string Bytes(const K& key) {
  ByteWriter scratch;
  return std::string(KeyTraits<K>::ToBytes(key, scratch));
}

TEST(Key, NumbersEnumsAndTimesAreStoredAsIntegers) {
  EXPECT_EQ(KeyTraits<int32_t>::ToInteger(-5), -5);
  EXPECT_EQ(KeyTraits<uint64_t>::ToInteger(~uint64_t{0}), -1);
  EXPECT_EQ(KeyTraits<uint64_t>::FromInteger(-1), ~uint64_t{0});
  EXPECT_EQ(KeyTraits<app::Colour>::ToInteger(app::Colour::kRed), 200);
  EXPECT_EQ(KeyTraits<bool>::FromInteger(1), true);
  EXPECT_EQ(KeyTraits<Timestamp>::ToInteger(FromEventTime(77)), 77);
  EXPECT_EQ(KeyTraits<Timestamp>::FromInteger(77), FromEventTime(77));
  EXPECT_EQ(KeyTraits<Duration>::FromInteger(77), Duration(77));
  EXPECT_EQ(KeyTraits<double>::FromInteger(KeyTraits<double>::ToInteger(-1.5)), -1.5);
  EXPECT_EQ(KeyTraits<float>::FromInteger(KeyTraits<float>::ToInteger(0.25F)), 0.25F);
}

TEST(Key, EqualIntegersOfAnyWidthHaveEqualHashes) {
  EXPECT_EQ(KeyTraits<int32_t>::Hash(-7), KeyTraits<int64_t>::Hash(-7));
  EXPECT_EQ(KeyTraits<int64_t>::Hash(42), Hash64(42));
}

TEST(Key, EqualFloatsHaveEqualBytes) {
  EXPECT_EQ(KeyTraits<double>::ToInteger(-0.0), KeyTraits<double>::ToInteger(0.0));
  EXPECT_EQ(KeyTraits<double>::ToInteger(std::nan("1")), KeyTraits<double>::ToInteger(-std::nan("2")));
  using Pair = std::pair<double, std::optional<float>>;
  EXPECT_EQ(Bytes(Pair{-0.0, -0.0F}), Bytes(Pair{0.0, 0.0F}));
  EXPECT_EQ(Bytes(std::vector<double>{std::nan("1")}), Bytes(std::vector<double>{std::nan("2")}));
}

TEST(Key, StringsAndViewsAreTheSameKey) {
  static_assert(std::is_same_v<KeyTraits<std::string>::Argument, std::string_view>);
  static_assert(std::is_same_v<KeyTraits<std::string_view>::Owned, std::string>);
  EXPECT_EQ(Bytes(std::string("JFK")), "JFK");
  EXPECT_EQ(KeyTraits<std::string>::Hash("JFK"), KeyTraits<std::string_view>::Hash("JFK"));
  EXPECT_EQ(KeyTraits<std::string_view>::Hash("JFK"), HashBytes("JFK"));
}

TEST(Key, CompositeKeysAreSerializedAndReadBackInPlace) {
  const app::Route route{"JFK", "LAX"};
  const std::string bytes = Bytes(route);
  EXPECT_EQ(bytes, EncodeToString(route));
  EXPECT_EQ(KeyTraits<app::Route>::Hash(route), HashBytes(bytes));
  const app::Route read = KeyTraits<app::Route>::FromBytes(bytes);
  EXPECT_EQ(read, route);
  EXPECT_EQ(read.from.data(), bytes.data() + 4);
  EXPECT_NE(Bytes(app::Route{"JF", "KLAX"}), bytes);
}

TEST(Key, KnowsWhatIsNoKey) {
  using Nested = std::pair<int, std::vector<std::unordered_map<int, int>>>;
  EXPECT_TRUE(internal::FindKeyParts<Nested>().unordered);
  EXPECT_FALSE((internal::FindKeyParts<std::map<int, int>>().unordered));
  EXPECT_TRUE((internal::FindKeyParts<std::map<double, int>>().fixed_floats));
  EXPECT_TRUE(internal::FindKeyParts<int*>().unsupported);
}

}  // namespace
}  // namespace weir
