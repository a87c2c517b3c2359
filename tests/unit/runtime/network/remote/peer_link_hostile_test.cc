// What a worker does with frames of a peer that is broken or means harm: each is whole, and they make no sense together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "weir/base/random.h"

#include "tests/unit/runtime/network/remote/peer_link_fixture.h"

namespace weir {
namespace {

using testing::HasSubstr;

TEST_F(PeerLinkTest, AChannelIsNotOpenUnderTwoNumbers) {
  Connect();
  const auto out = near.Output(Channel(1));
  FrameWriter& peer = *far.link->writer();
  peer.Append({.kind = FrameKind::kOpen, .channel = 1, .argument = 100}, EncodeOpen(Channel(1)));
  Run();
  peer.Append({.kind = FrameKind::kOpen, .channel = 2, .argument = 100}, EncodeOpen(Channel(1)));
  const Status status = Exchange(far, near);
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("channel 2 is open under another number"));
}

// A peer that says what might come next, and seldom what cannot.
class Babbler {
 public:
  explicit Babbler(SeededRandom& random) : random_(random) {}

  void Say(FrameWriter& to) {
    static constexpr FrameKind kKinds[] = {FrameKind::kOpen,  FrameKind::kCredit, FrameKind::kClose,
                                           FrameKind::kEvent, FrameKind::kData,   FrameKind::kAnnounce};
    const uint64_t kind = random_.Uniform(40);
    const uint32_t argument = static_cast<uint32_t>(random_.Uniform(500));
    const int64_t checkpoint_id = static_cast<int64_t>(random_.Uniform(3));
    FrameHeader header{.kind = kKinds[kind % 6], .channel = Inputs(), .argument = argument};
    switch (header.kind) {
      case FrameKind::kOpen:
        header.channel = ++last_opened_;
        opened_.push_back(header.channel);
        return to.Append(header, EncodeOpen(PeerLinkTest::Channel(static_cast<int32_t>(random_.Uniform(12)))));
      case FrameKind::kCredit:
      case FrameKind::kClose:
        if (!opened_.empty()) header.channel = opened_[random_.Uniform(opened_.size())];
        if (header.kind == FrameKind::kClose) std::erase(opened_, header.channel);
        return to.Append(header, nullptr);
      case FrameKind::kEvent:
        return to.Append(header, EncodeEvent({.kind = static_cast<StreamEvent::Kind>(random_.Uniform(4)),
                                              .overtakes = kind > 20,
                                              .checkpoint_id = checkpoint_id}));
      case FrameKind::kAnnounce:
        return to.Append(header, EncodeAnnouncement(checkpoint_id));
      default:
        to.Append(header, std::string(random_.Uniform(100), 'x'));
    }
  }

 private:
  // One of the two that the worker has opened, or, seldom, another.
  uint32_t Inputs() { return static_cast<uint32_t>(random_.Uniform(100) == 0 ? 9 : 1 + random_.Uniform(2)); }

  SeededRandom& random_;
  uint32_t last_opened_ = 0;
  std::vector<uint32_t> opened_;
};

// Under a sanitizer it is seen to touch nothing that has gone.
TEST_F(PeerLinkTest, FramesInAnyOrderAreTakenOrEndTheConnection) {
  int refused = 0;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    Babbler babbler(random);
    Worker worker("a", "b"), peer("b", "a");
    worker.link->Accept();
    peer.link->Accept();
    peer.link->writer()->Sent(peer.link->writer()->waiting_bytes());  // the welcome, which was number 0
    auto out = worker.Output(Channel(0)), in = worker.Input(Channel(2));
    const auto other_out = worker.Output(Channel(1)), other_in = worker.Input(Channel(3));
    Status status;
    for (int step = 0; step < 200 && status.ok(); ++step) {
      switch (random.Uniform(16)) {
        case 0:
          worker.link->RemoveOutput(Channel(0), /*has_finished=*/out == nullptr);
          out.reset();
          break;
        case 1:
          worker.link->RemoveInput(Channel(2));
          in.reset();
          break;
        case 2:
          if (out != nullptr) Push(*out, StreamEvent::Kind::kEndOfData);
          out.reset();
          break;
        case 3:
          if (other_out->HasSpace()) Push(*other_out, "batch");
          break;
        case 4:
          if (in != nullptr) Take(*in);
          Take(*other_in);
          break;
        default:
          babbler.Say(*peer.link->writer());
          status = Exchange(peer, worker);
      }
      for (const auto& end : std::exchange(worker.signalled, {})) end->HandleSignal();
      worker.link->Pump();
    }
    refused += status.ok() ? 0 : 1;
    worker.link->Disconnect(status);
  }
  EXPECT_GT(refused, 400);
}

}  // namespace
}  // namespace weir
