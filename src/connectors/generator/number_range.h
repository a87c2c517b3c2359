// Ranges of numbers: the splits of all sources that make their records themselves.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/source.h"

namespace weir {

// The numbers next, next + 1, ..., `left` of them.
struct NumberRange {
  int64_t next = 0;
  uint64_t left = 0;
};

// Cuts `all` into one range per subtask and hands them out; or goes on with `restored`.
std::unique_ptr<SplitEnumerator<NumberRange, std::vector<NumberRange>>> NewRangeEnumerator(
    NumberRange all, const std::vector<NumberRange>* restored);

// The ranges of one reader, read one after the other. Threads: the task's thread.
class NumberRangeQueue {
 public:
  // As SourceReader's methods of these names.
  Status AddSplits(std::vector<NumberRange> ranges);
  void NoMoreSplits() { no_more_splits_ = true; }
  bool WantsSplit() const { return ranges_.empty() && !no_more_splits_; }
  std::vector<NumberRange> Snapshot() const { return {ranges_.begin(), ranges_.end()}; }

  bool empty() const { return ranges_.empty(); }
  // The next number, and how many follow with it. The queue must not be empty.
  const NumberRange& current() const { return ranges_.front(); }
  // Takes `count` numbers off the current range and says so.
  ReadResult Take(uint32_t count);
  // What a read says when the queue is empty.
  ReadResult IdleOrEnd() const { return no_more_splits_ ? ReadResult::End() : ReadResult::Idle(); }

 private:
  std::deque<NumberRange> ranges_;
  uint32_t split_ = 0;  // of the current range
  bool no_more_splits_ = false;
};

}  // namespace weir
