#include "weir/base/fault_point.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace weir {
namespace {

void PassThreePoints() {
  setenv("WEIR_FAULT_POINT", "here:2", 1);
  FaultPoint("there");
  FaultPoint("here");
  std::fputs("once", stderr);
  FaultPoint("here");
}

TEST(FaultPointDeathTest, EndsTheProcessTheTimeThatItIsToldTo) {
  EXPECT_EXIT(PassThreePoints(), ::testing::KilledBySignal(SIGKILL), "once");
}

}  // namespace
}  // namespace weir
