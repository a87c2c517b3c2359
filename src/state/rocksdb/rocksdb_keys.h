// Keys of the records of keyed rows: in the order of key groups, and inside of one in the order of keys.
//
//   record key := key group : u16 big endian, key
//   key        := integer, big endian, its sign bit flipped | bytes as they are
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "weir/base/coding.h"
#include "weir/functions/state/keyed_rows.h"

namespace weir {

inline constexpr size_t kKeyGroupBytes = 2;

inline void AppendKeyGroup(uint32_t key_group, ByteWriter& out) {
  out.PutU8(static_cast<uint8_t>(key_group >> 8));
  out.PutU8(static_cast<uint8_t>(key_group));
}

inline void AppendRecordKey(uint32_t key_group, KeyForm form, const StoredKey& key, ByteWriter& out) {
  AppendKeyGroup(key_group, out);
  if (form != KeyForm::kInteger) return out.PutBytes(key.bytes);
  out.PutU64(__builtin_bswap64(static_cast<uint64_t>(key.integer) ^ (uint64_t{1} << 63)));
}

inline uint32_t KeyGroupOfRecord(std::string_view record_key) {
  return static_cast<uint32_t>(static_cast<uint8_t>(record_key[0])) << 8 | static_cast<uint8_t>(record_key[1]);
}

// The key's bytes point into `record_key`.
inline StoredKey KeyOfRecord(std::string_view record_key, KeyForm form) {
  StoredKey key;
  record_key.remove_prefix(kKeyGroupBytes);
  if (form != KeyForm::kInteger) {
    key.bytes = record_key;
  } else {
    key.integer =
        static_cast<int64_t>(__builtin_bswap64(LoadLittleEndian<uint64_t>(record_key.data())) ^ (uint64_t{1} << 63));
  }
  return key;
}

}  // namespace weir
