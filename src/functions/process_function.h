// Process functions: the most general functions over elements, with state, side outputs and control over every emission.
//
// A user's class derives from one of these and defines, as plain (not virtual) methods:
//
//   ProcessFunction<In, Out>                     ProcessElement(const In&, Context&, Collector<Out>&)
//   KeyedProcessFunction<K, In, Out>             the same; Context has key()
//   CoProcessFunction<A, B, Out>                 ProcessElement1(const A&, Context&, Collector<Out>&), ProcessElement2(const B&, ...)
//   KeyedCoProcessFunction<K, A, B, Out>         the same; Context has key()
//   BroadcastProcessFunction<In, B, Out>         ProcessElement(const In&, ReadOnlyContext&, Collector<Out>&),
//                                                ProcessBroadcastElement(const B&, Context&, Collector<Out>&)
//   KeyedBroadcastProcessFunction<K, In, B, Out> the same; ReadOnlyContext has key(), Context has ApplyToKeyedState
//
// Keyed ones may have OnTimer(Timestamp, OnTimerContext&, Collector<Out>&), called when a timer fires that was registered by ctx.timers(), with the
// state handles standing for the timer's key. Without it, nobody may register timers.
//
// and optionally Open(RuntimeContext&), Close(), NotifyCheckpointComplete(int64_t), NotifyCheckpointAborted(int64_t), and for operator state
// (Flink's CheckpointedFunction): InitializeState(RuntimeContext&), called once before the first element, timer or snapshot, when operator and broadcast
// state has been restored, and SnapshotState(int64_t checkpoint_id), called before it is taken. Constructors have no side effects: they also run
// when planning. State is declared by members (functions/state). Threads: the task's thread.
#pragma once

#include <utility>

#include "weir/functions/collector.h"
#include "weir/functions/process_context.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/functions/state/operator_state.h"
#include "weir/functions/state/stateful_function.h"
#include "weir/types/key.h"

namespace weir {

template <class In, class Out>
class ProcessFunction : public StatefulFunction {
 public:
  using Input = In;
  using Result = Out;
  using Context = ProcessContext;
};

template <class K, class In, class Out>
class KeyedProcessFunction : public StatefulFunction {
 public:
  using Key = K;
  using Input = In;
  using Result = Out;
  using Context = KeyedContext<typename KeyTraits<K>::Argument>;
  using OnTimerContext = TimerContext<Context>;
};

template <class A, class B, class Out>
class CoProcessFunction : public StatefulFunction {
 public:
  using Input1 = A;
  using Input2 = B;
  using Result = Out;
  using Context = ProcessContext;
};

template <class K, class A, class B, class Out>
class KeyedCoProcessFunction : public StatefulFunction {
 public:
  using Key = K;
  using Input1 = A;
  using Input2 = B;
  using Result = Out;
  using Context = KeyedContext<typename KeyTraits<K>::Argument>;
  using OnTimerContext = TimerContext<Context>;
};

template <class In, class B, class Out>
class BroadcastProcessFunction : public StatefulFunction {
 public:
  using Input = In;
  using BroadcastInput = B;
  using Result = Out;
  using ReadOnlyContext = ReadOnlyBroadcastContext<ProcessContext>;
  using Context = WritableBroadcastContext<ProcessContext>;
};

// Visits the rows of all keys; see KeyedBroadcastContext.
class KeyedStateVisitor {
 public:
  virtual ~KeyedStateVisitor() = default;
  virtual void VisitKey(const StoredKey& key) = 0;
};
void VisitKeyedState(StatefulFunction& function, KeyedStateVisitor& visitor);

template <class K>
class KeyedBroadcastContext : public WritableBroadcastContext<ProcessContext> {
 public:
  // Calls f(key) for every key that has state, with the function's keyed state handles standing for that key. `f` may change and clear state.
  template <class F>
  void ApplyToKeyedState(F&& f) {
    struct Visitor final : KeyedStateVisitor {
      explicit Visitor(F& f) : f(f) {}
      void VisitKey(const StoredKey& key) override { f(KeyTraits<K>::FromStored(key)); }
      F& f;
    };
    Visitor visitor(f);
    VisitKeyedState(*function_, visitor);
  }

  // For the operator.
  void SetFunction(StatefulFunction* function) { function_ = function; }

 private:
  StatefulFunction* function_ = nullptr;
};

template <class K, class In, class B, class Out>
class KeyedBroadcastProcessFunction : public StatefulFunction {
 public:
  using Key = K;
  using Input = In;
  using BroadcastInput = B;
  using Result = Out;
  using ReadOnlyContext = ReadOnlyBroadcastContext<KeyedContext<typename KeyTraits<K>::Argument>>;
  using OnTimerContext = TimerContext<ReadOnlyContext>;
  using Context = KeyedBroadcastContext<K>;
};

}  // namespace weir
