#include "weir/config/nearest_name.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(NearestName, ForgivesOneSlipInThreeLetters) {
  EXPECT_EQ(NearestName("inptu", {"output", "input"}), "input");
  EXPECT_EQ(NearestName("INPUT", {"output", "input"}), "input");
  EXPECT_EQ(NearestName("taskmanager.numberoftaskslot", {"taskmanager.host", "taskmanager.numberOfTaskSlots"}),
            "taskmanager.numberOfTaskSlots");
}

TEST(NearestName, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(NearestName("colour", {"input", "output"}), "");
  EXPECT_EQ(NearestName("x", {}), "");
}

}  // namespace
}  // namespace weir
