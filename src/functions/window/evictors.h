// Evictors: which records a window drops when it fires, before its function is called or after.
//
//   CountEvictor(n)                  all but the last n
//   TimeEvictor(duration)            all that are older than the newest by `duration` or more
//   DeltaEvictor(threshold, delta)   all with delta(record, last record) >= threshold
//
// Each takes EvictWhen::kAfter as last argument, to drop records after the function. An evictor of your own has one of
//
//   template <class W> void EvictBefore(std::vector<weir::TimestampedRecord<Click>>& elements, const W& window, weir::EvictorContext& ctx);
//   template <class W> void EvictAfter(...);     the same
//
// which remove what shall go. A window with an evictor keeps all its records, also with Reduce and Aggregate. Threads: the task's thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/functions/process_context.h"
#include "weir/functions/window/triggers.h"

namespace weir {

// A record of a window, in order of arrival, and its event time; kNoEventTime: none.
template <class T>
struct TimestampedRecord {
  T record{};
  EventTime time = kNoEventTime;
};

enum class EvictWhen : uint8_t { kBefore, kAfter };

// What an evictor may ask.
class EvictorContext {
 public:
  explicit EvictorContext(const ProcessContext& context) : context_(context) {}
  EventTime watermark() const { return context_.watermark(); }
  Timestamp processing_time() const { return context_.processing_time(); }
  const RuntimeContext& runtime() const { return context_.runtime(); }

 private:
  const ProcessContext& context_;
};

namespace internal {

// Evict: void Evict(std::vector<TimestampedRecord<T>>&) const.
template <class Evictor>
class EvictorAt {
 public:
  explicit EvictorAt(EvictWhen when) : when_(when) {}
  template <class T, class W>
  void EvictBefore(std::vector<TimestampedRecord<T>>& elements, const W&, EvictorContext&) const {
    if (when_ == EvictWhen::kBefore) static_cast<const Evictor*>(this)->Evict(elements);
  }
  template <class T, class W>
  void EvictAfter(std::vector<TimestampedRecord<T>>& elements, const W&, EvictorContext&) const {
    if (when_ == EvictWhen::kAfter) static_cast<const Evictor*>(this)->Evict(elements);
  }

 private:
  EvictWhen when_;
};

}  // namespace internal

class CountEvictor : public internal::EvictorAt<CountEvictor> {
 public:
  explicit CountEvictor(int64_t count, EvictWhen when = EvictWhen::kBefore) : EvictorAt(when), count_(count) {}

  template <class T>
  void Evict(std::vector<TimestampedRecord<T>>& elements) const {
    const ptrdiff_t excess = static_cast<ptrdiff_t>(elements.size()) - static_cast<ptrdiff_t>(count_);
    if (excess > 0) elements.erase(elements.begin(), elements.begin() + excess);
  }
  Status Check() const { return internal::CheckAtLeastOne(name(), "a count", count_); }
  std::string name() const { return "CountEvictor(" + std::to_string(count_) + ")"; }

 private:
  int64_t count_;
};

// Without timestamps it drops nothing.
class TimeEvictor : public internal::EvictorAt<TimeEvictor> {
 public:
  explicit TimeEvictor(Duration duration, EvictWhen when = EvictWhen::kBefore) : EvictorAt(when), duration_(duration) {}

  template <class T>
  void Evict(std::vector<TimestampedRecord<T>>& elements) const {
    EventTime newest = kNoEventTime;
    for (const auto& element : elements) newest = std::max(newest, element.time);
    if (newest == kNoEventTime) return;
    const EventTime cutoff = internal::AddToTime(newest, -duration_.count());
    std::erase_if(elements, [cutoff](const auto& element) { return element.time <= cutoff; });
  }
  Status Check() const { return internal::CheckAtLeastOne(name(), "a duration in ms", duration_.count()); }
  std::string name() const { return "TimeEvictor(" + std::to_string(duration_.count()) + " ms)"; }

 private:
  Duration duration_;
};

// F: double(const T& record, const T& last).
template <class F>
class DeltaEvictor : public internal::EvictorAt<DeltaEvictor<F>> {
 public:
  DeltaEvictor(double threshold, F delta, EvictWhen when = EvictWhen::kBefore)
      : internal::EvictorAt<DeltaEvictor<F>>(when), threshold_(threshold), delta_(std::move(delta)) {}

  template <class T>
  void Evict(std::vector<TimestampedRecord<T>>& elements) const {
    if (elements.empty()) return;
    const T last = elements.back().record;
    std::erase_if(elements, [&](const auto& element) { return delta_(element.record, last) >= threshold_; });
  }
  std::string name() const { return "DeltaEvictor(" + std::to_string(threshold_) + ")"; }

 private:
  double threshold_;
  F delta_;
};

}  // namespace weir
