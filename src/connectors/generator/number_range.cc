#include "weir/connectors/generator/number_range.h"

#include <algorithm>
#include <utility>

namespace weir {

namespace {

std::vector<NumberRange> Cut(NumberRange all, uint64_t pieces) {
  std::vector<NumberRange> ranges;
  for (uint64_t i = 0; i < pieces; ++i) {
    const uint64_t size = all.left / pieces + (i < all.left % pieces ? 1 : 0);
    if (size == 0) break;
    ranges.push_back({all.next, size});
    // The number behind the largest int64 wraps around and is never used.
    all.next = static_cast<int64_t>(static_cast<uint64_t>(all.next) + size);
  }
  return ranges;
}

class RangeEnumerator final : public SplitEnumerator<NumberRange, std::vector<NumberRange>> {
 public:
  RangeEnumerator(NumberRange all, const std::vector<NumberRange>* restored)
      : all_(all), restored_(restored != nullptr) {
    if (restored_) waiting_.assign(restored->begin(), restored->end());
  }

  Status Start(EnumeratorContext& context) override {
    WEIR_RETURN_IF_ERROR(SplitEnumerator::Start(context));
    if (restored_) return OkStatus();
    const std::vector<NumberRange> ranges = Cut(all_, static_cast<uint64_t>(std::max(context.parallelism(), 1)));
    waiting_.assign(ranges.begin(), ranges.end());
    return OkStatus();
  }
  void HandleSplitRequest(int subtask) override {
    if (waiting_.empty()) return context().SignalNoMoreSplits(subtask);
    AssignSplit(subtask, waiting_.front());
    waiting_.pop_front();
  }
  Status AddSplitsBack(std::vector<NumberRange> splits, int subtask) override {
    waiting_.insert(waiting_.begin(), splits.begin(), splits.end());
    return OkStatus();
  }
  std::vector<NumberRange> SnapshotState() override { return {waiting_.begin(), waiting_.end()}; }

 private:
  const NumberRange all_;
  const bool restored_;
  std::deque<NumberRange> waiting_;
};

}  // namespace

std::unique_ptr<SplitEnumerator<NumberRange, std::vector<NumberRange>>> NewRangeEnumerator(
    NumberRange all, const std::vector<NumberRange>* restored) {
  return std::make_unique<RangeEnumerator>(all, restored);
}

Status NumberRangeQueue::AddSplits(std::vector<NumberRange> ranges) {
  for (const NumberRange& range : ranges) {
    if (range.left > 0) ranges_.push_back(range);
  }
  return OkStatus();
}

ReadResult NumberRangeQueue::Take(uint32_t count) {
  NumberRange& range = ranges_.front();
  range.next = static_cast<int64_t>(static_cast<uint64_t>(range.next) + count);
  range.left -= count;
  ReadResult result = ReadResult::Progress(split_);
  if (range.left == 0) {
    result.split_finished = true;
    ranges_.pop_front();
    ++split_;
  }
  return result;
}

}  // namespace weir
