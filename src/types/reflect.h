// Fields of plain structs, found at compile time without a macro.
//
//   struct Flight { int64_t id; std::string_view origin; };
//   FieldCount<Flight>                     // 2
//   FieldNames<Flight>()[1]                // "origin"
//   ForEachField(flight, [](auto& field) { ... });
//   VisitFields(flight, [](auto&... fields) { ... });
//
// Any aggregate of up to 64 fields without base class, C array or bit field works; std::pair and std::tuple look like records
// whose fields are called first, second and f0, f1, ... Counting tries braces with more and more placeholders; names come from
// how the compiler prints the address of a field. Works in g++ 12 and clang 19, also for types in anonymous namespaces.
#pragma once

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weir/types/reflect_bindings.h"

namespace weir {

template <class... T>
struct TypeList {};

// True for std::pair and std::tuple.
template <class T>
inline constexpr bool kIsTuple = false;
template <class A, class B>
inline constexpr bool kIsTuple<std::pair<A, B>> = true;
template <class... T>
inline constexpr bool kIsTuple<std::tuple<T...>> = true;

// A struct whose fields can be found (std::array is an aggregate too, but a container).
template <class T>
concept Aggregate = std::is_class_v<T> && std::is_aggregate_v<T> && !requires { std::tuple_size<T>::value; };

// A type with fields: an aggregate, a pair or a tuple.
template <class T>
concept HasFields = Aggregate<T> || kIsTuple<T>;

namespace internal {

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"  // types of anonymous namespaces
#endif

// Stands for a field of any type while counting. Declared, never defined; not constexpr, so that std::optional's converting
// constructor, which overload resolution instantiates, does not warn about an undefined inline function.
template <class Owner>
struct AnyField {
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Owner>)
  operator T() const noexcept {
    __builtin_unreachable();
  }
};

template <class T, class... Fields>
consteval int CountFields() {
  if constexpr (sizeof...(Fields) <= 64 && requires { T{Fields{}..., AnyField<T>{}}; }) {
    return CountFields<T, Fields..., AnyField<T>>();
  } else {
    return sizeof...(Fields);
  }
}

template <class T>
consteval int CountOf() {
  if constexpr (kIsTuple<T>) {
    return static_cast<int>(std::tuple_size_v<T>);
  } else {
    return CountFields<T>();
  }
}

// An object that exists only by its address: fields of `kPhantom<T>` are named in template arguments, never read.
template <class T>
struct Phantom {
  T value;
};
template <class T>
extern const Phantom<T> kPhantom;

template <int kCount>
struct FieldAddresses {
  const void* address[kCount];
};

template <class T>
inline constexpr auto kFieldAddresses = VisitBindings<CountOf<T>()>(
    kPhantom<T>.value, [](auto&... fields) { return FieldAddresses<sizeof...(fields)>{{&fields...}}; });
#ifdef __clang__
#pragma clang diagnostic pop
#endif

constexpr bool IsIdentifierCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The compiler prints "... [with auto kAddress = (& kPhantom<Flight>.Phantom<Flight>::value.Flight::origin)]" (g++) or
// "... [kAddress = &kPhantom.value.origin]" (clang): the last identifier is the field's name in both.
template <auto kAddress>
consteval std::string_view LastIdentifier() {
  std::string_view text(__PRETTY_FUNCTION__);
#ifndef __clang__
  text.remove_suffix(text.size() -
                     text.rfind("); std::string_view"));  // g++ goes on to explain the return type's alias
#endif
  size_t end = text.size();
  while (!IsIdentifierCharacter(text[end - 1])) --end;
  size_t begin = end;
  while (IsIdentifierCharacter(text[begin - 1])) --begin;
  return text.substr(begin, end - begin);
}

// Names of the elements of a tuple of up to 64, cut from one text.
inline constexpr std::string_view kTupleNames =
    "f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 f10f11f12f13f14f15f16f17f18f19f20f21f22f23f24f25f26f27f28f29f30f31"
    "f32f33f34f35f36f37f38f39f40f41f42f43f44f45f46f47f48f49f50f51f52f53f54f55f56f57f58f59f60f61f62f63";

template <class T>
inline constexpr bool kIsPair = false;
template <class A, class B>
inline constexpr bool kIsPair<std::pair<A, B>> = true;

template <class T, int kIndex>
consteval std::string_view FieldName() {
  if constexpr (kIsPair<T>) {
    return kIndex == 0 ? "first" : "second";
  } else if constexpr (kIsTuple<T>) {
    return kTupleNames.substr(3 * kIndex, kIndex < 10 ? 2 : 3);
  } else {
    return LastIdentifier<kFieldAddresses<T>.address[kIndex]>();
  }
}

// An array that may be empty, and needs no <array>.
template <int kCount>
struct NameTable {
  std::string_view name[kCount == 0 ? 1 : kCount];
  constexpr std::string_view operator[](int index) const { return name[index]; }
  constexpr int size() const { return kCount; }
  constexpr const std::string_view* begin() const { return name; }
  constexpr const std::string_view* end() const { return name + kCount; }
};

template <class T, int... kIndex>
consteval auto MakeNames(std::integer_sequence<int, kIndex...>) {
  return NameTable<sizeof...(kIndex)>{{FieldName<T, kIndex>()...}};
}

template <class... T>
constexpr TypeList<std::remove_cv_t<T>...> ListTypes(T&...) {
  return {};
}

}  // namespace internal

// Number of fields of a record, pair or tuple.
template <HasFields T>
inline constexpr int FieldCount = internal::CountOf<T>();

// Calls `visitor(field...)` once with references to all fields, in order of declaration, and returns what it returns.
template <class T, class Visitor>
  requires HasFields<std::remove_const_t<T>>
constexpr decltype(auto) VisitFields(T& record, Visitor&& visitor) {
  return internal::VisitBindings<FieldCount<std::remove_const_t<T>>>(record, static_cast<Visitor&&>(visitor));
}

// Calls `f(field)` for each field in order of declaration.
template <class T, class F>
  requires HasFields<std::remove_const_t<T>>
constexpr void ForEachField(T& record, F&& f) {
  VisitFields(record, [&f](auto&... fields) { (f(fields), ...); });
}

namespace internal {
template <class T>
inline constexpr auto kFieldNames = MakeNames<T>(std::make_integer_sequence<int, FieldCount<T>>());
}  // namespace internal

// The fields' names, in order of declaration: indexable, iterable, of static storage.
template <HasFields T>
constexpr const auto& FieldNames() {
  return internal::kFieldNames<T>;
}

// Calls `f(name, field)` for each field.
template <class T, class F>
  requires HasFields<std::remove_const_t<T>>
constexpr void ForEachNamedField(T& record, F&& f) {
  VisitFields(record, [&f](auto&... fields) {
    int index = 0;
    (f(FieldNames<std::remove_const_t<T>>()[index++], fields), ...);
  });
}

// TypeList of the fields' types, without const.
template <HasFields T>
using FieldTypes =
    decltype(VisitFields(std::declval<T&>(), [](auto&... fields) { return internal::ListTypes(fields...); }));

// The type's name as the compiler prints it, with namespaces: for messages and schemas, never compared.
template <class T>
consteval std::string_view TypeName() {
  std::string_view text(__PRETTY_FUNCTION__);
#ifdef __clang__
  text.remove_prefix(text.find("T = ") + 4);
  text.remove_suffix(1);
#else
  text.remove_prefix(text.find("T = ") + 4);
  text.remove_suffix(text.size() - text.rfind("; std::string_view"));
#endif
  return text;
}

}  // namespace weir
