// Gives the views inside a record a new home.
#pragma once

#include <string_view>

#include "weir/types/batch.h"
#include "weir/types/type_kind.h"

namespace weir::internal {

// Not inline: the code for a full chunk would be compiled for every view of every record type.
void RehomeView(std::string_view& view, BatchBase& home);

// Copies the bytes of all views inside `value` into the memory of `home` and points the views there.
template <class T>
void Rehome(T& value, BatchBase& home) {
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (!ContainsViews<T>) {
    return;
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    RehomeView(value, home);
  } else if constexpr (HasFields<T>) {
    ForEachField(value, [&home](auto& field) { Rehome(field, home); });
  } else if constexpr (kKind == TypeKind::kOptional) {
    if (value.has_value()) Rehome(*value, home);
  } else if constexpr (kKind == TypeKind::kVariant) {
    [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
      ((value.index() == kIndex ? Rehome(*std::get_if<kIndex>(&value), home) : void()), ...);
    }(std::make_index_sequence<std::variant_size_v<T>>());
  } else if constexpr (kKind == TypeKind::kArray || kKind == TypeKind::kList) {
    for (auto& element : value) Rehome(element, home);
  } else {
    static_assert(
        kKind != TypeKind::kSet && kKind != TypeKind::kMap,
        "weir: sets and maps in records must own their keys and values: use std::string instead of std::string_view");
  }
}

}  // namespace weir::internal
