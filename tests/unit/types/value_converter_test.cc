#include "weir/types/schema/value_converter.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "weir/base/random.h"
#include "weir/types/schema_of.h"
#include "weir/types/serializer.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

struct Money {
  int64_t cents = 0;
  friend bool operator==(const Money&, const Money&) = default;
};

}  // namespace

template <>
struct Serializer<Money> {
  static constexpr std::string_view kName = "money";
  static constexpr uint32_t kVersion = 1;
  static void Write(const Money& value, ByteWriter& out) { out.PutString(std::to_string(value.cents)); }
  static void Read(ByteReader& in, Money& value) {
    value.cents = std::strtoll(std::string(in.GetString()).c_str(), nullptr, 10);
  }
};

namespace {

enum class Colour : uint8_t { kRed, kGreen };

struct Place {
  std::string name;
  int32_t x = 0;
};
struct Flight {
  int64_t id = 0;
  int32_t delay = 0;
  std::string origin;
  std::optional<std::string> gate;
  std::vector<Place> stops;
  std::variant<int32_t, std::string> code;
  std::map<std::string, int16_t> seats;
  Colour colour = Colour::kRed;
  Money price;
};

// The same flight of a later program: a field new in front, one dropped, others wider or moved, and changes inside containers.
struct LaterPlace {
  int64_t x = 0;
  std::string name;
  std::string country = "?";
};
struct LaterFlight {
  bool cancelled = true;
  int64_t delay = 0;
  int64_t id = 0;
  std::vector<LaterPlace> stops;
  std::optional<std::string> gate;
  std::variant<int64_t, std::string, double> code;
  std::map<std::string, int32_t> seats;
  std::set<int32_t> seen = {7};
  Money price;
  Money tax = {5};
  Colour colour = Colour::kRed;
};

template <class From, class To>
StatusOr<To> Converted(const From& from) {
  // As a snapshot has it: decoded.
  WEIR_ASSIGN_OR_RETURN(const Schema stored, Schema::Decode(SchemaOf<From>().Encode()));
  WEIR_ASSIGN_OR_RETURN(const ValueConverter converter,
                        ValueConverter::Of(stored, SchemaOf<To>(), EncodeToString(To{})));
  const std::string bytes = EncodeToString(from);
  ByteReader in(bytes, "value");
  ByteWriter out;
  converter.Convert(in, out);
  WEIR_RETURN_IF_ERROR(in.Finish());
  To to{};
  WEIR_RETURN_IF_ERROR(DecodeFrom(out.bytes(), to));
  return to;
}

Flight SomeFlight() {
  return {.id = 42,
          .delay = -3,
          .origin = "ZRH",
          .gate = "B7",
          .stops = {{"Rome", 1}, {"Oslo", -2}},
          .code = "LX",
          .seats = {{"first", -4}, {"economy", 300}},
          .colour = Colour::kGreen,
          .price = {1999}};
}

TEST(ValueConverter, ReadsARecordThatHasChangedInManyWays) {
  const StatusOr<LaterFlight> later = Converted<Flight, LaterFlight>(SomeFlight());
  ASSERT_OK(later);
  EXPECT_TRUE(later->cancelled) << "the initialiser's value";
  EXPECT_EQ(later->delay, -3);
  EXPECT_EQ(later->id, 42);
  EXPECT_EQ(later->gate, "B7");
  ASSERT_EQ(later->stops.size(), 2u);
  EXPECT_EQ(later->stops[1].name, "Oslo");
  EXPECT_EQ(later->stops[1].x, -2);
  EXPECT_EQ(later->stops[1].country, "?") << "the initialiser of the record in the container";
  EXPECT_EQ(std::get<1>(later->code), "LX");
  EXPECT_EQ(later->seats, (std::map<std::string, int32_t>{{"first", -4}, {"economy", 300}}));
  EXPECT_EQ(later->seen, std::set<int32_t>{7});
  EXPECT_EQ(later->price, Money{1999});
  EXPECT_EQ(later->tax, Money{5});
  EXPECT_EQ(later->colour, Colour::kGreen);
}

TEST(ValueConverter, LeavesValuesOfTheSameSchemaAlone) {
  const StatusOr<ValueConverter> same = ValueConverter::Of(SchemaOf<Flight>(), SchemaOf<Flight>(), "");
  ASSERT_OK(same);
  EXPECT_TRUE(same->is_identity());
  const StatusOr<Flight> back = Converted<Flight, Flight>(SomeFlight());
  ASSERT_OK(back);
  EXPECT_EQ(EncodeToString(*back), EncodeToString(SomeFlight()));
}

struct Inner {
  int32_t a = 0;
};
struct Outer {
  Inner inner;
  int8_t last = 0;
};
struct LaterInner {
  int32_t a = 0;
  int32_t b = 11;
};
struct LaterOuter {
  LaterInner inner = {.a = 1, .b = 12};
  int8_t last = 0;
};

TEST(ValueConverter, TakesDefaultsOfNestedRecordsFromTheOuterOne) {
  const StatusOr<LaterOuter> later = Converted<Outer, LaterOuter>({.inner = {5}, .last = 9});
  ASSERT_OK(later);
  EXPECT_EQ(later->inner.a, 5);
  EXPECT_EQ(later->inner.b, 12);
  EXPECT_EQ(later->last, 9);
}

struct Many {
  std::vector<Inner> list;
  std::optional<Inner> maybe;
  std::map<int32_t, std::array<Inner, 1>> map;
  std::variant<int32_t, Inner> either;
  Inner wrapped;
};
struct LaterMany {
  std::vector<LaterInner> list;
  std::optional<LaterInner> maybe;
  std::map<int32_t, std::array<LaterInner, 1>> map;
  std::variant<int32_t, LaterInner> either;
  std::optional<LaterInner> wrapped;
};

TEST(ValueConverter, TakesDefaultsOfRecordsInsideContainersFromTheirOwnInitialisers) {
  const StatusOr<LaterMany> later = Converted<Many, LaterMany>(
      {.list = {{1}, {2}}, .maybe = Inner{3}, .map = {{4, {{{5}}}}}, .either = Inner{6}, .wrapped = {7}});
  ASSERT_OK(later);
  ASSERT_EQ(later->list.size(), 2u);
  EXPECT_EQ(later->list[1].a, 2);
  EXPECT_EQ(later->list[1].b, 11);
  EXPECT_EQ(later->maybe->b, 11);
  EXPECT_EQ(later->map.at(4)[0].a, 5);
  EXPECT_EQ(later->map.at(4)[0].b, 11);
  EXPECT_EQ(std::get<LaterInner>(later->either).b, 11);
  EXPECT_EQ(later->wrapped->a, 7);
  EXPECT_EQ(later->wrapped->b, 11);
}

TEST(ValueConverter, WidensEveryNumber) {
  EXPECT_EQ((Converted<int8_t, int16_t>(-1).value()), -1);
  EXPECT_EQ((Converted<int8_t, int64_t>(-128).value()), -128);
  EXPECT_EQ((Converted<int16_t, int32_t>(-32768).value()), -32768);
  EXPECT_EQ((Converted<int32_t, int64_t>(INT32_MIN).value()), INT32_MIN);
  EXPECT_EQ((Converted<uint8_t, uint16_t>(255).value()), 255);
  EXPECT_EQ((Converted<uint16_t, uint64_t>(65535).value()), 65535u);
  EXPECT_EQ((Converted<uint32_t, uint64_t>(UINT32_MAX).value()), UINT32_MAX);
  EXPECT_EQ((Converted<float, double>(0.5f).value()), 0.5);
}

TEST(ValueConverter, WrapsAValueThatBecomesOptional) {
  EXPECT_EQ((Converted<int32_t, std::optional<int64_t>>(7).value()), 7);
  EXPECT_EQ((Converted<std::optional<int32_t>, std::optional<int64_t>>(std::nullopt).value()), std::nullopt);
}

TEST(ValueConverter, ConvertsArraysElementByElement) {
  using From = std::array<int8_t, 3>;
  using To = std::array<int32_t, 3>;
  EXPECT_EQ((Converted<From, To>({1, -2, 3}).value()), (To{1, -2, 3}));
}

struct Nothing {};
struct Something {
  int32_t n = 3;
};

struct Corner {
  int32_t x = 0;
  int16_t gone = 0;
};
struct Box {
  int64_t id = 0;
  double weight = 0;
  Corner corner;
};
struct LaterCorner {
  int32_t x = 0;
  uint8_t kind = 9;
};
struct LaterBox {
  int64_t first_seen = 77;
  LaterCorner corner;
  int64_t id = 0;
  int64_t last_seen = 88;
};

// What a plan of copies makes of the value.
std::string Copied(const FixedConversion& conversion, std::string_view from) {
  std::string to = conversion.filled;
  for (const FixedConversion::Copy& copy : conversion.copies)
    to.replace(copy.to, copy.bytes, from, copy.from, copy.bytes);
  return to;
}

TEST(ValueConverter, IsAPlanOfCopiesWhereValuesHaveOneLengthAndStayAsTheyAre) {
  const StatusOr<ValueConverter> converter =
      ValueConverter::Of(SchemaOf<Box>(), SchemaOf<LaterBox>(), EncodeToString(LaterBox{}));
  ASSERT_OK(converter);
  const std::string stored = EncodeToString(Box{.id = 1, .weight = 2.5, .corner = {.x = 3, .gone = 4}});
  ByteReader in(stored, "box");
  ByteWriter converted;
  converter->Convert(in, converted);
  const std::optional<FixedConversion> fixed = converter->AsFixed();
  ASSERT_TRUE(fixed.has_value());
  EXPECT_EQ(Copied(*fixed, stored), converted.bytes());
  EXPECT_EQ(converted.bytes(),
            EncodeToString(LaterBox{.first_seen = 77, .corner = {.x = 3, .kind = 9}, .id = 1, .last_seen = 88}));
}

TEST(ValueConverter, IsNoPlanOfCopiesWhereLengthsDifferOrNumbersWiden) {
  const StatusOr<ValueConverter> wider = ValueConverter::Of(SchemaOf<int32_t>(), SchemaOf<int64_t>(), "");
  ASSERT_OK(wider);
  EXPECT_FALSE(wider->AsFixed().has_value());
  const StatusOr<ValueConverter> text = ValueConverter::Of(SchemaOf<Place>(), SchemaOf<LaterPlace>(), "");
  ASSERT_OK(text);
  EXPECT_FALSE(text->AsFixed().has_value());
  const StatusOr<ValueConverter> optional =
      ValueConverter::Of(SchemaOf<int32_t>(), SchemaOf<std::optional<int32_t>>(), "");
  ASSERT_OK(optional);
  EXPECT_FALSE(optional->AsFixed().has_value());
}

TEST(ValueConverter, CopesWithRecordsWithoutFields) {
  EXPECT_EQ((Converted<Nothing, Something>({})->n), 3);
  EXPECT_OK((Converted<Something, Nothing>({})));
}

TEST(ValueConverter, RefusesWhatDoesNotGoTogether) {
  EXPECT_TRUE(IsError(ValueConverter::Of(SchemaOf<std::string>(), SchemaOf<int64_t>(), "").status(),
                      StatusCode::kFailedPrecondition, "was string in the savepoint and is now int64"));
}

struct WithMoney {
  int32_t a = 0;
  Money price;
};
TEST(ValueConverter, RefusesToDropAClassThatOnlyItselfCanRead) {
  EXPECT_TRUE(IsError(ValueConverter::Of(SchemaOf<WithMoney>(), SchemaOf<Inner>(), "").status(),
                      StatusCode::kFailedPrecondition, "only that class knows where its bytes end"));
}

TEST(ValueConverter, RefusesToDropAFieldOfAMapsKey) {
  const Schema stored(TypeKind::kMap, {SchemaOf<Outer>(), SchemaOf<int32_t>()});
  const Schema now(TypeKind::kMap, {SchemaOf<Inner>(), SchemaOf<int32_t>()});
  EXPECT_TRUE(IsError(ValueConverter::Of(stored, now, "").status(), StatusCode::kFailedPrecondition,
                      "is dropped from a key, so that entries could fall together"));
}

TEST(ValueConverter, NoticesEveryTruncationAndNeverReadsOutside) {
  const ValueConverter converter =
      ValueConverter::Of(SchemaOf<Flight>(), SchemaOf<LaterFlight>(), EncodeToString(LaterFlight{})).value();
  const std::string bytes = EncodeToString(SomeFlight());
  for (size_t length = 0; length < bytes.size(); ++length) {
    ByteReader in(std::string_view(bytes).substr(0, length), "value");
    ByteWriter out;
    converter.Convert(in, out);
    EXPECT_FALSE(in.Finish().ok()) << length;
  }
  SeededRandom random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = bytes;
    damaged[random.Uniform(damaged.size())] = static_cast<char>(random.Uniform(256));
    ByteReader in(damaged, "value");
    ByteWriter out;
    converter.Convert(in, out);  // ASan says the rest
  }
}

TEST(SkipValue, EndsWhereTheValueEnds) {
  const std::string bytes = EncodeToString(SomeFlight()) + "rest";
  ByteReader in(bytes, "value");
  SkipValue(SchemaOf<Flight>(), in);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.remaining(), 4u);
}

}  // namespace
}  // namespace weir
