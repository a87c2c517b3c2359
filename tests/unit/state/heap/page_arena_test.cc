#include "weir/state/heap/page_arena.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace weir
