#include "weir/config/value_text.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

TEST(ParseDuration, ReadsEveryUnitOfFlink) {
  EXPECT_EQ(ParseDuration("250").value(), 250ms);
  EXPECT_EQ(ParseDuration("500ms").value(), 500ms);
  EXPECT_EQ(ParseDuration("10 s").value(), 10s);
  EXPECT_EQ(ParseDuration("3 Minutes").value(), 3min);
  EXPECT_EQ(ParseDuration("2h").value(), 2h);
  EXPECT_EQ(ParseDuration("1 d").value(), 24h);
}

TEST(ParseDuration, ReadsIso8601) {
  EXPECT_EQ(ParseDuration("PT10S").value(), 10s);
  EXPECT_EQ(ParseDuration("pt1m30s").value(), 90s);
  EXPECT_EQ(ParseDuration("PT1.25S").value(), 1250ms);
  EXPECT_EQ(ParseDuration("P1DT2H").value(), 26h);
}

TEST(ParseDuration, RefusesWhatItCannotHold) {
  for (const char* text : {"", "s", "-5 s", "5 parsecs", "10 us", "1.5 s", "P", "PT", "PT5", "PT5S1M", "P1H",
                           "PT1.2345S", "9223372036854775807 d"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(ParseMemorySize, CountsInPowersOf1024) {
  EXPECT_EQ(ParseMemorySize("4096").value().bytes(), 4096);
  EXPECT_EQ(ParseMemorySize("32 kb").value(), MemorySize::KiB(32));
  EXPECT_EQ(ParseMemorySize("64m").value(), MemorySize::MiB(64));
  EXPECT_EQ(ParseMemorySize("1GB").value(), MemorySize::GiB(1));
  EXPECT_EQ(ParseMemorySize("2 tebibytes").value(), MemorySize::GiB(2048));
}

TEST(ParseMemorySize, RefusesOtherUnitsFractionsAndOverflow) {
  for (const char* text : {"", "1 pb", "1.5 gb", "-1", "9223372036854775807 kb"}) {
    EXPECT_FALSE(ParseMemorySize(text).ok()) << text;
  }
}

TEST(ParseNumbers, TakeTheWholeTextOrRefuseIt) {
  EXPECT_EQ(ParseInt64("-12").value(), -12);
  EXPECT_EQ(ParseInt64("+7").value(), 7);
  EXPECT_EQ(ParseDouble("1.5").value(), 1.5);
  EXPECT_EQ(ParseDouble("2e3").value(), 2000.0);
  EXPECT_TRUE(ParseBool("TRUE").value());
  for (const char* text : {"", "four", "4x", "+-4", "99999999999999999999"})
    EXPECT_FALSE(ParseInt64(text).ok()) << text;
  for (const char* text : {"", "1.5.2", "nan", "inf"}) EXPECT_FALSE(ParseDouble(text).ok()) << text;
  for (const char* text : {"", "yes", "1"}) EXPECT_FALSE(ParseBool(text).ok()) << text;
}

TEST(ParseList, SplitsOutsideQuotesAndUnquotes) {
  const std::vector<std::string> expected = {"a", "b;c", "it's", ""};
  EXPECT_EQ(ParseList(" a ; 'b;c'; 'it''s' ; \"\" ").value(), expected);
  EXPECT_TRUE(ParseList("").value().empty());
  EXPECT_FALSE(ParseList("a;'b").ok());
  EXPECT_FALSE(ParseList("'a'b").ok());
}

TEST(ParseTextMap, ReadsPairsAndRefusesDoubleKeys) {
  const TextMap expected = {{"OPERATOR", "70"}, {"a:b", "x,y"}};
  EXPECT_EQ(ParseTextMap("OPERATOR:70, 'a:b':'x,y'").value(), expected);
  for (const char* text : {"a", "a:b:c", ":b", "a:1,a:2"}) EXPECT_FALSE(ParseTextMap(text).ok()) << text;
}

TEST(FormatValue, PrintsWhatParsesToTheSameValue) {
  for (const Duration value : {Duration(0), Duration(1), Duration(1500), Duration(60'000), Duration(86'400'000)}) {
    EXPECT_EQ(ParseDuration(FormatDuration(value)).value(), value);
  }
  for (const int64_t bytes : {0, 1, 1023, 1024, 32 << 10, 3 << 20}) {
    EXPECT_EQ(ParseMemorySize(FormatMemorySize(MemorySize(bytes))).value().bytes(), bytes);
  }
  for (const double value : {0.0, 0.1, 1.5, 1e300}) EXPECT_EQ(ParseDouble(FormatDouble(value)).value(), value);
  const std::vector<std::string> items = {"plain", "", " blank ", "a;b", "it's \"so\""};
  EXPECT_EQ(ParseList(FormatList(items)).value(), items);
  const TextMap map = {{"k", "v"}, {"k:2", "v,2"}, {"empty", ""}};
  EXPECT_EQ(ParseTextMap(FormatTextMap(map)).value(), map);
}

TEST(FormatValue, UsesTheLargestUnitThatDivides) {
  EXPECT_EQ(FormatDuration(Duration(90'000)), "90 s");
  EXPECT_EQ(FormatDuration(Duration(120'000)), "2 min");
  EXPECT_EQ(FormatMemorySize(MemorySize::MiB(1728)), "1728 mb");
  EXPECT_EQ(FormatMemorySize(MemorySize(10)), "10 b");
  EXPECT_EQ(FormatDouble(2), "2.0");
}

}  // namespace
}  // namespace weir
