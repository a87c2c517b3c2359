// The requests of an asynchronous map that have not left yet: slots, timeouts, retries.
#pragma once

#include <cstdint>
#include <vector>

#include "weir/base/time.h"

namespace weir {

// A slot per request. A call's number names slot and use of the slot, so that an answer that comes too late finds nobody.
//
// Threads: the task's thread.
class RequestTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // `timeout_ms` 0: none.
  RequestTable(uint32_t capacity, int64_t timeout_ms);

  bool IsFull() const { return free_.empty(); }
  bool empty() const { return free_.size() == slots_.size(); }

  // A new request, whose first call is made now.
  uint32_t Add(EventTime now);
  // The number of the call that is made for it, or is under way.
  uint64_t CallOf(uint32_t slot) const { return (uint64_t{slots_[slot].use} << 32) | slot; }
  // The request that waits for an answer to `call`; kNone if there is none (any more).
  uint32_t Find(uint64_t call) const;
  // It has results; no answer or time finds it any more.
  void Complete(uint32_t slot);
  // Its results have left.
  void Remove(uint32_t slot);

  // A call failed and another one is to be made at `time`.
  void RetryAt(uint32_t slot, EventTime time);
  int retries(uint32_t slot) const { return slots_[slot].retries; }
  bool has_timed_out(uint32_t slot) const { return slots_[slot].has_timed_out; }

  // The next time at which one of the two below has something; kNoEventTime: never.
  EventTime NextTime() const;
  // A request whose time is over by `now`, once per request, which is not retried from then on; kNone: no more.
  uint32_t TakeTimedOut(EventTime now);
  // A request whose next call is due by `now` and counts as made; kNone: no more.
  uint32_t TakeDueRetry(EventTime now);

  // Slots of the requests that have not been removed, in the order in which they came.
  std::vector<uint32_t> InOrder() const;

 private:
  enum class State : uint8_t { kFree, kCalled, kAwaitingRetry, kComplete };
  struct Slot {
    uint64_t arrival = 0;
    EventTime deadline = kNoEventTime;
    uint32_t use = 0;  // counts how often the slot was given out
    uint32_t earlier = kNone, later = kNone;
    int retries = 0;
    State state = State::kFree;
    bool has_timed_out = false;
  };
  struct Retry {
    EventTime time;
    uint32_t slot;
    uint32_t use;
    // std heaps have the largest on top.
    friend bool operator<(const Retry& a, const Retry& b) { return a.time > b.time; }
  };
  // The list of those whose deadline is still to come, oldest first; all wait for the same length, so it is in order of deadlines.
  void Append(uint32_t slot);
  void Unlink(uint32_t slot);
  bool IsCurrent(const Retry& retry) const;
  void DropStaleRetries();

  const int64_t timeout_ms_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  std::vector<Retry>
      retries_;  // a heap; those of requests that timed out meanwhile are dropped when they come to the top
  uint32_t oldest_ = kNone, newest_ = kNone;
  uint64_t arrivals_ = 0;
};

}  // namespace weir
