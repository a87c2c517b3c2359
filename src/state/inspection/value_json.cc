#include "weir/state/inspection/value_json.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "weir/base/coding.h"
#include "weir/state/timers/timer_store.h"

namespace weir {

namespace {

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<uint8_t>(byte) >> 4];
    text += kDigits[static_cast<uint8_t>(byte) & 15];
  }
  return text;
}

std::string HexJson(std::string_view bytes) {
  JsonWriter json;
  json.BeginObject().Field("hex", Hex(bytes)).EndObject();
  return std::move(json).Take();
}

void PutNumber(TypeKind kind, ByteReader& in, JsonWriter& json) {
  switch (kind) {
    case TypeKind::kBool:
      json.Bool(in.GetBool());
      return;
    case TypeKind::kInt8:
      json.Int(in.GetI8());
      return;
    case TypeKind::kInt16:
      json.Int(in.GetI16());
      return;
    case TypeKind::kInt32:
      json.Int(in.GetI32());
      return;
    case TypeKind::kUint8:
      json.Uint(in.GetU8());
      return;
    case TypeKind::kUint16:
      json.Uint(in.GetU16());
      return;
    case TypeKind::kUint32:
      json.Uint(in.GetU32());
      return;
    case TypeKind::kUint64:
      json.Uint(in.GetU64());
      return;
    case TypeKind::kFloat:
      json.Double(in.GetF32());
      return;
    case TypeKind::kDouble:
      json.Double(in.GetF64());
      return;
    default:  // int64, timestamps, durations
      json.Int(in.GetI64());
  }
}

void PutValue(const Schema& schema, ByteReader& in, JsonWriter& json);

void PutMapEntry(const Schema& schema, ByteReader& in, JsonWriter& json) {
  json.BeginObject().Key("key");
  PutValue(schema.arguments()[0], in, json);
  json.Key("value");
  PutValue(schema.arguments()[1], in, json);
  json.EndObject();
}

void PutElements(const Schema& schema, uint32_t count, ByteReader& in, JsonWriter& json) {
  json.BeginArray();
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    if (schema.kind() == TypeKind::kMap) {
      PutMapEntry(schema, in, json);
    } else {
      PutValue(schema.arguments()[0], in, json);
    }
  }
  json.EndArray();
}

void PutRecord(const Schema& schema, ByteReader& in, JsonWriter& json) {
  json.BeginObject();
  if (schema.fields().empty()) in.GetU8();
  for (const SchemaField& field : schema.fields()) {
    json.Key(field.name);
    PutValue(field.type, in, json);
  }
  json.EndObject();
}

void PutTuple(const Schema& schema, ByteReader& in, JsonWriter& json) {
  json.BeginArray();
  if (schema.arguments().empty()) in.GetU8();
  for (const Schema& argument : schema.arguments()) PutValue(argument, in, json);
  json.EndArray();
}

void PutVariant(const Schema& schema, ByteReader& in, JsonWriter& json) {
  const uint8_t index = in.GetU8();
  if (index >= schema.arguments().size()) {
    in.Reject();
    json.Null();
  } else {
    PutValue(schema.arguments()[index], in, json);
  }
}

// The pending timers of a key (PendingTimers::Encode). Sorted, since their order in the row says nothing: equal timers are to be equal in a diff.
void PutTimers(ByteReader& in, JsonWriter& json) {
  const uint32_t counts[2] = {in.GetU32(), in.GetU32()};
  json.BeginObject();
  for (const int domain : {0, 1}) {
    std::vector<int64_t> times;
    for (uint32_t i = 0; i < counts[domain] && in.ok(); ++i) times.push_back(in.GetI64());
    std::sort(times.begin(), times.end());
    json.Key(domain == 0 ? "event_time" : "processing_time").BeginArray();
    for (const int64_t time : times) json.Int(time);
    json.EndArray();
  }
  json.EndObject();
}

void PutValue(const Schema& schema, ByteReader& in, JsonWriter& json) {
  switch (schema.kind()) {
    case TypeKind::kString:
      json.String(in.GetString());
      return;
    case TypeKind::kMessage:
      json.BeginObject().Field("hex", Hex(in.GetString())).EndObject();
      return;
    case TypeKind::kEnum:
      return PutNumber(schema.arguments()[0].kind(), in, json);
    case TypeKind::kOptional:
      if (in.GetBool()) return PutValue(schema.arguments()[0], in, json);
      json.Null();
      return;
    case TypeKind::kList:
    case TypeKind::kSet:
    case TypeKind::kMap:
      return PutElements(schema, in.GetU32(), in, json);
    case TypeKind::kArray:
      return PutElements(schema, schema.length(), in, json);
    case TypeKind::kRecord:
      return PutRecord(schema, in, json);
    case TypeKind::kTuple:
      return PutTuple(schema, in, json);
    case TypeKind::kVariant:
      return PutVariant(schema, in, json);
    case TypeKind::kCustom:
      if (schema.name() == TimerStore::kStateName && schema.version() == 1) return PutTimers(in, json);
      [[fallthrough]];
    case TypeKind::kUnsupported:
      in.Reject();
      json.Null();
      return;
    default:
      PutNumber(schema.kind(), in, json);
  }
}

// The elements of a list or map state: count, whether there are times, the elements, and the times behind all or behind each.
void PutStateElements(StateKind kind, const Schema& schema, ByteReader& in, JsonWriter& json) {
  const uint32_t count = in.GetU32();
  const bool with_times = in.GetBool();
  json.BeginArray();
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    if (kind == StateKind::kList) {
      PutValue(schema.arguments()[0], in, json);
    } else {
      PutMapEntry(schema, in, json);
      if (with_times) in.GetI64();
    }
  }
  for (uint32_t i = 0; kind == StateKind::kList && with_times && i < count && in.ok(); ++i) in.GetI64();
  json.EndArray();
}

}  // namespace

std::string ValueJson(const Schema& schema, std::string_view bytes) {
  ByteReader in(bytes, "value");
  JsonWriter json;
  PutValue(schema, in, json);
  return in.Finish().ok() ? std::move(json).Take() : HexJson(bytes);
}

std::string StateJson(StateKind kind, const Schema& schema, std::string_view bytes) {
  const bool is_list = kind == StateKind::kList && schema.kind() == TypeKind::kList;
  const bool is_map = kind == StateKind::kMap && schema.kind() == TypeKind::kMap;
  if (!is_list && !is_map) return ValueJson(schema, bytes);
  ByteReader in(bytes, "value");
  JsonWriter json;
  PutStateElements(kind, schema, in, json);
  return in.Finish().ok() ? std::move(json).Take() : HexJson(bytes);
}

std::string KeyJson(const Schema& schema, KeyForm form, const StoredKey& key) {
  JsonWriter json;
  if (form == KeyForm::kBytes) {
    if (schema.kind() != TypeKind::kString && schema.kind() != TypeKind::kUnsupported)
      return ValueJson(schema, key.bytes);
    json.String(key.bytes);
  } else if (schema.kind() == TypeKind::kDouble) {
    json.Double(std::bit_cast<double>(key.integer));
  } else if (schema.kind() == TypeKind::kFloat) {
    json.Double(std::bit_cast<float>(static_cast<int32_t>(key.integer)));
  } else if (schema.kind() == TypeKind::kBool) {
    json.Bool(key.integer != 0);
  } else if (schema.kind() == TypeKind::kUint64) {
    json.Uint(static_cast<uint64_t>(key.integer));
  } else {
    json.Int(key.integer);
  }
  return std::move(json).Take();
}

std::string TextOfJson(const std::string& json) {
  if (json.size() < 2 || json.front() != '"') return json;
  std::string text;
  for (size_t i = 1; i + 1 < json.size(); ++i) {
    if (json[i] != '\\') {
      text += json[i];
      continue;
    }
    const char escaped = json[++i];
    if (escaped == 'u') {
      // Only control characters are written so.
      text += static_cast<char>(std::stoi(json.substr(i + 1, 4), nullptr, 16));
      i += 4;
    } else {
      text += escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped == 't' ? '\t' : escaped;
    }
  }
  return text;
}

}  // namespace weir
