// The tags of a page's slots: one byte each, looked at 16 at a time.
//
//   0x80 | seven bits of the hash    taken
//   0                                empty
//   1                                a gap: a row was dropped, but keys of this group stand in later ones
//   2                                no slot: fills up the last group of pages with few slots
#pragma once

#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace weir {

inline constexpr uint8_t kTagEmpty = 0;
inline constexpr uint8_t kTagGap = 1;
inline constexpr uint8_t kTagNoSlot = 2;
inline constexpr uint32_t kTagsPerGroup = 16;

inline uint8_t TagOf(uint64_t hash) { return static_cast<uint8_t>(0x80 | (hash & 0x7f)); }
inline bool IsTaken(uint8_t tag) { return (tag & 0x80) != 0; }

// A bit per slot of a group, the first slot's lowest.
class TagMask {
 public:
  explicit TagMask(uint32_t bits) : bits_(bits) {}

  explicit operator bool() const { return bits_ != 0; }
  // The lowest slot; only if there is one.
  uint32_t First() const { return static_cast<uint32_t>(__builtin_ctz(bits_)); }
  void DropFirst() { bits_ &= bits_ - 1; }
  uint32_t bits() const { return bits_; }
  uint32_t Count() const { return static_cast<uint32_t>(__builtin_popcount(bits_)); }

 private:
  uint32_t bits_;
};

// Counts tags of up to 255 groups. A TagMask's Count() is a call on processors of the first x86-64.
class TagCounts {
 public:
  // The group at `tags`, which is aligned to it.
  void Add(const uint8_t* tags);
  uint32_t taken() const { return Sum(taken_); }
  uint32_t empty() const { return Sum(empty_); }

 private:
#ifdef __SSE2__
  // Of each of a group's 16 slots.
  using Sums = __m128i;
  static uint32_t Sum(Sums sums) {
    const __m128i halves = _mm_sad_epu8(sums, _mm_setzero_si128());
    return static_cast<uint32_t>(_mm_cvtsi128_si32(halves) + _mm_cvtsi128_si32(_mm_srli_si128(halves, 8)));
  }
#else
  using Sums = uint32_t;
  static uint32_t Sum(Sums sums) { return sums; }
#endif

  Sums taken_ = {};
  Sums empty_ = {};
};

#ifdef __SSE2__
// What compares equal is -1.
inline void TagCounts::Add(const uint8_t* tags) {
  const __m128i group = _mm_load_si128(reinterpret_cast<const __m128i*>(tags));
  taken_ = _mm_sub_epi8(taken_, _mm_cmplt_epi8(group, _mm_setzero_si128()));
  empty_ = _mm_sub_epi8(empty_, _mm_cmpeq_epi8(group, _mm_set1_epi8(static_cast<char>(kTagEmpty))));
}
// The slots of the group at `tags`, which is aligned to it, whose tag is `tag`.
inline TagMask TagsEqual(const uint8_t* tags, uint8_t tag) {
  const __m128i group = _mm_load_si128(reinterpret_cast<const __m128i*>(tags));
  return TagMask(
      static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(group, _mm_set1_epi8(static_cast<char>(tag))))));
}
inline TagMask TagsTaken(const uint8_t* tags) {
  return TagMask(static_cast<uint32_t>(_mm_movemask_epi8(_mm_load_si128(reinterpret_cast<const __m128i*>(tags)))));
}
// Those of 16 aligned bytes that are `value` in the bits of `mask`.
inline TagMask BytesMatch(const uint8_t* bytes, uint8_t mask, uint8_t value) {
  const __m128i masked =
      _mm_and_si128(_mm_load_si128(reinterpret_cast<const __m128i*>(bytes)), _mm_set1_epi8(static_cast<char>(mask)));
  return TagMask(
      static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(masked, _mm_set1_epi8(static_cast<char>(value))))));
}
#else
inline void TagCounts::Add(const uint8_t* tags) {
  for (uint32_t i = 0; i < kTagsPerGroup; ++i) {
    taken_ += IsTaken(tags[i]) ? 1 : 0;
    empty_ += tags[i] == kTagEmpty ? 1 : 0;
  }
}
inline TagMask TagsEqual(const uint8_t* tags, uint8_t tag) {
  uint32_t bits = 0;
  for (uint32_t i = 0; i < kTagsPerGroup; ++i) bits |= static_cast<uint32_t>(tags[i] == tag) << i;
  return TagMask(bits);
}
inline TagMask TagsTaken(const uint8_t* tags) {
  uint32_t bits = 0;
  for (uint32_t i = 0; i < kTagsPerGroup; ++i) bits |= static_cast<uint32_t>(tags[i] >> 7) << i;
  return TagMask(bits);
}
inline TagMask BytesMatch(const uint8_t* bytes, uint8_t mask, uint8_t value) {
  uint32_t bits = 0;
  for (uint32_t i = 0; i < kTagsPerGroup; ++i) bits |= static_cast<uint32_t>((bytes[i] & mask) == value) << i;
  return TagMask(bits);
}
#endif

}  // namespace weir
