// A bounded queue of batches between two tasks of one process.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "weir/base/execution/event_count.h"
#include "weir/runtime/network/stream_event.h"
#include "weir/types/batch.h"

namespace weir {

// What a channel carries: a batch, a part of a batch that is shared with other channels, an encoded batch, or an event.
struct ChannelElement {
  BatchBase* batch = nullptr;     // nullptr: encoded, or an event
  uint16_t* selection = nullptr;  // not null: `batch` is shared, these rows are the consumer's
  uint32_t count = 0;             // entries of `selection`
  Bytes* wire = nullptr;          // a batch on its way to or from another worker, docs/formats/batch.md
  StreamEvent event = {};
};

// One producing task, one consuming task, elements in order, batches by pointer.
//
// The producer looks at HasSpace before a step; within the step it may push more than fits: the surplus waits on the producer's side and goes out with
// the next Drain. So nothing is ever refused, and memory is bounded by what one step makes.
// A barrier that overtakes is pushed like any element; besides, it is announced, so that the consumer knows what is coming and can make haste.
//
// Threads: Push, Drain, HasSpace, Announce, NotifyConsumer: the producer. Pop, announced, NotifyProducer: the consumer. The queue is a ring with one atomic index each
// way: the writer of an index publishes with release, the other side reads with acquire.
class LocalChannel {
 public:
  // Batches in flight: 16 move 1.4 times as many records a second as 8, more gain nothing.
  static constexpr uint32_t kCapacity = 16;
  static constexpr int64_t kEndAnnounced = INT64_MAX;

  // What batches it carries: between two tasks as they are, between a task and the network as bytes.
  enum class Form : uint8_t { kBatches, kBytes };

  explicit LocalChannel(Form form = Form::kBatches) : form_(form) {}
  LocalChannel(const LocalChannel&) = delete;
  LocalChannel& operator=(const LocalChannel&) = delete;
  // Recycles what nobody took.
  ~LocalChannel();

  // Who to wake; set by each side before its first step, from its own thread.
  void SetConsumer(EventCount* consumer) { consumer_.store(consumer, std::memory_order_release); }
  void SetProducer(EventCount* producer) { producer_.store(producer, std::memory_order_release); }

  bool HasSpace() const {
    const uint32_t queued = tail_.load(std::memory_order_relaxed) - head_.load(std::memory_order_acquire);
    return surplus_.empty() && queued + stashed_.load(std::memory_order_acquire) < kCapacity;
  }
  void Push(const ChannelElement& element);
  // Moves surplus into the queue as far as there is room; true if none is left.
  bool Drain();
  bool HasSurplus() const { return !surplus_.empty(); }
  // Barriers up to checkpoint `id` have been pushed. kEndAnnounced: the end of data has been.
  void Announce(int64_t id) { announced_.store(id, std::memory_order_release); }
  // Once per step that pushed or drained, or announced.
  void NotifyConsumer();

  bool Pop(ChannelElement& element);
  Form form() const { return form_; }
  // How many elements the consumer has taken in all, modulo 2^32. Any thread.
  uint32_t popped() const { return head_.load(std::memory_order_acquire); }
  // Elements in the queue; the consumer's view, which others may take a look at.
  uint32_t size() const { return tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_relaxed); }
  bool IsEmpty() const { return head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_acquire); }
  // The newest checkpoint that was announced; 0: none.
  int64_t announced() const { return announced_.load(std::memory_order_acquire); }
  // Elements that were popped ahead of their turn and are not processed: for the producer they take room as if they were still here, or every checkpoint
  // that overtakes would make room for more.
  void SetStashed(size_t count) { stashed_.store(static_cast<uint32_t>(count), std::memory_order_release); }
  uint32_t stashed() const { return stashed_.load(std::memory_order_acquire); }
  // Once per step that popped.
  void NotifyProducer();
  // The consumer is a network thread, and has waited so long for leave to send. Read by any thread.
  void AddCreditWait(int64_t nanos) {
    credit_waits_.store(credit_waits() + 1, std::memory_order_relaxed);
    credit_wait_nanos_.store(credit_wait_nanos() + nanos, std::memory_order_relaxed);
  }
  int64_t credit_waits() const { return credit_waits_.load(std::memory_order_relaxed); }
  int64_t credit_wait_nanos() const { return credit_wait_nanos_.load(std::memory_order_relaxed); }

 private:
  bool TryPush(const ChannelElement& element);

  const Form form_;
  std::atomic<EventCount*> consumer_{nullptr};
  std::atomic<EventCount*> producer_{nullptr};
  // Written by the producer, grows only. Release and acquire: the barrier may be in `surplus_`, so nothing of it is published by this.
  std::atomic<int64_t> announced_{0};
  ChannelElement ring_[kCapacity];
  // Written by the consumer.
  alignas(64) std::atomic<uint32_t> head_{0};
  std::atomic<uint32_t> stashed_{0};
  // One writer; relaxed: each number stands for itself.
  std::atomic<int64_t> credit_waits_{0};
  std::atomic<int64_t> credit_wait_nanos_{0};
  // Written by the producer.
  alignas(64) std::atomic<uint32_t> tail_{0};
  std::vector<ChannelElement> surplus_;  // the producer's
  size_t drained_ = 0;                   // elements of `surplus_` that are gone already
};

}  // namespace weir
