#include "weir/runtime/async/request_table.h"

#include <algorithm>

namespace weir {

RequestTable::RequestTable(uint32_t capacity, int64_t timeout_ms) : timeout_ms_(timeout_ms), slots_(capacity) {
  for (uint32_t slot = capacity; slot-- > 0;) free_.push_back(slot);
}

uint32_t RequestTable::Add(EventTime now) {
  const uint32_t number = free_.back();
  free_.pop_back();
  Slot& slot = slots_[number];
  slot.arrival = arrivals_++;
  ++slot.use;
  slot.retries = 0;
  slot.state = State::kCalled;
  slot.has_timed_out = false;
  slot.deadline = kNoEventTime;
  if (timeout_ms_ > 0) {
    slot.deadline = now + timeout_ms_;
    Append(number);
  }
  return number;
}

uint32_t RequestTable::Find(uint64_t call) const {
  const auto number = static_cast<uint32_t>(call);
  const Slot& slot = slots_[number];
  if (slot.use != call >> 32) return kNone;
  return slot.state == State::kCalled || slot.state == State::kAwaitingRetry ? number : kNone;
}

void RequestTable::Complete(uint32_t slot) {
  if (slots_[slot].deadline != kNoEventTime) Unlink(slot);
  slots_[slot].state = State::kComplete;
}

void RequestTable::Remove(uint32_t slot) {
  slots_[slot].state = State::kFree;
  free_.push_back(slot);
}

void RequestTable::RetryAt(uint32_t slot, EventTime time) {
  slots_[slot].state = State::kAwaitingRetry;
  retries_.push_back(Retry{.time = time, .slot = slot, .use = slots_[slot].use});
  std::push_heap(retries_.begin(), retries_.end());
}

EventTime RequestTable::NextTime() const {
  EventTime next = oldest_ != kNone ? slots_[oldest_].deadline : kNoEventTime;
  // The one on top may be stale; then somebody looks once too often.
  if (!retries_.empty() && (next == kNoEventTime || retries_.front().time < next)) next = retries_.front().time;
  return next;
}

uint32_t RequestTable::TakeTimedOut(EventTime now) {
  const uint32_t slot = oldest_;
  if (slot == kNone || slots_[slot].deadline > now) return kNone;
  Unlink(slot);
  slots_[slot].has_timed_out = true;
  slots_[slot].state = State::kCalled;  // whoever answers first answers
  return slot;
}

bool RequestTable::IsCurrent(const Retry& retry) const {
  return slots_[retry.slot].use == retry.use && slots_[retry.slot].state == State::kAwaitingRetry;
}

void RequestTable::DropStaleRetries() {
  while (!retries_.empty() && !IsCurrent(retries_.front())) {
    std::pop_heap(retries_.begin(), retries_.end());
    retries_.pop_back();
  }
}

uint32_t RequestTable::TakeDueRetry(EventTime now) {
  DropStaleRetries();
  if (retries_.empty() || retries_.front().time > now) return kNone;
  const uint32_t slot = retries_.front().slot;
  std::pop_heap(retries_.begin(), retries_.end());
  retries_.pop_back();
  ++slots_[slot].retries;
  slots_[slot].state = State::kCalled;
  return slot;
}

std::vector<uint32_t> RequestTable::InOrder() const {
  std::vector<uint32_t> slots;
  for (uint32_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].state != State::kFree) slots.push_back(slot);
  }
  std::sort(slots.begin(), slots.end(),
            [this](uint32_t a, uint32_t b) { return slots_[a].arrival < slots_[b].arrival; });
  return slots;
}

void RequestTable::Append(uint32_t slot) {
  slots_[slot].earlier = newest_;
  slots_[slot].later = kNone;
  (newest_ != kNone ? slots_[newest_].later : oldest_) = slot;
  newest_ = slot;
}

void RequestTable::Unlink(uint32_t number) {
  Slot& slot = slots_[number];
  (slot.earlier != kNone ? slots_[slot.earlier].later : oldest_) = slot.later;
  (slot.later != kNone ? slots_[slot.later].earlier : newest_) = slot.earlier;
  slot.deadline = kNoEventTime;
}

}  // namespace weir
