#include "weir/connectors/file/csv_field.h"

namespace weir {

namespace {

// Puts the cell that `out` ends with from `begin` on into quotes if RFC 4180 asks for it, or if it would not be seen otherwise.
void QuoteIfNeeded(char delimiter, bool only_cell, size_t begin, std::string& out) {
  const std::string_view cell = std::string_view(out).substr(begin);
  const char special[] = {delimiter, '"', '\n', '\r'};
  const bool needed = cell.empty() ? only_cell : cell.find_first_of(std::string_view(special, 4)) != cell.npos;
  if (!needed) return;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  out.resize(begin);
  out += quoted;
}

}  // namespace

void AppendCsvRow(const CsvRecordType& type, const void* record, char delimiter, std::string& out) {
  bool first = true;
  for (const CsvField& field : type.fields) {
    if (!first) out.push_back(delimiter);
    first = false;
    const size_t begin = out.size();
    field.type->append(static_cast<const char*>(record) + field.offset, out);
    if (field.type->is_text || type.fields.size() == 1) QuoteIfNeeded(delimiter, type.fields.size() == 1, begin, out);
  }
  out.push_back('\n');
}

void AppendCsvHeader(const CsvRecordType& type, char delimiter, std::string& out) {
  bool first = true;
  for (const CsvField& field : type.fields) {
    if (!first) out.push_back(delimiter);
    first = false;
    const size_t begin = out.size();
    out += field.name;
    QuoteIfNeeded(delimiter, type.fields.size() == 1, begin, out);
  }
  out.push_back('\n');
}

}  // namespace weir
