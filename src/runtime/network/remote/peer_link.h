// All channels between this worker and one other of its job, and the protocol between the two: docs/formats/network_frame.md.
//
// Knows nothing of sockets: whoever has one gives what it reads to `reader`, calls Pump, and writes what `writer` has. The link outlives connections:
// between two of them, and before the first, channels wait.
//
// Threads: the network thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/runtime/network/remote/frame_stream.h"
#include "weir/runtime/network/remote/remote_end.h"

namespace weir {

class Clock;

struct PeerLinkOptions {
  DataHello hello;  // from this worker to the other; names both
  bool has_checksums = false;
  const Clock* clock = nullptr;
  WireBuffers* buffers = nullptr;
  // A channel of the task is lost: kAborted.
  std::function<void(const ExecutionAttemptId& task, const Status& why)> on_failure;
};

class PeerLink {
 public:
  enum class State : uint8_t { kDown, kGreeting, kUp };

  explicit PeerLink(PeerLinkOptions options);
  ~PeerLink();
  // Of the other's data port, for messages.
  void SetAddress(std::string address) { address_ = std::move(address); }

  void AddOutput(std::shared_ptr<RemoteOutput> output);
  void AddInput(std::shared_ptr<RemoteInput> input);
  // The task is gone. A finished producer's channel stays until all of it is sent.
  void RemoveOutput(const ChannelId& id, bool has_finished);
  void RemoveInput(const ChannelId& id);
  // The task has put something into the queue, or taken something out of it.
  void OnSignal(RemoteOutput& output);
  void OnSignal(RemoteInput& input);

  // A connection that this side has made; the hello is the first thing written.
  void Greet();
  // A connection that the other side has made, whose hello has been read and found right.
  void Accept();
  // The connection is gone. Channels over which something has been sent fail, with `why`; the others wait for the next one.
  void Disconnect(const Status& why);
  // No connection can be had: all channels fail.
  void GiveUp(const Status& why);

  State state() const { return state_; }
  // The other side does not want this one, and will not.
  bool was_refused() const { return was_refused_; }
  bool has_channels() const { return !outputs_.empty() || !inputs_.empty(); }
  // Of the present connection; null if there is none.
  FrameReader* reader() { return reader_.get(); }
  FrameWriter* writer() { return writer_.get(); }
  // `bytes` have come where `reader` wanted them. An error ends the connection.
  Status Received(size_t bytes);
  // Moves what may be sent into `writer`, as long as that has not much waiting.
  void Pump();

 private:
  Status OnFrame(const FrameHeader& header, Bytes* payload);
  Status OnGreeting(const FrameHeader& header, std::string_view payload);
  Status OnOpen(const FrameHeader& header, std::string_view payload);
  Status OnCredit(const FrameHeader& header);
  Status OnClose(const FrameHeader& header);
  // These take over `payload`.
  Status OnData(const FrameHeader& header, Bytes* payload);
  Status OnEvent(const FrameHeader& header, std::string_view payload);
  Status OnAnnounce(const FrameHeader& header, std::string_view payload);
  // The input with this number; null if it has ended. kDataLoss: there never was one.
  StatusOr<RemoteInput*> InputOf(uint32_t number);
  void Deliver(RemoteInput& input, const ChannelElement& element);
  // Its task is told when all of what has been read is dealt with.
  void MarkDelivered(RemoteInput& input);

  void OpenInputs();
  void SendOpen(RemoteInput& input);
  void Open(RemoteOutput& output, uint32_t number, int64_t credit);
  void TakeTurn(RemoteOutput& output);
  // Sends elements of the output whose turn it is; true if it may have more.
  bool SendOne(RemoteOutput& output);
  void Send(RemoteOutput& output, const ChannelElement& element);
  // Tells the consumer of barriers that overtake, ahead of everything that waits.
  void SendAnnouncement(RemoteOutput& output);
  // What the task has taken is granted again.
  void Settle(RemoteInput& input);
  void Fail(RemoteEnd& end, const Status& why);
  Status Lost(const Status& why) const;

  const PeerLinkOptions options_;
  std::string address_;
  State state_ = State::kDown;
  bool was_refused_ = false;
  std::unique_ptr<FrameReader> reader_;
  std::unique_ptr<FrameWriter> writer_;
  FrameReader::OnFrame on_frame_;

  std::map<ChannelId, std::shared_ptr<RemoteOutput>> outputs_;
  std::map<ChannelId, std::shared_ptr<RemoteInput>> inputs_;
  // Of this connection.
  std::map<uint32_t, RemoteOutput*> outputs_by_number_;
  std::map<uint32_t, RemoteInput*> inputs_by_number_;
  uint32_t next_number_ = 1;
  struct Opening {
    uint32_t number = 0;
    int64_t credit = 0;
  };
  // Asked for before the producer was here.
  std::map<ChannelId, Opening> openings_;
  std::deque<std::shared_ptr<RemoteOutput>> turn_;       // may have something to send, and may send it
  std::vector<std::shared_ptr<RemoteInput>> delivered_;  // got something that its task is still to be told of
};

}  // namespace weir
