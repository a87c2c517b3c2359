#include "weir/connectors/file/csv_cell.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace weir::internal {

namespace {

template <class T>
struct NumberParser {
  bool operator()(std::string_view cell, T& value) const {
    const char* const end = cell.data() + cell.size();
    const std::from_chars_result result = std::from_chars(cell.data(), end, value);
    return result.ec == std::errc() && result.ptr == end;
  }
};

// By hand: from_chars takes twice as long for the few digits that most cells have.
template <class T>
struct IntegerParser {
  // This many digits fit for certain.
  static constexpr size_t kSafeDigits = sizeof(T) == 1 ? 2 : sizeof(T) == 2 ? 4 : sizeof(T) == 4 ? 9 : 18;

  bool operator()(std::string_view cell, T& value) const {
    const char* at = cell.data();
    const char* const end = at + cell.size();
    const bool negative = std::is_signed_v<T> && at != end && *at == '-';
    if (negative) ++at;
    const size_t digits = static_cast<size_t>(end - at);
    if (digits == 0) return false;
    if (digits > kSafeDigits) [[unlikely]]
      return NumberParser<T>()(cell, value);
    int64_t number = 0;
    uint32_t worst = 0;
    for (; at != end; ++at) {
      const uint32_t digit = static_cast<unsigned char>(*at) - static_cast<uint32_t>('0');
      worst = std::max(worst, digit);
      number = number * 10 + digit;
    }
    if (worst > 9) return false;
    value = static_cast<T>(negative ? -number : number);
    return true;
  }
};

struct BoolParser {
  bool operator()(std::string_view cell, bool& value) const {
    if (cell == "true" || cell == "1") return value = true, true;
    if (cell == "false" || cell == "0") return value = false, true;
    return false;
  }
};

template <class T>
struct TextParser {
  bool operator()(std::string_view cell, T& value) const {
    value = cell;
    return true;
  }
};

// Two digits at `at` as a number; beyond 99 if they are none.
uint32_t TwoDigits(const char* at) {
  const uint32_t tens = static_cast<unsigned char>(at[0]) - static_cast<uint32_t>('0');
  const uint32_t ones = static_cast<unsigned char>(at[1]) - static_cast<uint32_t>('0');
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 1000;
}

// Milliseconds of "yyyy-MM-dd" since 1970; false if it is no date.
bool ParseDate(const char* text, int64_t& milliseconds) {
  const uint32_t century = TwoDigits(text);
  const uint32_t year = TwoDigits(text + 2);
  const uint32_t month = TwoDigits(text + 5);
  const uint32_t day = TwoDigits(text + 8);
  if (century > 99 || year > 99 || text[4] != '-' || text[7] != '-') return false;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(century * 100 + year)),
                                         std::chrono::month(month), std::chrono::day(day));
  if (month > 12 || day > 31 || !date.ok()) return false;
  milliseconds = Timestamp(std::chrono::sys_days(date)).time_since_epoch().count();
  return true;
}

// Milliseconds of "HH:mm", "HH:mm:ss" or "HH:mm:ss.f", with up to nine digits behind the point, of which three count.
bool ParseTimeOfDay(std::string_view text, int64_t& milliseconds) {
  if (!text.empty() && text.back() == 'Z') text.remove_suffix(1);
  if ((text.size() != 5 && text.size() < 8) || text[2] != ':') return false;
  const uint32_t hours = TwoDigits(text.data());
  const uint32_t minutes = TwoDigits(text.data() + 3);
  uint32_t seconds = 0;
  int64_t fraction = 0;
  if (text.size() >= 8) {
    if (text[5] != ':') return false;
    seconds = TwoDigits(text.data() + 6);
    if (text.size() > 8) {
      if (text[8] != '.' || text.size() == 9 || text.size() > 18) return false;
      for (size_t i = 9; i < std::max<size_t>(text.size(), 12); ++i) {
        const char digit = i < text.size() ? text[i] : '0';
        if (digit < '0' || digit > '9') return false;
        if (i < 12) fraction = fraction * 10 + (digit - '0');
      }
    }
  }
  if (hours > 23 || minutes > 59 || seconds > 59) return false;
  milliseconds = ((int64_t{hours} * 60 + minutes) * 60 + seconds) * 1000 + fraction;
  return true;
}

// Dates repeat from row to row, so that the last one is kept.
struct TimestampParser {
  bool operator()(std::string_view cell, Timestamp& value) {
    if (cell.size() < 10 || cell[4] != '-') return ParseMilliseconds(cell, value);
    if (std::memcmp(cell.data(), date_text_, sizeof date_text_) != 0) {
      if (!ParseDate(cell.data(), date_)) return false;
      std::memcpy(date_text_, cell.data(), sizeof date_text_);
    }
    int64_t time = 0;
    if (cell.size() > 10) {
      if (cell[10] != ' ' && cell[10] != 'T') return false;
      if (!ParseTimeOfDay(cell.substr(11), time)) return false;
    }
    value = Timestamp(Duration(date_ + time));
    return true;
  }

 private:
  static bool ParseMilliseconds(std::string_view cell, Timestamp& value) {
    int64_t milliseconds = 0;
    if (!IntegerParser<int64_t>()(cell, milliseconds)) return false;
    value = Timestamp(Duration(milliseconds));
    return true;
  }

  char date_text_[10] = {};
  int64_t date_ = 0;
};

template <class T, class Parser>
uint32_t ParseColumn(const CellColumn& column, uint32_t from) {
  Parser parser;
  for (uint32_t row = from; row < column.count; ++row) {
    T& field = *reinterpret_cast<T*>(column.fields + size_t{row} * column.row_bytes);
    if (!parser(column.cells[size_t{row} * column.stride], field)) return row;
  }
  return column.count;
}

template <class T>
void AppendNumber(const void* field, std::string& out) {
  char text[32];
  const std::to_chars_result result = std::to_chars(text, text + sizeof text, *static_cast<const T*>(field));
  out.append(text, static_cast<size_t>(result.ptr - text));
}

void AppendBool(const void* field, std::string& out) { out += *static_cast<const bool*>(field) ? "true" : "false"; }

template <class T>
void AppendText(const void* field, std::string& out) {
  out += *static_cast<const T*>(field);
}

void AppendPadded(int64_t number, int width, std::string& out) {
  char text[24];
  const std::to_chars_result result = std::to_chars(text, text + sizeof text, number);
  const int digits = static_cast<int>(result.ptr - text);
  for (int i = digits; i < width; ++i) out.push_back('0');
  out.append(text, static_cast<size_t>(digits));
}

void AppendTimestamp(const void* field, std::string& out) {
  const Timestamp time = *static_cast<const Timestamp*>(field);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const int64_t milliseconds = (time - day).count();
  AppendPadded(static_cast<int>(date.year()), 4, out);
  out.push_back('-');
  AppendPadded(static_cast<unsigned>(date.month()), 2, out);
  out.push_back('-');
  AppendPadded(static_cast<unsigned>(date.day()), 2, out);
  out.push_back(' ');
  AppendPadded(milliseconds / 3'600'000, 2, out);
  out.push_back(':');
  AppendPadded(milliseconds / 60'000 % 60, 2, out);
  out.push_back(':');
  AppendPadded(milliseconds / 1000 % 60, 2, out);
  if (milliseconds % 1000 == 0) return;
  out.push_back('.');
  AppendPadded(milliseconds % 1000, 3, out);
}

template <class T>
constexpr CellType Integer(std::string_view name) {
  return {name, &ParseColumn<T, IntegerParser<T>>, &AppendNumber<T>};
}

}  // namespace

constexpr CellType kBoolCell = {"bool (true or false)", &ParseColumn<bool, BoolParser>, &AppendBool};
constexpr CellType kInt8Cell = Integer<int8_t>("int8");
constexpr CellType kInt16Cell = Integer<int16_t>("int16");
constexpr CellType kInt32Cell = Integer<int32_t>("int32");
constexpr CellType kInt64Cell = Integer<int64_t>("int64");
constexpr CellType kUInt8Cell = Integer<uint8_t>("uint8");
constexpr CellType kUInt16Cell = Integer<uint16_t>("uint16");
constexpr CellType kUInt32Cell = Integer<uint32_t>("uint32");
constexpr CellType kUInt64Cell = Integer<uint64_t>("uint64");
constexpr CellType kFloatCell = {"float", &ParseColumn<float, NumberParser<float>>, &AppendNumber<float>};
constexpr CellType kDoubleCell = {"double", &ParseColumn<double, NumberParser<double>>, &AppendNumber<double>};
constexpr CellType kStringCell = {"text", &ParseColumn<std::string, TextParser<std::string>>, &AppendText<std::string>};
constexpr CellType kViewCell = {"text", &ParseColumn<std::string_view, TextParser<std::string_view>>,
                                &AppendText<std::string_view>};
constexpr CellType kTimestampCell = {"timestamp (yyyy-MM-dd HH:mm:ss)", &ParseColumn<Timestamp, TimestampParser>,
                                     &AppendTimestamp};

}  // namespace weir::internal
