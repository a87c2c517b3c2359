#include "weir/types/schema/schema.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

Schema Sample() {
  const Schema list(TypeKind::kList, std::vector<Schema>{Schema(TypeKind::kString)});
  return Schema::Record("Sample", {{1, "id", Schema(TypeKind::kInt64)},
                                   {2, "at", Schema(TypeKind::kTimestamp, "ms")},
                                   {3, "names", list},
                                   {4, "grid", Schema::Array(Schema(TypeKind::kBool), 9)},
                                   {5, "own", Schema::Custom("money", 2)},
                                   {6, "by", Schema(TypeKind::kMap, {Schema(TypeKind::kInt8), list})},
                                   {7, "one", Schema(TypeKind::kVariant, {Schema(TypeKind::kFloat), list})},
                                   {8, "proto", Schema(TypeKind::kMessage, "app.M")}});
}

TEST(Schema, HasTheBytesOfTheFormat) {  // docs/formats/schema.md
  const Schema schema =
      Schema::Record("F", {{1, "id", Schema(TypeKind::kInt64)}, {2, "at", Schema(TypeKind::kTimestamp, "ms")}});
  const std::string_view expected(
      "\x01"                                     // format version
      "\x15\x01\0\0\0F\x02\0\0\0"                // record F, two fields
      "\x01\0\0\0\x02\0\0\0id\x05"               // 1 id: int64
      "\x02\0\0\0\x02\0\0\0at\x0d\x02\0\0\0ms",  // 2 at: timestamp in ms
      1 + 10 + 11 + 17);
  EXPECT_EQ(schema.Encode(), expected);
}

TEST(Schema, DecodesWhatItEncoded) {
  StatusOr<Schema> decoded = Schema::Decode(Sample().Encode());
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  EXPECT_TRUE(*decoded == Sample());
}

TEST(Schema, RefusesInputThatEndsTooEarlyAtEveryByte) {
  const std::string bytes = Sample().Encode();
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(Schema::Decode(bytes.substr(0, length)).status().code(), StatusCode::kDataLoss) << length;
  }
}

TEST(Schema, SurvivesDamageOfEveryByte) {
  const std::string bytes = Sample().Encode();
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(~damaged[at]);
    (void)Schema::Decode(damaged);
  }
}

TEST(Schema, RefusesNestingThatWouldOverflowTheStack) {
  std::string bytes(100000, static_cast<char>(TypeKind::kOptional));
  bytes[0] = 1;
  EXPECT_EQ(Schema::Decode(bytes).status().code(), StatusCode::kDataLoss);
}

TEST(Schema, NamesTheVersionItDoesNotKnow) {
  std::string bytes = Sample().Encode();
  bytes[0] = 9;
  EXPECT_NE(Schema::Decode(bytes).status().message().find("format version 9"), std::string_view::npos);
}

TEST(Schema, PrintsJson) {
  EXPECT_EQ(Schema(TypeKind::kInt64).ToJson(), "\"int64\"");
  EXPECT_EQ(
      Sample().ToJson(),
      R"({"kind":"record","name":"Sample","fields":[{"id":1,"name":"id","type":"int64"},)"
      R"({"id":2,"name":"at","type":{"kind":"timestamp","unit":"ms"}},)"
      R"({"id":3,"name":"names","type":{"kind":"list","element":"string"}},)"
      R"({"id":4,"name":"grid","type":{"kind":"array","element":"bool","length":9}},)"
      R"({"id":5,"name":"own","type":{"kind":"custom","name":"money","version":2}},)"
      R"({"id":6,"name":"by","type":{"kind":"map","key":"int8","value":{"kind":"list","element":"string"}}},)"
      R"({"id":7,"name":"one","type":{"kind":"variant","alternatives":["float",{"kind":"list","element":"string"}]}},)"
      R"({"id":8,"name":"proto","type":{"kind":"message","name":"app.M"}}]})");
}

TEST(Schema, EscapesNamesInJson) {
  EXPECT_EQ(Schema::Custom("a\"b\\c\n", 1).ToJson(), R"({"kind":"custom","name":"a\"b\\c\u000a","version":1})");
}

}  // namespace
}  // namespace weir
