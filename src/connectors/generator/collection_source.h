// Records that the program gives.
#pragma once

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/connectors/generator/number_range.h"
#include "weir/connectors/generator/stored_rows.h"
#include "weir/functions/source.h"
#include "weir/types/batch_type.h"

namespace weir {

template <class T>
class CollectionReader final : public SourceReader<T, NumberRange> {
 public:
  explicit CollectionReader(std::shared_ptr<const StoredRows> rows) : rows_(std::move(rows)) {}

  ReadResult Read(Batch<T>& into, Budget budget) override {
    if (ranges_.empty()) return ranges_.IdleOrEnd();
    const uint64_t room = std::min(budget.rows, into.capacity - into.size);
    const uint32_t wanted = static_cast<uint32_t>(std::min(room, ranges_.current().left));
    const uint32_t copied = rows_->CopyTo(static_cast<size_t>(ranges_.current().next), wanted, into);
    if (copied == 0) {
      return ReadResult::Error(FailedPreconditionError(
          "the collection has fewer records than when the checkpoint was taken: a program must give the same ones "
          "each time it runs."));
    }
    return ranges_.Take(copied);
  }
  Status AddSplits(std::vector<NumberRange> splits) override { return ranges_.AddSplits(std::move(splits)); }
  std::vector<NumberRange> Snapshot() override { return ranges_.Snapshot(); }
  void NoMoreSplits() override { ranges_.NoMoreSplits(); }
  bool WantsSplit() const override { return ranges_.WantsSplit(); }

 private:
  const std::shared_ptr<const StoredRows> rows_;
  NumberRangeQueue ranges_;
};

// The given records, in order if it runs in one subtask. Views are copied with their bytes: the originals may go at once.
template <class T>
class CollectionSource : public Source<T> {
 public:
  using Split = NumberRange;
  using EnumeratorState = std::vector<NumberRange>;

  explicit CollectionSource(std::vector<T> records) : rows_(Store(records)) {}

  Boundedness boundedness() const { return Boundedness::kBounded; }
  StatusOr<std::unique_ptr<SplitEnumerator<NumberRange, std::vector<NumberRange>>>> CreateEnumerator(
      const std::vector<NumberRange>* restored) const {
    return NewRangeEnumerator({0, rows_->size()}, restored);
  }
  StatusOr<std::unique_ptr<SourceReader<T, NumberRange>>> CreateReader(const RuntimeContext&) const {
    return std::make_unique<CollectionReader<T>>(rows_);
  }

 private:
  static std::shared_ptr<const StoredRows> Store(std::vector<T>& records) {
    if constexpr (std::is_same_v<T, bool>) {
      // std::vector<bool> has no rows to point to.
      const std::unique_ptr<bool[]> rows(new bool[records.size()]);
      std::copy(records.begin(), records.end(), rows.get());
      return std::make_shared<StoredRows>(&BatchTypeOf<T>(), rows.get(), records.size());
    } else {
      return std::make_shared<StoredRows>(&BatchTypeOf<T>(), records.data(), records.size());
    }
  }

  std::shared_ptr<const StoredRows> rows_;
};

}  // namespace weir
