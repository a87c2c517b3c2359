// Window assigners: into which finite pieces a stream is cut.
//
// An assigner of your own is a class with
//
//   template <class F> void ForEachWindow(EventTime time, F&& f) const;    calls f(TimeWindow) for every window of a record at `time`;
//                                                                          or (const T& record, EventTime time, F&& f)
//   static constexpr WindowTime kTime = ...;    optional: kEvent without it; the time that `time` is, and at which windows are over
//   static constexpr bool kMerging = ...;       optional: windows of a key that overlap or touch become one
//   Status Check() const; std::string name() const;    optional: mistakes in its arguments; what the plan calls it
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/functions/window/time_window.h"

namespace weir {

// By which time windows are cut; those of kNone are never over.
enum class WindowTime : uint8_t { kEvent, kProcessing, kNone };

namespace internal {

// Fails if `size` or `slide` is no positive duration, or `offset` is not less than `slide`.
Status CheckWindows(std::string_view assigner, Duration size, Duration slide, Duration offset);
// "<kind>EventTime<rest>" or "<kind>ProcessingTime<rest>".
std::string AssignerName(std::string_view kind, WindowTime time, std::string_view rest);
// Throws: a session's gap must be positive.
[[noreturn]] void ThrowNoSessionGap(Duration gap);

template <WindowTime kWindowTime>
class TumblingWindows {
 public:
  static constexpr WindowTime kTime = kWindowTime;
  static constexpr bool kMerging = false;
  explicit TumblingWindows(Duration size, Duration offset = Duration(0)) : size_(size), offset_(offset) {}

  Duration size() const { return size_; }
  Duration slide() const { return size_; }
  Duration offset() const { return offset_; }
  Status Check() const { return CheckWindows(AssignerName("Tumbling", kTime, "Windows"), size_, size_, offset_); }
  std::string name() const {
    return AssignerName("Tumbling", kTime, "Windows(" + std::to_string(size_.count()) + " ms)");
  }
  // Calls f(TimeWindow) for every window of a record at `time`, the earliest first.
  template <class F>
  void ForEachWindow(EventTime time, F&& f) const {
    f(WindowFrom(WindowStart(time, offset_.count(), size_.count()), size_.count()));
  }

 private:
  Duration size_;
  Duration offset_;
};

template <WindowTime kWindowTime>
class SlidingWindows {
 public:
  static constexpr WindowTime kTime = kWindowTime;
  static constexpr bool kMerging = false;
  SlidingWindows(Duration size, Duration slide, Duration offset = Duration(0))
      : size_(size), slide_(slide), offset_(offset) {}

  Duration size() const { return size_; }
  Duration slide() const { return slide_; }
  Duration offset() const { return offset_; }
  Status Check() const { return CheckWindows(AssignerName("Sliding", kTime, "Windows"), size_, slide_, offset_); }
  std::string name() const {
    return AssignerName("Sliding", kTime,
                        "Windows(" + std::to_string(size_.count()) + " ms, " + std::to_string(slide_.count()) + " ms)");
  }
  template <class F>
  void ForEachWindow(EventTime time, F&& f) const {
    const int64_t size = size_.count();
    const int64_t slide = slide_.count();
    const EventTime last = WindowStart(time, offset_.count(), slide);
    const int64_t behind = time - last;  // less than `slide`
    if (behind >= size) return;          // between two windows
    for (int64_t back = (size - 1 - behind) / slide; back >= 0; --back)
      f(WindowFrom(AddToTime(last, -back * slide), size));
  }

 private:
  Duration size_;
  Duration slide_;
  Duration offset_;
};

// Gap: Duration(const T&), what ends a session after this record.
template <WindowTime kWindowTime, class Gap>
class DynamicSessionWindows {
 public:
  static constexpr WindowTime kTime = kWindowTime;
  static constexpr bool kMerging = true;
  explicit DynamicSessionWindows(Gap gap) : gap_(std::move(gap)) {}

  std::string name() const { return AssignerName("Dynamic", kTime, "SessionWindows"); }
  template <class T, class F>
  void ForEachWindow(const T& record, EventTime time, F&& f) const {
    const Duration gap = gap_(record);
    if (gap.count() <= 0) ThrowNoSessionGap(gap);
    f(WindowFrom(time, gap.count()));
  }

 private:
  Gap gap_;
};

template <WindowTime kWindowTime>
class SessionWindows {
 public:
  static constexpr WindowTime kTime = kWindowTime;
  static constexpr bool kMerging = true;
  explicit SessionWindows(Duration gap) : gap_(gap) {}
  static SessionWindows WithGap(Duration gap) { return SessionWindows(gap); }
  // gap: Duration(const T&), asked for every record.
  template <class Gap>
  static DynamicSessionWindows<kWindowTime, Gap> WithDynamicGap(Gap gap) {
    return DynamicSessionWindows<kWindowTime, Gap>(std::move(gap));
  }

  Duration gap() const { return gap_; }
  Status Check() const { return CheckWindows(name(), gap_, gap_, Duration(0)); }
  std::string name() const {
    return AssignerName("", kTime, "SessionWindows(" + std::to_string(gap_.count()) + " ms)");
  }
  // The window of one record alone.
  template <class F>
  void ForEachWindow(EventTime time, F&& f) const {
    f(WindowFrom(time, gap_.count()));
  }

 private:
  Duration gap_;
};

}  // namespace internal

// Windows of one size that follow on each other; they start at `offset` + a multiple of `size` since 1970.
using TumblingEventTimeWindows = internal::TumblingWindows<WindowTime::kEvent>;
using TumblingProcessingTimeWindows = internal::TumblingWindows<WindowTime::kProcessing>;

// Windows of one size, one of which starts at `offset` + every multiple of `slide`: they overlap if `slide` is less than `size`.
using SlidingEventTimeWindows = internal::SlidingWindows<WindowTime::kEvent>;
using SlidingProcessingTimeWindows = internal::SlidingWindows<WindowTime::kProcessing>;

// A window per burst of records: it ends when `gap` passed without one. Windows that overlap or touch are one.
using EventTimeSessionWindows = internal::SessionWindows<WindowTime::kEvent>;
using ProcessingTimeSessionWindows = internal::SessionWindows<WindowTime::kProcessing>;

// One window per key for the whole stream. It is never over: a trigger decides when it fires.
class GlobalWindows {
 public:
  // It fires once, when a bounded input ends.
  struct EndOfStream {};
  static EndOfStream WithEndOfStreamTrigger() { return {}; }

  static constexpr WindowTime kTime = WindowTime::kNone;
  static constexpr bool kMerging = false;
  std::string name() const { return "GlobalWindows"; }
  template <class F>
  void ForEachWindow(EventTime, F&& f) const {
    f(TimeWindow{FromEventTime(kMinWatermark), FromEventTime(kMaxWatermark)});
  }
};

namespace internal {

template <class A>
consteval WindowTime TimeOfWindows() {
  if constexpr (requires { A::kTime; }) {
    return A::kTime;
  } else {
    return WindowTime::kEvent;
  }
}
template <class A>
consteval bool AreWindowsMerged() {
  if constexpr (requires { A::kMerging; }) {
    return A::kMerging;
  } else {
    return false;
  }
}
template <class A>
std::string NameOfWindows(const A& assigner) {
  if constexpr (requires { assigner.name(); }) {
    return assigner.name();
  } else {
    return "custom windows";
  }
}

// Calls f(TimeWindow) for every window of `record`.
template <class A, class T, class F>
void ForEachWindowOf(const A& assigner, const T& record, EventTime time, F&& f) {
  if constexpr (requires { assigner.ForEachWindow(record, time, f); }) {
    assigner.ForEachWindow(record, time, f);
  } else {
    assigner.ForEachWindow(time, f);
  }
}

}  // namespace internal

// What cuts a stream of records of type T into windows.
template <class A, class T>
concept WindowAssigner = requires(const A& assigner, const T& record, void (*f)(TimeWindow)) {
  assigner.ForEachWindow(record, EventTime(0), f);
} || requires(const A& assigner, void (*f)(TimeWindow)) { assigner.ForEachWindow(EventTime(0), f); };

// What cuts a stream into windows of event time by its timestamps alone.
template <class A>
concept EventTimeWindowAssigner =
    internal::TimeOfWindows<A>() == WindowTime::kEvent &&
    requires(const A& assigner, void (*f)(TimeWindow)) { assigner.ForEachWindow(EventTime(0), f); };

}  // namespace weir
