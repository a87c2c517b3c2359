#include "weir/types/record.h"

#include <gtest/gtest.h>

#include <map>

namespace app {

struct Flight {
  int64_t id;
  std::string_view origin;
  int delay = 0;
};
WEIR_RECORD(Flight, (delay, 7), (id, 1), (origin, 0x7fffffff));

struct Plain {
  int a;
  std::string b;
};

#define TEN(p) int p##0, p##1, p##2, p##3, p##4, p##5, p##6, p##7, p##8, p##9;
struct Wide {
  TEN(a) TEN(b) TEN(c) TEN(d) TEN(e) TEN(f) int g0, g1, g2, g3;
};
#define TEN_IDS(p, n)                                                                                      \
  (p##0, n + 1), (p##1, n + 2), (p##2, n + 3), (p##3, n + 4), (p##4, n + 5), (p##5, n + 6), (p##6, n + 7), \
      (p##7, n + 8), (p##8, n + 9), (p##9, n + 10)
WEIR_RECORD(Wide, TEN_IDS(a, 0), TEN_IDS(b, 10), TEN_IDS(c, 20), TEN_IDS(d, 30), TEN_IDS(e, 40), TEN_IDS(f, 50),
            (g0, 61), (g1, 62), (g2, 63), (g3, 64));

}  // namespace app

namespace weir {
namespace {

TEST(Record, FindsViewsHoweverDeepTheyLie) {
  static_assert(ContainsViews<std::string_view> && ContainsViews<app::Flight>);
  static_assert(ContainsViews<std::pair<int, app::Flight>> && ContainsViews<std::tuple<std::string_view>>);
  static_assert(ContainsViews<std::vector<std::optional<std::string_view>>>);
  static_assert(ContainsViews<std::variant<int, std::string_view>> && ContainsViews<std::map<int, std::string_view>>);
  static_assert(ContainsViews<const std::string_view>);
  static_assert(!ContainsViews<app::Plain> && !ContainsViews<int> && !ContainsViews<std::map<int, std::string>>);
}

TEST(Record, OwnedTypeKeepsViewsAsStrings) {
  static_assert(std::is_same_v<OwnedType<std::string_view>, std::string>);
  static_assert(std::is_same_v<OwnedType<std::pair<std::string_view, int>>, std::pair<std::string, int>>);
  static_assert(std::is_same_v<OwnedType<std::tuple<int, std::optional<std::string_view>>>,
                               std::tuple<int, std::optional<std::string>>>);
  static_assert(std::is_same_v<OwnedType<app::Flight>, app::Flight>);
}

TEST(Record, TakesIdsFromTheMacroWhateverItsOrder) {
  const auto& ids = FieldIds<app::Flight>();
  EXPECT_EQ(ids[0], 1u);
  EXPECT_EQ(ids[1], 0x7fffffffu);
  EXPECT_EQ(ids[2], 7u);
}

TEST(Record, MacroTakes64Fields) {
  for (int i = 0; i < 64; ++i) EXPECT_EQ(FieldIds<app::Wide>()[i], static_cast<uint32_t>(i + 1));
}

TEST(Record, IdsFromNamesNeverEqualGivenOnes) {
  EXPECT_GE(FieldIds<app::Plain>()[0], 0x80000000u);
  EXPECT_NE(FieldIds<app::Plain>()[0], FieldIds<app::Plain>()[1]);
}

}  // namespace
}  // namespace weir
