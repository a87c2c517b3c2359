#include "weir/base/check.h"

#include <gtest/gtest.h>

#include <vector>

#include "weir/base/status.h"

namespace weir {
namespace {

enum class Colour { kRed = 3 };
struct Opaque {
  bool operator==(const Opaque&) const { return false; }
};

TEST(Check, PassesWithoutEvaluatingTheMessage) {
  int evaluated = 0;
  WEIR_CHECK(true) << ++evaluated;
  WEIR_CHECK_EQ(1, 1) << ++evaluated;
  WEIR_CHECK_OK(OkStatus()) << ++evaluated;
  EXPECT_EQ(evaluated, 0);
}

TEST(Check, EvaluatesOperandsOnce) {
  int calls = 0;
  WEIR_CHECK_EQ(++calls, 1);
  WEIR_CHECK(++calls == 2);
  EXPECT_EQ(calls, 2);
}

TEST(Check, BindsNoElse) {
  bool other = false;
  if (false)
    WEIR_CHECK(true);
  else
    other = true;
  EXPECT_TRUE(other);
}

TEST(CheckDeathTest, NamesPlaceConditionAndMessage) {
  const int channel = 7;
  EXPECT_DEATH(WEIR_CHECK(channel < 4) << "channel " << channel << ' ' << 2.5 << true << Colour::kRed,
               "tests/unit/base/check_test.cc:[0-9]+: check failed: channel < 4: channel 7 2.5true3\n");
}

TEST(CheckDeathTest, ShowsBothValuesOfAComparison) {
  EXPECT_DEATH(WEIR_CHECK_EQ(std::string("abc"), "abd") << "names", "\\(abc vs. abd\\): names");
  EXPECT_DEATH(WEIR_CHECK_LT(5u, -3), "5u < -3 \\(5 vs. -3\\)");
  EXPECT_DEATH(WEIR_CHECK_EQ(Opaque(), Opaque()), "cannot be printed");
}

TEST(CheckDeathTest, ComparesIntegersByValueWhateverTheirSign) {
  const std::vector<int> items = {1, 2, 3};
  WEIR_CHECK_EQ(items.size(), 3);
  WEIR_CHECK_GT(items.size(), -1);
  EXPECT_DEATH(WEIR_CHECK_GT(-1, items.size()), "-1 vs. 3");
}

TEST(CheckDeathTest, ShowsTheStatusThatIsNotOk) {
  EXPECT_DEATH(WEIR_CHECK_OK(NotFoundError("no file x")) << "while starting",
               "is NOT_FOUND: no file x: while starting");
  EXPECT_DEATH(WEIR_CHECK_OK(StatusOr<int>(NotFoundError("no int"))), "is NOT_FOUND: no int");
}

TEST(CheckDeathTest, UnreachableAborts) { EXPECT_DEATH(WEIR_UNREACHABLE("state 9"), "unreachable: state 9"); }

}  // namespace
}  // namespace weir
