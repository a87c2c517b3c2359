#include "weir/types/reflect.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace {

struct Flight {
  int64_t id;
  std::chrono::sys_time<std::chrono::milliseconds> departure;
  int32_t delay = 0;
  std::string_view origin;
};

struct Empty {};

template <class T>
struct Twice {
  T one;
  T other;
};

template <class T>
constexpr bool kCountsTwo = weir::FieldCount<Twice<T>> == 2;

enum class Colour : uint8_t { kRed };

#define FOUR(p) int p##1, p##2, p##3, p##4;
struct Wide {
  FOUR(a)
  FOUR(b)
  FOUR(c) FOUR(d) FOUR(e) FOUR(f) FOUR(g) FOUR(h) FOUR(i) FOUR(j) FOUR(k) FOUR(l) FOUR(m) FOUR(n) FOUR(o) FOUR(p)
};

template <class T>
std::vector<std::string> Names() {
  return std::vector<std::string>(weir::FieldNames<T>().begin(), weir::FieldNames<T>().end());
}

TEST(Reflect, CountsFieldsWhateverTheirType) {
  static_assert(weir::FieldCount<Flight> == 4);
  static_assert(weir::FieldCount<Empty> == 0);
  static_assert(kCountsTwo<bool> && kCountsTwo<double> && kCountsTwo<Colour> && kCountsTwo<Empty> &&
                kCountsTwo<Flight>);
  static_assert(kCountsTwo<std::string> && kCountsTwo<std::string_view> && kCountsTwo<std::vector<std::string>>);
  static_assert(kCountsTwo<std::optional<int>> && kCountsTwo<std::optional<std::string_view>>);
  static_assert(kCountsTwo<std::variant<int, std::string>> && kCountsTwo<std::variant<int>>);
  static_assert(kCountsTwo<std::pair<int, std::string>> && kCountsTwo<std::tuple<std::string>>);
  static_assert(kCountsTwo<std::array<int, 3>> && kCountsTwo<std::map<int, std::string>>);
  static_assert(kCountsTwo<std::optional<std::vector<int>>> && kCountsTwo<std::chrono::seconds>);
  static_assert(weir::FieldCount<Wide> == 64);
}

TEST(Reflect, NamesFieldsInOrderOfDeclaration) {
  EXPECT_EQ(Names<Flight>(), (std::vector<std::string>{"id", "departure", "delay", "origin"}));
  EXPECT_EQ(Names<Wide>().front(), "a1");
  EXPECT_EQ(Names<Wide>().back(), "p4");
  EXPECT_TRUE(Names<Empty>().empty());
}

TEST(Reflect, NamesFieldsOfLocalTypesAndTemplates) {
  struct Local {
    int x_1;
    std::map<int, std::string> by_id;
  };
  EXPECT_EQ(Names<Local>(), (std::vector<std::string>{"x_1", "by_id"}));
  EXPECT_EQ(Names<Twice<Twice<int>>>(), (std::vector<std::string>{"one", "other"}));
}

TEST(Reflect, NamesPairsAndTuples) {
  using Tuple = std::tuple<int, int, int, int, int, int, int, int, int, int, int, std::string>;
  EXPECT_EQ((Names<std::pair<int, std::string>>()), (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(Names<Tuple>()[9], "f9");
  EXPECT_EQ(Names<Tuple>()[11], "f11");
}

TEST(Reflect, VisitsFieldsByReferenceInOrder) {
  Wide wide{};
  int next = 0;
  weir::ForEachField(wide, [&next](int& field) { field = next++; });
  EXPECT_EQ(wide.a1, 0);
  EXPECT_EQ(wide.b1, 4);
  EXPECT_EQ(wide.p4, 63);

  std::pair<int, int> pair{1, 2};
  weir::VisitFields(pair, [](int& first, int& second) { std::swap(first, second); });
  EXPECT_EQ(pair, std::make_pair(2, 1));
}

TEST(Reflect, VisitsNamesWithFields) {
  const Flight flight{.id = 7, .departure = {}, .delay = 3, .origin = "JFK"};
  std::string text;
  weir::ForEachNamedField(flight, [&text](std::string_view name, const auto& field) {
    text += name;
    if constexpr (std::is_integral_v<std::remove_cvref_t<decltype(field)>>) text += "=" + std::to_string(field);
    text += ' ';
  });
  EXPECT_EQ(text, "id=7 departure delay=3 origin ");
}

TEST(Reflect, ListsTypesWithoutConst) {
  static_assert(std::is_same_v<weir::FieldTypes<std::pair<const int, char>>, weir::TypeList<int, char>>);
  static_assert(std::is_same_v<weir::FieldTypes<Twice<Flight>>, weir::TypeList<Flight, Flight>>);
  static_assert(std::is_same_v<weir::FieldTypes<Twice<std::string>>, weir::TypeList<std::string, std::string>>);
}

TEST(Reflect, NamesTypes) {
  EXPECT_EQ(weir::TypeName<int>(), "int");
  EXPECT_TRUE(weir::TypeName<weir::TypeList<>>().ends_with("TypeList<>"));  // g++ leaves out the own namespace
}

}  // namespace
