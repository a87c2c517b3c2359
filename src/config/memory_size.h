// An amount of memory, as configuration writes it: "32 kb", "1gb", "1024" (bytes). All units are powers of 1024, as in
// Flink.
#pragma once

#include <compare>
#include <cstdint>

namespace weir {

class MemorySize {
 public:
  constexpr MemorySize() = default;
  constexpr explicit MemorySize(int64_t bytes) : bytes_(bytes) {}

  static constexpr MemorySize KiB(int64_t n) { return MemorySize(n << 10); }
  static constexpr MemorySize MiB(int64_t n) { return MemorySize(n << 20); }
  static constexpr MemorySize GiB(int64_t n) { return MemorySize(n << 30); }

  constexpr int64_t bytes() const { return bytes_; }

  friend constexpr auto operator<=>(MemorySize, MemorySize) = default;

 private:
  int64_t bytes_ = 0;
};

}  // namespace weir
