// What a stored or transmitted value looks like, as data: kept in every snapshot, compared before an upgrade, shown by the tools.
//
//   const Schema& schema = SchemaOf<Flight>();        // types/schema_of.h
//   schema.ToString()    // "Flight{id: int64, departure: timestamp, delay: int32, origin: string}"
//   schema.ToJson()      // docs/formats/schema.md
//   schema.Encode()      // the bytes in a snapshot, docs/formats/schema.md
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"

namespace weir {

// The numbers are part of the stored form: never change one, add at the end.
enum class TypeKind : uint8_t {
  kUnsupported = 0,  // cannot be serialized; never stored
  kBool = 1,
  kInt8 = 2,
  kInt16 = 3,
  kInt32 = 4,
  kInt64 = 5,
  kUint8 = 6,
  kUint16 = 7,
  kUint32 = 8,
  kUint64 = 9,
  kFloat = 10,
  kDouble = 11,
  kString = 12,     // std::string and std::string_view alike
  kTimestamp = 13,  // name: unit ("ms"); an int64 since 1970-01-01T00:00:00Z
  kDuration = 14,   // name: unit; an int64
  kEnum = 15,       // arguments: the underlying type
  kOptional = 16,   // arguments: the value
  kList = 17,       // arguments: the element
  kArray = 18,      // arguments: the element; length
  kSet = 19,        // arguments: the element
  kMap = 20,        // arguments: key, value
  kRecord = 21,     // name; fields
  kTuple = 22,      // arguments
  kVariant = 23,    // arguments: the alternatives in order
  kMessage = 24,    // a Protobuf message; name: its full name
  kCustom = 25,     // a type with its own Serializer; name, version
};

// "int32", "timestamp", "record", ...
std::string_view TypeKindName(TypeKind kind);

class ByteReader;
class ByteWriter;
struct SchemaField;

// A value type: schemas are small trees and are copied freely.
class Schema {
 public:
  Schema();
  explicit Schema(TypeKind kind);
  Schema(TypeKind kind, std::vector<Schema> arguments);
  Schema(TypeKind kind, std::string_view name);
  Schema(const Schema& other);
  Schema(Schema&& other) noexcept;
  Schema& operator=(const Schema& other);
  Schema& operator=(Schema&& other) noexcept;
  ~Schema();

  static Schema Array(Schema element, uint32_t length);
  // `put_default` writes a record as the program makes it, which is where fields that a snapshot does not have come from. Not part of the stored form;
  // decoded schemas have none.
  using PutFunction = void (*)(ByteWriter& out);
  static Schema Record(std::string_view name, std::vector<SchemaField> fields, PutFunction put_default = nullptr);
  // `skip` moves a reader behind one value: only the class itself knows where its bytes end. Not part of the stored form; decoded schemas have none.
  using SkipFunction = void (*)(ByteReader& in);
  static Schema Custom(std::string_view name, uint32_t version, SkipFunction skip = nullptr);

  TypeKind kind() const { return kind_; }
  // Of records, messages and custom types; the unit of timestamps and durations. A record's name is for people and never compared.
  const std::string& name() const { return name_; }
  uint32_t version() const { return version_; }
  uint32_t length() const { return length_; }
  SkipFunction skip() const { return skip_; }
  PutFunction put_default() const { return put_default_; }
  const std::vector<Schema>& arguments() const { return arguments_; }
  const std::vector<SchemaField>& fields() const { return fields_; }
  // nullptr if no field has this id.
  const SchemaField* FindField(uint32_t id) const;

  // One line for people.
  std::string ToString() const;
  // One JSON value without white space: a string for a type without parameters, else an object.
  std::string ToJson() const;

  // The stored form, and back; kDataLoss if `bytes` are none.
  std::string Encode() const;
  static StatusOr<Schema> Decode(std::string_view bytes);

  // Equal for schemas whose values mean the same bytes: names of records and fields do not count, ids do.
  uint64_t Fingerprint() const;

  friend bool operator==(const Schema& a, const Schema& b);

 private:
  TypeKind kind_ = TypeKind::kUnsupported;
  std::string name_;
  uint32_t version_ = 0;
  uint32_t length_ = 0;
  SkipFunction skip_ = nullptr;
  PutFunction put_default_ = nullptr;
  std::vector<Schema> arguments_;
  std::vector<SchemaField> fields_;
};

struct SchemaField {
  uint32_t id;
  std::string name;
  Schema type;

  friend bool operator==(const SchemaField& a, const SchemaField& b) = default;
};

}  // namespace weir
