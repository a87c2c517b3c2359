#include "weir/base/coding.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "weir/base/random.h"

namespace weir {
namespace {

std::string OneOfEach() {
  ByteWriter writer;
  writer.PutU8(1);
  writer.PutU16(0x0203);
  writer.PutU32(0x04050607);
  writer.PutU64(0x08090a0b0c0d0e0f);
  writer.PutI8(-1);
  writer.PutI16(-2);
  writer.PutI32(-3);
  writer.PutI64(-4);
  writer.PutF32(1.5F);
  writer.PutF64(-2.25);
  writer.PutBool(true);
  writer.PutString("abc");
  writer.PutBytes("xy");
  return std::move(writer).Take();
}

TEST(Coding, WritesLittleEndianBytes) {
  ByteWriter writer;
  writer.PutU16(0x0102);
  writer.PutI32(-2);
  writer.PutString("hi");
  EXPECT_EQ(writer.bytes(), std::string_view("\x02\x01\xfe\xff\xff\xff\x02\0\0\0hi", 12));
}

TEST(Coding, ReadsBackWhatWasWritten) {
  const std::string bytes = OneOfEach();
  ByteReader reader(bytes, "sample");
  EXPECT_EQ(reader.GetU8(), 1);
  EXPECT_EQ(reader.GetU16(), 0x0203);
  EXPECT_EQ(reader.GetU32(), 0x04050607u);
  EXPECT_EQ(reader.GetU64(), 0x08090a0b0c0d0e0fu);
  EXPECT_EQ(reader.GetI8(), -1);
  EXPECT_EQ(reader.GetI16(), -2);
  EXPECT_EQ(reader.GetI32(), -3);
  EXPECT_EQ(reader.GetI64(), -4);
  EXPECT_EQ(reader.GetF32(), 1.5F);
  EXPECT_EQ(reader.GetF64(), -2.25);
  EXPECT_TRUE(reader.GetBool());
  EXPECT_EQ(reader.GetString(), "abc");
  EXPECT_EQ(reader.GetBytes(2), "xy");
  EXPECT_TRUE(reader.Finish().ok());
}

TEST(Coding, ExtendGivesRoomThatTheCallerFills) {
  ByteWriter writer("ab");
  writer.PutU8('c');
  std::memcpy(writer.Extend(3), "def", 3);
  writer.PutU8('g');
  EXPECT_EQ(writer.bytes(), "abcdefg");
  writer.Truncate(4);
  EXPECT_EQ(std::move(writer).Take(), "abcd");
}

TEST(Coding, ClearedWriterStartsAnew) {
  ByteWriter writer;
  writer.PutBytes(std::string(1000, 'x'));
  writer.Clear();
  EXPECT_EQ(writer.size(), 0u);
  writer.PutString("y");
  EXPECT_EQ(writer.bytes(), std::string_view("\1\0\0\0y", 5));
}

TEST(Coding, RejectTurnsTheReaderBadForGood) {
  ByteReader reader("\7\1", "sample");
  EXPECT_EQ(reader.GetU8(), 7);
  reader.Reject();
  EXPECT_EQ(reader.GetU8(), 0);
  EXPECT_EQ(reader.Finish().message(),
            "sample: at offset 1 of 2 bytes, a value cannot be; the bytes are damaged or of another version");
}

// Whatever is cut off, the reader never reads outside, stays bad, and gives zeros.
TEST(Coding, EveryTruncationIsDataLoss) {
  const std::string bytes = OneOfEach();
  for (size_t length = 0; length < bytes.size(); ++length) {
    const std::string cut = bytes.substr(0, length);  // a copy, so that ASan sees a read behind its end
    ByteReader reader(cut, "sample");
    reader.Skip(1 + 2 + 4 + 8 + 1 + 2 + 4 + 8 + 4);
    reader.GetF64();
    reader.GetBool();
    reader.GetString();
    reader.GetBytes(2);
    EXPECT_FALSE(reader.ok()) << length;
    EXPECT_EQ(reader.GetU8(), 0) << length;
    EXPECT_EQ(reader.status().code(), StatusCode::kDataLoss);
  }
}

TEST(Coding, ErrorSaysWhatWasWantedWhere) {
  ByteReader reader("abcde", "heap file header");
  reader.GetU32();
  reader.GetU64();
  reader.GetU16();
  EXPECT_EQ(reader.status().message(),
            "heap file header: at offset 4 of 5 bytes, 8 bytes were expected but 1 are left; the bytes are cut short, "
            "damaged or of another version");
}

TEST(Coding, LengthThatOverflowsIsRefused) {
  ByteReader reader("abc", "x");
  EXPECT_EQ(reader.GetBytes(std::numeric_limits<size_t>::max()), "");
  EXPECT_FALSE(reader.ok());
}

TEST(Coding, FlagThatIsNeitherZeroNorOneIsDataLoss) {
  ByteReader reader("\2", "x");
  EXPECT_FALSE(reader.GetBool());
  EXPECT_EQ(reader.status().code(), StatusCode::kDataLoss);
}

TEST(Coding, FinishRefusesBytesThatAreLeftOver) {
  ByteReader reader("abc", "x");
  reader.GetU16();
  EXPECT_TRUE(reader.status().ok());
  EXPECT_EQ(reader.Finish().message(),
            "x: 1 bytes are left over after offset 2; the bytes are damaged or of another version");
}

TEST(Coding, PatchesALengthThatWasNotKnown) {
  ByteWriter writer("ab");
  writer.PutU32(0);
  writer.PutU8(9);
  writer.PatchU32(2, 77);
  ByteReader reader(writer.bytes(), "x");
  reader.Skip(2);
  EXPECT_EQ(reader.GetU32(), 77u);
  EXPECT_EQ(reader.GetU8(), 9);
}

TEST(Coding, RandomStringsComeBack) {
  SeededRandom random(17);
  ByteWriter writer;
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) {
    std::string text(random.Uniform(40), '\0');
    for (char& c : text) c = static_cast<char>(random.Next());
    writer.PutString(text);
    texts.push_back(std::move(text));
  }
  ByteReader reader(writer.bytes(), "strings");
  for (const std::string& text : texts) EXPECT_EQ(reader.GetString(), text);
  EXPECT_TRUE(reader.Finish().ok());
}

}  // namespace
}  // namespace weir
