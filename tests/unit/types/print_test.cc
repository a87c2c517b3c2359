#include "weir/types/print.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <string>

namespace app {

enum class Colour : uint8_t { kGreen = 2 };

struct Point {
  int x;
  float y;
};

struct Delay {
  std::string_view origin;
  weir::Timestamp window_end;
  std::optional<Point> at;
  double mean;
};

struct Empty {};

class Money {
 public:
  std::string ToString() const { return std::to_string(euros_) + " EUR"; }

 private:
  int euros_ = 3;
};

class Opaque {
 public:
  int x() const { return x_; }

 private:
  int x_ = 0;
};

}  // namespace app

namespace weir {
namespace {

TEST(Print, ShowsNumbersAsShortAsTheyReadBack) {
  EXPECT_EQ(Printed(-7), "-7");
  EXPECT_EQ(Printed(~uint64_t{0}), "18446744073709551615");
  EXPECT_EQ(Printed(0.1), "0.1");
  EXPECT_EQ(Printed(0.1F), "0.1");
  EXPECT_EQ(Printed(1e300), "1e+300");
  EXPECT_EQ(Printed(true), "true");
  EXPECT_EQ(Printed('x'), "x");
  EXPECT_EQ(Printed(int8_t{65}), "65");
  EXPECT_EQ(Printed(app::Colour::kGreen), "2");
}

TEST(Print, ShowsRecordsWithNamesAndTuplesLikeFlink) {
  const app::Delay delay{"JFK", FromEventTime(982282080250), app::Point{1, 0.5F}, 2.25};
  EXPECT_EQ(Printed(delay), "{origin: JFK, window_end: 2001-02-16 00:08:00.250, at: {x: 1, y: 0.5}, mean: 2.25}");
  EXPECT_EQ(Printed(app::Delay{}), "{origin: , window_end: 1970-01-01 00:00:00, at: null, mean: 0}");
  EXPECT_EQ(Printed(std::pair<std::string_view, int64_t>("word", 3)), "(word,3)");
  EXPECT_EQ(Printed(std::tuple<int, std::string, bool>(1, "a", false)), "(1,a,false)");
  EXPECT_EQ(Printed(app::Empty{}), "{}");
}

TEST(Print, ShowsContainers) {
  EXPECT_EQ(Printed(std::vector<int>{1, 2}), "[1, 2]");
  EXPECT_EQ(Printed(std::vector<bool>{true, false}), "[true, false]");
  EXPECT_EQ(Printed(std::array<int, 1>{4}), "[4]");
  EXPECT_EQ(Printed(std::set<std::string>{"a", "b"}), "[a, b]");
  EXPECT_EQ((Printed(std::map<std::string, int>{{"a", 1}, {"b", 2}})), "{a=1, b=2}");
  EXPECT_EQ((Printed(std::variant<int, std::string>("text"))), "text");
  EXPECT_EQ(Printed(std::vector<int>{}), "[]");
}

TEST(Print, ShowsDurationsWithTheirUnit) {
  EXPECT_EQ(Printed(Duration(500)), "500 ms");
  EXPECT_EQ(Printed(std::chrono::minutes(90)), "90 min");
}

TEST(Print, AsksOwnClassesForTheirText) {
  EXPECT_EQ(Printed(app::Money()), "3 EUR");
  EXPECT_EQ(Printed(app::Opaque()), "<Opaque>");
}

}  // namespace
}  // namespace weir
