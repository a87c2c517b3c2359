#include "weir/jobmanager/resource/slot_matching.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/random.h"

namespace weir {
namespace {

// "need:task manager/slot" per match.
std::vector<std::string> Match(const std::vector<SlotNeed>& needs, const std::vector<FreeSlots>& free,
                               SlotSpread spread) {
  std::vector<std::string> texts;
  for (const SlotMatch& match : MatchSlots(needs, free, spread)) {
    texts.push_back(std::to_string(match.need) + ":" + std::to_string(match.task_manager) + "/" +
                    std::to_string(match.slot));
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST(SlotMatching, PackingFillsOneTaskManagerBeforeTheNext) {
  EXPECT_EQ(Match({{3}}, {{2, {0, 1}}, {2, {0, 1}}}, SlotSpread::kPack), (Texts{"0:0/0", "0:0/1", "0:1/0"}));
}

TEST(SlotMatching, SpreadingTakesFromTheLeastUsedTaskManager) {
  EXPECT_EQ(Match({{3}}, {{2, {1}}, {4, {0, 1, 2, 3}}}, SlotSpread::kSpread), (Texts{"0:1/0", "0:1/1", "0:0/1"}));
}

TEST(SlotMatching, AJobGetsAllItLacksOrNothing) { EXPECT_EQ(Match({{3}}, {{2, {0, 1}}}, SlotSpread::kPack), Texts{}); }

TEST(SlotMatching, ASmallerJobBehindOneThatDoesNotFitIsServed) {
  EXPECT_EQ(Match({{3}, {2}}, {{2, {0, 1}}}, SlotSpread::kPack), (Texts{"1:0/0", "1:0/1"}));
}

TEST(SlotMatching, EarlierJobsComeFirst) {
  EXPECT_EQ(Match({{1}, {1}}, {{1, {0}}}, SlotSpread::kPack), Texts{"0:0/0"});
}

TEST(SlotMatching, TogetherMeansOneTaskManagerForAllSlotsOfAJob) {
  EXPECT_EQ(Match({{2}}, {{2, {1}}, {2, {0, 1}}}, SlotSpread::kTogether), (Texts{"0:1/0", "0:1/1"}));
  EXPECT_EQ(Match({{2}}, {{2, {1}}, {2, {0}}}, SlotSpread::kTogether), Texts{});
  // Where it has slots already, though another would fit too.
  EXPECT_EQ(Match({{1, 1}}, {{2, {0, 1}}, {2, {1}}}, SlotSpread::kTogether), Texts{"0:1/1"});
  EXPECT_EQ(Match({{1, 1}}, {{2, {0, 1}}, {2, {}}}, SlotSpread::kTogether), Texts{});
}

TEST(SlotMatching, NoSlotIsGivenTwiceAndNoJobHalfServed) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::vector<SlotNeed> needs(random.Uniform(5));
    for (SlotNeed& need : needs) need.missing = static_cast<int32_t>(random.Uniform(6));
    std::vector<FreeSlots> free(random.Uniform(4));
    for (FreeSlots& slots : free) {
      slots.total = 4;
      for (int32_t slot = 0; slot < 4; ++slot) {
        if (random.Chance(0.6)) slots.free.push_back(slot);
      }
    }
    std::set<std::pair<int32_t, int32_t>> given;
    std::map<int32_t, int32_t> served;
    for (const SlotMatch& match :
         MatchSlots(needs, free, random.Chance(0.5) ? SlotSpread::kPack : SlotSpread::kSpread)) {
      EXPECT_TRUE(given.insert({match.task_manager, match.slot}).second);
      ++served[match.need];
    }
    for (const auto& [need, count] : served) EXPECT_EQ(count, needs[need].missing);
  }
}

}  // namespace
}  // namespace weir
