// Interval join: every pair of a left and a right record of one key with left.time + lower <= right.time <= left.time + upper.
//
//   record:  is kept with its side, and meets those of the other side that are in its interval: each pair is found once, by the later to arrive
//   late:    time < watermark; such a record meets nobody and is not kept
//   gone:    a left record once the watermark reaches time + upper (its own time if upper <= 0), a right one at time - lower (its own time if lower >= 0)
//
// Records of a key that is quiet are cleaned up by one timer per key and side; those of a busy key by the records that come.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "weir/functions/output_tag.h"
#include "weir/functions/process_function.h"
#include "weir/functions/process_join_function.h"
#include "weir/functions/window/windows.h"
#include "weir/runtime/join/time_buffer.h"
#include "weir/runtime/operators/two_input.h"

namespace weir {

// Times of right records relative to the left one, both ends inclusive.
struct JoinInterval {
  int64_t lower_ms = 0;
  int64_t upper_ms = 0;

  // For how long a record of either side may meet new ones.
  int64_t keep_left_ms() const { return std::max<int64_t>(upper_ms, 0); }
  int64_t keep_right_ms() const { return std::max<int64_t>(-lower_ms, 0); }
};

namespace internal {

// The latest time of a record that is gone at this watermark.
EventTime JoinExpiredAt(EventTime watermark, int64_t keep_ms);
// When to look whether a key still has records, if the last one it has is at `last_time`.
EventTime JoinCleanUpTime(EventTime last_time, const JoinInterval& interval);

}  // namespace internal

// Where late records go; nowhere: they are dropped and counted.
template <class L, class R>
struct IntervalJoinOptions {
  JoinInterval interval;
  std::optional<OutputTag<L>> late_left = {};
  std::optional<OutputTag<R>> late_right = {};
};

// Throws: interval joins need timestamps.
[[noreturn]] void ThrowNoTimestampForJoin(const RuntimeContext& context);

// A function of two records as a ProcessJoinFunction; it returns its result, or takes a Collector<Out>& behind.
template <class L, class R, class Out, class F>
class PlainJoinFunction : public ProcessJoinFunction<L, R, Out> {
 public:
  explicit PlainJoinFunction(const F& function) : function_(function) {}
  void ProcessElement(const L& left, const R& right, ProcessJoinContext&, Collector<Out>& out) {
    if constexpr (std::is_invocable_v<F&, const L&, const R&>) {
      out.Collect(function_(left, right));
    } else {
      function_(left, right, out);
    }
  }

 private:
  F function_;
};

// F: a ProcessJoinFunction. Derives from it so that its states and these are states of one function.
template <class Key, class F>
class IntervalJoinFunction final : public F {
  using L = typename F::Left;
  using R = typename F::Right;
  using Out = typename F::Result;
  template <class T>
  static constexpr bool kOwnsBytes = !ContainsViews<T> && !std::is_trivially_destructible_v<T>;
  static_assert(!ContainsViews<Out> || !(kOwnsBytes<L> || kOwnsBytes<R>),
                "weir: the results of this join hold a std::string_view, and a joined record type owns strings, which "
                "may be gone before the result: use std::string in the result, or std::string_view in the records");

 public:
  using Context = KeyedContext<typename KeyTraits<Key>::Argument>;
  using OnTimerContext = TimerContext<Context>;

  template <class... Args>
  explicit IntervalJoinFunction(const IntervalJoinOptions<L, R>& options, const Args&... args)
      : F(args...), options_(options), interval_(options.interval) {}

  Status Open(RuntimeContext& context) {
    dropped_ = &context.accumulator("numLateRecordsDropped");
    return OpenFunction(static_cast<F&>(*this), context);
  }

  void ProcessElement1(const L& left, Context& ctx, Collector<Out>& out) {
    const EventTime time = ctx.time();
    if (!IsInTime(left, options_.late_left, ctx)) return;
    JoinBuffers<L, R>& key = KeyAt(ctx);
    key.left.Add(time, left);
    Schedule(key, time, ctx);
    const EventTime last = internal::AddToTime(time, interval_.upper_ms);
    const auto* entry = key.right.FirstFrom(internal::AddToTime(time, interval_.lower_ms));
    for (; entry != key.right.end() && entry->time <= last; ++entry)
      Emit(left, Shown<R>(entry->record, out), time, entry->time, ctx, out);
  }

  void ProcessElement2(const R& right, Context& ctx, Collector<Out>& out) {
    const EventTime time = ctx.time();
    if (!IsInTime(right, options_.late_right, ctx)) return;
    JoinBuffers<L, R>& key = KeyAt(ctx);
    key.right.Add(time, right);
    Schedule(key, time, ctx);
    const EventTime last = internal::AddToTime(time, -interval_.lower_ms);
    const auto* entry = key.left.FirstFrom(internal::AddToTime(time, -interval_.upper_ms));
    for (; entry != key.left.end() && entry->time <= last; ++entry)
      Emit(Shown<L>(entry->record, out), right, entry->time, time, ctx, out);
  }

  void OnTimer(Timestamp, OnTimerContext& ctx, Collector<Out>&) {
    JoinBuffers<L, R>* const key = buffers_.Get();
    if (key == nullptr) return;
    Advance(*key, ctx.watermark());
    if (key->empty()) return buffers_.Clear();
    key->left.Tidy();
    key->right.Tidy();
    if (key->clean_up_time <= ctx.watermark()) key->clean_up_time = kMaxWatermark;  // it has fired
    Schedule(*key, std::max(key->left.last_time(), key->right.last_time()), ctx);
  }

 private:
  template <class T>
  bool IsInTime(const T& record, const std::optional<OutputTag<T>>& late, Context& ctx) {
    if (!ctx.has_timestamp()) [[unlikely]]
      ThrowNoTimestampForJoin(ctx.runtime());
    if (ctx.time() >= ctx.watermark()) [[likely]]
      return true;
    if (late.has_value()) {
      ctx.Output(*late, record);
    } else {
      dropped_->Add(1);
    }
    return false;
  }
  JoinBuffers<L, R>& KeyAt(const Context& ctx) {
    JoinBuffers<L, R>& key = buffers_.GetOrAdd();
    Advance(key, ctx.watermark());
    return key;
  }
  void Advance(JoinBuffers<L, R>& key, EventTime watermark) const {
    if (watermark <= key.watermark) return;
    key.watermark = watermark;
    key.left.Expire(internal::JoinExpiredAt(watermark, interval_.keep_left_ms()));
    key.right.Expire(internal::JoinExpiredAt(watermark, interval_.keep_right_ms()));
  }
  // Sees to it that a timer comes for the key: one is enough, for it looks again if there are newer records.
  void Schedule(JoinBuffers<L, R>& key, EventTime last_time, Context& ctx) const {
    if (key.clean_up_time != kMaxWatermark) [[likely]]
      return;
    key.clean_up_time = internal::JoinCleanUpTime(last_time, interval_);
    ctx.timers().RegisterEventTime(FromEventTime(key.clean_up_time));
  }

  // A record from state, as the function may see it: views of it live as long as the results.
  template <class T>
  decltype(auto) Shown(const Kept<T>& kept, Collector<Out>& out) {
    if constexpr (ContainsViews<Out> && ContainsViews<T>) {
      T copy = RecordIn(kept);
      internal::ForEachView(copy, [&out](std::string_view& view) { view = out.Keep(view); });
      return copy;
    } else {
      return RecordIn(kept);
    }
  }
  void Emit(const L& left, const R& right, EventTime left_time, EventTime right_time, Context& ctx,
            Collector<Out>& out) {
    out.SetTime(std::max(left_time, right_time));
    pair_.SetPair(ctx, left_time, right_time);
    F::ProcessElement(left, right, pair_, out);
  }

  const IntervalJoinOptions<L, R> options_;
  const JoinInterval interval_;
  ProcessJoinContext pair_;
  Accumulator* dropped_ = nullptr;
  JoinBuffersState<L, R> buffers_{this, "join-buffers"};
};

}  // namespace weir
