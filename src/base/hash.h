// The hash of keys and bytes: XXH3, 64 bits, seed 0.
//
// A key's hash decides its key group, and so where its state lies in a savepoint: these functions may never change their values (golden values in
// tests/unit/base/hash_test.cc). All of them give XXH3-64 of the serialized key: Hash64(x) is the hash of x's eight little-endian bytes, and so on.
// Lengths up to 16 bytes are hashed inline: 1.1 ns against 2.0 for a call of libxxhash with an int64, 1.6 against 2.1 with 6 to 16 bytes (g++ 12 -O2).
// Longer ones (2.3 ns with 32 bytes) go to libxxhash, whose header stays out of this one because user programs include it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace weir {

namespace internal {

// XXH3 xors its input with pairs of words of a fixed secret; these are the pairs' xors for each class of length.
inline constexpr uint64_t kXxh3Flip1To3 = 0x87275a9b;
inline constexpr uint64_t kXxh3Flip4To8 = 0xc73ab174c5ecd5a2;
inline constexpr uint64_t kXxh3Flip9To16Low = 0x6782737bea4239b9;
inline constexpr uint64_t kXxh3Flip9To16High = 0xaf56bc3b0996523a;
inline constexpr uint64_t kXxh3OfNothing = 0x2d06800538d394c2;

inline constexpr uint64_t RotateLeft(uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

inline constexpr uint64_t Xxh64Avalanche(uint64_t h) {
  h = (h ^ (h >> 33)) * 0xc2b2ae3d27d4eb4f;
  h = (h ^ (h >> 29)) * 0x165667b19e3779f9;
  return h ^ (h >> 32);
}

// `word` holds the last four bytes in its low half and the first four in its high half.
inline constexpr uint64_t Xxh3Of4To8(uint64_t word, uint64_t length) {
  uint64_t h = word ^ kXxh3Flip4To8;
  h ^= RotateLeft(h, 49) ^ RotateLeft(h, 24);
  h *= 0x9fb21c651e98df25;
  h ^= (h >> 35) + length;
  h *= 0x9fb21c651e98df25;
  return h ^ (h >> 28);
}

inline uint64_t Xxh3Of9To16(uint64_t first, uint64_t last, uint64_t length) {
  const uint64_t low = first ^ kXxh3Flip9To16Low;
  const uint64_t high = last ^ kXxh3Flip9To16High;
  const unsigned __int128 product = static_cast<unsigned __int128>(low) * high;
  uint64_t h =
      length + __builtin_bswap64(low) + high + (static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64));
  h = (h ^ (h >> 37)) * 0x165667919e3779f9;
  return h ^ (h >> 32);
}

inline constexpr uint64_t Xxh3Of1To3(uint8_t first, uint8_t middle, uint8_t last, uint32_t length) {
  const uint32_t word = uint32_t{first} << 16 | uint32_t{middle} << 24 | uint32_t{last} | length << 8;
  return Xxh64Avalanche(word ^ kXxh3Flip1To3);
}

template <class Word>
Word LoadWord(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// Any length, by libxxhash.
uint64_t HashLongBytes(const void* bytes, size_t length);

}  // namespace internal

// Hash of a key that serializes to 8, 4, 2 or 1 little-endian bytes.
inline constexpr uint64_t Hash64(uint64_t key) { return internal::Xxh3Of4To8(key >> 32 | key << 32, 8); }
inline constexpr uint64_t Hash32(uint32_t key) { return internal::Xxh3Of4To8(uint64_t{key} << 32 | key, 4); }
inline constexpr uint64_t Hash16(uint16_t key) {
  return internal::Xxh3Of1To3(static_cast<uint8_t>(key), static_cast<uint8_t>(key >> 8), static_cast<uint8_t>(key >> 8),
                              2);
}
inline constexpr uint64_t Hash8(uint8_t key) { return internal::Xxh3Of1To3(key, key, key, 1); }

// Hash of `length` bytes. For checksums of files and frames too.
inline uint64_t HashBytes(const void* bytes, size_t length) {
  const char* p = static_cast<const char*>(bytes);
  if (length > 16) return internal::HashLongBytes(p, length);
  if (length > 8)
    return internal::Xxh3Of9To16(internal::LoadWord<uint64_t>(p), internal::LoadWord<uint64_t>(p + length - 8), length);
  if (length >= 4) {
    return internal::Xxh3Of4To8(
        uint64_t{internal::LoadWord<uint32_t>(p)} << 32 | internal::LoadWord<uint32_t>(p + length - 4), length);
  }
  if (length == 0) return internal::kXxh3OfNothing;
  return internal::Xxh3Of1To3(static_cast<uint8_t>(p[0]), static_cast<uint8_t>(p[length >> 1]),
                              static_cast<uint8_t>(p[length - 1]), static_cast<uint32_t>(length));
}
inline uint64_t HashBytes(std::string_view bytes) { return HashBytes(bytes.data(), bytes.size()); }

// Hash64 of each key. `hashes` is at least as long as `keys` and may be the same memory. Uses the machine's vector instructions: 0.3 ns a key with
// AVX-512, 1.0 without.
void HashInts(std::span<const int64_t> keys, std::span<uint64_t> hashes);

// Mixes `value` into `seed`: for fingerprints and composite hashes inside one process. Depends on the order.
inline constexpr uint64_t HashCombine(uint64_t seed, uint64_t value) {
  return Hash64(seed ^ (value + 0x9e3779b97f4a7c15 + (seed << 6) + (seed >> 2)));
}

// XXH3 over bytes that arrive in pieces: equal to HashBytes of their concatenation.
class StreamingHash {
 public:
  StreamingHash();
  StreamingHash(const StreamingHash&) = delete;
  StreamingHash& operator=(const StreamingHash&) = delete;
  ~StreamingHash();

  void Update(std::string_view bytes);
  // Hash of all bytes so far; more may follow.
  uint64_t Digest() const;

 private:
  void* const state_;
};

}  // namespace weir
