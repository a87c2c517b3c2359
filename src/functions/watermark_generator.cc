#include "weir/functions/watermark_generator.h"

#include <algorithm>

namespace weir {

Status EventTimeStrategy::Check() const {
  if (idle_timeout.count() < 0) {
    return InvalidArgumentError("WithIdleness(" + std::to_string(idle_timeout.count()) +
                                " ms); expected 0 (never idle) or more");
  }
  if (!is_aligned()) return OkStatus();
  if (alignment.max_drift.count() < 0 || alignment.update_interval.count() <= 0) {
    return InvalidArgumentError("WithWatermarkAlignment(\"" + alignment.group + "\", " +
                                std::to_string(alignment.max_drift.count()) + " ms, " +
                                std::to_string(alignment.update_interval.count()) +
                                " ms); expected a drift of 0 or more and an interval above 0");
  }
  return OkStatus();
}

}  // namespace weir

namespace weir::internal {

namespace {

class BoundedOutOfOrderness final : public WatermarkGenerator {
 public:
  explicit BoundedOutOfOrderness(int64_t bound_ms) : distance_(bound_ms + 1) {}

  void OnBatch(BatchBase&, EventTime latest, WatermarkOutput& output) override {
    // The very first milliseconds of time have no watermark before them.
    if (latest < kMinWatermark + distance_) return;
    latest_ = std::max(latest_, latest);
    output.Emit(latest_ - distance_);
  }

 private:
  const int64_t distance_;  // from a timestamp to the watermark that it allows
  EventTime latest_ = kMinWatermark;
};

class IngestionTime final : public TimestampAssigner {
 public:
  EventTime Assign(BatchBase& batch, EventTime now) override {
    batch.UseTimes();
    std::fill_n(batch.times, batch.size, now);
    return batch.count() > 0 ? now : kNoEventTime;
  }
};

class BoundedFactory final : public WatermarkGeneratorFactory {
 public:
  explicit BoundedFactory(int64_t bound_ms) : bound_ms_(bound_ms) {}
  WatermarkGenerator* Make() const override { return new BoundedOutOfOrderness(bound_ms_); }

 private:
  const int64_t bound_ms_;
};

class IngestionFactory final : public TimestampAssignerFactory {
 public:
  TimestampAssigner* Make() const override { return new IngestionTime(); }
};

}  // namespace

std::shared_ptr<const WatermarkGeneratorFactory> BoundedOutOfOrdernessFactory(Duration bound) {
  return std::make_shared<BoundedFactory>(std::max<int64_t>(bound.count(), 0));
}

std::shared_ptr<const TimestampAssignerFactory> IngestionTimeFactory() { return std::make_shared<IngestionFactory>(); }

}  // namespace weir::internal
