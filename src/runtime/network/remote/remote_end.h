// The ends of a channel between two workers, as the network thread of each sees its own.
//
//   task ──▶ RemoteOutput.queue ──▶ network thread ═══▶ network thread ──▶ RemoteInput.queue ──▶ task
//
// To its task an end is the local channel `queue`, whose other side is the network thread. Nothing wakes that thread while it does not care: `signal` is
// armed only when it has seen the queue empty or waits for credit (output), or may soon have to grant more (input).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "weir/base/execution/event_count.h"
#include "weir/rpc/task_deployment.h"
#include "weir/runtime/network/local_channel.h"
#include "weir/runtime/network/remote/channel_credit.h"

namespace weir {

class PeerLink;
struct RemoteEnd;

// Brings signals to the network thread.
class SignalSink {
 public:
  virtual ~SignalSink() = default;
  // On a task's thread; must not block. The network thread then calls HandleSignal.
  virtual void Signal(std::shared_ptr<RemoteEnd> end) = 0;
};

// Threads: `queue` as it says; `signal` is waited for by the network thread; the rest is the network thread's.
struct RemoteEnd : std::enable_shared_from_this<RemoteEnd> {
  // `sink` must outlive the task.
  RemoteEnd(const ChannelId& channel, ExecutionAttemptId owner, SignalSink* sink)
      : id(channel), task(owner), signal([this, sink] { sink->Signal(shared_from_this()); }) {}
  virtual ~RemoteEnd() = default;

  // Lets the link look at the queue.
  virtual void HandleSignal() = 0;

  const ChannelId id;
  const ExecutionAttemptId task;  // which fails if the channel does
  EventCount signal;
  LocalChannel queue{LocalChannel::Form::kBytes};
  PeerLink* link = nullptr;  // null: not connected to anything any more
};

struct RemoteOutput final : RemoteEnd {
  RemoteOutput(const ChannelId& channel, ExecutionAttemptId owner, SignalSink* sink) : RemoteEnd(channel, owner, sink) {
    queue.SetConsumer(&signal);
  }
  void HandleSignal() override;
  ~RemoteOutput() override {
    if (next.has_value() && next->wire != nullptr) next->wire->Release();
  }

  bool is_open = false;  // the consumer has asked for it, as channel `number`
  uint32_t number = 0;
  int64_t credit = 0;
  bool is_in_turn = false;  // of the link's outputs that may send
  bool has_sent = false;
  int64_t announced = 0;               // the newest checkpoint that the consumer was told of
  std::optional<ChannelElement> next;  // taken from the queue; waits for credit
  int64_t waits_since = 0;             // monotonic nanoseconds; 0: it does not wait
};

struct RemoteInput final : RemoteEnd {
  RemoteInput(const ChannelId& channel, ExecutionAttemptId owner, SignalSink* sink,
              std::shared_ptr<GateCredit> gate_credit)
      : RemoteEnd(channel, owner, sink), gate(std::move(gate_credit)), credit(gate) {
    queue.SetProducer(&signal);
  }
  void HandleSignal() override;

  const std::shared_ptr<GateCredit> gate;
  ChannelCredit credit;
  uint32_t number = 0;
  bool has_received = false;
  bool has_ended = false;      // nothing more comes; the task may still have to take what came
  bool is_delivered = false;   // its task is to be told of what came
  std::deque<uint32_t> costs;  // of what is in the queue; events cost nothing
  uint32_t taken = 0;          // elements that were no more the channel's when we last looked
  int64_t announced = 0;       // the newest checkpoint whose barrier is to overtake
  int64_t last_barrier = 0;    // the newest one that has come

  // A barrier is on its way that everything before it must make way for.
  bool IsOvertaken() const { return announced > last_barrier && !has_ended; }
};

}  // namespace weir
