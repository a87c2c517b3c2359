#include "weir/connectors/file/csv_cell.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <optional>
#include <string>

#include "weir/base/random.h"

namespace weir {
namespace {

template <class T>
std::optional<T> Parse(std::string_view cell) {
  T value{};
  if (!internal::ParseOneCell(cell, value)) return std::nullopt;
  return value;
}

template <class T>
std::string Text(const T& value) {
  std::string text;
  CellTypeOf<T>()->append(&value, text);
  return text;
}

Timestamp At(int64_t milliseconds) { return Timestamp(Duration(milliseconds)); }

TEST(CsvCell, ParsesWholeNumbersUpToTheirLimits) {
  EXPECT_EQ(Parse<int32_t>("-12"), -12);
  EXPECT_EQ(Parse<int8_t>("-128"), int8_t{-128});
  EXPECT_EQ(Parse<int8_t>("128"), std::nullopt);
  EXPECT_EQ(Parse<uint16_t>("65535"), uint16_t{65535});
  EXPECT_EQ(Parse<uint16_t>("-1"), std::nullopt);
  EXPECT_EQ(Parse<int64_t>("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(Parse<int64_t>("9223372036854775808"), std::nullopt);
  EXPECT_EQ(Parse<uint64_t>("18446744073709551615"), std::numeric_limits<uint64_t>::max());
}

TEST(CsvCell, RefusesWhatIsNoNumber) {
  for (const std::string_view cell : {"", "-", "x", "1x", " 1", "1 ", "1.0", "+1", "0x1", "12345678901234567890x"}) {
    EXPECT_EQ(Parse<int64_t>(cell), std::nullopt) << cell;
    EXPECT_EQ(Parse<int32_t>(cell), std::nullopt) << cell;
  }
  EXPECT_EQ(Parse<double>("1.5e"), std::nullopt);
  EXPECT_EQ(Parse<bool>("yes"), std::nullopt);
}

TEST(CsvCell, WholeNumbersComeBackFromTheirText) {
  SeededRandom random(3);
  for (int i = 0; i < 10000; ++i) {
    const int64_t number = static_cast<int64_t>(random.Next() >> random.Uniform(64)) * (random.Chance(0.5) ? 1 : -1);
    ASSERT_EQ(Parse<int64_t>(Text(number)), number);
    ASSERT_EQ(Parse<int16_t>(Text(static_cast<int16_t>(number))), static_cast<int16_t>(number));
  }
}

TEST(CsvCell, DoublesComeBackFromTheirShortestText) {
  EXPECT_EQ(Text(0.1), "0.1");
  EXPECT_EQ(Parse<double>("-1.5e3"), -1500.0);
  EXPECT_EQ(Parse<float>("0.25"), 0.25f);
}

TEST(CsvCell, ParsesTimestampsInTheirForms) {
  constexpr int64_t kTime = 982'368'480'000;  // 2001-02-17T00:08:00Z
  for (const std::string_view cell :
       {"2001-02-17 00:08:00", "2001-02-17T00:08:00Z", "2001-02-17 00:08", "2001-02-17 00:08:00.000", "982368480000"}) {
    EXPECT_EQ(Parse<Timestamp>(cell), At(kTime)) << cell;
  }
  EXPECT_EQ(Parse<Timestamp>("2001-02-17"), At(kTime - 480'000));
  EXPECT_EQ(Parse<Timestamp>("2001-02-17 00:08:00.5"), At(kTime + 500));
  EXPECT_EQ(Parse<Timestamp>("2001-02-17 00:08:00.123456789"), At(kTime + 123));
  EXPECT_EQ(Parse<Timestamp>("1969-12-31 23:59:59"), At(-1000));
}

TEST(CsvCell, RefusesImpossibleTimestamps) {
  for (const std::string_view cell :
       {"", "2001-02-29", "2001-13-01", "2001-00-10", "2001-02-17 24:00:00", "2001-02-17 00:60:00",
        "2001-02-17 00:08:61", "2001-02-17 00:08:0", "2001-02-17x00:08:00", "2001/02/17", "2001-02-1",
        "2001-02-17 00:08:00.", "2001-02-17 00:08:00.12x", "2001-02-17 "}) {
    EXPECT_EQ(Parse<Timestamp>(cell), std::nullopt) << cell;
  }
}

TEST(CsvCell, TimestampsComeBackFromTheirText) {
  EXPECT_EQ(Text(At(982'368'480'000)), "2001-02-17 00:08:00");
  EXPECT_EQ(Text(At(-1)), "1969-12-31 23:59:59.999");
  SeededRandom random(4);
  for (int i = 0; i < 10000; ++i) {
    const Timestamp time = At(static_cast<int64_t>(random.Uniform(4'000'000'000'000)) - 1'000'000'000'000);
    ASSERT_EQ(Parse<Timestamp>(Text(time)), time);
  }
}

TEST(CsvCell, AnEmptyCellIsAnEmptyOptional) {
  ASSERT_TRUE(Parse<std::optional<double>>("").has_value());
  EXPECT_FALSE(Parse<std::optional<double>>("")->has_value());
  EXPECT_EQ(Parse<std::optional<double>>("2.5").value(), 2.5);
  EXPECT_EQ(Parse<std::optional<int>>("x"), std::nullopt);
  EXPECT_EQ(Text(std::optional<int>()), "");
  EXPECT_EQ(Text(std::optional<int>(7)), "7");
}

enum class Color : uint8_t { kRed = 3 };

TEST(CsvCell, EnumsDurationsAndOtherTimePointsAreNumbersAndTimes) {
  EXPECT_EQ(Parse<Color>("3"), Color::kRed);
  EXPECT_EQ(Text(Color::kRed), "3");
  EXPECT_EQ(Parse<std::chrono::minutes>("90"), std::chrono::minutes(90));
  EXPECT_EQ(Text(std::chrono::seconds(-5)), "-5");
  EXPECT_EQ(Parse<std::chrono::sys_seconds>("1970-01-01 00:01:00"), std::chrono::sys_seconds(std::chrono::seconds(60)));
  EXPECT_EQ(Text(std::chrono::sys_seconds(std::chrono::seconds(60))), "1970-01-01 00:01:00");
}

}  // namespace
}  // namespace weir
