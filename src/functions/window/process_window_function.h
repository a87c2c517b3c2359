// Functions over the contents of windows, as classes: with state, side outputs, and a word when the window goes.
//
//   struct Fired { int64_t times = 0; };
//   class Late : public weir::ProcessWindowFunction<Click, Alert, int64_t, weir::TimeWindow, Fired> {
//    public:
//     void Process(const Key& user, Context& ctx, std::span<const Click> clicks, weir::Collector<Alert>& out) {
//       if (++ctx.window_state().times > 1) ...                       // state of this key and window: goes with the window
//       total_.Update(total_.ValueOr(0) + clicks.size());             // state of this key, over all its windows: stays
//     }
//     void Clear(Context& ctx) { ... }                                // optional: the window goes
//    private:
//     weir::ValueState<int64_t> total_{this, "total"};
//   };
//   clicks.KeyBy(&Click::user).Window(...).Process<Late>();                       // all records of the window
//   clicks.KeyBy(&Click::user).Window(...).Aggregate<PerWindow>(weir::Count());   // the aggregate's result, as the only element
//
// Optional methods as of process functions: Open(RuntimeContext&), Close(). One object per subtask. Threads: the task's thread.
#pragma once

#include <span>
#include <type_traits>
#include <utility>

#include "weir/functions/collector.h"
#include "weir/functions/process_context.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/functions/window/time_window.h"
#include "weir/types/key.h"

namespace weir {

struct NoWindowState {
  friend bool operator==(const NoWindowState&, const NoWindowState&) = default;
};

// What a window function may ask. W: TimeWindow or GlobalWindow.
template <class W, class State = NoWindowState>
class WindowContext {
 public:
  using Window = W;

  const W& window() const { return window_; }
  // "No more elements with a timestamp <= this"; kMinWatermark before the first.
  EventTime watermark() const { return context_.watermark(); }
  Timestamp processing_time() const { return context_.processing_time(); }
  const RuntimeContext& runtime() const { return context_.runtime(); }
  // Puts a record into a side output, with the time of the window's results; dropped if nobody reads the tag.
  template <class U>
  void Output(const OutputTag<U>& tag, std::type_identity_t<U> record) {
    context_.side_outputs().CollectAt(tag, std::move(record), ToEventTime(window_.max_timestamp()));
  }
  // What the function keeps for this key and window; State{} for a new window.
  State& window_state() const {
    static_assert(
        !std::is_same_v<State, NoWindowState>,
        "weir: name the state of a window as last argument: ProcessWindowFunction<In, Out, Key, Window, State>");
    return state_;
  }

  // For the operator.
  WindowContext(ProcessContext& context, const W& window, State& state)
      : context_(context), window_(window), state_(state) {}
  ProcessContext& process_context() const { return context_; }

 private:
  ProcessContext& context_;
  const W window_;
  State& state_;
};

// F: void Process(const Key&, Context&, std::span<const In> elements, Collector<Out>&).
template <class In, class Out, class K, class W = TimeWindow, class State = NoWindowState>
class ProcessWindowFunction : public StatefulFunction {
 public:
  using Input = In;
  using Result = Out;
  // Text keys are views that are valid during the call.
  using Key = typename KeyTraits<K>::Argument;
  using Window = W;
  using WindowState = State;
  using Context = WindowContext<W, State>;
};

// The same over all records of a stream (WindowAll). F: void Process(Context&, std::span<const In> elements, Collector<Out>&).
template <class In, class Out, class W = TimeWindow, class State = NoWindowState>
class ProcessAllWindowFunction : public StatefulFunction {
 public:
  using Input = In;
  using Result = Out;
  using Window = W;
  using WindowState = State;
  using Context = WindowContext<W, State>;
};

}  // namespace weir
