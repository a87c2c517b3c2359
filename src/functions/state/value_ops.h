// The table of what a backend may do with state values of type V, made from V's serializer.
//
// Small values without pointers lie in the row itself; others lie behind an owning pointer in the row, so that rows may always be moved as bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "weir/base/coding.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/types/record.h"
#include "weir/types/schema/schema.h"
#include "weir/types/schema_of.h"
#include "weir/types/serializer.h"

namespace weir {

namespace internal {

// Largest value that lies in the row: one cache line. Larger ones would make every row of the table large, and its pages nearly empty.
inline constexpr size_t kMaxFlatBytes = 64;

// Copying a V as bytes is copying a V. (Not is_trivially_copyable: std::pair and std::tuple of numbers are not, for their assignment.)
template <class V>
inline constexpr bool kLiesInRow = std::is_trivially_copy_constructible_v<V> && std::is_trivially_destructible_v<V> &&
                                   sizeof(V) <= kMaxFlatBytes && alignof(V) <= 8;

// Compile-time conditions on everything that is kept in state.
template <class V>
consteval bool CheckStateValue() {
  static_assert(!ContainsViews<V>,
                "weir: state must own its bytes, and this type holds a std::string_view: use std::string");
  static_assert(std::is_default_constructible_v<V>,
                "weir: a state's value type needs a default constructor, to be read back into");
  static_assert(std::is_copy_constructible_v<V>,
                "weir: a state's value type must be copyable: a snapshot keeps the value of its moment");
  return true;
}

template <class V>
struct FlatValueOps {
  static void Encode(const void* slot, ByteWriter& out) { Serializer<V>::Write(*static_cast<const V*>(slot), out); }
  static Status Decode(ByteReader& in, void* slot) {
    V value{};
    Serializer<V>::Read(in, value);
    new (slot) V(value);
    return in.status();
  }
  static void EncodeDefault(ByteWriter& out) {
    const V value{};
    Encode(&value, out);
  }
  static constexpr ValueOps kOps{sizeof(V), alignof(V), true,         nullptr, nullptr,
                                 &Encode,   &Decode,    &SchemaOf<V>, nullptr, &EncodeDefault};
};

// How the serializer's values are written; lists and maps bring their own.
template <class V>
struct ValueCodec {
  static void Write(const V& value, ByteWriter& out) { Serializer<V>::Write(value, out); }
  static void Read(ByteReader& in, V& value) { Serializer<V>::Read(in, value); }
  static const Schema& StateSchema() { return SchemaOf<V>(); }
};

// The slot is a V*, never null while the state is present.
template <class V, class Codec>
struct OwnedValueOps {
  static V*& At(void* slot) { return *static_cast<V**>(slot); }
  static const V& At(const void* slot) { return **static_cast<V* const*>(slot); }

  static void Destroy(void* slot) { delete At(slot); }
  static void Copy(const void* from, void* to) { At(to) = new V(At(from)); }
  static void Encode(const void* slot, ByteWriter& out) { Codec::Write(At(slot), out); }
  static void EncodeDefault(ByteWriter& out) {
    if constexpr (requires { Codec::WriteDefault(out); }) {
      Codec::WriteDefault(out);
    } else {
      Codec::Write(V(), out);
    }
  }
  static Status Decode(ByteReader& in, void* slot) {
    std::unique_ptr<V> value(new V());
    Codec::Read(in, *value);
    if (!in.ok()) return in.status();
    At(slot) = value.release();
    return OkStatus();
  }
  static constexpr bool kHasTimes = requires(V& value) { Codec::Expire(value, int64_t{0}); };
  static Expired Expire(void* slot, int64_t time) {
    if constexpr (kHasTimes) return Codec::Expire(*At(slot), time);
    return Expired::kNothing;
  }
  static constexpr ValueOps kOps{sizeof(V*),
                                 alignof(V*),
                                 false,
                                 &Destroy,
                                 &Copy,
                                 &Encode,
                                 &Decode,
                                 &Codec::StateSchema,
                                 kHasTimes ? &Expire : nullptr,
                                 &EncodeDefault};
};

}  // namespace internal

template <class V>
const ValueOps* ValueOpsOf() {
  static_assert(internal::CheckStateValue<V>());
  if constexpr (internal::kLiesInRow<V>) {
    return &internal::FlatValueOps<V>::kOps;
  } else {
    return &internal::OwnedValueOps<V, internal::ValueCodec<V>>::kOps;
  }
}

}  // namespace weir
