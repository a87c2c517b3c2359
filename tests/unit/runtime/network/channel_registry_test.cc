#include "weir/runtime/network/channel_registry.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

ChannelId IdOf(int subpartition) { return {.producer = {}, .result = 1, .subpartition = subpartition}; }

TEST(ChannelRegistry, GivesBothEndsTheSameChannel) {
  ChannelRegistry registry;
  const auto first = registry.Connect(IdOf(2));
  EXPECT_EQ(registry.Connect(IdOf(2)), first);
}

TEST(ChannelRegistry, TellsChannelsOfDifferentSubpartitionsApart) {
  ChannelRegistry registry;
  EXPECT_NE(registry.Connect(IdOf(1)), registry.Connect(IdOf(2)));
}

TEST(ChannelRegistry, MakesANewChannelOnceBothEndsHaveCome) {
  ChannelRegistry registry;
  const auto first = registry.Connect(IdOf(1));
  registry.Connect(IdOf(1));
  EXPECT_NE(registry.Connect(IdOf(1)), first);
}

TEST(ChannelRegistry, ForgetsAChannelWhosePeerNeverCame) {
  ChannelRegistry registry;
  const auto first = registry.Connect(IdOf(1));
  registry.Forget(IdOf(1));
  EXPECT_NE(registry.Connect(IdOf(1)), first);
}

}  // namespace
}  // namespace weir
