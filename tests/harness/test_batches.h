// Batches for tests, and what is in batches, as plain values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"

namespace weir {

// Small and plain: partitioners copy it.
struct SmallRow {
  int64_t key = 0;
  int64_t value = 0;
  friend bool operator==(const SmallRow&, const SmallRow&) = default;
};

// With a view: partitioners share the batch.
struct TextRow {
  int64_t key = 0;
  std::string_view text;
  friend bool operator==(const TextRow&, const TextRow&) = default;
};

// With bytes of its own.
struct OwningRow {
  int64_t key = 0;
  std::string text;
  friend bool operator==(const OwningRow&, const OwningRow&) = default;
};

// Makes batches of T; all of them must be home when it goes, or later.
template <class T>
class BatchMaker {
 public:
  explicit BatchMaker(uint32_t rows_per_batch = 0)
      : pool_(&BatchTypeOf<T>(), rows_per_batch), views_(&BatchTypeOf<T>()) {}

  BatchBase* Make(const std::vector<T>& rows, const std::vector<Mark>& marks = {}) {
    BatchBase* const batch = pool_->Get();
    for (const T& row : rows) {
      T& copy = AsBatch<T>(*batch).Append();
      copy = row;
      internal::Rehome(copy, *batch);
    }
    batch->marks = marks;
    return batch;
  }
  BatchBase* MakeTimed(const std::vector<std::pair<T, EventTime>>& rows, const std::vector<Mark>& marks = {}) {
    std::vector<T> records;
    for (const auto& row : rows) records.push_back(row.first);
    BatchBase* const batch = Make(records, marks);
    batch->UseTimes();
    for (size_t i = 0; i < rows.size(); ++i) batch->times[i] = rows[i].second;
    return batch;
  }
  // A watermark on its own, as input gates make it.
  BatchBase* MakeMark(EventTime watermark) {
    BatchBase* const batch = views_->GetEmpty();
    batch->marks.push_back(Mark{0, watermark});
    return batch;
  }
  // Only these rows of `batch` count from here on.
  static void Select(BatchBase& batch, const std::vector<uint16_t>& rows) {
    std::copy(rows.begin(), rows.end(), batch.selection);
    batch.selected = static_cast<uint32_t>(rows.size());
    batch.has_selection = true;
  }
  BatchPool& pool() { return *pool_.get(); }

 private:
  BatchPoolHandle pool_;
  BatchPoolHandle views_;
};

// The rows that count.
template <class T>
std::vector<T> RowsOf(BatchBase& batch) {
  std::vector<T> rows;
  AsBatch<T>(batch).ForEach([&](const T& row, uint32_t) { rows.push_back(row); });
  return rows;
}
template <class T>
std::vector<T> TakeRows(BatchBase* batch) {
  static_assert(!ContainsViews<T>, "the rows would outlive their batch");
  std::vector<T> rows = RowsOf<T>(*batch);
  Recycle(batch);
  return rows;
}

// The watermarks of a batch, in order.
inline std::vector<EventTime> MarksOf(const BatchBase& batch) {
  std::vector<EventTime> marks;
  for (const Mark& mark : batch.marks) marks.push_back(mark.watermark);
  return marks;
}

}  // namespace weir
