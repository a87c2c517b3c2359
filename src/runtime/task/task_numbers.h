// What a task knows of itself: what passes it, and how it spends its time.
#pragma once

#include <atomic>
#include <cstdint>

#include "weir/metrics/counter.h"
#include "weir/metrics/gauge.h"
#include "weir/metrics/histogram.h"
#include "weir/runtime/task/step.h"

namespace weir {

// How long a task was busy, idle or held up by its outputs. What it does now counts as well: a step may take seconds.
//
// Threads: one writer, the task; any reader. `since_` is kChanging while the totals change; a reader that meets that tries again.
class TaskTimes {
 public:
  struct Totals {
    int64_t busy_ns = 0;
    int64_t idle_ns = 0;
    int64_t backpressured_ns = 0;
  };

  // A step begins. The time since the last one belongs to what that ended with; after progress the task only waited for its turn, unless it has filled its
  // outputs: then it waits for who empties them, even if that one has this thread meanwhile.
  void BeginStep(int64_t now) { Pass(now, kBusy); }
  void EndStep(int64_t now, StepResult result, bool has_filled_outputs = false) {
    const bool is_held = result == StepResult::kBlocked || (result == StepResult::kProgress && has_filled_outputs);
    Pass(now, is_held ? kBackPressured : result == StepResult::kProgress ? kWaitsForTurn : kIdle);
  }
  // The task has ended: no more time passes for it.
  void Stop(int64_t now) { Pass(now, kWaitsForTurn); }

  // `now`: of the same clock.
  Totals At(int64_t now) const;
  bool is_backpressured() const { return doing_.load(std::memory_order_relaxed) == kBackPressured; }

 private:
  static constexpr int64_t kChanging = -1;
  enum Doing : int { kBusy, kIdle, kBackPressured, kWaitsForTurn, kDoings };

  void Pass(int64_t now, Doing next) {
    const int64_t since = since_.load(std::memory_order_relaxed);
    const int doing = doing_.load(std::memory_order_relaxed);
    // Release, so that whoever sees new totals sees this too.
    since_.store(kChanging, std::memory_order_release);
    if (since != kChanging) {
      std::atomic<int64_t>& total = totals_[doing];
      total.store(total.load(std::memory_order_relaxed) + (now - since), std::memory_order_release);
    }
    doing_.store(next, std::memory_order_release);
    since_.store(now, std::memory_order_release);
  }

  std::atomic<int64_t> totals_[kDoings] = {};
  std::atomic<int> doing_{kWaitsForTurn};
  std::atomic<int64_t> since_{kChanging};
};

// What passes a task. One writer, the task, mostly once per step; any reader.
struct TaskNumbers {
  Counter records_in;
  Counter records_out;
  Counter bytes_in;
  Counter bytes_out;
  Counter batches_in;
  Counter batches_out;
  // Of these what came from and went to other workers; bytes as they were encoded.
  Counter remote_bytes_in;
  Counter remote_batches_in;
  Counter remote_bytes_out;
  Counter remote_batches_out;
  Histogram batch_rows{256};            // of the batches that come in
  Histogram snapshot_pause_nanos{256};  // how long records waited while state was frozen
  NumberGauge queued_batches;           // that wait in the inputs
  NumberGauge full_outputs;             // channels of the outputs without room
  NumberGauge last_batch_nanos;         // monotonic time at which a source last made one; 0: never
  // Of the last checkpoint.
  NumberGauge alignment_nanos;
  NumberGauge start_delay_nanos;
};

}  // namespace weir
