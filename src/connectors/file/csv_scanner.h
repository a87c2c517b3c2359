// Cuts CSV text into rows of cells, without looking into the cells.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "weir/connectors/file/byte_finder.h"
#include "weir/types/batch.h"

namespace weir {

// What is wrong with the shape of a row.
enum class CsvFlaw : uint8_t {
  kNone,
  kWrongCellCount,
  kTextAfterQuote,  // "abc"d
  kUnclosedQuote,   // up to the end of the file
};

// RFC 4180: cells are separated by the delimiter, rows by \n or \r\n; a cell in quotes may contain both, and a quote twice for a quote. A quote inside an
// unquoted cell is taken as it is. Rows without any text are left out.
//
// Threads: one at a time.
class CsvScanner {
 public:
  // Rows cut at once: their cells (16 bytes each) stay in the L1 cache until they are parsed.
  static constexpr uint32_t kRows = 128;

  explicit CsvScanner(char delimiter) : delimiter_(delimiter), finder_(delimiter, '\n') {}

  // `columns`: cells that a row should have; further ones are not kept. `rows`: at most so many are cut at once.
  void SetShape(uint32_t columns, uint32_t rows = kRows);
  uint32_t columns() const { return columns_; }

  // Cuts up to `max_rows` rows (and those of SetShape) from [begin, limit), kByteFinderPadding bytes behind which are readable. Rows begin before `stop`.
  // `at_end`: a row need not end with a line end. Returns how far it came: where the next row begins, which is the row that is not complete if there
  // were fewer rows than asked for. Cells with doubled quotes are unescaped into memory of `batch`.
  const char* Scan(const char* begin, const char* limit, const char* stop, bool at_end, uint32_t max_rows,
                   BatchBase& batch);

  // Line ends in the text that the last Scan cut.
  uint32_t lines() const { return lines_; }
  // The rows of the last Scan, row after row: cell c of row r is cells()[r * columns() + c]. Cells that a row lacks are empty.
  uint32_t rows() const { return rows_; }
  const std::string_view* cells() const { return cells_.data(); }
  bool has_flaws() const { return has_flaws_; }
  CsvFlaw flaw(uint32_t row) const { return flaws_[row]; }
  // Number of cells found in the row, for messages.
  uint32_t cell_count(uint32_t row) const { return cell_counts_[row]; }
  // The row as it stands in the text, without its line end.
  std::string_view text(uint32_t row) const { return texts_[row]; }

 private:
  // Cuts the row at `at`; the begin of the next one, or nullptr if the row is not complete.
  const char* ScanRow(const char* at, const char* limit, bool at_end, BatchBase& batch);
  // The cell whose opening quote stands at `at`; sets `cell` and `flaw`. Returns where its delimiter or line end stands, or nullptr if not complete.
  const char* ScanQuoted(const char* at, const char* limit, bool at_end, std::string_view& cell, CsvFlaw& flaw,
                         BatchBase& batch);
  void EndRow(const char* begin, const char* end, uint32_t cells, CsvFlaw flaw);

  const char delimiter_;
  ByteFinder finder_;
  uint32_t columns_ = 0;
  uint32_t capacity_ = 0;  // rows
  uint32_t rows_ = 0;
  uint32_t lines_ = 0;
  bool has_flaws_ = false;
  std::vector<std::string_view> cells_;
  std::vector<std::string_view> texts_;
  std::vector<uint32_t> cell_counts_;
  std::vector<CsvFlaw> flaws_;
};

}  // namespace weir
