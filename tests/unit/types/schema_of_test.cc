#include "weir/types/schema_of.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

#include "weir/base/time.h"

namespace app {

enum class Colour : uint8_t { kRed };

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay = 0;
  std::string_view origin;
};
WEIR_RECORD(Flight, (id, 1), (departure, 2), (delay, 3), (origin, 4));

// As Flight, but the view is a string and a field has another name.
struct OwnedFlight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay = 0;
  std::string from;
};
WEIR_RECORD(OwnedFlight, (id, 1), (departure, 2), (delay, 3), (from, 4));

struct Plain {
  bool flag;
  Flight flight;
};

struct Own {};

}  // namespace app

template <>
struct weir::Serializer<app::Own> {
  static constexpr std::string_view kName = "own";
  static constexpr uint32_t kVersion = 3;
  static void Write(const app::Own&, weir::ByteWriter&) {}
  static void Read(weir::ByteReader&, app::Own&) {}
};

namespace weir {
namespace {

template <class T>
std::string Text() {
  return SchemaOf<T>().ToString();
}

TEST(SchemaOf, DescribesEveryKindOfType) {
  EXPECT_EQ(Text<app::Flight>(), "Flight{id: int64, departure: timestamp, delay: int32, origin: string}");
  EXPECT_EQ((Text<std::pair<std::string_view, int64_t>>()), "tuple<string, int64>");
  EXPECT_EQ((Text<std::map<int8_t, std::vector<double>>>()), "map<int8, list<double>>");
  EXPECT_EQ((Text<std::variant<std::monostate, bool>>()), "variant<monostate{}, bool>");
  EXPECT_EQ((Text<std::array<std::optional<uint16_t>, 3>>()), "array<optional<uint16>, 3>");
  EXPECT_EQ(Text<std::set<app::Colour>>(), "set<enum<uint8>>");
  EXPECT_EQ(Text<std::chrono::sys_seconds>(), "timestamp(s)");
  EXPECT_EQ(Text<std::chrono::minutes>(), "duration(min)");
  EXPECT_EQ((Text<std::chrono::duration<int, std::ratio<2, 3>>>()), "duration(2/3 s)");
  EXPECT_EQ(Text<app::Own>(), "own version 3");
  EXPECT_EQ(Text<char>(), "int8");
  EXPECT_EQ(Text<unsigned long long>(), "uint64");
}

TEST(SchemaOf, KnowsFieldsByGivenIdsOrByTheHashOfTheirNames) {
  EXPECT_EQ(SchemaOf<app::Flight>().FindField(4)->name, "origin");
  EXPECT_EQ(SchemaOf<app::Flight>().FindField(5), nullptr);
  EXPECT_EQ(SchemaOf<app::Plain>().fields()[0].id, internal::FieldIdOfName("flag"));
  // Stored in snapshots: golden.
  EXPECT_EQ(internal::FieldIdOfName("flag"), 0xbdeaa8d7u);
  EXPECT_EQ(internal::FieldIdOfName(""), 0x811c9dc5u);
}

TEST(SchemaOf, FingerprintIgnoresNamesButNotIdsAndTypes) {
  EXPECT_EQ(SchemaOf<app::Flight>().Fingerprint(), SchemaOf<app::OwnedFlight>().Fingerprint());
  EXPECT_FALSE(SchemaOf<app::Flight>() == SchemaOf<app::OwnedFlight>());
  EXPECT_NE(SchemaOf<app::Flight>().Fingerprint(), SchemaOf<app::Plain>().Fingerprint());
  EXPECT_NE(SchemaOf<int32_t>().Fingerprint(), SchemaOf<uint32_t>().Fingerprint());
}

TEST(SchemaOf, ShortTypeNameLeavesOutNamespaces) {
  EXPECT_EQ(internal::ShortTypeName("app::Flight"), "Flight");
  EXPECT_EQ(internal::ShortTypeName("app::Twice<app::Flight>"), "Twice<app::Flight>");
  EXPECT_EQ(internal::ShortTypeName("{anonymous}::Flight"), "Flight");
  EXPECT_EQ(internal::ShortTypeName("main()::Flight"), "Flight");
  EXPECT_EQ(internal::ShortTypeName("int"), "int");
}

}  // namespace
}  // namespace weir
