// Values to bytes and back, for any record, key or state value (docs/formats/record.md has the bytes).
//
//   std::string bytes = EncodeToString(flight);
//   WEIR_RETURN_IF_ERROR(DecodeFrom(bytes, flight));       // std::string_view fields point into `bytes`
//
// Numbers, enums, strings and views, optionals, variants, pairs, tuples, vectors, arrays, sets, maps, chrono durations and
// time points, Protobuf messages and aggregates of all these work by themselves. For an own class, write
//
//   template <>
//   struct weir::Serializer<Money> {
//     static constexpr std::string_view kName = "money";   // what snapshots call it
//     static constexpr uint32_t kVersion = 1;              // change it when the bytes change
//     static void Write(const Money& value, weir::ByteWriter& out) { out.PutI64(value.cents()); }
//     static void Read(weir::ByteReader& in, Money& value) { value = Money(in.GetI64()); }
//   };
//
// Batches of records take a faster way (types/batch_type.h) and come here only for fields of variable shape.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/base/coding.h"
#include "weir/base/status.h"
#include "weir/types/type_kind.h"

namespace weir {

namespace internal {
template <class T>
void WriteValue(const T& value, ByteWriter& out);
template <class T>
void ReadValue(ByteReader& in, T& value);
}  // namespace internal

// How a T is written and read. The general one derives everything from the type; specialise it for own classes.
template <class T>
struct Serializer {
  // Marks what no user wrote.
  struct Generated {};

  static void Write(const T& value, ByteWriter& out) { internal::WriteValue(value, out); }
  // Reading past the end or an impossible value turns `in` bad; `value` is then valid but arbitrary.
  static void Read(ByteReader& in, T& value) { internal::ReadValue(in, value); }
};

template <class T>
concept Serializable = KindOf<T> != TypeKind::kUnsupported;

namespace internal {

// A field's name as a template argument, so that it stands in the compiler's message.
template <size_t kSize>
struct NameInMessage {
  char text[kSize + 1] = {};
  consteval explicit NameInMessage(std::string_view name) {
    for (size_t i = 0; i < name.size(); ++i) text[i] = name[i];
  }
};

template <class Record, NameInMessage kField, class Type>
struct CheckedField {
  static_assert(
      Serializable<Type>,
      "weir: this field of a record cannot be serialized. CheckedField<record, field name, field type> in this "
      "message names it. Use a type that types/serializer.h lists, or specialise weir::Serializer for it.");
  static constexpr bool kOk = true;
};

template <class Record, int... kIndex, class... Type>
consteval bool CheckFields(std::integer_sequence<int, kIndex...>, TypeList<Type...>) {
  return (CheckedField<Record, NameInMessage<FieldNames<Record>()[kIndex].size()>(FieldNames<Record>()[kIndex]),
                       Type>::kOk &&
          ...);
}

template <class... T>
consteval bool AllSerializable(TypeList<T...>) {
  return (Serializable<T> && ...);
}

// Fails to compile, naming the field, if a field's type has no serializer. Looks for the field only if there is one: names of
// fields as template arguments cost 15 ms per record type.
template <class Record>
consteval bool CheckRecord() {
  if constexpr (AllSerializable(FieldTypes<Record>{})) {
    return true;
  } else {
    return CheckFields<Record>(std::make_integer_sequence<int, FieldCount<Record>>(), FieldTypes<Record>{});
  }
}

template <class T>
consteval void CheckValue() {
  static_assert(Serializable<T>,
                "weir: this type cannot be serialized. Use a type that types/serializer.h lists, or specialise "
                "weir::Serializer for it.");
}

// Elements that lie in memory as they lie in the bytes.
template <class T>
inline constexpr bool kIsPlainNumber = std::is_arithmetic_v<T> && !std::is_same_v<T, bool> && Serializable<T>;

template <class T>
void WriteNumber(T value, ByteWriter& out) {
  if constexpr (sizeof(T) == 1) {
    out.PutU8(static_cast<uint8_t>(value));
  } else if constexpr (std::is_same_v<T, float>) {
    out.PutF32(value);
  } else if constexpr (std::is_same_v<T, double>) {
    out.PutF64(value);
  } else if constexpr (sizeof(T) == 2) {
    out.PutU16(static_cast<uint16_t>(value));
  } else if constexpr (sizeof(T) == 4) {
    out.PutU32(static_cast<uint32_t>(value));
  } else {
    out.PutU64(static_cast<uint64_t>(value));
  }
}

template <class T>
T ReadNumber(ByteReader& in) {
  if constexpr (std::is_same_v<T, bool>) {
    return in.GetBool();
  } else if constexpr (sizeof(T) == 1) {
    return static_cast<T>(in.GetU8());
  } else if constexpr (std::is_same_v<T, float>) {
    return in.GetF32();
  } else if constexpr (std::is_same_v<T, double>) {
    return in.GetF64();
  } else if constexpr (sizeof(T) == 2) {
    return static_cast<T>(in.GetU16());
  } else if constexpr (sizeof(T) == 4) {
    return static_cast<T>(in.GetU32());
  } else {
    return static_cast<T>(in.GetU64());
  }
}

// Sequences, sets and maps: u32 count, then the elements.
template <class T>
void WriteElements(const T& values, ByteWriter& out) {
  out.PutU32(static_cast<uint32_t>(values.size()));
  if constexpr (requires { values.data(); } && kIsPlainNumber<typename T::value_type>) {
    out.PutBytes({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(typename T::value_type)});
  } else if constexpr (MapLike<T>) {
    for (const auto& [key, value] : values) {
      WriteValue(key, out);
      WriteValue(value, out);
    }
  } else {
    for (const typename T::value_type& value : values) WriteValue(value, out);
  }
}

// Number of elements that follow; 0 if there cannot be so many, so that damage does not reserve memory by its own word: every
// element takes at least one byte.
inline uint32_t ReadCount(ByteReader& in) {
  const uint32_t count = in.GetU32();
  if (count <= in.remaining()) return count;
  in.Skip(count);
  return 0;
}

template <class T>
void ReadElements(ByteReader& in, T& values) {
  values.clear();
  const uint32_t count = ReadCount(in);
  if constexpr (requires { values.reserve(count); }) values.reserve(count);
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    if constexpr (MapLike<T>) {
      typename T::key_type key{};
      typename T::mapped_type value{};
      ReadValue(in, key);
      ReadValue(in, value);
      values.emplace(std::move(key), std::move(value));
    } else {
      typename T::value_type value{};
      ReadValue(in, value);
      if constexpr (SetLike<T>) {
        values.emplace(std::move(value));
      } else {
        values.push_back(std::move(value));
      }
    }
  }
}

template <class... T>
void WriteVariant(const std::variant<T...>& value, ByteWriter& out) {
  static_assert(sizeof...(T) <= 255, "weir: a variant has at most 255 alternatives");
  out.PutU8(static_cast<uint8_t>(value.index()));
  // Not std::visit: its table of function pointers costs more to compile than these few comparisons.
  [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
    ((value.index() == kIndex ? WriteValue(*std::get_if<kIndex>(&value), out) : void()), ...);
  }(std::make_index_sequence<sizeof...(T)>());
}

template <class... T>
void ReadVariant(ByteReader& in, std::variant<T...>& value) {
  const uint8_t index = in.GetU8();
  if (index >= sizeof...(T)) return in.Reject();
  [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
    ((index == kIndex ? ReadValue(in, value.template emplace<kIndex>()) : void()), ...);
  }(std::make_index_sequence<sizeof...(T)>());
}

template <class T>
void WriteMessage(const T& message, ByteWriter& out) {
  const size_t length = message.ByteSizeLong();
  std::string bytes(length, '\0');
  message.SerializeToArray(bytes.data(), static_cast<int>(length));
  out.PutString(bytes);
}

template <class T>
void ReadMessage(ByteReader& in, T& message) {
  const std::string_view bytes = in.GetString();
  if (in.ok() && !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) in.Reject();
}

template <class T>
void WriteFields(const T& record, ByteWriter& out) {
  static_assert(CheckRecord<T>());
  if constexpr (FieldCount<T> == 0) {
    out.PutU8(0);  // every value takes a byte, see ReadCount
  } else {
    ForEachField(record, [&out](const auto& field) { WriteValue(field, out); });
  }
}

template <class T>
void ReadFields(ByteReader& in, T& record) {
  static_assert(CheckRecord<T>());
  if constexpr (FieldCount<T> == 0) {
    in.GetU8();
  } else {
    ForEachField(record, [&in](auto& field) { ReadValue(in, field); });
  }
}

template <class T>
void WriteValue(const T& value, ByteWriter& out) {
  CheckValue<T>();
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (kKind == TypeKind::kUnsupported) {
    return;  // CheckValue has said so
  } else if constexpr (kKind == TypeKind::kCustom) {
    Serializer<T>::Write(value, out);
  } else if constexpr (kKind == TypeKind::kString) {
    out.PutString(value);
  } else if constexpr (kKind == TypeKind::kTimestamp) {
    out.PutI64(value.time_since_epoch().count());
  } else if constexpr (kKind == TypeKind::kDuration) {
    out.PutI64(value.count());
  } else if constexpr (kKind == TypeKind::kEnum) {
    WriteNumber(static_cast<std::underlying_type_t<T>>(value), out);
  } else if constexpr (kKind == TypeKind::kOptional) {
    out.PutBool(value.has_value());
    if (value.has_value()) WriteValue(*value, out);
  } else if constexpr (kKind == TypeKind::kArray) {
    for (const auto& element : value) WriteValue(element, out);
  } else if constexpr (kKind == TypeKind::kVariant) {
    WriteVariant(value, out);
  } else if constexpr (kKind == TypeKind::kRecord || kKind == TypeKind::kTuple) {
    WriteFields(value, out);
  } else if constexpr (kKind == TypeKind::kMessage) {
    WriteMessage(value, out);
  } else if constexpr (std::is_class_v<T>) {
    WriteElements(value, out);
  } else {
    WriteNumber(value, out);
  }
}

template <class T>
void ReadOptional(ByteReader& in, T& value) {
  if (in.GetBool()) {
    ReadValue(in, value.emplace(typename T::value_type{}));
  } else {
    value.reset();
  }
}

template <class T>
void ReadValue(ByteReader& in, T& value) {
  CheckValue<T>();
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (kKind == TypeKind::kUnsupported) {
    return;  // CheckValue has said so
  } else if constexpr (kKind == TypeKind::kCustom) {
    Serializer<T>::Read(in, value);
  } else if constexpr (kKind == TypeKind::kString) {
    value = in.GetString();
  } else if constexpr (kKind == TypeKind::kTimestamp) {
    value = T(typename T::duration(in.GetI64()));
  } else if constexpr (kKind == TypeKind::kDuration) {
    value = T(in.GetI64());
  } else if constexpr (kKind == TypeKind::kEnum) {
    value = static_cast<T>(ReadNumber<std::underlying_type_t<T>>(in));
  } else if constexpr (kKind == TypeKind::kOptional) {
    ReadOptional(in, value);
  } else if constexpr (kKind == TypeKind::kArray) {
    for (auto& element : value) ReadValue(in, element);
  } else if constexpr (kKind == TypeKind::kVariant) {
    ReadVariant(in, value);
  } else if constexpr (kKind == TypeKind::kRecord || kKind == TypeKind::kTuple) {
    ReadFields(in, value);
  } else if constexpr (kKind == TypeKind::kMessage) {
    ReadMessage(in, value);
  } else if constexpr (std::is_class_v<T>) {
    ReadElements(in, value);
  } else {
    value = ReadNumber<T>(in);
  }
}

}  // namespace internal

// The bytes of `value`.
template <class T>
std::string EncodeToString(const T& value) {
  ByteWriter out;
  Serializer<T>::Write(value, out);
  return std::move(out).Take();
}

// Reads one value that fills `bytes` exactly; kDataLoss that says where else. Views in `value` point into `bytes`.
template <class T>
Status DecodeFrom(std::string_view bytes, T& value) {
  constexpr std::string_view kName = TypeName<T>();
  ByteReader in(bytes, kName);
  Serializer<T>::Read(in, value);
  return in.Finish();
}

}  // namespace weir
