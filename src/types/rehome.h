// Gives the views inside a record a new home.
#pragma once

#include <string_view>

#include "weir/types/batch.h"
#include "weir/types/serializer.h"  // without it every class looks as if it had a serializer of its own

namespace weir::internal {

// Not inline: the code for a full chunk would be compiled for every view of every record type.
void RehomeView(std::string_view& view, BatchBase& home);

// Calls f(std::string_view&) for every view inside `value`.
template <class T, class F>
void ForEachView(T& value, F&& f) {
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (!ContainsViews<T>) {
    return;
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    f(value);
  } else if constexpr (HasFields<T>) {
    ForEachField(value, [&f](auto& field) { ForEachView(field, f); });
  } else if constexpr (kKind == TypeKind::kOptional) {
    if (value.has_value()) ForEachView(*value, f);
  } else if constexpr (kKind == TypeKind::kVariant) {
    [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
      ((value.index() == kIndex ? ForEachView(*std::get_if<kIndex>(&value), f) : void()), ...);
    }(std::make_index_sequence<std::variant_size_v<T>>());
  } else if constexpr (kKind == TypeKind::kArray || kKind == TypeKind::kList) {
    for (auto& element : value) ForEachView(element, f);
  } else {
    static_assert(
        kKind != TypeKind::kSet && kKind != TypeKind::kMap,
        "weir: sets and maps in records must own their keys and values: use std::string instead of std::string_view");
  }
}

// Copies the bytes of all views inside `value` into the memory of `home` and points the views there.
template <class T>
void Rehome(T& value, BatchBase& home) {
  ForEachView(value, [&home](std::string_view& view) { RehomeView(view, home); });
}

}  // namespace weir::internal
