#include "weir/state/heap/page_arena.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

namespace weir {
namespace {

TEST(PageArena, GivesAlignedPagesOfZerosEachOnce) {
  PageArena arena;
  std::set<void*> pages;
  for (int i = 0; i < 300; ++i) {
    char* const page = static_cast<char*>(arena.Allocate());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(page) % PageArena::kPageBytes, 0u);
    EXPECT_EQ(page[0], 0);
    EXPECT_EQ(page[PageArena::kPageBytes - 1], 0);
    std::memset(page, 0xab, PageArena::kPageBytes);
    EXPECT_TRUE(pages.insert(page).second);
  }
  EXPECT_EQ(arena.used_bytes(), 300 * PageArena::kPageBytes);
}

TEST(PageArena, GivesFreedPagesAgainAsZeros) {
  PageArena arena;
  char* const page = static_cast<char*>(arena.Allocate());
  page[100] = 1;
  arena.Free(page);
  EXPECT_EQ(arena.used_bytes(), 0u);
  EXPECT_EQ(arena.Allocate(), page);
  EXPECT_EQ(page[100], 0);
}

}  // namespace
}  // namespace weir
