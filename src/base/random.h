// Randomness that is injected: seeded in tests and simulations, from the system in daemons.
#pragma once

#include <cstdint>
#include <limits>

namespace weir {

// A source of random 64-bit words. Not safe for use by several threads at once unless the implementation says so.
class Random {
 public:
  virtual ~Random() = default;

  virtual uint64_t Next() = 0;

  // A number in [0, limit), each equally likely. `limit` >= 1.
  uint64_t Uniform(uint64_t limit);
  // A number in [0, 1).
  double UniformDouble() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  // True with `probability`.
  bool Chance(double probability) { return UniformDouble() < probability; }
};

// The same sequence for the same seed on every machine and in every version: tests print the seed of a failure.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}

  uint64_t Next() override;

 private:
  uint64_t state_;
};

// The kernel's generator: unpredictable, for ids that must differ between processes and machines. Any thread.
class SystemRandom final : public Random {
 public:
  uint64_t Next() override;
};

}  // namespace weir
