#include "weir/base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "weir/base/check.h"

namespace weir {

uint64_t Random::Uniform(uint64_t limit) {
  WEIR_CHECK_GE(limit, 1);
  // Multiply and shift; a draw that falls into the uneven rest is thrown away.
  const uint64_t uneven = -limit % limit;
  for (;;) {
    const unsigned __int128 product = static_cast<unsigned __int128>(Next()) * limit;
    if (static_cast<uint64_t>(product) >= uneven) return static_cast<uint64_t>(product >> 64);
  }
}

// SplitMix64: 64 bits of state suffice for tests, and every seed, 0 too, is a good one.
uint64_t SeededRandom::Next() {
  state_ += 0x9e3779b97f4a7c15;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint64_t SystemRandom::Next() {
  uint64_t word;
  ssize_t got;
  do {
    got = getrandom(&word, sizeof(word), 0);
  } while (got < 0 && errno == EINTR);
  WEIR_CHECK_EQ(got, static_cast<ssize_t>(sizeof(word))) << "getrandom: " << std::strerror(errno);
  return word;
}

}  // namespace weir
