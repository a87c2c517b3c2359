#include "weir/connectors/generator/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

// As fine as wake-ups are (NextTime).
constexpr int64_t kTickNanos = 1'000'000;

}  // namespace

uint32_t RateLimiter::Take(uint32_t wanted) {
  if (per_second_ <= 0) return wanted;
  const int64_t now = clock_.MonotonicNanos();
  if (has_run_dry_ && now - filled_at_ < kTickNanos) return 0;
  if (filled_at_ >= 0) available_ += static_cast<double>(now - filled_at_) * 1e-9 * per_second_;
  available_ = std::min(available_, std::max(per_second_, 1.0));
  filled_at_ = now;
  const uint32_t taken = static_cast<uint32_t>(std::min(std::floor(available_), static_cast<double>(wanted)));
  available_ -= taken;
  has_run_dry_ = taken < wanted;
  return taken;
}

Timestamp RateLimiter::NextTime() const {
  if (per_second_ <= 0) return clock_.WallTime();
  const double milliseconds = std::ceil((1 - available_) / per_second_ * 1000);
  return clock_.WallTime() + Duration(std::max<int64_t>(1, static_cast<int64_t>(milliseconds)));
}

}  // namespace weir
