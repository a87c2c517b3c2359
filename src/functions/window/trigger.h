// Triggers: when a window gives its result.
//
// A trigger of your own derives from Trigger<State> and defines, as plain (not virtual) methods, OnElement and whichever of the others it needs. `W` is the
// assigner's window: TimeWindow, or GlobalWindow.
//
//   struct Seen { int64_t records = 0; };
//   class EveryTenth : public weir::Trigger<Seen> {
//    public:
//     weir::TriggerResult OnElement(const Click& click, const weir::TimeWindow& window, Context& ctx) {
//       if (++ctx.state().records < 10) return weir::TriggerResult::kContinue;
//       ctx.state() = {};
//       return weir::TriggerResult::kFire;
//     }
//     weir::TriggerResult OnEventTime(weir::Timestamp time, const weir::TimeWindow& window, Context& ctx);       // its timers, and the end of
//     weir::TriggerResult OnProcessingTime(weir::Timestamp time, const weir::TimeWindow& window, Context& ctx);  // the window's life
//     void OnMerge(std::span<const Seen> merged, const weir::TimeWindow& window, Context& ctx);   // sessions: see below
//     void Clear(const weir::TimeWindow& window, Context& ctx);                                   // the window goes
//     std::string name() const;                                                                   // what the plan calls it
//   };
//
// State is a record per key and window, Seen{} for a new window; it and the window's timers are in snapshots, and go with the window by themselves.
// OnMerge: windows became `window`. `merged` are their states (of one window, if it only grew); ctx.state() is new and there are no timers: register those
// that the new window needs. OnElement of the record that caused it follows.
//
// A trigger is copied once per subtask. Threads: the task's thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/functions/process_context.h"
#include "weir/functions/window/window_timers.h"

namespace weir {

// Whether a window calls its function, and whether it forgets its records then.
enum class TriggerResult : uint8_t { kContinue = 0, kFire = 1, kPurge = 2, kFireAndPurge = 3 };

inline constexpr bool IsFire(TriggerResult result) { return (static_cast<uint8_t>(result) & 1) != 0; }
inline constexpr bool IsPurge(TriggerResult result) { return (static_cast<uint8_t>(result) & 2) != 0; }

struct NoTriggerState {
  friend bool operator==(const NoTriggerState&, const NoTriggerState&) = default;
};

// What a trigger may ask while it looks at one window of one key.
template <class State>
class TriggerContext {
 public:
  State& state() const { return *state_; }
  WindowTimers& timers() const { return *timers_; }
  // The record's event time, in OnElement; see ProcessContext.
  bool has_timestamp() const { return context_->has_timestamp(); }
  Timestamp timestamp() const { return context_->timestamp(); }
  // "No more elements with a timestamp <= this"; kMinWatermark before the first.
  EventTime watermark() const { return context_->watermark(); }
  Timestamp processing_time() const { return context_->processing_time(); }
  const RuntimeContext& runtime() const { return context_->runtime(); }

  // For operators, and for triggers around others, whose state is part of theirs.
  TriggerContext(const ProcessContext& context, WindowTimers& timers, State& state)
      : context_(&context), timers_(&timers), state_(&state) {}
  template <class Inner>
  TriggerContext<Inner> With(Inner& state) const {
    return TriggerContext<Inner>(*context_, *timers_, state);
  }

 private:
  const ProcessContext* context_;
  WindowTimers* timers_;
  State* state_;
};

// Base of all triggers. S: a record with a default value; ==, if windows that are never over (GlobalWindows) shall leave nothing behind when they are empty.
template <class S = NoTriggerState>
class Trigger {
 public:
  using State = S;
  using Context = TriggerContext<S>;

  template <class W>
  TriggerResult OnEventTime(Timestamp, const W&, Context&) {
    return TriggerResult::kContinue;
  }
  template <class W>
  TriggerResult OnProcessingTime(Timestamp, const W&, Context&) {
    return TriggerResult::kContinue;
  }
  template <class W>
  void Clear(const W&, Context&) {}
  Status Check() const { return OkStatus(); }
  std::string name() const { return "custom trigger"; }
};

// What decides when windows of type W over records of type T fire.
template <class Tr, class T, class W>
concept TriggerOf = requires(Tr& trigger, const T& record, const W& window, typename Tr::Context& context) {
  { trigger.OnElement(record, window, context) } -> std::same_as<TriggerResult>;
  { trigger.OnEventTime(Timestamp(), window, context) } -> std::same_as<TriggerResult>;
  { trigger.OnProcessingTime(Timestamp(), window, context) } -> std::same_as<TriggerResult>;
  trigger.Clear(window, context);
};
// One that may be used with windows that merge.
template <class Tr, class W>
concept MergingTrigger = requires(Tr& trigger, std::span<const typename Tr::State> merged, const W& window,
                                  typename Tr::Context& context) { trigger.OnMerge(merged, window, context); };

}  // namespace weir
