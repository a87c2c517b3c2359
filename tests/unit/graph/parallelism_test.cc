#include "weir/graph/parallelism.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(MaxParallelism, IsFlinksRule) {
  EXPECT_EQ(MaxParallelismFor(1), 128);
  EXPECT_EQ(MaxParallelismFor(85), 128);   // 127
  EXPECT_EQ(MaxParallelismFor(86), 256);   // 129
  EXPECT_EQ(MaxParallelismFor(171), 256);  // 256
  EXPECT_EQ(MaxParallelismFor(172), 512);  // 258
  EXPECT_EQ(MaxParallelismFor(20000), 32768);
  EXPECT_EQ(MaxParallelismFor(32768), 32768);
}

}  // namespace
}  // namespace weir
