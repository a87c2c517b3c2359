// How a C++ type is written in configuration: `ConfigValue<T>` parses, prints and describes the values of one type.
//
// There is one for bool, int, int64_t, double, std::string, Duration, MemorySize, std::vector of these, TextMap, and
// every enum that has a `ConfigEnum`:
//
//   enum class Fruit { kApple, kPear };
//   template <>
//   struct weir::ConfigEnum<Fruit> {
//     static constexpr EnumName<Fruit> kNames[] = {{"apple", Fruit::kApple}, {"pear", Fruit::kPear}};
//   };
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "weir/base/status.h"
#include "weir/config/value_text.h"

namespace weir {

template <class E>
struct EnumName {
  std::string_view name;
  E value;
};

// The names of an enum in configuration, `kNames`, in the order of the documentation. Read without regard to case. A
// value may have further names after its first: they are accepted, but not shown.
template <class E>
struct ConfigEnum;

// Members: `Type()` for the reference ("duration"), `Parse`, whose error message is what was expected, and `Format`.
template <class T>
struct ConfigValue;

template <>
struct ConfigValue<bool> {
  static std::string Type() { return "boolean"; }
  static StatusOr<bool> Parse(std::string_view text) { return ParseBool(text); }
  static std::string Format(bool value) { return FormatBool(value); }
};

template <>
struct ConfigValue<int64_t> {
  static std::string Type() { return "whole number"; }
  static StatusOr<int64_t> Parse(std::string_view text) { return ParseInt64(text); }
  static std::string Format(int64_t value) { return FormatInt64(value); }
};

template <>
struct ConfigValue<int> {
  static std::string Type() { return "whole number"; }
  static StatusOr<int> Parse(std::string_view text);
  static std::string Format(int value) { return FormatInt64(value); }
};

template <>
struct ConfigValue<double> {
  static std::string Type() { return "number"; }
  static StatusOr<double> Parse(std::string_view text) { return ParseDouble(text); }
  static std::string Format(double value) { return FormatDouble(value); }
};

template <>
struct ConfigValue<std::string> {
  static std::string Type() { return "text"; }
  static StatusOr<std::string> Parse(std::string_view text) { return std::string(text); }
  static std::string Format(const std::string& value) { return value; }
};

template <>
struct ConfigValue<Duration> {
  static std::string Type() { return "duration"; }
  static StatusOr<Duration> Parse(std::string_view text) { return ParseDuration(text); }
  static std::string Format(Duration value) { return FormatDuration(value); }
};

template <>
struct ConfigValue<MemorySize> {
  static std::string Type() { return "memory size"; }
  static StatusOr<MemorySize> Parse(std::string_view text) { return ParseMemorySize(text); }
  static std::string Format(MemorySize value) { return FormatMemorySize(value); }
};

template <>
struct ConfigValue<TextMap> {
  static std::string Type() { return "map"; }
  static StatusOr<TextMap> Parse(std::string_view text) { return ParseTextMap(text); }
  static std::string Format(const TextMap& value) { return FormatTextMap(value); }
};

template <class T>
struct ConfigValue<std::vector<T>> {
  static std::string Type() { return "list of " + ConfigValue<T>::Type(); }
  static StatusOr<std::vector<T>> Parse(std::string_view text) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> items, ParseList(text));
    std::vector<T> values;
    for (const std::string& item : items) {
      StatusOr<T> value = ConfigValue<T>::Parse(item);
      if (!value.ok())
        return InvalidArgumentError("a list separated by ;, each item " + std::string(value.status().message()));
      values.push_back(std::move(value).value());
    }
    return values;
  }
  static std::string Format(const std::vector<T>& values) {
    std::vector<std::string> items;
    for (const T& value : values) items.push_back(ConfigValue<T>::Format(value));
    return FormatList(items);
  }
};

template <class E>
  requires std::is_enum_v<E>
struct ConfigValue<E> {
  static std::string Type() {
    std::string names;
    for (const EnumName<E>& entry : ConfigEnum<E>::kNames) {
      if (Format(entry.value) == entry.name) names.append(names.empty() ? "" : ", ").append(entry.name);
    }
    return "one of " + names;
  }
  static StatusOr<E> Parse(std::string_view text) {
    const std::string lower = ToLower(text);
    for (const EnumName<E>& entry : ConfigEnum<E>::kNames) {
      if (ToLower(entry.name) == lower) return entry.value;
    }
    return InvalidArgumentError(Type());
  }
  static std::string Format(E value) {
    for (const EnumName<E>& entry : ConfigEnum<E>::kNames) {
      if (entry.value == value) return std::string(entry.name);
    }
    return std::to_string(static_cast<int64_t>(value));
  }
};

}  // namespace weir
