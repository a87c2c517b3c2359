// Which kind of value a C++ type is, decided once for serializers, schemas and text.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/types/record.h"
#include "weir/types/schema/schema.h"

namespace weir {

template <class T>
struct Serializer;

namespace internal {

template <class T>
inline constexpr bool kIsDuration = false;
template <class Rep, class Period>
inline constexpr bool kIsDuration<std::chrono::duration<Rep, Period>> = std::is_integral_v<Rep>;

template <class T>
inline constexpr bool kIsTimestamp = false;
template <class D>
inline constexpr bool kIsTimestamp<std::chrono::time_point<std::chrono::system_clock, D>> = kIsDuration<D>;

// Containers and Protobuf messages are known by what they can do, so that no header of theirs is needed here.
template <class T>
concept OptionalLike = requires(T& t, const T& c, typename T::value_type v) {
  c.has_value();
  t.reset();
  t.emplace(v);
};
template <class T>
concept ArrayLike = !HasFields<T> && requires(T& t) {
  std::tuple_size<T>::value;
  t.data();
};
template <class T>
concept MapLike = requires(T& t, const T& c, typename T::key_type k, typename T::mapped_type v) {
  t.emplace(k, v);
  t.clear();
  c.begin();
  c.end();
};
template <class T>
concept SetLike = !MapLike<T> && requires(T& t, const T& c, typename T::key_type k) {
  t.emplace(k);
  t.clear();
  c.begin();
  c.end();
};
template <class T>
concept Hashed = requires { typename T::hasher; };
template <class T>
concept SequenceLike = requires(T& t, const T& c, typename T::value_type v) {
  t.push_back(v);
  t.clear();
  c.begin();
  c.end();
};
template <class T>
concept MessageLike = requires(T& t, const T& c, char* out, const char* in, int n) {
  { c.ByteSizeLong() } -> std::same_as<size_t>;
  c.SerializeToArray(out, n);
  { t.ParseFromArray(in, n) } -> std::same_as<bool>;
  { c.GetTypeName() } -> std::convertible_to<std::string>;
};

template <class T>
consteval TypeKind NumberKind() {
  if constexpr (std::is_same_v<T, bool>) {
    return TypeKind::kBool;
  } else if constexpr (std::is_same_v<T, float>) {
    return TypeKind::kFloat;
  } else if constexpr (std::is_same_v<T, double>) {
    return TypeKind::kDouble;
  } else if constexpr (!std::is_integral_v<T> || sizeof(T) > 8) {
    return TypeKind::kUnsupported;
  } else {
    constexpr int kLog = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
    constexpr TypeKind kFirst = std::is_signed_v<T> ? TypeKind::kInt8 : TypeKind::kUint8;
    return static_cast<TypeKind>(static_cast<int>(kFirst) + kLog);
  }
}

template <class T>
consteval TypeKind ClassKind() {
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) {
    return TypeKind::kString;
  } else if constexpr (kIsTimestamp<T>) {
    return TypeKind::kTimestamp;
  } else if constexpr (kIsDuration<T>) {
    return TypeKind::kDuration;
  } else if constexpr (kIsTuple<T>) {
    return TypeKind::kTuple;
  } else if constexpr (kIsVariant<T>) {
    return TypeKind::kVariant;
  } else if constexpr (Aggregate<T>) {
    return TypeKind::kRecord;
  } else if constexpr (OptionalLike<T>) {
    return TypeKind::kOptional;
  } else if constexpr (ArrayLike<T>) {
    return TypeKind::kArray;
  } else if constexpr (SequenceLike<T>) {
    return TypeKind::kList;
  } else if constexpr (MapLike<T>) {
    return TypeKind::kMap;
  } else if constexpr (SetLike<T>) {
    return TypeKind::kSet;
  } else if constexpr (MessageLike<T>) {
    return TypeKind::kMessage;
  } else {
    return TypeKind::kUnsupported;
  }
}

// A Serializer that the user wrote: the generated one says what it is.
template <class T>
concept HasOwnSerializer = !requires { typename Serializer<T>::Generated; };

template <class T>
consteval TypeKind FindKind() {
  if constexpr (HasOwnSerializer<T>) {
    return TypeKind::kCustom;
  } else if constexpr (std::is_enum_v<T>) {
    return TypeKind::kEnum;
  } else if constexpr (std::is_class_v<T>) {
    return ClassKind<T>();
  } else {
    return NumberKind<T>();
  }
}

}  // namespace internal

// kUnsupported for pointers, C arrays, std::function, classes with private members and no Serializer, ...
template <class T>
inline constexpr TypeKind KindOf = internal::FindKind<T>();

}  // namespace weir
