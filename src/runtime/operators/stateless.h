// Map, filter and flatMap: operators that look at one record at a time and remember nothing.
//
// Map and filter never move rows: a filter writes the selection, a map to the same type assigns in place. See docs/performance.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "weir/functions/collector.h"
#include "weir/runtime/operators/batch_copy.h"
#include "weir/runtime/operators/operator.h"
#include "weir/runtime/operators/row_walk.h"
#include "weir/runtime/operators/user_function.h"
#include "weir/types/batch.h"
#include "weir/types/batch_type.h"

namespace weir {

// Views of output records may point into input rows themselves: the input owns strings, and the output has views.
template <class In, class Out>
inline constexpr bool kOutputHoldsRows = ContainsViews<Out> && !std::is_trivially_copyable_v<In>;

// The parts of an operator with one input and one function that do not depend on the record types.
template <class F>
class FunctionOperator : public Operator {
 public:
  explicit FunctionOperator(const F& function) : function_(function) {}

  Status Open(const OperatorContext& context) override {
    output_ = context.outputs.front();
    return OpenFunction(function_, *context.runtime);
  }
  Status Close(bool failed) override { return CloseFunction(function_); }

 protected:
  F function_;
  BatchOutput* output_ = nullptr;
};

template <class T, class F>
class FilterOperator final : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;

  Status ProcessBatch(int, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    Batch<T>& batch = AsBatch<T>(*untyped);
    uint16_t* const selection = batch.selection;
    const T* const rows = batch.data();
    uint32_t kept = 0;
    if (batch.has_selection) {
      for (uint32_t i = 0, n = batch.selected; i < n; ++i) {
        const uint16_t row = selection[i];
        selection[kept] = row;
        kept += this->function_(rows[row]) ? 1 : 0;
      }
    } else {
      for (uint32_t row = 0, n = batch.size; row < n; ++row) {
        selection[kept] = static_cast<uint16_t>(row);
        kept += this->function_(rows[row]) ? 1 : 0;
      }
    }
    batch.selected = kept;
    batch.has_selection = batch.size > 0;
    batch.has_hashes = false;  // of the key that brought the records here: a later KeyBy must not take them for its own
    if (!batch.empty()) this->output_->Accept(owner.release());
    return OkStatus();
  }
};

// Map to the same type.
template <class T, class F>
class InPlaceMapOperator final : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;

  Status ProcessBatch(int, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    Batch<T>& batch = AsBatch<T>(*untyped);
    batch.ForEach([this](T& record, uint32_t) { record = this->function_(std::as_const(record)); });
    batch.has_hashes = false;
    this->output_->Accept(owner.release());
    return OkStatus();
  }
};

template <class T, class U, class F>
class MapOperator final : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;

  Status ProcessBatch(int, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    Batch<T>& batch = AsBatch<T>(*untyped);
    uint32_t next = 0;
    do {
      BatchPtr mapped(this->output_->Fresh());
      next = MapChunk(batch, next, AsBatch<U>(*mapped));
      if (!mapped->empty()) this->output_->Accept(mapped.release());
    } while (next < batch.count());
    return OkStatus();
  }

 private:
  // Maps the rows from the `begin`-th on, as far as `out` has room; returns where it stopped.
  uint32_t MapChunk(Batch<T>& batch, uint32_t begin, Batch<U>& out) {
    const uint32_t end = begin + std::min(batch.count() - begin, out.capacity);
    if constexpr (ContainsViews<U>) out.ShareOwners(batch, kOutputHoldsRows<T, U>);
    const T* const rows = batch.data();
    U* const results = out.data();
    if (batch.has_selection) {
      for (uint32_t i = begin; i < end; ++i) results[i - begin] = this->function_(rows[batch.selection[i]]);
    } else {
      for (uint32_t i = begin; i < end; ++i) results[i - begin] = this->function_(rows[i]);
    }
    out.size = end - begin;
    if (batch.has_times) internal::CopyTimes(batch, begin, end, out);
    if (!batch.marks.empty()) internal::CopyMarks(batch, begin, end, out);
    return end;
  }
};

template <class T, class U, class F>
class FlatMapOperator final : public FunctionOperator<F> {
 public:
  using FunctionOperator<F>::FunctionOperator;

  Status Open(const OperatorContext& context) override {
    out_.Bind(context.outputs.front(), ContainsViews<U>, kOutputHoldsRows<T, U>);
    return FunctionOperator<F>::Open(context);
  }
  Status ProcessBatch(int, BatchBase* untyped) override {
    BatchPtr owner(untyped);
    Batch<T>& batch = AsBatch<T>(*untyped);
    out_.BeginInput(batch);
    const EventTime* const times = batch.has_times ? batch.times : nullptr;
    ForEachRowAndMark(
        batch,
        [&](const T& record, uint32_t row) {
          if (times != nullptr) out_.SetTime(times[row]);
          this->function_(record, out_);
        },
        [this](EventTime watermark) { out_.AddMark(watermark); });
    out_.EndInput();
    return OkStatus();
  }
  Status EndStep() override {
    out_.Flush();
    return OkStatus();
  }

 private:
  Collector<U> out_;
};

}  // namespace weir
