#include "weir/runtime/network/remote/peer_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/random.h"

#include "tests/unit/runtime/network/remote/peer_link_fixture.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(PeerLinkTest, BatchesAndEventsComeInOrderOverOneConnectionInBothDirections) {
  Connect();
  const auto out = near.Output(Channel(1)), back = far.Output(Channel(2));
  const auto in = far.Input(Channel(1)), returned = near.Input(Channel(2));
  Push(*out, "a");
  Push(*out, StreamEvent::Kind::kBarrier);
  Push(*out, "b");
  Push(*back, "c");
  Run();
  EXPECT_THAT(Take(*in), ElementsAre("a", "<0>", "b"));
  EXPECT_THAT(Take(*returned), ElementsAre("c"));
}

TEST_F(PeerLinkTest, WhoeverComesFirstWaitsForTheOtherAndForTheConnection) {
  const auto in = far.Input(Channel(1));
  const auto early = near.Output(Channel(2));
  Push(*early, "2");
  Connect();
  const auto late = near.Output(Channel(1));
  Push(*late, "1");
  const auto second = far.Input(Channel(2));
  Run();
  EXPECT_THAT(Take(*in), ElementsAre("1"));
  EXPECT_THAT(Take(*second), ElementsAre("2"));
}

TEST_F(PeerLinkTest, NothingIsSentBeyondTheGrantUntilTheTaskTakesSomething) {
  Connect();
  const auto out = near.Output(Channel(1));
  const auto in = far.Input(Channel(1), 1000);
  for (int i = 0; i < 10; ++i) Push(*out, std::string(400, static_cast<char>('0' + i)));
  Run();
  EXPECT_EQ(in->size(), 3u) << "432 bytes each: two, and a third that overdraws";
  EXPECT_THAT(Take(*in, 1), ElementsAre(std::string(400, '0')));
  Run();
  EXPECT_EQ(in->size(), 3u);
  std::vector<std::string> rest;
  for (int round = 0; round < 10; ++round) {
    for (std::string& text : Take(*in)) rest.push_back(std::move(text));
    Run();
  }
  EXPECT_EQ(rest.size(), 9u);
}

TEST_F(PeerLinkTest, ABarrierThatOvertakesIsAnnouncedThoughItsChannelHasNoCredit) {
  Connect();
  const auto out = near.Output(Channel(1));
  const auto in = far.Input(Channel(1), 100);
  for (int i = 0; i < 5; ++i) Push(*out, std::string(200, 'x'));
  Run();
  ASSERT_EQ(in->size(), 1u);
  PushBarrier(*out, 7);
  Run();
  EXPECT_EQ(in->announced(), 7);
  EXPECT_EQ(in->size(), 1u);
}

TEST_F(PeerLinkTest, WhatIsTakenAheadOfItsTurnMakesRoomOnlyUntilTheBarrierHasCome) {
  Connect();
  const auto out = near.Output(Channel(1));
  const auto in = far.Input(Channel(1), 100);
  for (int i = 0; i < 5; ++i) Push(*out, std::string(200, 'x'));
  PushBarrier(*out, 7);
  Run();
  size_t stashed = 0;
  std::vector<std::string> last;
  while (last != std::vector<std::string>{"<0>"}) {
    last = Take(*in, 1);
    ASSERT_FALSE(last.empty()) << stashed << " batches came, and then nothing";
    if (last[0] != "<0>") in->SetStashed(++stashed);
    in->NotifyProducer();
    Run();
  }
  EXPECT_EQ(stashed, 5u);
  for (int i = 0; i < 3; ++i) Push(*out, "behind it");
  Run();
  while (!Take(*in).empty()) Run();
  Push(*out, "behind it, without credit");
  Run();
  EXPECT_EQ(in->size(), 0u) << "5 batches wait before it";
  in->SetStashed(0);
  in->NotifyProducer();
  Run();
  EXPECT_GT(in->size(), 0u);
}

TEST_F(PeerLinkTest, ABlockedChannelDoesNotBlockItsNeighbour) {
  Connect();
  const auto blocked_out = near.Output(Channel(1)), out = near.Output(Channel(2));
  const auto blocked = far.Input(Channel(1), 100), in = far.Input(Channel(2), 1'000'000);
  for (int i = 0; i < 10; ++i) Push(*blocked_out, std::string(200, 'x'));
  for (int i = 0; i < 16; ++i) Push(*out, "y");
  Run();
  EXPECT_EQ(blocked->size(), 1u);
  EXPECT_EQ(Take(*in).size(), 16u);
}

TEST_F(PeerLinkTest, MoreSmallBatchesThanTheQueueHoldsAreKept) {
  Connect();
  const auto out = near.Output(Channel(1));
  const auto in = far.Input(Channel(1), 1'000'000);
  std::vector<std::string> got;
  for (int i = 0; i < 100; ++i) {
    Push(*out, std::to_string(i));
    Run();
  }
  for (int round = 0; round < 10; ++round) {
    for (std::string& text : Take(*in)) got.push_back(std::move(text));
    Run();
  }
  ASSERT_EQ(got.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(got[static_cast<size_t>(i)], std::to_string(i));
}

TEST_F(PeerLinkTest, WhatAFinishedProducerLeftIsStillDelivered) {
  Connect();
  {
    const auto out = near.Output(Channel(1));
    Push(*out, "last words");
    Push(*out, StreamEvent::Kind::kEndOfData);
  }
  near.link->RemoveOutput(Channel(1), /*has_finished=*/true);
  const auto in = far.Input(Channel(1));
  Run();
  EXPECT_THAT(Take(*in), ElementsAre("last words", "<3>"));
  EXPECT_FALSE(near.link->has_channels());
}

TEST_F(PeerLinkTest, ALostConnectionFailsTheTasksThatHadSentOrGotSomethingAndNoOthers) {
  Connect();
  const auto used = near.Output(Channel(1)), unused = near.Output(Channel(2));
  const auto in = far.Input(Channel(1)), other = far.Input(Channel(2));
  Push(*used, "x");
  Run();
  Disconnect(UnavailableError("Connection reset by peer"));
  ASSERT_EQ(near.failures.size(), 1u);
  EXPECT_THAT(near.failures[0], HasSubstr("the connection to TaskManager \"b\" (b:1) is lost"));
  EXPECT_THAT(near.failures[0], HasSubstr("Connection reset by peer"));
  EXPECT_EQ(far.failures.size(), 1u);
  Connect();
  Push(*unused, "y");
  Run();
  EXPECT_THAT(Take(*other), ElementsAre("y"));
}

TEST_F(PeerLinkTest, AnInputThatHasEndedDoesNotMindALostConnection) {
  Connect();
  const auto out = near.Output(Channel(1));
  const auto in = far.Input(Channel(1));
  Push(*out, StreamEvent::Kind::kEndOfData);
  Run();
  Disconnect(UnavailableError("closed"));
  EXPECT_THAT(near.failures, IsEmpty());
  EXPECT_THAT(far.failures, IsEmpty());
  EXPECT_THAT(Take(*in), ElementsAre("<3>"));
}

TEST_F(PeerLinkTest, AConsumerThatIsGoneStopsItsProducerAndLateFramesAreDropped) {
  Connect();
  const auto out = near.Output(Channel(1));
  {
    const auto in = far.Input(Channel(1), 1'000'000);
    Run();
  }
  Push(*out, "on its way");
  near.link->OnSignal(dynamic_cast<RemoteOutput&>(*near.signalled.at(0)));
  near.link->Pump();
  far.link->RemoveInput(Channel(1));
  Run();
  Push(*out, "never sent");
  Run();
  EXPECT_EQ(out->size(), 1u);
  EXPECT_FALSE(far.link->has_channels());
}

TEST_F(PeerLinkTest, ARefusalIsWhatTheOtherTaskManagerSays) {
  near.link->Greet();
  const std::string frame =
      EncodeFrame({.kind = FrameKind::kRefused}, EncodeRefusal(PermissionDeniedError("wrong token")));
  iovec places[FrameReader::kPlaces];
  near.link->reader()->Places(places);
  std::memcpy(places[0].iov_base, frame.data(), frame.size());
  const Status status = near.link->Received(frame.size());
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(status.message(), "wrong token");
  EXPECT_TRUE(near.link->was_refused());
}

TEST_F(PeerLinkTest, FramesThatMakeNoSenseEndTheConnection) {
  struct Case {
    FrameHeader header;
    std::string payload;
    const char* complaint;
  };
  const ChannelId channel = Channel(1);
  const Case cases[] = {
      {{.kind = FrameKind::kData, .channel = 99}, "x", "channel 99"},
      {{.kind = FrameKind::kEvent, .channel = 99}, EncodeEvent({}), "channel 99"},
      {{.kind = FrameKind::kCredit, .channel = 5, .argument = 1}, "", "channel 5"},
      {{.kind = FrameKind::kClose, .channel = 5}, "", "channel 5"},
      {{.kind = FrameKind::kHello}, "", "kind 1"},
      {{.kind = FrameKind::kOpen, .channel = 1}, "short", "name of a channel"},
      {{.kind = FrameKind::kOpen, .channel = 3}, EncodeOpen(channel), "opened twice"},
      {{.kind = FrameKind::kOpen, .channel = 4}, EncodeOpen(channel), "another number"},
  };
  for (const Case& each : cases) {
    Worker worker("b", "a");
    worker.link->Accept();
    std::string bytes = EncodeFrame({.kind = FrameKind::kOpen, .channel = 3, .sequence = 1}, EncodeOpen(channel));
    FrameHeader header = each.header;
    header.sequence = 2;
    bytes += EncodeFrame(header, each.payload);
    iovec places[FrameReader::kPlaces];
    worker.link->reader()->Places(places);
    std::memcpy(places[0].iov_base, bytes.data(), bytes.size());
    const Status status = worker.link->Received(bytes.size());
    EXPECT_EQ(status.code(), StatusCode::kDataLoss) << each.complaint;
    EXPECT_THAT(std::string(status.message()), HasSubstr(each.complaint));
  }
}

// Any number of channels, sizes, and speeds: everything arrives, once and in order.
TEST_F(PeerLinkTest, EverythingArrivesOnceAndInOrderWhateverTheTasksDo) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    Worker left("a", "b"), right("b", "a");
    std::swap(near.link, left.link);
    std::swap(far.link, right.link);
    Connect();
    const int channels = 1 + static_cast<int>(random.Uniform(6));
    std::vector<std::shared_ptr<LocalChannel>> outs, ins;
    std::vector<int> sent(static_cast<size_t>(channels)), got(static_cast<size_t>(channels));
    for (int c = 0; c < channels; ++c) {
      outs.push_back(near.Output(Channel(c)));
      ins.push_back(far.Input(Channel(c), 1 + static_cast<int64_t>(random.Uniform(2000)),
                              static_cast<int64_t>(random.Uniform(2000))));
    }
    const auto take = [&](size_t c, size_t most) {
      for (const std::string& text : Take(*ins[c], most)) {
        ASSERT_EQ(text.substr(0, text.find(' ')), std::to_string(got[c])) << "seed " << seed;
        ++got[c];
      }
    };
    for (int step = 0; step < 2000; ++step) {
      const size_t c = random.Uniform(static_cast<uint64_t>(channels));
      if (random.Uniform(2) == 0 && outs[c]->HasSpace()) {
        Push(*outs[c], std::to_string(sent[c]++) + " " + std::string(random.Uniform(700), '.'));
      } else {
        take(c, 1 + random.Uniform(4));
      }
      if (random.Uniform(3) == 0) Run();
    }
    for (int round = 0; round < 200; ++round) {
      Run();
      for (size_t c = 0; c < ins.size(); ++c) take(c, 1000);
    }
    EXPECT_EQ(got, sent) << "seed " << seed;
    std::swap(near.link, left.link);
    std::swap(far.link, right.link);
  }
}

}  // namespace
}  // namespace weir
