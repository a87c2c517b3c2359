// Keys: what a key selector returns, as the state table sees it.
//
//   form      key types                                         canonical bytes
//   integer   integers, bool, enums, Timestamp, durations       the value as int64, little endian
//   bytes     std::string, std::string_view                     the characters
//   bytes     everything else that serializes and compares      Serializer<K>
//
// The 64-bit hash of a key is XXH3 over its canonical bytes with seed 0; it decides the key group, so it must never change.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/base/status.h"
#include "weir/types/record.h"
#include "weir/types/serializer.h"

namespace weir {

namespace internal {

template <class K>
inline constexpr bool kIsTimeLike =
    requires(const K& key) { key.time_since_epoch().count(); } || requires(const K& key) {
      { key.count() } -> std::convertible_to<int64_t>;
      typename K::period;
    };
template <class K>
inline constexpr bool kIsIntegerKey = (std::is_integral_v<K> && sizeof(K) <= 8) || std::is_enum_v<K> || kIsTimeLike<K>;
template <class K>
inline constexpr bool kIsTextKey = std::is_same_v<K, std::string> || std::is_same_v<K, std::string_view>;
template <class K>
inline constexpr bool kIsUnordered = requires { typename K::hasher; };

}  // namespace internal

// K: the decayed type that a key selector returns.
template <class K>
struct KeyTraits {
  static_assert(!internal::kIsUnordered<K>,
                "weir: an unordered container is no key: equal ones may serialize to different bytes. Use std::map, "
                "std::set or a sorted vector");
  static_assert(!std::is_floating_point_v<K>,
                "weir: a floating point number is no key: 0.0 and -0.0 are equal but differ in their bytes");

  static constexpr bool kInteger = internal::kIsIntegerKey<K>;
  static constexpr bool kText = internal::kIsTextKey<K>;
  // How functions get the key: views for text, else the value.
  using Argument = std::conditional_t<kText, std::string_view, K>;
  // How state keeps it.
  using Owned = std::conditional_t<kText, std::string, OwnedType<K>>;

  static int64_t ToInteger(const K& key)
    requires kInteger
  {
    if constexpr (requires { key.time_since_epoch(); }) {
      return static_cast<int64_t>(key.time_since_epoch().count());
    } else if constexpr (requires { key.count(); }) {
      return static_cast<int64_t>(key.count());
    } else {
      return static_cast<int64_t>(key);
    }
  }
  static K FromInteger(int64_t value)
    requires kInteger
  {
    if constexpr (requires(K k) { k.time_since_epoch(); }) {
      return K(typename K::duration(static_cast<typename K::rep>(value)));
    } else {
      return static_cast<K>(value);
    }
  }

  // The canonical bytes, appended to `out`.
  static void AppendBytes(const K& key, ByteWriter& out)
    requires(!kInteger)
  {
    if constexpr (kText) {
      out.PutBytes(key);
    } else {
      Serializer<K>::Write(key, out);
    }
  }

  static uint64_t Hash(const K& key) {
    if constexpr (kInteger) {
      return Hash64(static_cast<uint64_t>(ToInteger(key)));
    } else if constexpr (kText) {
      return HashBytes(std::string_view(key));
    } else {
      ByteWriter out;
      Serializer<K>::Write(key, out);
      return HashBytes(out.bytes());
    }
  }
};

}  // namespace weir
