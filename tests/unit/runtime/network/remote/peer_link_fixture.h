// Two workers whose links talk to each other without sockets.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/clock.h"
#include "weir/runtime/network/remote/peer_link.h"

namespace weir {

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
 public:
  static ChannelId Channel(int32_t number) {
    return {.producer = ExecutionAttemptId(Id128{7, 7}), .result = 0, .subpartition = number};
  }

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
  // Moves what `from` has waiting now. The status is what `to` says to it.
  static Status Exchange(Worker& from, Worker& to) {
    FrameWriter& writer = *from.link->writer();
    iovec places[FrameWriter::kMostPlaces];
    const int count = writer.Gather(places);
    std::string bytes;
    for (int i = 0; i < count; ++i) bytes.append(static_cast<const char*>(places[i].iov_base), places[i].iov_len);
    writer.Sent(bytes.size());
    return Receive(to, bytes);
  }

  Worker near{"a", "b"};
  Worker far{"b", "a"};
  std::string damage;  // appended to what `near` receives next

 private:
  bool Turn(Worker& from, Worker& to) {
    for (const auto& end : std::exchange(from.signalled, {})) end->HandleSignal();
    if (from.link->writer() == nullptr) return false;
    from.link->Pump();
    if (from.link->writer()->waiting_bytes() == 0) return false;
    EXPECT_EQ(Exchange(from, to), OkStatus());
    return true;
  }
  static Status Receive(Worker& to, std::string_view bytes) {
    while (!bytes.empty() && to.link->reader() != nullptr) {
      iovec places[FrameReader::kPlaces];
      to.link->reader()->Places(places);
      const size_t here = std::min(bytes.size(), places[0].iov_len);
      std::memcpy(places[0].iov_base, bytes.data(), here);
      bytes.remove_prefix(here);
      WEIR_RETURN_IF_ERROR(to.link->Received(here));
    }
    return OkStatus();
  }
};

}  // namespace weir
