// CSV cells to fields and back.
//
// A column of cells is parsed by one call: the loop over the rows is compiled once per type in csv_cell.cc, not in user programs.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/base/time.h"

namespace weir {

// The cells of one column in rows [0, count), `stride` cells apart, and the fields they go to, `row_bytes` apart.
struct CellColumn {
  const std::string_view* cells;
  uint32_t stride;
  uint32_t count;
  char* fields;
  uint32_t row_bytes;
};

// What can be done with the cells of one type.
struct CellType {
  std::string_view name;  // for messages: "int32"
  // Parses rows [from, count). Returns the first row whose cell is no value of the type, or count. Views point into the cells' text.
  uint32_t (*parse)(const CellColumn& column, uint32_t from);
  // Appends the text of a field, without quotes.
  void (*append)(const void* field, std::string& out);
  // The text may contain anything, so that it may need quotes.
  bool is_text = false;
};

namespace internal {

extern const CellType kBoolCell, kInt8Cell, kInt16Cell, kInt32Cell, kInt64Cell;
extern const CellType kUInt8Cell, kUInt16Cell, kUInt32Cell, kUInt64Cell;
extern const CellType kFloatCell, kDoubleCell, kStringCell, kViewCell, kTimestampCell;

template <class T>
inline constexpr bool kNoCellType = false;

template <class T>
struct CellTypeFor;

template <class T>
constexpr const CellType* IntegerCell() {
  constexpr bool kSigned = std::is_signed_v<T>;
  if constexpr (sizeof(T) == 1) return kSigned ? &kInt8Cell : &kUInt8Cell;
  if constexpr (sizeof(T) == 2) return kSigned ? &kInt16Cell : &kUInt16Cell;
  if constexpr (sizeof(T) == 4) return kSigned ? &kInt32Cell : &kUInt32Cell;
  if constexpr (sizeof(T) == 8) return kSigned ? &kInt64Cell : &kUInt64Cell;
}

}  // namespace internal

// The cell type of fields of type T. Enums are written as their numbers, durations as their counts, time points as `yyyy-MM-dd HH:mm:ss[.fff]` in UTC,
// an empty std::optional as an empty cell.
template <class T>
constexpr const CellType* CellTypeOf() {
  if constexpr (std::is_same_v<T, bool>) {
    return &internal::kBoolCell;
  } else if constexpr (std::is_integral_v<T>) {
    return internal::IntegerCell<T>();
  } else if constexpr (std::is_enum_v<T>) {
    return internal::IntegerCell<std::underlying_type_t<T>>();
  } else if constexpr (std::is_same_v<T, float>) {
    return &internal::kFloatCell;
  } else if constexpr (std::is_same_v<T, double>) {
    return &internal::kDoubleCell;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return &internal::kStringCell;
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    return &internal::kViewCell;
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return &internal::kTimestampCell;
  } else {
    return &internal::CellTypeFor<T>::kType;
  }
}

namespace internal {

// Parses one cell with the parser of U, which may be another type than the field's.
template <class U>
bool ParseOneCell(std::string_view cell, U& value) {
  return CellTypeOf<U>()->parse({&cell, 1, 1, reinterpret_cast<char*>(&value), sizeof(U)}, 0) == 1;
}

// Types that are made from another one by `Convert`.
template <class T, class Convert>
uint32_t ParseConverted(const CellColumn& column, uint32_t from) {
  for (uint32_t row = from; row < column.count; ++row) {
    T& field = *reinterpret_cast<T*>(column.fields + size_t{row} * column.row_bytes);
    if (!Convert::Parse(column.cells[size_t{row} * column.stride], field)) return row;
  }
  return column.count;
}

template <class T>
struct CellTypeFor {
  static_assert(kNoCellType<T>,
                "weir: a field of this type cannot be read from or written to a CSV cell. Use numbers, bool, enums, "
                "strings, time points, durations and std::optional of these; map other types first.");
};

template <class Rep, class Period>
struct CellTypeFor<std::chrono::duration<Rep, Period>> {
  using Field = std::chrono::duration<Rep, Period>;
  static_assert(sizeof(Field) == sizeof(Rep));
  static constexpr bool kFloating = std::is_floating_point_v<Rep>;
  static bool Parse(std::string_view cell, Field& field) {
    Rep count;
    if (!ParseOneCell(cell, count)) return false;
    field = Field(count);
    return true;
  }
  static void Append(const void* field, std::string& out) {
    const Rep count = static_cast<const Field*>(field)->count();
    CellTypeOf<Rep>()->append(&count, out);
  }
  static constexpr CellType kType{"duration (a number)", &ParseConverted<Field, CellTypeFor>, &Append};
};

template <class Unit>
struct CellTypeFor<std::chrono::time_point<std::chrono::system_clock, Unit>> {
  using Field = std::chrono::time_point<std::chrono::system_clock, Unit>;
  static bool Parse(std::string_view cell, Field& field) {
    Timestamp time;
    if (!ParseOneCell(cell, time)) return false;
    field = Field(std::chrono::duration_cast<Unit>(time.time_since_epoch()));
    return true;
  }
  static void Append(const void* field, std::string& out) {
    const Timestamp time = std::chrono::floor<Duration>(*static_cast<const Field*>(field));
    kTimestampCell.append(&time, out);
  }
  static constexpr CellType kType{"timestamp", &ParseConverted<Field, CellTypeFor>, &Append};
};

template <class T>
struct CellTypeFor<std::optional<T>> {
  static bool Parse(std::string_view cell, std::optional<T>& field) {
    if (cell.empty()) {
      field.reset();
      return true;
    }
    return ParseOneCell(cell, field.emplace());
  }
  static void Append(const void* field, std::string& out) {
    const auto& value = *static_cast<const std::optional<T>*>(field);
    if (value.has_value()) CellTypeOf<T>()->append(&*value, out);
  }
  static inline const CellType kType{CellTypeOf<T>()->name, &ParseConverted<std::optional<T>, CellTypeFor>, &Append,
                                     std::is_convertible_v<T, std::string_view>};
};

}  // namespace internal

}  // namespace weir
