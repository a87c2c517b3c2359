// Keys of maps in state: which are equal, and their hashes, which decide the pieces of large maps and so are part of snapshots.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/types/key.h"
#include "weir/types/serializer.h"

namespace weir {

// What a map takes to look a key up: a view for strings, so that no string is built to ask.
template <class K>
using MapKeyArgument = std::conditional_t<std::is_same_v<K, std::string>, std::string_view, const K&>;

namespace internal {

// -0.0 is 0.0 and all NaNs are one, as in the keys of streams, wherever they lie in the key.
template <class K>
inline constexpr bool kHasFloats = FindKeyParts<K>().floats;

template <class K>
void WriteMapKey(const K& key, ByteWriter& out) {
  if constexpr (kHasFloats<K>) {
    K normal = key;
    NormalizeFloats(normal);
    Serializer<K>::Write(normal, out);
  } else {
    Serializer<K>::Write(key, out);
  }
}

template <class K>
uint64_t HashMapKey(MapKeyArgument<K> key) {
  if constexpr (std::is_same_v<K, std::string>) {
    return HashBytes(key);
  } else if constexpr (std::is_integral_v<K> || std::is_enum_v<K>) {
    return Hash64(static_cast<uint64_t>(key));
  } else {
    ByteWriter bytes;
    WriteMapKey(key, bytes);
    return HashBytes(bytes.bytes());
  }
}

template <class K>
bool IsSameMapKey(const K& stored, MapKeyArgument<K> key) {
  if constexpr (std::is_floating_point_v<K>) {
    return stored == key || (stored != stored && key != key);
  } else if constexpr (kHasFloats<K>) {
    if (stored == key) return true;
    ByteWriter one, other;
    WriteMapKey(stored, one);
    WriteMapKey(key, other);
    return one.bytes() == other.bytes();
  } else {
    return stored == key;
  }
}

}  // namespace internal
}  // namespace weir
