#include "weir/functions/watermark_generator.h"

#include <algorithm>

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
