// How event time enters a stream: what assigns timestamps, and what says how far they have come.
//
// Both work on whole batches behind one virtual call, and their loops are compiled for the record type: nothing virtual happens per record. Users make
// them through WatermarkStrategy (functions/watermark_strategy.h).
//
// Threads: the task's thread; every subtask has its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/types/batch.h"

namespace weir {

// Takes what a generator says, in stream order.
class WatermarkOutput {
 public:
  // "No more elements with a timestamp <= `watermark`". One that does not exceed the last is ignored. Ends idleness.
  void EmitWatermark(Timestamp watermark) { Emit(ToEventTime(watermark)); }
  // The stream may be silent for long: it is left out of the minimum downstream until the next watermark.
  void MarkIdle() { is_idle_ = true; }

  // For the engine.
  void Emit(EventTime watermark) {
    is_idle_ = false;
    marks_.push_back(Mark{row_, watermark});
  }
  // Watermarks that follow stand before `row` of the batch.
  void SetRow(uint32_t row) { row_ = row; }
  void SetActive() { is_idle_ = false; }
  bool is_idle() const { return is_idle_; }
  std::vector<Mark>& marks() { return marks_; }

 private:
  std::vector<Mark> marks_;  // since the engine last took them
  uint32_t row_ = 0;
  bool is_idle_ = false;
};

// Writes the timestamps of the rows of a batch.
class TimestampAssigner {
 public:
  virtual ~TimestampAssigner() = default;
  // Fills `batch.times` for the rows that count and returns the latest; kNoEventTime if none counts. `now`: processing time.
  virtual EventTime Assign(BatchBase& batch, EventTime now) = 0;
};

// Watches timestamps and emits watermarks.
class WatermarkGenerator {
 public:
  virtual ~WatermarkGenerator() = default;
  // `batch` has times and at least one row that counts; `latest` is the latest of them.
  virtual void OnBatch(BatchBase& batch, EventTime latest, WatermarkOutput& output) = 0;
  // Called every `pipeline.auto-watermark-interval` of processing time, if is_periodic.
  virtual void OnPeriodicEmit(WatermarkOutput& output) {}
  virtual bool is_periodic() const { return false; }
};

// Make the two for each subtask. Plain pointers that the caller owns: user programs instantiate many of these.
class TimestampAssignerFactory {
 public:
  virtual ~TimestampAssignerFactory() = default;
  virtual TimestampAssigner* Make() const = 0;
};
class WatermarkGeneratorFactory {
 public:
  virtual ~WatermarkGeneratorFactory() = default;
  virtual WatermarkGenerator* Make() const = 0;
};

// Sources that keep step with each other; see WatermarkStrategy::WithWatermarkAlignment.
struct WatermarkAlignment {
  std::string group = {};  // empty: none
  Duration max_drift{0};
  Duration update_interval{1000};
};

// A WatermarkStrategy without its record type: what operators work with.
struct EventTimeStrategy {
  std::shared_ptr<const TimestampAssignerFactory> assigner = {};    // nullptr: records have timestamps already
  std::shared_ptr<const WatermarkGeneratorFactory> generator = {};  // nullptr: no watermarks before the end
  // A split (or subtask) without records for this long is left out of the watermark; zero: never.
  Duration idle_timeout{0};
  WatermarkAlignment alignment = {};  // of sources only

  bool is_aligned() const { return !alignment.group.empty(); }
  // What is wrong with it, with what is allowed.
  Status Check() const;
};

namespace internal {

// Watermark: latest timestamp - bound - 1, once per batch.
std::shared_ptr<const WatermarkGeneratorFactory> BoundedOutOfOrdernessFactory(Duration bound);
// Timestamp: the time of day at which the batch came in.
std::shared_ptr<const TimestampAssignerFactory> IngestionTimeFactory();

}  // namespace internal

}  // namespace weir
