#include "weir/state/heap/page_arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <set>

namespace weir {
namespace {

TEST(PageArena, GivesAlignedPagesEachOnce) {
  PageArena arena;
  std::set<void*> pages;
  for (int i = 0; i < 300; ++i) {
    char* const page = static_cast<char*>(arena.Allocate());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(page) % PageArena::kPageBytes, 0u);
    std::memset(page, 0xab, PageArena::kPageBytes);
    EXPECT_TRUE(pages.insert(page).second);
  }
  EXPECT_EQ(arena.used_bytes(), 300 * PageArena::kPageBytes);
}

TEST(PageArena, GivesFreedPagesAgain) {
  PageArena arena;
  char* const page = static_cast<char*>(arena.Allocate());
  arena.Free(page);
  EXPECT_EQ(arena.used_bytes(), 0u);
  EXPECT_EQ(arena.Allocate(), page);
  EXPECT_EQ(arena.used_bytes(), PageArena::kPageBytes);
}

TEST(PageArena, LeavesItsLargeChunksToTheNext) {
  constexpr int kPages = 3 * (64 << 20) / static_cast<int>(PageArena::kPageBytes);
  constexpr uint64_t kMark = 0x123456789abcdef0;
  {
    PageArena arena;
    for (int i = 0; i < kPages; ++i) *static_cast<uint64_t*>(arena.Allocate()) = kMark;
  }
  PageArena arena;
  int again = 0;  // memory that the kernel gives is zero
  for (int i = 0; i < kPages; ++i) again += *static_cast<uint64_t*>(arena.Allocate()) == kMark ? 1 : 0;
  EXPECT_GE(again, kPages * 6 / 10) << "but for the smallest, and what the last chunk has not handed out";
}

}  // namespace
}  // namespace weir
