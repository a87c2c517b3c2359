// The order of records: that of their keys' bytes, compared as words as far as they go.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir {

// The first sixteen bytes of a record's key, zeros behind its end: they order all keys of integers, and most others.
struct RecordKeyBegin {
  uint64_t high = 0;
  uint64_t low = 0;

  static RecordKeyBegin Of(std::string_view key) {
    uint64_t words[2] = {};
    std::memcpy(words, key.data(), std::min(key.size(), sizeof(words)));
    return {__builtin_bswap64(words[0]), __builtin_bswap64(words[1])};
  }
};

// Below, equal to or above zero as the key that begins with `a` comes before, is, or comes behind the one that begins with `b`. `key_of_a()` is all of a key.
template <class KeyOfA, class KeyOfB>
int CompareRecordKeys(const RecordKeyBegin& a, const RecordKeyBegin& b, KeyOfA key_of_a, KeyOfB key_of_b) {
  if (a.high != b.high) return a.high < b.high ? -1 : 1;
  if (a.low != b.low) return a.low < b.low ? -1 : 1;
  return key_of_a().compare(key_of_b());
}

}  // namespace weir
