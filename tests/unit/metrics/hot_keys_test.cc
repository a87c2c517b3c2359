#include "weir/metrics/hot_keys.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weir/base/hash.h"

namespace weir {
namespace {

// Offers `count` keys, of which a share of `hot_percent` is key 7 and the others are all different.
void Offer(HotKeys& keys, int64_t count, int hot_percent) {
  std::vector<int64_t> batch(1000);
  std::vector<uint64_t> hashes(1000);
  for (int64_t done = 0; done < count; done += 1000) {
    for (int64_t i = 0; i < 1000; ++i) {
      batch[i] = (i * 37 + done / 1000) % 100 < hot_percent ? 7 : 1000 + done + i;
      hashes[i] = Hash64(static_cast<uint64_t>(batch[i]));
    }
    keys.Choose(hashes.data(), 1000, [&](uint32_t i) { keys.Add(hashes[i], batch[i]); });
  }
}

TEST(HotKeys, FindsTheKeyThatComesOften) {
  HotKeys keys;
  Offer(keys, 1'000'000, 40);
  const HotKeys::Top top = keys.MostFrequent(1);
  ASSERT_EQ(top.keys.size(), 1u);
  EXPECT_EQ(top.keys[0].text, "7");
  EXPECT_NEAR(static_cast<double>(keys.TopShareMillis()), 400, 60);
  EXPECT_EQ(keys.AsJson().find("[{\"key\":\"7\",\"share\":0."), 0u) << keys.AsJson();
}

TEST(HotKeys, NameNoneWhenAllAreRare) {
  HotKeys keys;
  Offer(keys, 1'000'000, 0);
  EXPECT_EQ(keys.AsJson(), "[]");
  EXPECT_LT(keys.TopShareMillis(), 10);
}

TEST(HotKeys, LookAtOneKeyInSome256) {
  HotKeys keys;
  Offer(keys, 1'000'000, 0);
  EXPECT_NEAR(static_cast<double>(keys.MostFrequent(1).sampled), 1'000'000 / 256.0, 200);
}

TEST(HotKeys, LookLessOftenWhereThereIsMuch) {
  HotKeys keys;
  int64_t chosen = 0;
  const std::vector<uint64_t> hashes(1000);
  for (int64_t done = 0; done < 20'000'000; done += 1000) keys.Choose(hashes.data(), 1000, [&](uint32_t) { ++chosen; });
  EXPECT_NEAR(static_cast<double>(chosen), 4096 + (20'000'000 - 4096 * 256) / 1024.0, 1000);
}

TEST(HotKeys, SayNothingOfASmallSample) {
  HotKeys keys;
  Offer(keys, 5000, 90);
  EXPECT_EQ(keys.AsJson(), "");
}

TEST(HotKeys, ForgetWhatWasHotLongAgo) {
  HotKeys keys;
  Offer(keys, 2'000'000, 90);
  Offer(keys, 30'000'000, 0);
  EXPECT_LT(keys.TopShareMillis(), 150);
}

TEST(HotKeys, ShowWhatIsNoTextInHexadecimal) {
  HotKeys keys;
  for (int i = 0; i < 100; ++i) keys.Add(1, std::string_view("\x01\xff", 2));
  EXPECT_EQ(keys.MostFrequent(1).keys[0].text, "0x01ff");
}

}  // namespace
}  // namespace weir
