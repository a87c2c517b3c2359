// Map, filter and flatMap: operators that look at one record at a time and remember nothing.
//
// Map and filter never move rows: a filter writes the selection, a map to the same type assigns in place. See docs/performance.md.
//
// What depends on the record types and the user's function is the loop over the rows alone. All else is compiled once, in the classes ...Base: a job of 100
// operators compiles a third faster for it.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "weir/functions/collector.h"
#include "weir/runtime/operators/operator.h"
#include "weir/runtime/operators/row_walk.h"
#include "weir/runtime/operators/user_function.h"
#include "weir/types/batch.h"
#include "weir/types/batch_type.h"

namespace weir {

// Views of output records may point into input rows themselves: the input owns strings, and the output has views.
template <class In, class Out>
inline constexpr bool kOutputHoldsRows = ContainsViews<Out> && !std::is_trivially_copyable_v<In>;

// An operator with one input and one function.
class StatelessOperator : public Operator {
 public:
  explicit StatelessOperator(UserFunction function) : lifecycle_(function) {}
  Status Open(const OperatorContext& context) override;
  Status Close(bool failed) override;

 protected:
  BatchOutput* output_ = nullptr;

 private:
  const UserFunction lifecycle_;
};

class FilterOperatorBase : public StatelessOperator {
 public:
  using StatelessOperator::StatelessOperator;
  Status ProcessBatch(int input, BatchBase* batch) final;

 private:
  // Writes the rows for which the function says true into the selection; returns how many.
  virtual uint32_t Select(BatchBase& batch) = 0;
};

template <class T, class F>
class FilterOperator final : public FilterOperatorBase {
 public:
  explicit FilterOperator(const F& function) : FilterOperatorBase(UserFunction(function_)), function_(function) {}

 private:
  uint32_t Select(BatchBase& untyped) override {
    Batch<T>& batch = AsBatch<T>(untyped);
    uint16_t* const selection = batch.selection;
    uint32_t kept = 0;
    ForEachRow(batch, [&](const T& record, uint32_t row) {
      selection[kept] = static_cast<uint16_t>(row);
      kept += function_(record) ? 1 : 0;
    });
    return kept;
  }

  F function_;
};

class InPlaceMapOperatorBase : public StatelessOperator {
 public:
  using StatelessOperator::StatelessOperator;
  Status ProcessBatch(int input, BatchBase* batch) final;

 private:
  virtual void Apply(BatchBase& batch) = 0;
};

// Map to the same type.
template <class T, class F>
class InPlaceMapOperator final : public InPlaceMapOperatorBase {
 public:
  explicit InPlaceMapOperator(const F& function)
      : InPlaceMapOperatorBase(UserFunction(function_)), function_(function) {}

 private:
  void Apply(BatchBase& batch) override {
    AsBatch<T>(batch).ForEach([this](T& record, uint32_t) { record = function_(std::as_const(record)); });
  }

  F function_;
};

class MapOperatorBase : public StatelessOperator {
 public:
  // How results hang on their input.
  struct Views {
    bool has_views;   // results have views, which may point to what the input's views point to
    bool holds_rows;  // or into the input's rows
  };
  MapOperatorBase(UserFunction function, Views views) : StatelessOperator(function), views_(views) {}
  Status ProcessBatch(int input, BatchBase* batch) final;

 private:
  // Assigns the results of the records [begin, end) of those that count to the first rows of `out`.
  virtual void Apply(const BatchBase& batch, uint32_t begin, uint32_t end, BatchBase& out) = 0;
  // Maps the records from the `begin`-th on, as far as `out` has room; returns where it stopped.
  uint32_t MapChunk(BatchBase& batch, uint32_t begin, BatchBase& out);

  const Views views_;
};

template <class T, class U, class F>
class MapOperator final : public MapOperatorBase {
 public:
  explicit MapOperator(const F& function)
      : MapOperatorBase(UserFunction(function_), {ContainsViews<U>, kOutputHoldsRows<T, U>}), function_(function) {}

 private:
  void Apply(const BatchBase& batch, uint32_t begin, uint32_t end, BatchBase& out) override {
    const T* const rows = static_cast<const T*>(batch.rows);
    const uint16_t* const selection = batch.has_selection ? batch.selection : nullptr;
    U* result = static_cast<U*>(out.rows);
    for (uint32_t i = begin; i < end; ++i) *result++ = function_(rows[selection != nullptr ? selection[i] : i]);
  }

  F function_;
};

class FlatMapOperatorBase : public StatelessOperator {
 public:
  FlatMapOperatorBase(UserFunction function, CollectorBase& out, MapOperatorBase::Views views)
      : StatelessOperator(function), collector_(out), views_(views) {}
  Status Open(const OperatorContext& context) final;
  Status ProcessBatch(int input, BatchBase* batch) final;
  Status EndStep() final;

 private:
  virtual void Apply(BatchBase& batch) = 0;

  CollectorBase& collector_;
  const MapOperatorBase::Views views_;
};

template <class T, class U, class F>
class FlatMapOperator final : public FlatMapOperatorBase {
 public:
  explicit FlatMapOperator(const F& function)
      : FlatMapOperatorBase(UserFunction(function_), out_, {ContainsViews<U>, kOutputHoldsRows<T, U>}),
        function_(function) {}

 private:
  void Apply(BatchBase& batch) override {
    const EventTime* const times = batch.has_times ? batch.times : nullptr;
    ForEachRowAndMark(
        AsBatch<T>(batch),
        [&](const T& record, uint32_t row) {
          if (times != nullptr) out_.SetTime(times[row]);
          function_(record, out_);
        },
        [this](EventTime watermark) { out_.AddMark(watermark); });
  }

  F function_;
  Collector<U> out_;
};

}  // namespace weir
