#include "weir/metrics/meter.h"

namespace weir {

void Meter::Update(int64_t now_nanos) {
  const Sample newest{now_nanos, Count()};
  samples_[updates_ % kSamples] = newest;
  ++updates_;
  const Sample& oldest = samples_[updates_ < kSamples ? 0 : updates_ % kSamples];
  const int64_t nanos = newest.nanos - oldest.nanos;
  if (nanos <= 0) return;
  constexpr double kNanosPerSecond = 1e9;
  rate_.store(static_cast<double>(newest.count - oldest.count) * kNanosPerSecond / static_cast<double>(nanos),
              std::memory_order_relaxed);
}

}  // namespace weir
