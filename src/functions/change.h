// Rows of a table that changes, as a stream: what outer joins emit and regular joins take.
//
//   +I  insert          a new row
//   -U  update before   the old version of a row that changes: it is to be taken away
//   +U  update after    its new version
//   -D  delete          the row is no longer in the table
//
// Taking the changes in order gives the table: +I and +U add one row, -U and -D take one equal row away. Rows have no key here: a table may hold equal
// rows, and each change means one of them.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

#include "weir/types/print.h"

namespace weir {

enum class RowKind : uint8_t { kInsert, kUpdateBefore, kUpdateAfter, kDelete };

// Whether the row joins the table; else it leaves it.
inline constexpr bool IsAddition(RowKind kind) { return kind == RowKind::kInsert || kind == RowKind::kUpdateAfter; }
// "+I", "-U", "+U" or "-D".
std::string_view RowKindName(RowKind kind);

template <class T>
struct Change {
  RowKind kind = RowKind::kInsert;
  T row{};
  friend bool operator==(const Change&, const Change&) = default;
};

// Printed as {kind: +I, row: {...}}.
template <>
inline void AppendPrinted<RowKind>(const RowKind& kind, std::string& out) {
  out += RowKindName(kind);
}

namespace internal {

// A stream of T is one of rows that are only inserted; a stream of Change<T> says what becomes of them.
template <class In>
struct ChangeTraits {
  using Row = In;
  static constexpr bool kIsChange = false;
  static const In& RowOf(const In& in) { return in; }
  static RowKind KindOf(const In&) { return RowKind::kInsert; }
};
template <class T>
struct ChangeTraits<Change<T>> {
  using Row = T;
  static constexpr bool kIsChange = true;
  static const T& RowOf(const Change<T>& in) { return in.row; }
  static RowKind KindOf(const Change<T>& in) { return in.kind; }
};

}  // namespace internal
}  // namespace weir
