#include "weir/base/file/rotated_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace weir {
namespace {

class RotatedFileTest : public testing::Test {
 protected:
  RotatedFileTest() { Clear(); }
  ~RotatedFileTest() override { Clear(); }

  std::string Name(int number) const { return stem_ + (number == 0 ? "" : "." + std::to_string(number)) + ".log"; }
  void Write(const std::string& text) { std::ofstream(Name(0), std::ios::app) << text; }
  void Rotate(int kept = 3) {
    std::remove(Name(kept).c_str());
    for (int number = kept; number > 0; --number) std::rename(Name(number - 1).c_str(), Name(number).c_str());
  }
  std::string Read(uint64_t length = 100) {
    StatusOr<FilePiece> piece = ReadOn(Name(0), at_, length);
    EXPECT_TRUE(piece.ok()) << piece.status().message();
    at_ = piece->next;
    had_gap_ = piece->has_gap;
    return piece->bytes;
  }

  void Clear() {
    for (int number = 0; number < 6; ++number) std::remove(Name(number).c_str());
  }

  const std::string stem_ = testing::TempDir() + "weir_rotated_" + std::to_string(getpid());
  FilePosition at_;
  bool had_gap_ = false;
};

TEST_F(RotatedFileTest, ReadsOnAcrossRotations) {
  Write("one ");
  EXPECT_EQ(Read(), "one ");
  EXPECT_EQ(Read(), "");
  Write("two ");
  Rotate();
  Write("three ");
  Rotate();
  Write("four");
  EXPECT_EQ(Read(), "two three four");
  EXPECT_FALSE(had_gap_);
}

TEST_F(RotatedFileTest, WhatIsMissingBetweenTwoStepsOfARotationHidesNothing) {
  Write("one ");
  Rotate();
  Write("two ");
  std::rename(Name(1).c_str(), Name(2).c_str());
  EXPECT_EQ(Read(), "one two ");
  std::rename(Name(0).c_str(), Name(1).c_str());
  EXPECT_EQ(Read(), "");
  EXPECT_FALSE(had_gap_);
}

TEST_F(RotatedFileTest, BeginsWithTheOldest) {
  Write("one ");
  Rotate();
  Write("two");
  EXPECT_EQ(Read(), "one two");
}

TEST_F(RotatedFileTest, PiecesEndAnywhere) {
  Write("abc");
  Rotate();
  Write("defg");
  EXPECT_EQ(Read(2), "ab");
  EXPECT_EQ(Read(2), "cd");
  EXPECT_EQ(Read(9), "efg");
}

TEST_F(RotatedFileTest, SaysWhenAFileHasGoneUnread) {
  Write("one");
  EXPECT_EQ(Read(2), "on");
  // Still open, so that its inode is not given to another.
  const std::ifstream held(Name(0));
  for (const char* text : {"two ", "three ", "four "}) {
    Rotate(2);
    Write(text);
  }
  EXPECT_EQ(Read(), "two three four ");
  EXPECT_TRUE(had_gap_);
}

TEST_F(RotatedFileTest, AnEmptiedFileBeginsAnew) {
  Write("one two");
  EXPECT_EQ(Read(), "one two");
  ASSERT_EQ(truncate(Name(0).c_str(), 0), 0);
  EXPECT_EQ(Read(), "");
  Write("new");
  EXPECT_EQ(Read(), "new");
}

TEST_F(RotatedFileTest, TheEndIsBehindAllThatIsThere) {
  Write("one");
  at_ = EndOf(Name(0)).value();
  Write("two");
  EXPECT_EQ(Read(), "two");
}

TEST_F(RotatedFileTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_EQ(ReadOn(Name(0), {}, 10).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(EndOf(Name(0)).status().code(), StatusCode::kNotFound);
}

TEST(FilePosition, TravelsAsText) {
  EXPECT_EQ(FilePosition::Parse("12-345")->ToString(), "12-345");
  for (const char* text : {"", "12", "12-", "-3", "a-b", "12-3x"}) EXPECT_FALSE(FilePosition::Parse(text).ok()) << text;
}

TEST(IsSetAside, KnowsTheNumbersOfRotation) {
  EXPECT_TRUE(IsSetAside("/log/x.1.log"));
  for (const char* path : {"x.log", "x.1.out", "x..log", "x.a1.log", "1.log/x"}) EXPECT_FALSE(IsSetAside(path)) << path;
}

}  // namespace
}  // namespace weir
