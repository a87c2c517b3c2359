#include "weir/connectors/file/csv_scanner.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace weir {

namespace {

constexpr char kQuote = '"';

// A copy of `cell`, which has doubled quotes, with single ones.
std::string_view Unescape(std::string_view cell, BatchBase& batch) {
  std::string text;
  text.reserve(cell.size());
  for (size_t i = 0; i < cell.size(); ++i) {
    text.push_back(cell[i]);
    if (cell[i] == kQuote) ++i;
  }
  return batch.Keep(text);
}

}  // namespace

void CsvScanner::SetShape(uint32_t columns, uint32_t rows) {
  columns_ = columns;
  capacity_ = rows;
  cells_.resize(size_t{rows} * columns);
  texts_.resize(rows);
  cell_counts_.resize(rows);
  flaws_.assign(rows, CsvFlaw::kNone);
}

const char* CsvScanner::Scan(const char* begin, const char* limit, const char* stop, bool at_end, uint32_t max_rows,
                             BatchBase& batch) {
  if (has_flaws_) std::fill(flaws_.begin(), flaws_.end(), CsvFlaw::kNone);
  rows_ = 0;
  lines_ = 0;
  has_flaws_ = false;
  finder_.Begin(begin, limit);
  const char* at = begin;
  const uint32_t wanted = std::min(max_rows, capacity_);
  while (rows_ < wanted && at < stop) {
    const char* const next = ScanRow(at, limit, at_end, batch);
    if (next == nullptr) return at;
    at = next;
  }
  return at;
}

const char* CsvScanner::ScanRow(const char* at, const char* limit, bool at_end, BatchBase& batch) {
  const char* const row_begin = at;
  std::string_view* const cells = cells_.data() + size_t{rows_} * columns_;
  uint32_t count = 0;
  bool quoted = false;
  CsvFlaw flaw = CsvFlaw::kNone;
  while (true) {
    const char* end;
    std::string_view cell;
    if (*at == kQuote && at < limit) [[unlikely]] {
      end = ScanQuoted(at, limit, at_end, cell, flaw, batch);
      if (end == nullptr) return nullptr;
      quoted = true;
    } else {
      end = finder_.Next();
      if (end == limit && !at_end) return nullptr;
      cell = std::string_view(at, static_cast<size_t>(end - at));
    }
    const bool last = end == limit || *end == '\n';
    if (last && !cell.empty() && cell.back() == '\r' && cell.data() + cell.size() == end) cell.remove_suffix(1);
    if (count < columns_) cells[count] = cell;
    ++count;
    if (last) {
      if (quoted) lines_ += static_cast<uint32_t>(std::count(row_begin, end, '\n'));
      EndRow(row_begin, end, count, flaw);
      return end == limit ? limit : end + 1;
    }
    at = end + 1;
  }
}

void CsvScanner::EndRow(const char* begin, const char* end, uint32_t cells, CsvFlaw flaw) {
  ++lines_;
  std::string_view text(begin, static_cast<size_t>(end - begin));
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  if (text.empty()) return;  // the row's place is used again
  if (cells != columns_ && flaw == CsvFlaw::kNone) [[unlikely]]
    flaw = CsvFlaw::kWrongCellCount;
  texts_[rows_] = text;
  cell_counts_[rows_] = cells;
  if (flaw != CsvFlaw::kNone) [[unlikely]] {
    has_flaws_ = true;
    flaws_[rows_] = flaw;
    for (uint32_t c = cells; c < columns_; ++c) cells_[size_t{rows_} * columns_ + c] = {};
  }
  ++rows_;
}

const char* CsvScanner::ScanQuoted(const char* at, const char* limit, bool at_end, std::string_view& cell,
                                   CsvFlaw& flaw, BatchBase& batch) {
  const char* const begin = at + 1;
  const char* close = begin;
  bool escaped = false;
  while (true) {
    close = static_cast<const char*>(std::memchr(close, kQuote, static_cast<size_t>(limit - close)));
    if (close == nullptr || close + 1 == limit) break;
    if (close[1] != kQuote) break;
    escaped = true;
    close += 2;
  }
  if (close == nullptr || close + 1 == limit) {
    // Whether the quote is the cell's end is known only when its next byte is.
    if (!at_end) return nullptr;
    if (close == nullptr) {
      flaw = CsvFlaw::kUnclosedQuote;
      close = limit;
    }
  }
  cell = std::string_view(begin, static_cast<size_t>(close - begin));
  if (escaped) cell = Unescape(cell, batch);
  const char* const behind = close == limit ? limit : close + 1;
  finder_.SkipTo(behind);
  const char* const end = finder_.Next();
  if (end == limit && !at_end) return nullptr;
  const size_t rest = static_cast<size_t>(end - behind);
  const bool only_return = rest == 1 && *behind == '\r' && (end == limit || *end == '\n');
  if (rest != 0 && !only_return && flaw == CsvFlaw::kNone) flaw = CsvFlaw::kTextAfterQuote;
  return end;
}

}  // namespace weir
