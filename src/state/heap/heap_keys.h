// How keys lie in the slots of the heap backend's tables: integers as they are, byte strings up to 15 bytes in the slot and longer ones behind a pointer.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "weir/base/hash.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/functions/state/map_pieces.h"

namespace weir {

struct IntegerKeys {
  static constexpr KeyForm kForm = KeyForm::kInteger;
  static constexpr uint32_t kBytes = 8;
  // Whether rows have no flags, but marks (functions/state/row_marks.h).
  static constexpr bool kHasMarks = false;
  // Whether looking at a slot's key may touch memory outside the slot.
  static constexpr bool kHasRemoteBytes = false;
  using Probe = int64_t;

  static Probe ProbeOf(const KeyColumn& keys, uint32_t index) { return keys.integers[index]; }
  static bool Equals(const char* slot, Probe probe) {
    int64_t key;
    std::memcpy(&key, slot, sizeof(key));
    return key == probe;
  }
  static void Store(char* slot, Probe probe) { std::memcpy(slot, &probe, sizeof(probe)); }
  static void Release(char*) {}
  static void PrefetchRemote(const char*) {}
  static uint64_t RemoteBytes(const char*) { return 0; }
  static StoredKey Read(const char* slot) {
    StoredKey key;
    std::memcpy(&key.integer, slot, sizeof(key.integer));
    return key;
  }
  static uint64_t HashOf(const char* slot) { return Hash64(static_cast<uint64_t>(Read(slot).integer)); }
};

// The same for rows without flags.
struct MarkedIntegerKeys : IntegerKeys {
  static constexpr bool kHasMarks = true;
};

// The slot's 16 bytes are compared as two words:
//
//   up to 15 bytes:  [ bytes, zero padded : 15 ][ length : 1 ]
//   longer:          [ pointer : 8 ][ length : 4 ][ sample : 3 ][ 0xff : 1 ]      sample: three bytes from the middle of the key
struct ByteKeys {
  static constexpr KeyForm kForm = KeyForm::kBytes;
  static constexpr uint32_t kBytes = 16;
  static constexpr bool kHasMarks = false;
  static constexpr bool kHasRemoteBytes = true;
  static constexpr size_t kMostInline = 15;

  struct Probe {
    uint64_t low;  // of a long key: unused
    uint64_t high;
    std::string_view key;
  };

  static Probe ProbeOf(const KeyColumn& keys, uint32_t index) { return ProbeOf(keys.bytes[index]); }
  static Probe ProbeOf(std::string_view key) {
    if (key.size() > kMostInline) [[unlikely]]
      return LongProbe(key);
    Probe probe{0, 0, key};
    if (kMayReadBehindKeys && !key.empty() && MayReadSixteen(key.data())) [[likely]] {
      // The lengths of words are not to be predicted: no branch on them, but a mask of so many ones.
      const char* const mask = kMask + kMostInline + 1 - key.size();
      probe.low = Word(key.data(), 0) & Word(mask, 0);
      probe.high = Word(key.data(), 1) & Word(mask, 1);
    } else {
      char bytes[16] = {};
      if (!key.empty()) std::memcpy(bytes, key.data(), key.size());
      probe.low = Word(bytes, 0);
      probe.high = Word(bytes, 1);
    }
    probe.high |= uint64_t{key.size()} << 56;
    return probe;
  }

  static bool Equals(const char* slot, const Probe& probe) {
    if (IsLong(probe.high)) [[unlikely]] {
      return Word(slot, 1) == probe.high && std::memcmp(Remote(slot), probe.key.data(), probe.key.size()) == 0;
    }
    return ((Word(slot, 0) ^ probe.low) | (Word(slot, 1) ^ probe.high)) == 0;
  }
  static void Store(char* slot, const Probe& probe) {
    uint64_t low = probe.low;
    if (IsLong(probe.high)) {
      char* const copy = new char[probe.key.size()];
      std::memcpy(copy, probe.key.data(), probe.key.size());
      low = reinterpret_cast<uint64_t>(copy);
    }
    std::memcpy(slot, &low, 8);
    std::memcpy(slot + 8, &probe.high, 8);
  }
  static void Release(char* slot) {
    if (IsLong(Word(slot, 1))) delete[] Remote(slot);
  }
  static void PrefetchRemote(const char* slot) {
    if (IsLong(Word(slot, 1))) __builtin_prefetch(Remote(slot));
  }
  static uint64_t RemoteBytes(const char* slot) { return IsLong(Word(slot, 1)) ? LongSize(Word(slot, 1)) : 0; }
  // The bytes are valid until the slot moves or its key is released.
  static StoredKey Read(const char* slot) {
    StoredKey key;
    const uint64_t high = Word(slot, 1);
    key.bytes = IsLong(high) ? std::string_view(Remote(slot), LongSize(high)) : std::string_view(slot, high >> 56);
    return key;
  }
  static uint64_t HashOf(const char* slot) { return HashBytes(Read(slot).bytes); }

 private:
  // Bytes behind a key may be read, and are masked out, where that cannot touch another page of memory. Sanitizers would call it an error.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static constexpr bool kMayReadBehindKeys = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
  static constexpr bool kMayReadBehindKeys = false;
#else
  static constexpr bool kMayReadBehindKeys = true;
#endif
#else
  static constexpr bool kMayReadBehindKeys = true;
#endif
  static bool MayReadSixteen(const char* bytes) { return (reinterpret_cast<uintptr_t>(bytes) & 4095) <= 4096 - 16; }
  // 16 bytes of ones, then 16 of zeros.
  static constexpr char kMask[33] =
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

  static Probe LongProbe(std::string_view key) {
    uint32_t sample = 0;
    std::memcpy(&sample, key.data() + key.size() / 2, 3);
    return {0, uint64_t{0xff} << 56 | uint64_t{sample} << 32 | static_cast<uint32_t>(key.size()), key};
  }
  static bool IsLong(uint64_t high) { return high >> 56 == 0xff; }
  static size_t LongSize(uint64_t high) { return static_cast<uint32_t>(high); }
  static uint64_t Word(const char* slot, int number) {
    uint64_t word;
    std::memcpy(&word, slot + 8 * number, 8);
    return word;
  }
  static char* Remote(const char* slot) { return reinterpret_cast<char*>(Word(slot, 0)); }
};

// Of rows of pieces (functions/state/map_pieces.h), which bring their hash.
struct PieceKeys : ByteKeys {
  static uint64_t HashOf(const char* slot) { return internal::HashOfPiece(Read(slot).bytes); }
};

}  // namespace weir
