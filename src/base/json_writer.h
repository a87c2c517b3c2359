// Writes JSON as it goes, without a tree: for REST answers, plans and reports.
//
//   JsonWriter json;
//   json.BeginObject().Field("id", job_id.ToHex()).Field("parallelism", 2).Key("vertices").BeginArray();
//   for (const Vertex& vertex : vertices) json.String(vertex.name);
//   json.EndArray().EndObject();
//   std::string text = std::move(json).Take();
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// Commas and quotes come by themselves. A value in the wrong place (a key in an array, a second root) check-fails: that is a mistake in the program.
// Bytes that are no UTF-8 become U+FFFD. NaN and infinities become the strings "NaN", "Infinity", "-Infinity", as Flink's REST API has them.
class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  // In an object: the name of the next value.
  JsonWriter& Key(std::string_view name);

  JsonWriter& String(std::string_view value);
  JsonWriter& Int(int64_t value);
  JsonWriter& Uint(uint64_t value);
  // The shortest text that reads back as the same double.
  JsonWriter& Double(double value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // JSON text that is complete and right already.
  JsonWriter& Raw(std::string_view json);

  JsonWriter& Field(std::string_view name, std::string_view value) { return Key(name).String(value); }
  JsonWriter& Field(std::string_view name, const char* value) { return Key(name).String(value); }
  JsonWriter& Field(std::string_view name, const std::string& value) { return Key(name).String(value); }
  JsonWriter& Field(std::string_view name, bool value) { return Key(name).Bool(value); }
  JsonWriter& Field(std::string_view name, std::floating_point auto value) { return Key(name).Double(value); }
  JsonWriter& Field(std::string_view name, std::signed_integral auto value) { return Key(name).Int(value); }
  JsonWriter& Field(std::string_view name, std::unsigned_integral auto value) { return Key(name).Uint(value); }

  // The text; everything that was begun must have ended.
  std::string Take() &&;

 private:
  enum class Scope : uint8_t { kObject, kArray };
  struct Level {
    Scope scope;
    bool has_members = false;
    bool has_key = false;  // a key waits for its value
  };

  // Checks that a value may stand here and writes the comma before it.
  void BeforeValue();
  JsonWriter& Begin(Scope scope, char bracket);
  JsonWriter& End(Scope scope, char bracket);
  JsonWriter& Literal(std::string_view text);

  std::string text_;
  std::vector<Level> levels_;
};

// Appends `text` as a JSON string with its quotes.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace weir
