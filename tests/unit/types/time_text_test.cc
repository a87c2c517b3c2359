#include "weir/types/time_text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace weir {
namespace {

std::string Text(EventTime ms) {
  std::string text;
  AppendTime(ms, text);
  return text;
}

EventTime Parse(std::string_view text) {
  EventTime ms = 0;
  EXPECT_TRUE(ParseTime(text, ms)) << text;
  return ms;
}

bool Refuses(std::string_view text) {
  EventTime ms = 123;
  return !ParseTime(text, ms) && ms == 123;
}

TEST(TimeText, WritesUtc) {
  EXPECT_EQ(Text(0), "1970-01-01 00:00:00");
  EXPECT_EQ(Text(982282080000), "2001-02-16 00:08:00");
  EXPECT_EQ(Text(-1), "1969-12-31 23:59:59.999");
  EXPECT_EQ(Text(951782400000), "2000-02-29 00:00:00");
  EXPECT_EQ(Text(253402300800000), "+10000-01-01 00:00:00");
  EXPECT_EQ(Text(-62167219200001), "-1-12-31 23:59:59.999");
}

TEST(TimeText, ReadsTheFormsOfOurData) {
  EXPECT_EQ(Parse("2001-02-16 00:08:00"), 982282080000);
  EXPECT_EQ(Parse("2001-02-16T00:08:00"), 982282080000);
  EXPECT_EQ(Parse("2001-02-16 00:08"), 982282080000);
  EXPECT_EQ(Parse("2001-02-16"), 982281600000);
  EXPECT_EQ(Parse("1517365391235"), 1517365391235);
  EXPECT_EQ(Parse("-5"), -5);
  EXPECT_EQ(Parse("1999-01-04"), 915408000000);
}

TEST(TimeText, ReadsFractionsAndZones) {
  EXPECT_EQ(Parse("1970-01-01T00:00:01.5Z"), 1500);
  EXPECT_EQ(Parse("1970-01-01T00:00:01.2509999"), 1250);
  EXPECT_EQ(Parse("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(Parse("1970-01-01T00:00-00:30"), 30 * 60'000);
}

TEST(TimeText, RefusesWhatIsNoTime) {
  for (const char* text : {"", "x", "2001-02-30", "2001-13-01", "2001-00-10", "2001-02-16 24:00:00", "2001-02-16 00:60",
                           "2001-02-16 00:08:60", "2001-02-16 00:08:00.", "2001-02-16x00:08:00", "2001-02-16 00:08:00 ",
                           "2001-2-16", "2001-02-16T", "12a", "1970-01-01T00:00:00+1", "99999999999999999999"}) {
    EXPECT_TRUE(Refuses(text)) << text;
  }
}

TEST(TimeText, EveryDayReadsBackAndAgreesWithChrono) {
  for (int64_t day = -800'000; day < 800'000; day += 17) {
    const EventTime ms = day * 86'400'000;
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    if (static_cast<int>(date.year()) < 0 || static_cast<int>(date.year()) > 9999) continue;
    const std::string text = Text(ms);
    ASSERT_EQ(Parse(text), ms);
    ASSERT_EQ(std::stoi(text.substr(5, 2)), static_cast<int>(static_cast<unsigned>(date.month())));
    ASSERT_EQ(std::stoi(text.substr(8, 2)), static_cast<int>(static_cast<unsigned>(date.day())));
  }
}

TEST(TimeText, RandomMillisecondsReadBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const EventTime ms = static_cast<EventTime>(random() % 250'000'000'000'000);
    ASSERT_EQ(Parse(Text(ms)), ms);
  }
}

}  // namespace
}  // namespace weir
