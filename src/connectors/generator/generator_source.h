// Makes records from numbers, as fast as asked for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/connectors/generator/number_range.h"
#include "weir/connectors/generator/rate_limiter.h"
#include "weir/functions/source.h"

namespace weir {

// F: T(int64_t n), or T(int64_t n, Batch<T>& batch) for records with views, whose bytes it puts into batch.Keep(text). Each subtask has a copy.
template <class T, class F>
class GeneratorReader final : public SourceReader<T, NumberRange> {
 public:
  GeneratorReader(F function, double per_second, const Clock& clock)
      : function_(std::move(function)), limiter_(per_second, clock) {}

  ReadResult Read(Batch<T>& into, Budget budget) override {
    if (ranges_.empty()) return ranges_.IdleOrEnd();
    const uint32_t wanted = static_cast<uint32_t>(
        std::min<uint64_t>(std::min(budget.rows, into.capacity - into.size), ranges_.current().left));
    const uint32_t count = limiter_.Take(wanted);
    if (count == 0) return ReadResult::IdleUntil(limiter_.NextTime());
    Fill(into, ranges_.current().next, count);
    return ranges_.Take(count);
  }
  Status AddSplits(std::vector<NumberRange> splits) override { return ranges_.AddSplits(std::move(splits)); }
  std::vector<NumberRange> Snapshot() override { return ranges_.Snapshot(); }
  void NoMoreSplits() override { ranges_.NoMoreSplits(); }
  bool WantsSplit() const override { return ranges_.WantsSplit(); }

 private:
  void Fill(Batch<T>& into, int64_t first, uint32_t count) {
    T* const rows = into.data() + into.size;
    for (uint32_t i = 0; i < count; ++i) {
      if constexpr (std::is_invocable_v<F&, int64_t, Batch<T>&>) {
        rows[i] = function_(first + i, into);
      } else {
        rows[i] = function_(first + i);
      }
    }
    into.size += count;
  }

  F function_;
  RateLimiter limiter_;
  NumberRangeQueue ranges_;
};

// Records f(0), f(1), ..., f(count - 1): each subtask makes a part of them, in order. F as above.
//
//   env.FromSource(weir::GeneratorSource<Click>([](int64_t n) { return Click{n % 10, n}; }).RatePerSecond(1000), "clicks");
template <class T, class F>
class GeneratedSource : public Source<T> {
 public:
  using Split = NumberRange;
  using EnumeratorState = std::vector<NumberRange>;

  GeneratedSource(F function, NumberRange numbers, bool bounded)
      : function_(std::move(function)), numbers_(numbers), bounded_(bounded) {}

  // At most so many records per second, over all subtasks together.
  GeneratedSource& RatePerSecond(double rate) {
    per_second_ = rate;
    return *this;
  }

  Boundedness boundedness() const { return bounded_ ? Boundedness::kBounded : Boundedness::kContinuousUnbounded; }
  StatusOr<std::unique_ptr<SplitEnumerator<NumberRange, std::vector<NumberRange>>>> CreateEnumerator(
      const std::vector<NumberRange>* restored) const {
    return NewRangeEnumerator(numbers_, restored);
  }
  StatusOr<std::unique_ptr<SourceReader<T, NumberRange>>> CreateReader(const RuntimeContext& context) const {
    return std::make_unique<GeneratorReader<T, F>>(function_, per_second_ / context.parallelism(), context.clock());
  }

 private:
  F function_;
  NumberRange numbers_;
  bool bounded_;
  double per_second_ = 0;
};

// A source that never ends.
template <class T, class F>
GeneratedSource<T, F> GeneratorSource(F function) {
  return {std::move(function), {0, std::numeric_limits<int64_t>::max()}, false};
}
// A source of `count` records.
template <class T, class F>
GeneratedSource<T, F> GeneratorSource(F function, int64_t count) {
  return {std::move(function), {0, static_cast<uint64_t>(std::max<int64_t>(count, 0))}, true};
}

}  // namespace weir
