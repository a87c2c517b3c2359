#include "weir/metrics/meter.h"

namespace weir {
namespace {

constexpr double kNanosPerSecond = 1e9;
constexpr int64_t kSampleNanos = 5'000'000'000;

double RateOf(int64_t events, int64_t nanos) {
  return static_cast<double>(events) * kNanosPerSecond / static_cast<double>(nanos);
}

}  // namespace

void Meter::Update(int64_t now_nanos) {
  const Sample newest{now_nanos, Count()};
  const bool moves =
      updates_ >= 2 &&
      samples_[(updates_ - 1) % kSamples].nanos - samples_[(updates_ - 2) % kSamples].nanos < kSampleNanos;
  if (moves) --updates_;
  samples_[updates_ % kSamples] = newest;
  ++updates_;
  const Sample& oldest = samples_[updates_ < kSamples ? 0 : updates_ % kSamples];
  const int64_t nanos = newest.nanos - oldest.nanos;
  if (nanos <= 0) return;
  rate_.store(RateOf(newest.count - oldest.count, nanos), std::memory_order_relaxed);
  const Sample& before = samples_[(updates_ - 2) % kSamples];
  if (newest.nanos > before.nanos) {
    recent_rate_.store(RateOf(newest.count - before.count, newest.nanos - before.nanos), std::memory_order_relaxed);
  }
}

}  // namespace weir
