// What the engine wants to know of a record type beyond its fields: stable ids, whether it holds views, and its owning form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "weir/types/reflect.h"

namespace weir {

namespace internal {

template <class T>
inline constexpr bool kIsVariant = false;
template <class... T>
inline constexpr bool kIsVariant<std::variant<T...>> = true;

template <class T>
consteval bool FindViews();

template <class... T>
consteval bool FindViewsIn(TypeList<T...>) {
  return (FindViews<T>() || ...);
}
template <class... T>
consteval bool FindViewsIn(std::variant<T...>*) {
  return (FindViews<T>() || ...);
}

template <class T>
consteval bool FindViews() {
  if constexpr (std::is_same_v<T, std::string_view>) {
    return true;
  } else if constexpr (std::is_scalar_v<T> || std::is_same_v<T, std::string>) {
    return false;
  } else if constexpr (HasFields<T>) {
    return FindViewsIn(FieldTypes<T>{});
  } else if constexpr (kIsVariant<T>) {
    return FindViewsIn(static_cast<T*>(nullptr));
  } else if constexpr (requires { typename T::value_type; }) {  // containers and std::optional
    return FindViews<std::remove_cv_t<typename T::value_type>>();
  } else {
    return false;
  }
}

}  // namespace internal

// True if a T holds a std::string_view anywhere inside. Such a value lives only as long as the batch that owns the bytes, so it
// may flow but must not be kept: not as state, key, timer, window content or accumulator. Own classes count as owning.
template <class T>
inline constexpr bool ContainsViews = internal::FindViews<std::remove_cv_t<T>>();

namespace internal {

template <class T>
struct Owned {
  using Type = T;
};
template <>
struct Owned<std::string_view> {
  using Type = std::string;
};
template <class A, class B>
struct Owned<std::pair<A, B>> {
  using Type = std::pair<typename Owned<A>::Type, typename Owned<B>::Type>;
};
template <class... T>
struct Owned<std::tuple<T...>> {
  using Type = std::tuple<typename Owned<T>::Type...>;
};
template <class T>
struct Owned<std::optional<T>> {
  using Type = std::optional<typename Owned<T>::Type>;
};
template <class T>
struct Owned<std::vector<T>> {
  using Type = std::vector<typename Owned<T>::Type>;
};

}  // namespace internal

// How a T is kept: std::string_view as std::string, also inside pairs, tuples, optionals and vectors; other types as they are
// (ContainsViews<OwnedType<T>> is still true for a struct with a view, which cannot be kept).
template <class T>
using OwnedType = typename internal::Owned<std::remove_cv_t<T>>::Type;

namespace internal {

// Ids of fields without WEIR_RECORD: a hash (FNV-1a) of the name with the top bit set, which given ids never have. Stored in
// snapshots: must never change.
constexpr uint32_t FieldIdOfName(std::string_view name) {
  uint32_t hash = 0x811c9dc5;
  for (char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 0x01000193;
  return hash | 0x80000000;
}

template <class T>
concept HasGivenIds = requires(const T* type) { WeirFieldId(type, std::string_view()); };

template <class T>
consteval uint32_t FieldIdOf(int index) {
  const std::string_view name = FieldNames<T>()[index];
  if constexpr (HasGivenIds<T>) {
    return WeirFieldId(static_cast<const T*>(nullptr), name);
  } else {
    return FieldIdOfName(name);
  }
}

template <int kCount>
struct IdTable {
  uint32_t id[kCount == 0 ? 1 : kCount];
  constexpr uint32_t operator[](int index) const { return id[index]; }

  constexpr bool all_given() const {
    for (uint32_t each : id) {
      if (kCount > 0 && each == 0) return false;
    }
    return true;
  }
  constexpr bool unique() const {
    for (int i = 0; i < kCount; ++i) {
      for (int j = i + 1; j < kCount; ++j) {
        if (id[i] == id[j]) return false;
      }
    }
    return true;
  }
};

template <class T, int... kIndex>
consteval auto MakeFieldIds(std::integer_sequence<int, kIndex...>) {
  constexpr IdTable<sizeof...(kIndex)> kIds{{FieldIdOf<T>(kIndex)...}};
  static_assert(kIds.all_given(),
                "weir: WEIR_RECORD must list every field of the record, with an id from 1 to 2147483647");
  static_assert(kIds.unique(), "weir: two fields of this record have the same id; fix them with WEIR_RECORD");
  return kIds;
}

template <class T>
inline constexpr auto kFieldIds = MakeFieldIds<T>(std::make_integer_sequence<int, FieldCount<T>>());

}  // namespace internal

// The fields' ids, by which a snapshot knows them: given by WEIR_RECORD, else derived from the names.
template <HasFields T>
constexpr const auto& FieldIds() {
  return internal::kFieldIds<T>;
}

}  // namespace weir

// Fixes the ids of a record's fields, so that a field can be renamed without losing its place in snapshots:
//
//   struct Flight { int64_t id; weir::Timestamp departure; };
//   WEIR_RECORD(Flight, (id, 1), (departure, 2))
//
// Stands in the record's namespace, before its first use; lists every field; an id is never used again for another meaning.
#define WEIR_RECORD(Type, ...)                                                                        \
  [[maybe_unused]] constexpr ::std::uint32_t WeirFieldId(const Type*, ::std::string_view weir_name) { \
    using WeirType = Type;                                                                            \
    WEIR_RECORD_EXPAND(WEIR_RECORD_FIELDS(__VA_ARGS__))                                               \
    return 0;                                                                                         \
  }                                                                                                   \
  static_assert(::weir::HasFields<Type>, "weir: WEIR_RECORD takes a struct of at most 64 fields")

#define WEIR_RECORD_FIELD(member, id)                                                      \
  static_assert((id) > 0 && (id) <= 0x7fffffff && sizeof(WeirType::member) > 0,            \
                "weir: a field id in WEIR_RECORD is a whole number from 1 to 2147483647"); \
  if (weir_name == #member) return id;
#define WEIR_RECORD_FIELDS(first, ...) \
  WEIR_RECORD_FIELD first __VA_OPT__(WEIR_RECORD_FIELDS_AGAIN WEIR_RECORD_PARENTHESES(__VA_ARGS__))
#define WEIR_RECORD_FIELDS_AGAIN() WEIR_RECORD_FIELDS
#define WEIR_RECORD_PARENTHESES ()
// Rescans 64 times and more, once per field.
#define WEIR_RECORD_EXPAND(...) \
  WEIR_RECORD_EXPAND_4(WEIR_RECORD_EXPAND_4(WEIR_RECORD_EXPAND_4(WEIR_RECORD_EXPAND_4(__VA_ARGS__))))
#define WEIR_RECORD_EXPAND_4(...) \
  WEIR_RECORD_EXPAND_3(WEIR_RECORD_EXPAND_3(WEIR_RECORD_EXPAND_3(WEIR_RECORD_EXPAND_3(__VA_ARGS__))))
#define WEIR_RECORD_EXPAND_3(...) \
  WEIR_RECORD_EXPAND_2(WEIR_RECORD_EXPAND_2(WEIR_RECORD_EXPAND_2(WEIR_RECORD_EXPAND_2(__VA_ARGS__))))
#define WEIR_RECORD_EXPAND_2(...) __VA_ARGS__
