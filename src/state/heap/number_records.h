// Records (docs/formats/keyed_rows.md) of rows whose keys are integers, and whose values are their memory.
#pragma once

#include <cstdint>
#include <cstring>

#include "weir/base/coding.h"
#include "weir/state/snapshot/page_images.h"

namespace weir {

// A record of a row with one state: key, which states there are, the value's length; and the value.
inline constexpr uint32_t kRecordHead = sizeof(int64_t) + 2 * sizeof(uint32_t);

// Such a record of a slot, in which the state stands behind the key. Returns its end.
inline char* PutNumberRecord(const char* slot, uint32_t value_bytes, char* at) {
  std::memcpy(at, slot, sizeof(int64_t));
  StoreLittleEndian(at + sizeof(int64_t), uint32_t{1});
  StoreLittleEndian(at + sizeof(int64_t) + sizeof(uint32_t), value_bytes);
  const char* const value = slot + sizeof(int64_t);
  if (value_bytes == sizeof(int64_t)) {
    std::memcpy(at + kRecordHead, value, sizeof(int64_t));
  } else {
    std::memcpy(at + kRecordHead, value, value_bytes);
  }
  return at + kRecordHead + value_bytes;
}

// What a record has behind its key, for values whose bytes are their memory.
inline char* PutStates(const PageImageShape& shape, const char* slot, uint32_t present, char* at) {
  StoreLittleEndian(at, present);
  at += sizeof(present);
  for (size_t i = 0; i < shape.states.size(); ++i) {
    if ((present >> i & 1) == 0) continue;
    StoreLittleEndian(at, shape.states[i].bytes);
    std::memcpy(at + sizeof(uint32_t), slot + shape.states[i].offset, shape.states[i].bytes);
    at += sizeof(uint32_t) + shape.states[i].bytes;
  }
  return at;
}

inline uint32_t StatesBytes(const PageImageShape& shape, uint32_t present) {
  uint32_t bytes = sizeof(present);
  for (size_t i = 0; i < shape.states.size(); ++i) {
    if ((present >> i & 1) != 0) bytes += sizeof(uint32_t) + shape.states[i].bytes;
  }
  return bytes;
}

}  // namespace weir
