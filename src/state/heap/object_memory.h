// The memory of values that hang on pointers in rows: strings, lists, maps. Nobody tells of each byte of theirs; some are looked at now and then, and what all
// of them take follows from these.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "weir/base/coding.h"
#include "weir/state/heap/heap_memory.h"
#include "weir/state/snapshot/keyed_rows_format.h"

namespace weir {

// Threads: the task's.
class ObjectMemory {
 public:
  static bool IsNeeded(const KeyedRowsShape& shape) {
    return std::any_of(shape.states.begin(), shape.states.end(),
                       [](const StateDeclaration& state) { return !state.ops->flat; });
  }

  // `shape` must outlive this. `memory`: from which it is taken; may be null.
  ObjectMemory(const KeyedRowsShape& shape, std::shared_ptr<HeapMemory> memory)
      : shape_(shape), memory_(std::move(memory)) {}
  ObjectMemory(const ObjectMemory&) = delete;
  ObjectMemory& operator=(const ObjectMemory&) = delete;
  ~ObjectMemory() { Clear(); }

  // Once in some batches; the larger the values are, the more.
  bool IsDue() { return ++batches_ >= due_; }
  // Looks at some of `rows`, which are those of a page, each time of another one; `row_count`: of the table. Throws as HeapMemory::Take.
  void Measure(const std::vector<char*>& rows, uint64_t row_count) {
    const size_t step = rows.size() / kRowsAtATime + 1;
    for (size_t i = 0; i < rows.size(); i += step) {
      // A plain average to begin with, then one of the last samples.
      samples_ = std::min(samples_ + 1, kRememberedSamples);
      average_ += (static_cast<double>(BytesOf(rows[i])) - average_) / static_cast<double>(samples_);
    }
    batches_ = 0;
    due_ = kBatchesBetween + static_cast<uint64_t>(average_) / kBytesPerBatch;
    TakeAll(static_cast<uint64_t>(average_ * static_cast<double>(row_count)));
  }
  void Clear() {
    if (memory_ != nullptr) memory_->Give(taken_);
    taken_ = 0;
    average_ = 0;
    samples_ = 0;
  }
  // Of all, about.
  uint64_t bytes() const { return taken_; }

 private:
  static constexpr uint64_t kBatchesBetween = 16;
  // Of a row, for one batch more: eight rows of a megabyte are looked at once in 400 batches, which takes as long as two of these.
  static constexpr uint64_t kBytesPerBatch = 4096;
  static constexpr size_t kRowsAtATime = 8;
  static constexpr uint32_t kRememberedSamples = 64;
  // Of an object, beside its content: its own members and what the allocator keeps.
  static constexpr uint64_t kObjectBytes = 48;

  // Containers have room for half of what they hold on top, about.
  uint64_t BytesOf(const char* row) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < shape_.states.size(); ++i) {
      const RowLayout::Slot& slot = shape_.layout.slots[i];
      if (shape_.states[i].ops->flat || (RowFlags(row) & slot.present) == 0) continue;
      written_.Clear();
      shape_.states[i].ops->encode(row + slot.offset, written_);
      bytes += written_.size() + written_.size() / 2 + kObjectBytes;
    }
    return bytes;
  }
  void TakeAll(uint64_t bytes) {
    if (memory_ != nullptr) {
      if (bytes > taken_) memory_->Take(bytes - taken_);
      if (bytes < taken_) memory_->Give(taken_ - bytes);
    }
    taken_ = bytes;
  }

  const KeyedRowsShape& shape_;
  const std::shared_ptr<HeapMemory> memory_;
  uint64_t batches_ = 0;  // since the last Measure
  uint64_t due_ = kBatchesBetween;
  uint32_t samples_ = 0;
  double average_ = 0;  // bytes of a row's objects
  uint64_t taken_ = 0;
  ByteWriter written_;
};

}  // namespace weir
