// An output that keeps what it gets, and says that it is full when it is told to.
#pragma once

#include <cstddef>
#include <deque>
#include <limits>

#include "weir/functions/batch_output.h"
#include "weir/testing/poisoned_memory.h"
#include "weir/types/batch_pool.h"

namespace weir {

// Threads: one.
class RecordingOutput final : public BatchOutput {
 public:
  static constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

  // `rows_per_batch`: of the batches that operators fill; 0: as many as a real output's have. `memory`: where what they keep is put.
  RecordingOutput(const BatchType* type, uint32_t rows_per_batch, PoisonedMemory* memory)
      : pool_(type, rows_per_batch), memory_(memory) {}
  RecordingOutput(const RecordingOutput&) = delete;
  RecordingOutput& operator=(const RecordingOutput&) = delete;
  ~RecordingOutput() override;

  void Accept(BatchBase* batch) override { waiting_.push_back(batch); }
  BatchBase* Fresh() override;
  bool IsAvailable() const override { return waiting_.size() < limit_; }

  // Available only while fewer batches than this wait to be taken; 0: never.
  void SetLimit(size_t batches) { limit_ = batches; }
  // The oldest batch, which is now the caller's, or nullptr.
  BatchPtr Take();
  size_t waiting() const { return waiting_.size(); }

 private:
  BatchPoolHandle pool_;
  PoisonedMemory* const memory_;
  size_t limit_ = kNoLimit;
  std::deque<BatchBase*> waiting_;
};

}  // namespace weir
