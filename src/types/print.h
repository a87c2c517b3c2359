// Values as people read them: what Print() shows.
//
//   int, double, bool      7   2.5   true
//   strings                JFK                                   (without quotes)
//   time points            2001-02-16 00:08:00                   (UTC; milliseconds if there are any)
//   durations              90 min   500 ms
//   pairs, tuples          (JFK,7)                               (as Flink prints them)
//   records                {origin: JFK, delay: 7}
//   lists, sets, arrays    [1, 2, 3]
//   maps                   {a=1, b=2}
//   optionals              the value, or null
//   variants               the alternative's value
//
// Own classes print by their ToString() if they have one; Protobuf messages by ShortDebugString().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/types/schema_of.h"
#include "weir/types/time_text.h"
#include "weir/types/type_kind.h"

namespace weir {

template <class T>
void AppendPrinted(const T& value, std::string& out);

template <class T>
std::string Printed(const T& value) {
  std::string out;
  AppendPrinted(value, out);
  return out;
}

namespace internal {

void AppendNumber(int64_t value, std::string& out);
void AppendNumber(uint64_t value, std::string& out);
// The shortest text that reads back as the same value.
void AppendNumber(double value, std::string& out);
void AppendNumber(float value, std::string& out);

template <class T>
void PrintNumber(T value, std::string& out) {
  if constexpr (std::is_same_v<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, char>) {
    out += value;
  } else if constexpr (std::is_floating_point_v<T>) {
    AppendNumber(value, out);
  } else if constexpr (std::is_signed_v<T>) {
    AppendNumber(static_cast<int64_t>(value), out);
  } else {
    AppendNumber(static_cast<uint64_t>(value), out);
  }
}

template <class T>
void PrintElements(const T& values, std::string& out) {
  const char* separator = "";
  for (const auto& value : values) {
    out += separator;
    separator = ", ";
    if constexpr (MapLike<T>) {
      AppendPrinted(value.first, out);
      out += '=';
      AppendPrinted(value.second, out);
    } else {
      AppendPrinted(static_cast<const typename T::value_type&>(value), out);
    }
  }
}

template <class T>
void PrintRecord(const T& record, std::string& out) {
  const char* separator = "{";
  ForEachNamedField(record, [&](std::string_view name, const auto& field) {
    out += separator;
    separator = ", ";
    out += name;
    out += ": ";
    AppendPrinted(field, out);
  });
  out += FieldCount<T> == 0 ? "{}" : "}";
}

template <class T>
void PrintTuple(const T& tuple, std::string& out) {
  const char* separator = "(";
  ForEachField(tuple, [&](const auto& field) {
    out += separator;
    separator = ",";
    AppendPrinted(field, out);
  });
  out += FieldCount<T> == 0 ? "()" : ")";
}

template <class T>
void PrintVariant(const T& value, std::string& out) {
  [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
    ((value.index() == kIndex ? AppendPrinted(*std::get_if<kIndex>(&value), out) : void()), ...);
  }(std::make_index_sequence<std::variant_size_v<T>>());
}

// Own classes and Protobuf messages.
template <class T>
void PrintObject(const T& value, std::string& out) {
  if constexpr (requires { std::string_view(value.ToString()); }) {
    out += value.ToString();
  } else if constexpr (requires { std::string_view(value.ShortDebugString()); }) {
    out += value.ShortDebugString();
  } else {
    out += '<';
    out += ShortTypeName(TypeName<T>());
    out += '>';
  }
}

}  // namespace internal

// Appends the printed form of `value`.
template <class T>
void AppendPrinted(const T& value, std::string& out) {
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (kKind == TypeKind::kString) {
    out += value;
  } else if constexpr (kKind == TypeKind::kTimestamp) {
    AppendTime(std::chrono::floor<Duration>(value).time_since_epoch().count(), out);
  } else if constexpr (kKind == TypeKind::kDuration) {
    internal::AppendNumber(static_cast<int64_t>(value.count()), out);
    out += ' ';
    out += internal::UnitName(T::period::num, T::period::den);
  } else if constexpr (kKind == TypeKind::kEnum) {
    internal::PrintNumber(static_cast<std::underlying_type_t<T>>(value), out);
  } else if constexpr (kKind == TypeKind::kRecord) {
    internal::PrintRecord(value, out);
  } else if constexpr (kKind == TypeKind::kTuple) {
    internal::PrintTuple(value, out);
  } else if constexpr (kKind == TypeKind::kVariant) {
    internal::PrintVariant(value, out);
  } else if constexpr (kKind == TypeKind::kOptional) {
    value.has_value() ? AppendPrinted(*value, out) : void(out += "null");
  } else if constexpr (kKind == TypeKind::kList || kKind == TypeKind::kSet || kKind == TypeKind::kArray) {
    out += '[';
    internal::PrintElements(value, out);
    out += ']';
  } else if constexpr (kKind == TypeKind::kMap) {
    out += '{';
    internal::PrintElements(value, out);
    out += '}';
  } else if constexpr (std::is_class_v<T>) {
    internal::PrintObject(value, out);
  } else {
    internal::PrintNumber(value, out);
  }
}

}  // namespace weir
