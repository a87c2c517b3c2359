// The enumerator of sources whose splits are all known at the start.
#pragma once

#include <utility>
#include <vector>

#include "weir/functions/source.h"

namespace weir {

// Hands out one split at a time, in order, to whichever reader asks. Its state is the splits that nobody has yet, so a
// source's `EnumeratorState` is std::vector<Split>:
//
//   StatusOr<std::unique_ptr<SplitListEnumerator<Range>>> CreateEnumerator(const std::vector<Range>* restored) const {
//     return std::make_unique<SplitListEnumerator<Range>>(restored != nullptr ? *restored : AllRanges());
//   }
template <class S>
class SplitListEnumerator final : public SplitEnumerator<S, std::vector<S>> {
 public:
  explicit SplitListEnumerator(std::vector<S> splits) : splits_(std::move(splits)) {}

  void HandleSplitRequest(int subtask) override {
    if (next_ == splits_.size()) {
      this->context().SignalNoMoreSplits(subtask);
    } else {
      this->AssignSplit(subtask, splits_[next_++]);
    }
  }
  Status AddSplitsBack(std::vector<S> splits, int) override {
    splits_.insert(splits_.end(), splits.begin(), splits.end());
    return OkStatus();
  }
  std::vector<S> SnapshotState() override {
    return {splits_.begin() + static_cast<std::ptrdiff_t>(next_), splits_.end()};
  }

 private:
  std::vector<S> splits_;
  // splits_[0, next_) have been handed out.
  size_t next_ = 0;
};

}  // namespace weir
