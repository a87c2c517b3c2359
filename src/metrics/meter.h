// Events per second, averaged over the last minute.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "weir/metrics/counter.h"

namespace weir {

// Marks on the record path are those of a counter. The clock is read elsewhere: the owner of the registry calls
// `MetricRegistry::UpdateRates` every second or so, and that computes the rates.
//
// Threads: one thread marks; `Update` is called under the registry's lock; any thread reads.
class Meter {
 public:
  // Counts for itself.
  Meter() : Meter(own_) {}
  // Shows the rate of `counted`, which must outlive the meter. MarkEvent is then not to be called.
  explicit Meter(const Counter& counted) : counted_(counted) {}
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  void MarkEvent(int64_t events = 1) { own_.Inc(events); }
  int64_t Count() const { return counted_.Count(); }
  // Events per second between the oldest and the newest update within the window; 0 before the second update.
  double Rate() const { return rate_.load(std::memory_order_relaxed); }
  // The same over the last one to five seconds, for what must show a change at once: how busy a task is.
  double RecentRate() const { return recent_rate_.load(std::memory_order_relaxed); }

  // `now_nanos`: monotonic time. May be called more often than every five seconds: the newest sample then moves.
  void Update(int64_t now_nanos);

 private:
  struct Sample {
    int64_t nanos;
    int64_t count;
  };
  // 12 intervals of 5 seconds make Flink's window of a minute, and need 13 samples.
  static constexpr size_t kSamples = 13;

  Counter own_;
  const Counter& counted_;
  // The last samples; updates_ % kSamples is the oldest once the ring is full.
  std::array<Sample, kSamples> samples_{};
  size_t updates_ = 0;
  // Written by Update, read by any; relaxed, as for a counter.
  std::atomic<double> rate_{0};
  std::atomic<double> recent_rate_{0};
};

}  // namespace weir
