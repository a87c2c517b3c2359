// Functions over pairs of records that an interval join finds.
//
//   class Connect : public weir::ProcessJoinFunction<Flight, Flight, Connection> {
//    public:
//     void ProcessElement(const Flight& in, const Flight& out_leg, Context& ctx, weir::Collector<Connection>& out) { ... }
//   };
//   arrivals.IntervalJoin(departures).Between(1h, 3h).Process<Connect>();
//
// Optional, as in every process function: Open(RuntimeContext&), Close(), NotifyCheckpointComplete(int64_t), NotifyCheckpointAborted(int64_t). Keyed state
// is that of the pair's key. Threads: the task's thread.
#pragma once

#include <algorithm>
#include <utility>

#include "weir/functions/collector.h"
#include "weir/functions/process_context.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/functions/state/stateful_function.h"

namespace weir {

// What the function may ask while it looks at one pair. The result's timestamp is the later of the two.
class ProcessJoinContext {
 public:
  Timestamp left_timestamp() const { return FromEventTime(left_); }
  Timestamp right_timestamp() const { return FromEventTime(right_); }
  Timestamp timestamp() const { return FromEventTime(std::max(left_, right_)); }
  EventTime watermark() const { return context_->watermark(); }
  Timestamp processing_time() const { return context_->processing_time(); }
  const RuntimeContext& runtime() const { return context_->runtime(); }

  // Puts a record into a side output, with the result's timestamp.
  template <class U>
  void Output(const OutputTag<U>& tag, std::type_identity_t<U> record) {
    static_assert(!ContainsViews<U>,
                  "weir: one of the joined records comes from state, which a std::string_view in a side output would "
                  "outlive: use std::string");
    context_->SetTime(std::max(left_, right_));
    context_->Output(tag, std::move(record));
  }

  // For the operator.
  void SetPair(ProcessContext& context, EventTime left, EventTime right) {
    context_ = &context;
    left_ = left;
    right_ = right;
  }

 private:
  ProcessContext* context_ = nullptr;
  EventTime left_ = 0;
  EventTime right_ = 0;
};

template <class L, class R, class Out>
class ProcessJoinFunction : public StatefulFunction {
 public:
  using Left = L;
  using Right = R;
  using Result = Out;
  using Context = ProcessJoinContext;
};

}  // namespace weir
