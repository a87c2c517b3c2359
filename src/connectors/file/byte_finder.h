// Finds the next of one or two bytes in a text: 64 bytes at a time, without a call per line or cell.
//
// memchr per cell costs more than the cell: cells of real files are 4 to 20 bytes long. See benchmarks/file_readers.cc.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace weir {

// Bytes that must be readable behind the end of a text that ByteFinder looks at.
inline constexpr uint32_t kByteFinderPadding = 64;

// Walks over all occurrences of `a` and `b` (which may be equal) in [begin, limit), in order.
class ByteFinder {
 public:
  ByteFinder(char a, char b) : a_(a), b_(b) {}

  void Begin(const char* begin, const char* limit) {
    limit_ = limit;
    base_ = begin;
    mask_ = begin < limit ? Look(begin) : 0;
  }
  // Goes on at `position`, which lies behind the last occurrence found.
  void SkipTo(const char* position) { Begin(position, limit_); }

  // The next occurrence, or the limit.
  const char* Next() {
    while (mask_ == 0) {
      if (limit_ - base_ <= kStep) return limit_;
      base_ += kStep;
      mask_ = Look(base_);
    }
    const char* const found = base_ + std::countr_zero(mask_);
    mask_ &= mask_ - 1;
    return found < limit_ ? found : limit_;
  }

 private:
  static constexpr int kStep = 64;

#ifdef __SSE2__
  uint64_t Look(const char* at) const {
    const __m128i a = _mm_set1_epi8(a_);
    const __m128i b = _mm_set1_epi8(b_);
    uint64_t mask = 0;
    for (int i = 0; i < 4; ++i) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16 * i));
      const __m128i equal = _mm_or_si128(_mm_cmpeq_epi8(bytes, a), _mm_cmpeq_epi8(bytes, b));
      mask |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(equal))) << (16 * i);
    }
    return mask;
  }
#else
  uint64_t Look(const char* at) const {
    uint64_t mask = 0;
    for (int i = 0; i < kStep; ++i) mask |= static_cast<uint64_t>(at[i] == a_ || at[i] == b_) << i;
    return mask;
  }
#endif

  const char a_;
  const char b_;
  const char* base_ = nullptr;
  const char* limit_ = nullptr;
  uint64_t mask_ = 0;  // occurrences in [base_, base_ + 64) not returned yet
};

}  // namespace weir
