#include "weir/runtime/network/local_channel.h"

namespace weir {

namespace {

void Drop(const ChannelElement& element) {
  if (element.batch != nullptr) Recycle(element.batch);
  if (element.wire != nullptr) element.wire->Release();
}

}  // namespace

LocalChannel::~LocalChannel() {
  ChannelElement element;
  while (Pop(element)) Drop(element);
  for (size_t i = drained_; i < surplus_.size(); ++i) Drop(surplus_[i]);
}

bool LocalChannel::TryPush(const ChannelElement& element) {
  const uint32_t tail = tail_.load(std::memory_order_relaxed);
  if (tail - head_.load(std::memory_order_acquire) == kCapacity) return false;
  ring_[tail % kCapacity] = element;
  tail_.store(tail + 1, std::memory_order_release);
  return true;
}

void LocalChannel::Push(const ChannelElement& element) {
  if (surplus_.empty() && TryPush(element)) return;
  surplus_.push_back(element);
}

bool LocalChannel::Drain() {
  while (drained_ < surplus_.size() && TryPush(surplus_[drained_])) ++drained_;
  if (drained_ < surplus_.size()) return false;
  surplus_.clear();
  drained_ = 0;
  return true;
}

void LocalChannel::NotifyConsumer() {
  if (EventCount* consumer = consumer_.load(std::memory_order_acquire); consumer != nullptr) consumer->Notify();
}

bool LocalChannel::Pop(ChannelElement& element) {
  const uint32_t head = head_.load(std::memory_order_relaxed);
  if (head == tail_.load(std::memory_order_acquire)) return false;
  element = ring_[head % kCapacity];
  head_.store(head + 1, std::memory_order_release);
  return true;
}

void LocalChannel::NotifyProducer() {
  if (EventCount* producer = producer_.load(std::memory_order_acquire); producer != nullptr) producer->Notify();
}

}  // namespace weir
