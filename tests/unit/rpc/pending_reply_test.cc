#include "weir/rpc/pending_reply.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace weir {
namespace {

TEST(PendingReply, GivesTheReply) {
  PendingReply<std::string> pending;
  EXPECT_FALSE(pending.WaitFor(Duration(0)));
  pending.NewReply()("hello");
  EXPECT_TRUE(pending.WaitFor(Duration(0)));
  EXPECT_EQ(pending.Wait().ValueOr(""), "hello");
}

TEST(PendingReply, IsAbortedWhenNobodyIsLeftToReply) {
  PendingReply<int> pending;
  {
    auto reply = pending.NewReply();
  }
  EXPECT_EQ(pending.Wait().status().code(), StatusCode::kAborted);
}

TEST(PendingReply, MayGoBeforeTheReplyComes) {
  auto pending = std::make_unique<PendingReply<int>>();
  auto reply = pending->NewReply();
  pending.reset();
  reply(1);
}

}  // namespace
}  // namespace weir
