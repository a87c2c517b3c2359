// Keys: how they are hashed, compared and stored.
//
// A key is stored in one of two forms (KeyForm in functions/state/keyed_rows.h):
//
//   integer   integers, enums, bool, floats, timestamps, durations: 64 bits, hashed by Hash64
//   bytes     strings as they are; everything else as its Serializer writes it; hashed by HashBytes
//
// Equal keys have equal bytes: -0.0 is 0.0 and all NaNs are one; containers without order are refused. The hash decides the key
// group, so bytes and hashes are part of the snapshot format: docs/formats/record.md.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/types/record.h"
#include "weir/types/serializer.h"
#include "weir/types/type_kind.h"

namespace weir {

namespace internal {

// Memory for the bytes of one key at a time, one per thread, so that hashing a composite key does not allocate.
ByteWriter& KeyScratch();

// What decides whether a type may be (part of) a key.
struct KeyParts {
  bool unordered = false;  // a hash map or hash set
  bool message = false;    // a Protobuf message: the same value may have several byte strings
  bool unsupported = false;
  bool floats = false;
  bool fixed_floats = false;  // floats where they cannot be normalised in place: in sets and map keys

  consteval KeyParts operator|(KeyParts o) const {
    return {unordered || o.unordered, message || o.message, unsupported || o.unsupported, floats || o.floats,
            fixed_floats || o.fixed_floats};
  }
};

template <class T>
consteval KeyParts FindKeyParts();

template <class... T>
consteval KeyParts FindKeyPartsIn(TypeList<T...>) {
  return (FindKeyParts<T>() | ... | KeyParts{});
}
template <class... T>
consteval KeyParts FindKeyPartsIn(std::variant<T...>*) {
  return (FindKeyParts<T>() | ... | KeyParts{});
}

template <class T>
consteval KeyParts FindKeyParts() {
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (kKind == TypeKind::kUnsupported) {
    return {.unsupported = true};
  } else if constexpr (kKind == TypeKind::kFloat || kKind == TypeKind::kDouble) {
    return {.floats = true};
  } else if constexpr (kKind == TypeKind::kMessage) {
    return {.message = true};
  } else if constexpr (kKind == TypeKind::kRecord || kKind == TypeKind::kTuple) {
    return FindKeyPartsIn(FieldTypes<T>{});
  } else if constexpr (kKind == TypeKind::kVariant) {
    return FindKeyPartsIn(static_cast<T*>(nullptr));
  } else if constexpr (kKind == TypeKind::kSet || kKind == TypeKind::kMap) {
    constexpr KeyParts kElement = FindKeyParts<std::remove_cv_t<typename T::value_type>>();
    return kElement | KeyParts{.unordered = Hashed<T>, .fixed_floats = kElement.floats};
  } else if constexpr (kKind == TypeKind::kOptional || kKind == TypeKind::kList || kKind == TypeKind::kArray) {
    return FindKeyParts<typename T::value_type>();
  } else {
    return {};
  }
}

template <class T>
T NormalFloat(T value) {
  if (value == 0) return 0;
  return value == value ? value : std::numeric_limits<T>::quiet_NaN();
}

// Gives all floats inside `key` the one form of their value.
template <class T>
void NormalizeFloats(T& key) {
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (!FindKeyParts<T>().floats) {
    return;
  } else if constexpr (std::is_floating_point_v<T>) {
    key = NormalFloat(key);
  } else if constexpr (HasFields<T>) {
    ForEachField(key, [](auto& field) { NormalizeFloats(field); });
  } else if constexpr (kKind == TypeKind::kOptional) {
    if (key.has_value()) NormalizeFloats(*key);
  } else if constexpr (kKind == TypeKind::kVariant) {
    [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
      ((key.index() == kIndex ? NormalizeFloats(*std::get_if<kIndex>(&key)) : void()), ...);
    }(std::make_index_sequence<std::variant_size_v<T>>());
  } else {
    for (auto& element : key) NormalizeFloats(element);
  }
}

template <class K>
consteval bool IsIntegerKey() {
  constexpr TypeKind kKind = KindOf<K>;
  return std::is_scalar_v<K> || kKind == TypeKind::kTimestamp || kKind == TypeKind::kDuration;
}

}  // namespace internal

// How keys of type K are handled. K is what the key selector returns, without const and reference; it may hold views.
template <class K>
struct KeyTraits {
 private:
  static constexpr internal::KeyParts kParts = internal::FindKeyParts<K>();
  static_assert(!kParts.unsupported, "weir: this key cannot be serialized; see types/serializer.h for what can");
  static_assert(
      !kParts.unordered,
      "weir: unordered containers are no keys: equal ones may have different bytes. Use std::map or std::set");
  static_assert(!kParts.message,
                "weir: Protobuf messages are no keys: equal ones may have different bytes. Key by their fields");
  static_assert(!kParts.fixed_floats, "weir: sets and maps of floating-point numbers are no keys");

 public:
  // Stored as 64 bits; else as bytes.
  static constexpr bool kInteger = internal::IsIntegerKey<K>();
  // Strings are stored as they are, everything else that is no integer by its Serializer.
  static constexpr bool kText = KindOf<K> == TypeKind::kString;
  // The form in which state may keep the key for itself.
  using Owned = OwnedType<K>;
  // The form in which functions see a stored key: strings as views of the stored bytes.
  using Argument = std::conditional_t<kText, std::string_view, K>;

  // The stored form of an integer key, and back.
  static int64_t ToInteger(const K& key)
    requires kInteger
  {
    if constexpr (KindOf<K> == TypeKind::kTimestamp) {
      return key.time_since_epoch().count();
    } else if constexpr (KindOf<K> == TypeKind::kDuration) {
      return key.count();
    } else if constexpr (std::is_same_v<K, double>) {
      return std::bit_cast<int64_t>(internal::NormalFloat(key));
    } else if constexpr (std::is_same_v<K, float>) {
      return std::bit_cast<int32_t>(internal::NormalFloat(key));
    } else {
      return static_cast<int64_t>(key);
    }
  }
  static K FromInteger(int64_t stored)
    requires kInteger
  {
    if constexpr (KindOf<K> == TypeKind::kTimestamp) {
      return K(typename K::duration(stored));
    } else if constexpr (std::is_same_v<K, double>) {
      return std::bit_cast<double>(stored);
    } else if constexpr (std::is_same_v<K, float>) {
      return std::bit_cast<float>(static_cast<int32_t>(stored));
    } else {
      return static_cast<K>(stored);
    }
  }

  // The stored form of a key of bytes: the string itself, or what is written to `scratch`, which must stay as it is for as long.
  static std::string_view ToBytes(const K& key, ByteWriter& scratch)
    requires(!kInteger)
  {
    if constexpr (kText) {
      return key;
    } else {
      scratch.Clear();
      AppendBytes(key, scratch);
      return scratch.bytes();
    }
  }
  // Appends the stored form.
  static void AppendBytes(const K& key, ByteWriter& out)
    requires(!kInteger)
  {
    if constexpr (kText) {
      out.PutBytes(key);
    } else if constexpr (kParts.floats) {
      K normal = key;
      internal::NormalizeFloats(normal);
      Serializer<K>::Write(normal, out);
    } else {
      Serializer<K>::Write(key, out);
    }
  }
  // Back; views in the result point into `stored`. The bytes come from our own table: damage was found when they were read.
  static Argument FromBytes(std::string_view stored)
    requires(!kInteger)
  {
    if constexpr (kText) {
      return stored;
    } else {
      K key{};
      (void)DecodeFrom(stored, key);
      return key;
    }
  }

  // What functions get when all keys are visited: text as a view into the table.
  template <class Stored>
  static Argument FromStored(const Stored& key) {
    if constexpr (kInteger) {
      return FromInteger(key.integer);
    } else if constexpr (kText) {
      return key.bytes;
    } else {
      K value{};
      ByteReader in(key.bytes, "key");
      Serializer<K>::Read(in, value);
      return value;
    }
  }

  static uint64_t Hash(const K& key) {
    if constexpr (kInteger) {
      return Hash64(static_cast<uint64_t>(ToInteger(key)));
    } else if constexpr (kText) {
      return HashBytes(key);
    } else {
      return HashBytes(ToBytes(key, internal::KeyScratch()));
    }
  }
};

}  // namespace weir
