#include "weir/base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace weir {
namespace {

TEST(JsonWriter, NestsObjectsAndArrays) {
  JsonWriter json;
  json.BeginObject()
      .Field("id", "ab")
      .Field("n", 3)
      .Field("u", uint64_t{18446744073709551615u})
      .Field("ok", true)
      .Key("list")
      .BeginArray();
  json.Int(-1).String("x").Null().BeginObject().EndObject().BeginArray().EndArray();
  json.EndArray().Key("raw").Raw("{\"a\":1}").Field("half", 0.5).EndObject();
  EXPECT_EQ(
      std::move(json).Take(),
      R"({"id":"ab","n":3,"u":18446744073709551615,"ok":true,"list":[-1,"x",null,{},[]],"raw":{"a":1},"half":0.5})");
}

TEST(JsonWriter, EscapesStrings) {
  JsonWriter json;
  json.String("q\" b\\ n\n t\t \x01 \xc3\xa9 /");
  EXPECT_EQ(std::move(json).Take(), "\"q\\\" b\\\\ n\\n t\\t \\u0001 \xc3\xa9 /\"");
}

TEST(JsonWriter, BadUtf8IsReplaced) {
  JsonWriter json;
  json.BeginObject().Field("k\xff", std::string_view("\xc3"));
  json.EndObject();
  EXPECT_EQ(std::move(json).Take(), "{\"k\xef\xbf\xbd\":\"\xef\xbf\xbd\"}");
}

TEST(JsonWriter, DoublesAreShortestAndNeverBreakTheText) {
  JsonWriter json;
  json.BeginArray().Double(0.1).Double(1e300).Double(3).Double(std::numeric_limits<double>::quiet_NaN());
  json.Double(-std::numeric_limits<double>::infinity()).EndArray();
  EXPECT_EQ(std::move(json).Take(), R"([0.1,1e+300,3,"NaN","-Infinity"])");
}

TEST(JsonWriterDeathTest, RefusesMisuse) {
  EXPECT_DEATH(JsonWriter().BeginArray().Key("a"), "outside an object");
  EXPECT_DEATH(JsonWriter().BeginObject().Int(1), "without a key");
  EXPECT_DEATH(JsonWriter().BeginObject().Key("a").Key("b"), "after a key without value");
  EXPECT_DEATH(JsonWriter().BeginObject().Key("a").EndObject(), "ends what it has not begun");
  EXPECT_DEATH(JsonWriter().BeginArray().EndObject(), "ends what it has not begun");
  EXPECT_DEATH(JsonWriter().Int(1).Int(2), "second JSON value");
  EXPECT_DEATH(std::move(JsonWriter().BeginArray()).Take(), "not finished");
}

}  // namespace
}  // namespace weir
