#include "weir/base/json_writer.h"

#include <charconv>
#include <cmath>

#include "weir/base/check.h"
#include "weir/base/utf8.h"

namespace weir {
namespace {

template <class T>
std::string_view NumberText(T value, char (&buffer)[40]) {
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string_view(buffer, static_cast<size_t>(result.ptr - buffer));
}

void AppendControl(unsigned char c, std::string& out) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      out += "\\u00";
      out += "0123456789abcdef"[c >> 4];
      out += "0123456789abcdef"[c & 15];
  }
}

bool NeedsEscape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  std::string repaired;
  if (!IsValidUtf8(text)) text = repaired = ReplaceInvalidUtf8(text);
  out += '"';
  for (const char c : text) {
    if (NeedsEscape(c)) {
      AppendControl(static_cast<unsigned char>(c), out);
    } else {
      out += c;
    }
  }
  out += '"';
}

JsonWriter& JsonWriter::BeginObject() { return Begin(Scope::kObject, '{'); }
JsonWriter& JsonWriter::EndObject() { return End(Scope::kObject, '}'); }
JsonWriter& JsonWriter::BeginArray() { return Begin(Scope::kArray, '['); }
JsonWriter& JsonWriter::EndArray() { return End(Scope::kArray, ']'); }

JsonWriter& JsonWriter::Key(std::string_view name) {
  WEIR_CHECK(!levels_.empty() && levels_.back().scope == Scope::kObject)
      << "JSON key \"" << name << "\" outside an object";
  Level& level = levels_.back();
  WEIR_CHECK(!level.has_key) << "JSON key \"" << name << "\" after a key without value";
  if (level.has_members) text_ += ',';
  level.has_members = true;
  level.has_key = true;
  AppendJsonString(name, text_);
  text_ += ':';
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  BeforeValue();
  AppendJsonString(value, text_);
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) {
  char buffer[40];
  return Literal(NumberText(value, buffer));
}

JsonWriter& JsonWriter::Uint(uint64_t value) {
  char buffer[40];
  return Literal(NumberText(value, buffer));
}

JsonWriter& JsonWriter::Double(double value) {
  if (std::isnan(value)) return String("NaN");
  if (std::isinf(value)) return String(value > 0 ? "Infinity" : "-Infinity");
  char buffer[40];
  return Literal(NumberText(value, buffer));
}

JsonWriter& JsonWriter::Bool(bool value) { return Literal(value ? "true" : "false"); }
JsonWriter& JsonWriter::Null() { return Literal("null"); }
JsonWriter& JsonWriter::Raw(std::string_view json) { return Literal(json); }

std::string JsonWriter::Take() && {
  WEIR_CHECK(levels_.empty() && !text_.empty()) << "JSON that is not finished: " << text_;
  return std::move(text_);
}

void JsonWriter::BeforeValue() {
  if (levels_.empty()) {
    WEIR_CHECK(text_.empty()) << "a second JSON value after " << text_;
    return;
  }
  Level& level = levels_.back();
  if (level.scope == Scope::kObject) {
    WEIR_CHECK(level.has_key) << "a JSON value without a key in an object: " << text_;
    level.has_key = false;
    return;
  }
  if (level.has_members) text_ += ',';
  level.has_members = true;
}

JsonWriter& JsonWriter::Begin(Scope scope, char bracket) {
  BeforeValue();
  text_ += bracket;
  levels_.push_back(Level{scope});
  return *this;
}

JsonWriter& JsonWriter::End(Scope scope, char bracket) {
  WEIR_CHECK(!levels_.empty() && levels_.back().scope == scope && !levels_.back().has_key)
      << "JSON ends what it has not begun: " << text_;
  levels_.pop_back();
  text_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::Literal(std::string_view text) {
  BeforeValue();
  text_ += text;
  return *this;
}

}  // namespace weir
