// Numbers below a limit, the n-th as often as 1 / n^0.99: J. Gray et al., "Quickly generating billion-record synthetic databases" (SIGMOD 1994).
#pragma once

#include <cmath>
#include <cstdint>

#include "measure.h"

namespace weir::bench {

class Zipf {
 public:
  Zipf(uint64_t limit, uint64_t seed) : limit_(limit), state_(seed) {
    for (uint64_t i = 1; i <= limit; ++i) zeta_ += std::pow(1.0 / static_cast<double>(i), kTheta);
    const double two = 1 + std::pow(0.5, kTheta);
    eta_ = (1 - std::pow(2.0 / static_cast<double>(limit), 1 - kTheta)) / (1 - two / zeta_);
  }
  // Spread over all numbers, so that the frequent ones are no neighbours.
  uint64_t Next() { return Mix(Rank()) % limit_; }

 private:
  static constexpr double kTheta = 0.99;

  uint64_t Rank() {
    const double u = static_cast<double>(Mix(state_++) >> 11) * 0x1p-53;
    if (u * zeta_ < 1) return 0;
    if (u * zeta_ < 1 + std::pow(0.5, kTheta)) return 1;
    return static_cast<uint64_t>(static_cast<double>(limit_) * std::pow(eta_ * u - eta_ + 1, 1 / (1 - kTheta)));
  }

  const uint64_t limit_;
  uint64_t state_;
  double zeta_ = 0;
  double eta_ = 0;
};

}  // namespace weir::bench
