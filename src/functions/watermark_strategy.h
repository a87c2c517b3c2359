// Where a stream's timestamps come from and how far out of order they may be.
//
//   WatermarkStrategy<Flight>::BoundedOutOfOrderness(10min).WithTimestamps(&Flight::departure).WithIdleness(1min)
//   WatermarkStrategy<Click>::ForMonotonousTimestamps().WithTimestamps([](const Click& click) { return click.time_ms; })
//   WatermarkStrategy<Click>::ForGenerator<Heartbeats>(42).WithTimestamps(&Click::time)
//
// Given to FromSource, watermarks are kept per split and their minimum goes out; given to AssignTimestampsAndWatermarks, per subtask. One watermark
// follows each batch that moves it. docs/user/event_time.md
#pragma once

#include <algorithm>
#include <concepts>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weir/base/time.h"
#include "weir/functions/watermark_generator.h"
#include "weir/types/batch.h"

namespace weir {

namespace internal {

inline EventTime AsEventTime(Timestamp time) { return ToEventTime(time); }
template <std::integral I>
EventTime AsEventTime(I milliseconds) {
  return static_cast<EventTime>(milliseconds);
}

// As std::invoke, whose header costs a program 60 ms of compile time.
template <class T, class F>
auto TimeOf(F& function, const T& record) {
  if constexpr (std::is_member_object_pointer_v<F>) {
    return record.*function;
  } else if constexpr (std::is_member_function_pointer_v<F>) {
    return (record.*function)();
  } else {
    return function(record);
  }
}

// F: Timestamp or milliseconds, from const T&; a function object or a pointer to a member.
template <class T, class F>
class FunctionTimestampAssigner final : public TimestampAssigner {
 public:
  explicit FunctionTimestampAssigner(const F& function) : function_(function) {}

  EventTime Assign(BatchBase& untyped, EventTime) override {
    Batch<T>& batch = AsBatch<T>(untyped);
    batch.UseTimes();
    EventTime* const times = batch.times;
    EventTime latest = kNoEventTime;
    batch.ForEach([&](const T& record, uint32_t row) {
      const EventTime time = AsEventTime(TimeOf(function_, record));
      times[row] = time;
      latest = std::max(latest, time);
    });
    return latest;
  }

 private:
  F function_;
};

template <class T, class F>
class FunctionAssignerFactory final : public TimestampAssignerFactory {
 public:
  explicit FunctionAssignerFactory(F function) : function_(std::move(function)) {}
  TimestampAssigner* Make() const override { return new FunctionTimestampAssigner<T, F>(function_); }

 private:
  const F function_;
};

template <class T, class G>
class UserWatermarkGenerator final : public WatermarkGenerator {
 public:
  explicit UserWatermarkGenerator(G generator) : generator_(std::move(generator)) {}

  void OnBatch(BatchBase& untyped, EventTime, WatermarkOutput& output) override {
    Batch<T>& batch = AsBatch<T>(untyped);
    batch.ForEach([&](const T& record, uint32_t row) {
      output.SetRow(row + 1);
      generator_.OnEvent(record, FromEventTime(batch.times[row]), output);
    });
  }
  void OnPeriodicEmit(WatermarkOutput& output) override {
    if constexpr (kPeriodic) generator_.OnPeriodicEmit(output);
  }
  bool is_periodic() const override { return kPeriodic; }

 private:
  static constexpr bool kPeriodic =
      requires(G& generator, WatermarkOutput& output) { generator.OnPeriodicEmit(output); };
  G generator_;
};

template <class T, class G, class... Args>
class UserGeneratorFactory final : public WatermarkGeneratorFactory {
 public:
  explicit UserGeneratorFactory(Args... args) : args_(std::move(args)...) {}
  WatermarkGenerator* Make() const override {
    return new UserWatermarkGenerator<T, G>(std::apply([](const Args&... args) { return G(args...); }, args_));
  }

 private:
  const std::tuple<Args...> args_;
};

}  // namespace internal

// Immutable: each With returns a changed copy.
template <class T>
class WatermarkStrategy {
 public:
  // Timestamps never go back within a split.
  static WatermarkStrategy ForMonotonousTimestamps() { return BoundedOutOfOrderness(Duration(0)); }
  // A record may come up to `bound` of event time after a later one of its split.
  static WatermarkStrategy BoundedOutOfOrderness(Duration bound) {
    return WatermarkStrategy({.generator = internal::BoundedOutOfOrdernessFactory(bound)});
  }
  // No watermark before the end of the stream.
  static WatermarkStrategy None() { return WatermarkStrategy({}); }
  // A generator of one's own, made once per split from copies of the arguments:
  //
  //   void OnEvent(const T&, Timestamp, WatermarkOutput&)    for every record; may emit (punctuated)
  //   void OnPeriodicEmit(WatermarkOutput&)                  optional: every pipeline.auto-watermark-interval of processing time
  template <class G, class... Args>
  static WatermarkStrategy ForGenerator(Args... args) {
    static_assert(
        requires(G& g, const T& record, Timestamp time, WatermarkOutput& out) { g.OnEvent(record, time, out); },
        "weir: a watermark generator needs a method void OnEvent(const T&, Timestamp, WatermarkOutput&)");
    return WatermarkStrategy(
        {.generator = std::make_shared<internal::UserGeneratorFactory<T, G, Args...>>(std::move(args)...)});
  }

  // The member (of T) or the function of const T& that is the timestamp: a Timestamp, or milliseconds since the epoch.
  template <class F>
  WatermarkStrategy WithTimestamps(F function) const {
    static_assert(std::is_invocable_v<F&, const T&>,
                  "weir: WithTimestamps needs a pointer to a member of the record, or a function that takes const T&");
    using Time = std::remove_cvref_t<std::invoke_result_t<F&, const T&>>;
    static_assert(std::is_convertible_v<Time, Timestamp> || (std::is_integral_v<Time> && sizeof(Time) == 8),
                  "weir: a timestamp is a weir::Timestamp, or an int64_t of milliseconds since the epoch");
    WatermarkStrategy changed = *this;
    changed.strategy_.assigner = std::make_shared<internal::FunctionAssignerFactory<T, F>>(std::move(function));
    return changed;
  }
  // The time of day at which a record enters the operator.
  WatermarkStrategy WithIngestionTime() const {
    WatermarkStrategy changed = *this;
    changed.strategy_.assigner = internal::IngestionTimeFactory();
    return changed;
  }
  // A split (or subtask) that has had no record for `timeout` of processing time holds nobody back until it has one again.
  WatermarkStrategy WithIdleness(Duration timeout) const {
    WatermarkStrategy changed = *this;
    changed.strategy_.idle_timeout = timeout;
    return changed;
  }
  // For sources: no subtask of the sources in `group` (of one job) reads on while its watermark is more than `max_drift` ahead of the lowest in the group, so that
  // what joins or merges them need not keep what the fastest one has read ahead. Subtasks tell the JobMaster how far they are every `update_interval`; idle
  // and finished ones hold nobody back.
  WatermarkStrategy WithWatermarkAlignment(std::string group, Duration max_drift,
                                           Duration update_interval = Duration(1000)) const {
    WatermarkStrategy changed = *this;
    changed.strategy_.alignment = {std::move(group), max_drift, update_interval};
    return changed;
  }

  const EventTimeStrategy& strategy() const { return strategy_; }

 private:
  explicit WatermarkStrategy(EventTimeStrategy strategy) : strategy_(std::move(strategy)) {}
  EventTimeStrategy strategy_;
};

}  // namespace weir
