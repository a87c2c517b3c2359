#include "weir/types/serializer.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>
#include <unordered_map>

#include "weir/base/time.h"

#include "tests/harness/hex.h"

namespace app {

enum class Colour : uint8_t { kRed, kGreen = 200 };

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay = 0;
  std::string_view origin;
};

struct Inner {
  std::string name;
  std::optional<double> weight;
  friend bool operator==(const Inner&, const Inner&) = default;
};

struct Everything {
  bool flag;
  int8_t i8;
  uint16_t u16;
  float f;
  double d;
  Colour colour;
  std::string text;
  std::optional<std::string> maybe;
  std::variant<std::monostate, int64_t, Inner> one_of;
  std::pair<int, std::string> pair;
  std::tuple<char, Inner> tuple;
  std::vector<std::string> strings;
  std::vector<int32_t> ints;
  std::vector<bool> flags;
  std::array<int16_t, 3> array;
  std::map<std::string, int> map;
  std::unordered_map<int, std::string> hash_map;
  std::set<std::string> set;
  weir::Duration duration;
  std::chrono::sys_seconds when;
  std::vector<Inner> inners;
  friend bool operator==(const Everything&, const Everything&) = default;
};

// What a class with private members needs.
class Money {
 public:
  Money() = default;
  explicit Money(int64_t cents) : cents_(cents) {}
  int64_t cents() const { return cents_; }
  friend bool operator==(const Money&, const Money&) = default;

 private:
  int64_t cents_ = 0;
};

// Has the methods by which a Protobuf message is known.
struct FakeMessage {
  explicit FakeMessage(std::string bytes = "") : content(std::move(bytes)) {}
  size_t ByteSizeLong() const { return content.size(); }
  bool SerializeToArray(void* out, int size) const { return std::memcpy(out, content.data(), size) != nullptr; }
  bool ParseFromArray(const void* in, int size) {
    content.assign(static_cast<const char*>(in), size);
    return !content.starts_with("bad");
  }
  std::string GetTypeName() const { return "app.FakeMessage"; }
  std::string content;
};

}  // namespace app

template <>
struct weir::Serializer<app::Money> {
  static constexpr std::string_view kName = "money";
  static constexpr uint32_t kVersion = 1;
  static void Write(const app::Money& value, weir::ByteWriter& out) { out.PutI64(value.cents()); }
  static void Read(weir::ByteReader& in, app::Money& value) { value = app::Money(in.GetI64()); }
};

namespace weir {
namespace {

template <class T>
T RoundTrip(const T& value) {
  T read{};
  const std::string bytes = EncodeToString(value);
  EXPECT_TRUE(DecodeFrom(bytes, read).ok());
  return read;
}

app::Inner RandomInner(std::mt19937& random) {
  app::Inner inner{std::string(random() % 20, 'i'), std::nullopt};
  if (random() % 2 == 0) inner.weight = random() / 7.0;
  return inner;
}

app::Everything RandomEverything(std::mt19937& random) {
  app::Everything e{};
  e.flag = random() % 2;
  e.i8 = static_cast<int8_t>(random());
  e.u16 = static_cast<uint16_t>(random());
  e.f = static_cast<float>(random()) / 3;
  e.d = random() / 3.0;
  e.colour = app::Colour::kGreen;
  e.text = std::string(random() % 300, 'x');
  if (random() % 2) e.maybe = std::string(random() % 5, 'y');
  if (random() % 3 == 0) e.one_of = int64_t{-5};
  if (random() % 3 == 1) e.one_of = RandomInner(random);
  e.pair = {static_cast<int>(random()), "pair"};
  e.tuple = {'c', RandomInner(random)};
  for (unsigned i = random() % 4; i > 0; --i) {
    e.strings.push_back(std::to_string(random()));
    e.ints.push_back(static_cast<int32_t>(random()));
    e.flags.push_back(random() % 2);
    e.map[std::to_string(random())] = 4;
    e.hash_map[static_cast<int>(random())] = "v";
    e.set.insert(std::to_string(random()));
    e.inners.push_back(RandomInner(random));
  }
  e.array = {1, -2, static_cast<int16_t>(random())};
  e.duration = Duration(random());
  e.when = std::chrono::sys_seconds(std::chrono::seconds(random()));
  return e;
}

TEST(Serializer, GivesBackRandomValuesOfAllKinds) {
  const unsigned seed = 20010216;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    const app::Everything value = RandomEverything(random);
    ASSERT_EQ(RoundTrip(value), value);
  }
}

TEST(Serializer, HasTheBytesOfTheFormat) {  // docs/formats/record.md
  const app::Flight flight{1, Timestamp(Duration(0x0102)), -2, "JFK"};
  EXPECT_EQ(Hex(EncodeToString(flight)), "01000000000000000201000000000000feffffff030000004a464b");
  EXPECT_EQ(Hex(EncodeToString(std::optional<int16_t>(3))), "010300");
  EXPECT_EQ(Hex(EncodeToString(std::optional<int16_t>())), "00");
  EXPECT_EQ(Hex(EncodeToString(std::variant<std::monostate, bool>(true))), "0101");
  EXPECT_EQ(Hex(EncodeToString(std::variant<std::monostate, bool>())), "0000");
  EXPECT_EQ(Hex(EncodeToString(std::vector<uint16_t>{1, 2})), "0200000001000200");
  EXPECT_EQ(Hex(EncodeToString(std::map<uint8_t, std::string>{{7, "a"}})), "01000000070100000061");
  EXPECT_EQ(Hex(EncodeToString(app::Colour::kGreen)), "c8");
  EXPECT_EQ(Hex(EncodeToString(1.0)), "000000000000f03f");
  EXPECT_EQ(Hex(EncodeToString(app::Money(258))), "0201000000000000");
}

TEST(Serializer, ReadsViewsInPlace) {
  const std::string bytes = EncodeToString(app::Flight{1, {}, 2, "JFK"});
  app::Flight flight{};
  ASSERT_TRUE(DecodeFrom(bytes, flight).ok());
  EXPECT_EQ(flight.origin, "JFK");
  EXPECT_EQ(flight.origin.data(), bytes.data() + bytes.size() - 3);
}

TEST(Serializer, RefusesInputThatEndsTooEarlyAtEveryByte) {
  std::mt19937 random(7);
  const std::string bytes = EncodeToString(RandomEverything(random));
  for (size_t length = 0; length < bytes.size(); ++length) {
    app::Everything value{};
    const std::string cut = bytes.substr(0, length);  // a block of its own, so that asan sees every read behind it
    ASSERT_EQ(DecodeFrom(cut, value).code(), StatusCode::kDataLoss) << length;
  }
}

TEST(Serializer, SurvivesDamageOfEveryByte) {
  std::mt19937 random(8);
  const std::string bytes = EncodeToString(RandomEverything(random));
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(~damaged[at]);
    app::Everything value{};
    (void)DecodeFrom(damaged, value);  // an error or another value, but no crash and no huge allocation
  }
}

TEST(Serializer, RefusesBytesThatAreLeftOver) {
  int32_t value = 0;
  EXPECT_TRUE(DecodeFrom(std::string(4, '\1'), value).ok());
  EXPECT_FALSE(DecodeFrom(std::string(5, '\1'), value).ok());
}

TEST(Serializer, SaysWhatWasReadAndWhere) {
  app::Flight flight{};
  const Status status = DecodeFrom(std::string(10, '\0'), flight);
  EXPECT_NE(status.message().find("Flight: at offset 8 of 10 bytes"), std::string_view::npos) << status.message();
}

TEST(Serializer, RefusesAnAlternativeThatTheVariantDoesNotHave) {
  std::variant<int8_t, int16_t> value;
  EXPECT_EQ(DecodeFrom(std::string("\2\0\0", 3), value).code(), StatusCode::kDataLoss);
}

TEST(Serializer, TakesProtobufMessagesByTheirMethods) {
  static_assert(KindOf<app::FakeMessage> == TypeKind::kMessage);
  EXPECT_EQ(Hex(EncodeToString(app::FakeMessage("ab"))), "020000006162");
  EXPECT_EQ(RoundTrip(app::FakeMessage("abc")).content, "abc");
  app::FakeMessage read;
  EXPECT_FALSE(DecodeFrom(EncodeToString(app::FakeMessage("bad")), read).ok());
}

TEST(Serializer, TakesOwnClassesBySpecialisation) {
  static_assert(KindOf<app::Money> == TypeKind::kCustom);
  EXPECT_EQ(RoundTrip(std::vector<app::Money>{app::Money(5), app::Money(-1)})[1].cents(), -1);
}

TEST(Serializer, KnowsWhatCannotBeSerialized) {
  static_assert(!Serializable<int*> && !Serializable<const char*> && !Serializable<void (*)()>);
  static_assert(!Serializable<std::unique_ptr<int>> && !Serializable<long double> && !Serializable<int[3]>);
  static_assert(Serializable<app::Everything> && Serializable<char> && Serializable<unsigned long long>);
}

}  // namespace
}  // namespace weir
