// The schema of a C++ type.
#pragma once

#include <vector>

#include "weir/types/schema/schema.h"
#include "weir/types/serializer.h"
#include "weir/types/type_kind.h"

namespace weir {

template <class T>
const Schema& SchemaOf();

namespace internal {

// "ms" for std::milli, "s", "min", "h", "us", "ns", "days"; else "<numerator>/<denominator> s".
std::string UnitName(intmax_t numerator, intmax_t denominator);

// The type's own name, without namespaces and enclosing functions.
std::string_view ShortTypeName(std::string_view full_name);

// One field of a record. Types give tables of what they consist of to functions of the library: code for every field of every
// type would cost each user program 15 ms of compile time per type.
struct FieldSpec {
  uint32_t id;
  std::string_view name;
  const Schema& (*type)();
};

// Never destroyed.
const Schema& NewRecordSchema(std::string_view full_name, const FieldSpec* fields, int count,
                              Schema::PutFunction put_default);

// Writes a record as the program makes it.
template <class T>
constexpr Schema::PutFunction PutDefaultOf() {
  if constexpr (std::is_default_constructible_v<T>) {
    return [](ByteWriter& out) { Serializer<T>::Write(T{}, out); };
  } else {
    return nullptr;
  }
}

template <class T, int... kIndex, class... Field>
const Schema& MakeRecordSchema(std::integer_sequence<int, kIndex...>, TypeList<Field...>) {
  static_assert(CheckRecord<T>());
  // One more than there are fields: there may be none.
  static constexpr FieldSpec kFields[] = {{FieldIds<T>()[kIndex], FieldNames<T>()[kIndex], &SchemaOf<Field>}..., {}};
  return NewRecordSchema(TypeName<T>(), kFields, sizeof...(kIndex), PutDefaultOf<T>());
}

using SchemaFunction = const Schema& (*)();

// `length`: of arrays. Never destroyed.
const Schema& NewSchema(TypeKind kind, const SchemaFunction* arguments, int count, uint32_t length = 0);

template <class... T>
const Schema& MakeSchemaWithArguments(TypeKind kind, TypeList<T...>, uint32_t length = 0) {
  static constexpr SchemaFunction kArguments[] = {&SchemaOf<T>..., nullptr};
  return NewSchema(kind, kArguments, sizeof...(T), length);
}

template <class... T>
TypeList<T...> AlternativesOf(const std::variant<T...>*);

// Reads past a value of a class with a Serializer of its own.
template <class T>
constexpr Schema::SkipFunction SkipOf() {
  if constexpr (std::is_default_constructible_v<T>) {
    return [](ByteReader& in) {
      T value{};
      Serializer<T>::Read(in, value);
    };
  } else {
    return nullptr;
  }
}

template <class T>
const Schema& MakeSchema() {
  CheckValue<T>();
  constexpr TypeKind kKind = KindOf<T>;
  if constexpr (kKind == TypeKind::kCustom) {
    return *new Schema(Schema::Custom(Serializer<T>::kName, Serializer<T>::kVersion, SkipOf<T>()));
  } else if constexpr (kKind == TypeKind::kRecord) {
    return MakeRecordSchema<T>(std::make_integer_sequence<int, FieldCount<T>>(), FieldTypes<T>{});
  } else if constexpr (kKind == TypeKind::kTuple) {
    return MakeSchemaWithArguments(kKind, FieldTypes<T>{});
  } else if constexpr (kKind == TypeKind::kVariant) {
    return MakeSchemaWithArguments(kKind, decltype(AlternativesOf(static_cast<const T*>(nullptr))){});
  } else if constexpr (kKind == TypeKind::kEnum) {
    return MakeSchemaWithArguments(kKind, TypeList<std::underlying_type_t<T>>{});
  } else if constexpr (kKind == TypeKind::kMessage) {
    return *new Schema(kKind, std::string(T().GetTypeName()));
  } else if constexpr (kKind == TypeKind::kTimestamp) {
    return *new Schema(kKind, UnitName(T::period::num, T::period::den));
  } else if constexpr (kKind == TypeKind::kDuration) {
    return *new Schema(kKind, UnitName(T::period::num, T::period::den));
  } else if constexpr (kKind == TypeKind::kMap) {
    return MakeSchemaWithArguments(kKind, TypeList<typename T::key_type, typename T::mapped_type>{});
  } else if constexpr (kKind == TypeKind::kArray) {
    return MakeSchemaWithArguments(kKind, TypeList<typename T::value_type>{}, std::tuple_size<T>::value);
  } else if constexpr (kKind == TypeKind::kOptional || kKind == TypeKind::kList || kKind == TypeKind::kSet) {
    return MakeSchemaWithArguments(kKind, TypeList<typename T::value_type>{});
  } else {
    return NewSchema(kKind, nullptr, 0);
  }
}

}  // namespace internal

// Made at the first call; never destroyed.
template <class T>
const Schema& SchemaOf() {
  static const Schema& schema = internal::MakeSchema<T>();
  return schema;
}

}  // namespace weir
