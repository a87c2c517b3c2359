#include "weir/types/key_group.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(KeyGroup, SubtasksOwnContiguousRangesThatCoverAllGroups) {
  for (const int max : {1, 2, 7, 128, 130, 32768}) {
    for (const int parallelism : {1, 2, 3, 5, 7, 64, 127, 128}) {
      if (parallelism > max) continue;
      int next = 0;
      for (int subtask = 0; subtask < parallelism; ++subtask) {
        const KeyGroupRange range = KeyGroupRangeOf(subtask, parallelism, max);
        ASSERT_EQ(range.first, next);
        ASSERT_GE(range.last, range.first);
        ASSERT_EQ(SubtaskForKeyGroup(range.first, parallelism, max), subtask);
        ASSERT_EQ(SubtaskForKeyGroup(range.last, parallelism, max), subtask);
        next = range.last + 1;
      }
      ASSERT_EQ(next, max);
    }
  }
}

TEST(KeyGroup, HashesMapMonotonouslyToGroups) {
  EXPECT_EQ(KeyGroupForHash(0, 128), 0);
  EXPECT_EQ(KeyGroupForHash(~uint64_t{0}, 128), 127);
  EXPECT_EQ(KeyGroupForHash(uint64_t{1} << 63, 128), 64);
  EXPECT_EQ(KeyGroupForHash((uint64_t{1} << 63) - 1, 128), 63);
  EXPECT_EQ(KeyGroupForHash(~uint64_t{0}, 32768), 32767);
}

TEST(KeyGroup, DefaultMaxParallelismIsFlinks) {
  EXPECT_EQ(DefaultMaxParallelism(1), 128);
  EXPECT_EQ(DefaultMaxParallelism(85), 128);
  EXPECT_EQ(DefaultMaxParallelism(86), 256);
  EXPECT_EQ(DefaultMaxParallelism(128), 256);
  EXPECT_EQ(DefaultMaxParallelism(20000), 32768);
  EXPECT_EQ(DefaultMaxParallelism(1 << 30), 32768);
}

TEST(KeyGroup, RefusesParallelismThatCannotRun) {
  EXPECT_TRUE(CheckParallelism(128, 128).ok());
  EXPECT_NE(CheckParallelism(129, 128).message().find("129"), std::string_view::npos);
  EXPECT_FALSE(CheckParallelism(0, 128).ok());
  EXPECT_FALSE(CheckParallelism(1, 32769).ok());
  EXPECT_FALSE(CheckParallelism(1, 0).ok());
}

TEST(KeyGroup, RangeKnowsItsGroups) {
  const KeyGroupRange range{3, 5};
  EXPECT_TRUE(range.Contains(3) && range.Contains(5));
  EXPECT_FALSE(range.Contains(2) || range.Contains(6));
  EXPECT_EQ(range.size(), 3);
}

}  // namespace
}  // namespace weir
