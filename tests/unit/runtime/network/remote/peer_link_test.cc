#include "weir/runtime/network/remote/peer_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/random.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One of two workers: its link, and what its tasks hear.
class Worker final : public SignalSink {
 public:
  Worker(const std::string& name, const std::string& other) {
    PeerLinkOptions options;
    options.hello = {.job_id = JobId(Id128{1, 1}), .from = TaskManagerId(name), .to = TaskManagerId(other)};
    options.has_checksums = true;
    options.clock = &clock;
    options.buffers = &buffers;
    options.on_failure = [this](const ExecutionAttemptId&, const Status& why) { failures.emplace_back(why.message()); };
    link = std::make_unique<PeerLink>(std::move(options));
    link->SetAddress(other + ":1");
  }

  void Signal(std::shared_ptr<RemoteEnd> end) override { signalled.push_back(std::move(end)); }

  std::shared_ptr<LocalChannel> Output(const ChannelId& id) {
    auto output = std::make_shared<RemoteOutput>(id, ExecutionAttemptId(Id128{7, 7}), this);
    link->AddOutput(output);
    return {output, &output->queue};
  }
  std::shared_ptr<LocalChannel> Input(const ChannelId& id, int64_t exclusive = 1000, int64_t floating = 0) {
    auto input = std::make_shared<RemoteInput>(
        id, ExecutionAttemptId(Id128{8, 8}), this,
        std::make_shared<GateCredit>(CreditLimits{.exclusive = exclusive, .floating = floating}));
    link->AddInput(input);
    return {input, &input->queue};
  }

  ManualClock clock;
  WireBuffers buffers;
  std::unique_ptr<PeerLink> link;
  std::vector<std::shared_ptr<RemoteEnd>> signalled;
  std::vector<std::string> failures;
};

class PeerLinkTest : public testing::Test {
 protected:
  void Connect() {
    near.link->Greet();
    // The far TaskManager takes the hello; its worker begins behind it.
    near.link->writer()->Sent(near.link->writer()->waiting_bytes());
    far.link->Accept();
    Run();
  }
  void Disconnect(const Status& why) {
    near.link->Disconnect(why);
    far.link->Disconnect(why);
  }

  // Moves everything that can move.
  void Run() {
    while (Turn(near, far) || Turn(far, near)) {
    }
  }

  static void Push(LocalChannel& channel, const std::string& text) {
    static WireBuffers wires;
    WireBuffer* const wire = wires.Get();
    wire->writer.PutBytes(text);
    wire->Seal();
    channel.Push({.wire = wire});
    channel.NotifyConsumer();
  }
  static void Push(LocalChannel& channel, StreamEvent::Kind kind) {
    channel.Push({.event = {.kind = kind}});
    channel.NotifyConsumer();
  }
  // One that overtakes.
  static void PushBarrier(LocalChannel& channel, int64_t id) {
    channel.Push({.event = {.kind = StreamEvent::Kind::kBarrier, .overtakes = true, .checkpoint_id = id}});
    channel.Announce(id);
    channel.NotifyConsumer();
  }
  // Takes what is there; events as "<kind>".
  static std::vector<std::string> Take(LocalChannel& channel, size_t most = 1000) {
    std::vector<std::string> taken;
    ChannelElement element;
    while (taken.size() < most && channel.Pop(element)) {
      if (element.wire == nullptr) {
        taken.push_back("<" + std::to_string(static_cast<int>(element.event.kind)) + ">");
        continue;
      }
      taken.emplace_back(ViewOf(*element.wire));
      element.wire->Release();
    }
    channel.NotifyProducer();
    return taken;
  }
  static ChannelId Channel(int32_t number) {
    return {.producer = ExecutionAttemptId(Id128{7, 7}), .result = 0, .subpartition = number};
  }

  Worker near{"a", "b"};
  Worker far{"b", "a"};
  std::string damage;  // appended to what `near` receives next

 private:
  bool Turn(Worker& from, Worker& to) {
    for (const auto& end : std::exchange(from.signalled, {})) end->HandleSignal();
    if (from.link->writer() == nullptr) return false;
    from.link->Pump();
    FrameWriter& writer = *from.link->writer();
    if (writer.waiting_bytes() == 0) return false;
    iovec places[FrameWriter::kMostPlaces];
    const int count = writer.Gather(places);
    std::string bytes;
    for (int i = 0; i < count; ++i) bytes.append(static_cast<const char*>(places[i].iov_base), places[i].iov_len);
    writer.Sent(bytes.size());
    Receive(to, bytes);
    return true;
  }
  void Receive(Worker& to, std::string_view bytes) {
    while (!bytes.empty() && to.link->reader() != nullptr) {
      iovec places[FrameReader::kPlaces];
      to.link->reader()->Places(places);
      const size_t here = std::min(bytes.size(), places[0].iov_len);
      std::memcpy(places[0].iov_base, bytes.data(), here);
      bytes.remove_prefix(here);
      ASSERT_TRUE(to.link->Received(here).ok());
    }
  }
};

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
