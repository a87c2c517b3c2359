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

}  // namespace
}  // namespace weir
