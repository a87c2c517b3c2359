// The numbers from one to another.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/connectors/generator/number_range.h"
#include "weir/functions/source.h"

namespace weir {

// first, first + 1, ..., last; nothing if last < first. Each subtask gives a part of them, in order.
class SequenceSource : public Source<int64_t> {
 public:
  using Split = NumberRange;
  using EnumeratorState = std::vector<NumberRange>;

  SequenceSource(int64_t first, int64_t last)
      : numbers_{first, last < first ? 0 : static_cast<uint64_t>(last) - static_cast<uint64_t>(first) + 1} {}

  Boundedness boundedness() const { return Boundedness::kBounded; }
  StatusOr<std::unique_ptr<SplitEnumerator<NumberRange, std::vector<NumberRange>>>> CreateEnumerator(
      const std::vector<NumberRange>* restored) const;
  StatusOr<std::unique_ptr<SourceReader<int64_t, NumberRange>>> CreateReader(const RuntimeContext& context) const;

 private:
  NumberRange numbers_;
};

}  // namespace weir
