#include "weir/base/random.h"

#include <gtest/gtest.h>

#include <array>

namespace weir {
namespace {

// Failures are reproduced by their seed, so a seed's sequence may not change.
TEST(SeededRandom, GoldenSequence) {
  SeededRandom random(42);
  EXPECT_EQ(random.Next(), 13679457532755275413u);
  EXPECT_EQ(random.Next(), 2949826092126892291u);
}

TEST(Random, UniformStaysBelowItsLimitAndReachesAll) {
  SeededRandom random(7);
  std::array<int, 7> count{};
  for (int i = 0; i < 7000; ++i) ++count[random.Uniform(7)];
  for (const int n : count) {
    EXPECT_GT(n, 800);
    EXPECT_LT(n, 1200);
  }
  EXPECT_EQ(random.Uniform(1), 0u);
}

TEST(Random, UniformDoubleIsInTheUnitInterval) {
  SeededRandom random(8);
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    const double x = random.UniformDouble();
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    sum += x;
  }
  EXPECT_NEAR(sum / 1000, 0.5, 0.05);
  EXPECT_FALSE(random.Chance(0));
  EXPECT_TRUE(random.Chance(1));
}

TEST(SystemRandom, DoesNotRepeatItself) {
  SystemRandom random;
  EXPECT_NE(random.Next(), random.Next());
}

}  // namespace
}  // namespace weir
