// What an executor keeps of PostAfter: entries by due time, and in posting order among equals.
#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "weir/base/execution/executor.h"

namespace weir {

// Not synchronised: its executor guards it. A cancelled entry stays, without its closure, until it is due.
template <class Payload>
class TimerQueue {
 public:
  void Add(int64_t due_nanos, Payload payload) { heap_.push(Item{due_nanos, next_sequence_++, std::move(payload)}); }

  bool empty() const { return heap_.empty(); }
  // Only when not empty.
  int64_t NextDue() const { return heap_.top().due_nanos; }
  Payload Pop() {
    Payload payload = std::move(const_cast<Item&>(heap_.top()).payload);  // the order looks at time and sequence only
    heap_.pop();
    return payload;
  }

 private:
  struct Item {
    int64_t due_nanos;
    uint64_t sequence;
    Payload payload;
    bool operator<(const Item& other) const {
      return std::pair(due_nanos, sequence) >
             std::pair(other.due_nanos, other.sequence);  // priority_queue puts the largest on top
    }
  };
  std::priority_queue<Item> heap_;
  uint64_t next_sequence_ = 0;
};

}  // namespace weir
