#include "weir/rpc/signs_of_life.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr SignsOfLife kSigns{.speak_after = Duration(3000), .lost_after = Duration(10000)};

LifeCheck CheckAt(seconds now, seconds heard, seconds spoken) {
  return CheckLife(kSigns, nanoseconds(now).count(), nanoseconds(heard).count(), nanoseconds(spoken).count());
}

TEST(SignsOfLife, SpeaksWhenItHasSaidNothingForTheInterval) {
  const LifeCheck check = CheckAt(seconds(103), seconds(103), seconds(100));
  EXPECT_TRUE(check.speaks);
  EXPECT_FALSE(check.is_lost);
  EXPECT_EQ(check.look_again_in, seconds(3));
}

TEST(SignsOfLife, SleepsForWhatIsLeftOfTheIntervalWhenItHasSpokenInBetween) {
  const LifeCheck check = CheckAt(seconds(103), seconds(103), seconds(102));
  EXPECT_FALSE(check.speaks);
  EXPECT_EQ(check.look_again_in, seconds(2));
}

TEST(SignsOfLife, TakesThePeerForLostAtTheTimeoutAndNotAtTheNextIntervalAfterIt) {
  EXPECT_FALSE(CheckAt(seconds(109), seconds(100), seconds(108)).is_lost);
  EXPECT_EQ(CheckAt(seconds(109), seconds(100), seconds(108)).look_again_in, seconds(1));
  EXPECT_TRUE(CheckAt(seconds(110), seconds(100), seconds(108)).is_lost);
}

TEST(SignsOfLife, NeverLooksAgainAtOnce) {
  for (int now = 100; now < 110; ++now) {
    for (int spoken = 90; spoken <= now; ++spoken) {
      EXPECT_GT(CheckAt(seconds(now), seconds(100), seconds(spoken)).look_again_in, nanoseconds(0))
          << now << ", " << spoken;
    }
  }
}

}  // namespace
}  // namespace weir
