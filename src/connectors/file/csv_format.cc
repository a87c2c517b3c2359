#include "weir/connectors/file/csv_format.h"

#include <algorithm>
#include <utility>

namespace weir {

namespace {

constexpr int32_t kGood = -1;
constexpr int32_t kBadShape = -2;
// More columns than any table has; a header beyond it is no header.
constexpr uint32_t kMaxColumns = 4096;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Cells of messages are cut: a broken file may have cells of megabytes.
std::string Quoted(std::string_view text) {
  constexpr size_t kLongest = 80;
  if (text.size() <= kLongest) return "\"" + std::string(text) + "\"";
  return "\"" + std::string(text.substr(0, kLongest)) + "...\"";
}

std::string ListOf(const std::string_view* names, uint32_t count) {
  std::string list;
  for (uint32_t i = 0; i < count; ++i) list.append(i > 0 ? ", " : "").append(names[i]);
  return list;
}

}  // namespace

CsvFormat::CsvFormat(CsvRecordType type, CsvOptions options)
    : type_(std::move(type)), options_(std::move(options)), scanner_(options_.delimiter) {
  bad_fields_.assign(CsvScanner::kRows, kGood);
}

void CsvFormat::BindSideOutputs(const std::vector<std::string>& tags, BatchOutput* const* outputs) {
  if (options_.bad_record != BadRecord::kSideOutput) return;
  const auto tag = std::find(tags.begin(), tags.end(), options_.side_output);
  if (tag != tags.end()) side_output_.Bind(outputs[tag - tags.begin()], false, false);
}

Status CsvFormat::BeginSplit(FileSystem& file_system, FileCursor& cursor) {
  if (cursor.split().position == 0) return ReadHeader(cursor);
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<FileCursor> first,
                        FileCursor::Open(file_system, {.path = cursor.split().path}));
  return ReadHeader(*first);
}

Status CsvFormat::ReadHeader(FileCursor& cursor) {
  CsvScanner scanner(options_.delimiter);
  scanner.SetShape(kMaxColumns, 1);
  BatchBase memory;  // for names with escaped quotes
  const char* begin = cursor.begin();
  const char* next = begin;
  while (true) {
    if (!cursor.at_end()) WEIR_RETURN_IF_ERROR(cursor.Fill());
    begin = cursor.begin();
    const bool has_mark =
        std::string_view(begin, static_cast<size_t>(cursor.end() - begin)).starts_with(kByteOrderMark);
    if (has_mark) begin += kByteOrderMark.size();
    next = scanner.Scan(begin, cursor.end(), cursor.end(), cursor.at_end(), 1, memory);
    if (scanner.rows() == 1 || cursor.at_end()) break;
  }
  Status status;
  if (scanner.rows() == 1) {
    status = BindColumns(cursor.PlaceAt(begin), scanner.cells(), std::min(scanner.cell_count(0), kMaxColumns));
    if (!options_.header) next = begin;
    cursor.Consume(next, options_.header ? scanner.lines() : 0);
  } else {
    cursor.Consume(cursor.end(), scanner.lines());
  }
  for (Bytes* bytes : memory.owners) bytes->Release();
  return status;
}

Status CsvFormat::BindColumns(const std::string& place, const std::string_view* names, uint32_t count) {
  columns_.clear();
  if (!options_.header) {
    for (uint32_t i = 0; i < type_.fields.size(); ++i) columns_.push_back(i);
    if (count < type_.fields.size()) {
      return InvalidArgumentError(place + ": the row has " + std::to_string(count) + " columns, but " +
                                  std::string(type_.name) + " has " + std::to_string(type_.fields.size()) +
                                  " fields. Is the delimiter right?");
    }
  } else {
    for (const CsvField& field : type_.fields) {
      const std::string_view* const found = std::find(names, names + count, field.name);
      if (found == names + count) return MissingColumn(place, field, names, count);
      columns_.push_back(static_cast<uint32_t>(found - names));
    }
  }
  scanner_.SetShape(count);
  return OkStatus();
}

Status CsvFormat::MissingColumn(const std::string& place, const CsvField& field, const std::string_view* names,
                                uint32_t count) const {
  const std::string name(field.name);
  return InvalidArgumentError(place + ": the header has no column \"" + name + "\", which the field " +
                              std::string(type_.name) + "::" + name + " is read from. It has: " + ListOf(names, count) +
                              ". Rename the field or the column; if the file has no header, say .WithHeader(false).");
}

Status CsvFormat::ReadRows(FileCursor& cursor, uint32_t max_rows, BatchBase& into) {
  const char* const next = scanner_.Scan(cursor.begin(), cursor.end(), cursor.stop(), cursor.at_end(), max_rows, into);
  const uint32_t rows = scanner_.rows();
  const bool all_good = ParseRows(into);
  if (!all_good) {
    WEIR_RETURN_IF_ERROR(HandleBadRows(cursor, into));
  } else if (into.has_selection) {
    for (uint32_t i = 0; i < rows; ++i) into.selection[into.selected++] = static_cast<uint16_t>(into.size + i);
  }
  into.size += rows;
  cursor.Consume(next, scanner_.lines());
  return OkStatus();
}

bool CsvFormat::ParseRows(BatchBase& into) {
  const uint32_t rows = scanner_.rows();
  const uint32_t row_bytes = into.type->row_bytes;
  char* const first_row = static_cast<char*>(into.rows) + size_t{into.size} * row_bytes;
  bool all_good = true;
  if (scanner_.has_flaws()) [[unlikely]] {
    MarkFlaws();
    all_good = false;
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    const CsvField& field = type_.fields[i];
    const CellColumn column{scanner_.cells() + columns_[i], scanner_.columns(), rows, first_row + field.offset,
                            row_bytes};
    uint32_t bad = field.type->parse(column, 0);
    while (bad < rows) [[unlikely]] {
      all_good = false;
      if (bad_fields_[bad] == kGood) bad_fields_[bad] = static_cast<int32_t>(i);
      bad = field.type->parse(column, bad + 1);
    }
  }
  return all_good;
}

void CsvFormat::MarkFlaws() {
  for (uint32_t row = 0; row < scanner_.rows(); ++row) {
    if (scanner_.flaw(row) != CsvFlaw::kNone) bad_fields_[row] = kBadShape;
  }
}

Status CsvFormat::HandleBadRows(FileCursor& cursor, BatchBase& into) {
  if (!into.has_selection) {
    for (uint32_t row = 0; row < into.size; ++row) into.selection[row] = static_cast<uint16_t>(row);
    into.selected = into.size;
    into.has_selection = true;
  }
  for (uint32_t row = 0; row < scanner_.rows(); ++row) {
    if (bad_fields_[row] == kGood) {
      into.selection[into.selected++] = static_cast<uint16_t>(into.size + row);
      continue;
    }
    if (options_.bad_record == BadRecord::kFail) {
      return InvalidArgumentError(
          Describe(cursor, row).error +
          ". Correct the file, or have such records left out: .OnBadRecord(weir::BadRecord::kSkip).");
    }
    ++bad_records_;
    if (side_output_.bound()) side_output_.Collect(Describe(cursor, row));
    bad_fields_[row] = kGood;
  }
  if (side_output_.bound()) side_output_.Flush();
  return OkStatus();
}

MalformedRecord CsvFormat::Describe(FileCursor& cursor, uint32_t row) const {
  MalformedRecord record;
  const std::string_view text = scanner_.text(row);
  record.file = cursor.split().path;
  record.text = text;
  record.line = cursor.LineAt(text.data());
  const std::string place = cursor.PlaceAt(text.data());
  const int32_t field = bad_fields_[row];
  if (field >= 0) {
    const std::string_view cell =
        scanner_.cells()[size_t{row} * scanner_.columns() + columns_[static_cast<size_t>(field)]];
    record.column = type_.fields[static_cast<size_t>(field)].name;
    record.error = place + ": column \"" + record.column + "\" (" +
                   std::to_string(columns_[static_cast<size_t>(field)] + 1) + "): " + Quoted(cell) + " is no " +
                   std::string(type_.fields[static_cast<size_t>(field)].type->name);
  } else if (scanner_.flaw(row) == CsvFlaw::kWrongCellCount) {
    record.error = place + ": the row has " + std::to_string(scanner_.cell_count(row)) + " cells instead of " +
                   std::to_string(scanner_.columns()) + ": " + Quoted(text);
  } else if (scanner_.flaw(row) == CsvFlaw::kUnclosedQuote) {
    record.error = place + ": a quote is opened and never closed: " + Quoted(text);
  } else {
    record.error = place + ": there is text behind a closing quote: " + Quoted(text);
  }
  return record;
}

}  // namespace weir
