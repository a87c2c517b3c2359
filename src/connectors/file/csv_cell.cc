#include "weir/connectors/file/csv_cell.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "weir/types/time_text.h"

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

// Rows of one file mostly have the form "yyyy-MM-dd HH:mm:ss", and many of them the same date, so that date's milliseconds are kept.
struct TimestampParser {
  bool operator()(std::string_view cell, Timestamp& value) {
    int64_t time = 0;
    if (cell.size() == kFormLength && SameDate(cell) && ParseTimeOfDay(cell.data() + kDateLength, time)) {
      value = Timestamp(Duration(date_ + time));
      return true;
    }
    EventTime parsed = 0;
    if (!ParseTime(cell, parsed)) return false;
    value = FromEventTime(parsed);
    if (cell.size() == kFormLength) KeepDate(cell, parsed);
    return true;
  }

 private:
  static constexpr size_t kDateLength = 10;
  static constexpr size_t kFormLength = 19;

  bool SameDate(std::string_view cell) const { return std::memcmp(cell.data(), date_text_, kDateLength) == 0; }

  void KeepDate(std::string_view cell, EventTime time) {
    int64_t of_day = 0;
    if (!ParseTimeOfDay(cell.data() + kDateLength, of_day)) return;
    std::memcpy(date_text_, cell.data(), kDateLength);
    date_ = time - of_day;
  }

  // " HH:mm:ss" in milliseconds.
  static bool ParseTimeOfDay(const char* text, int64_t& milliseconds) {
    const uint32_t hours = TwoDigits(text + 1);
    const uint32_t minutes = TwoDigits(text + 4);
    const uint32_t seconds = TwoDigits(text + 7);
    if (text[0] != ' ' || text[3] != ':' || text[6] != ':' || hours > 23 || minutes > 59 || seconds > 59) return false;
    milliseconds = ((int64_t{hours} * 60 + minutes) * 60 + seconds) * 1000;
    return true;
  }

  // Two digits as a number; beyond 99 if they are none.
  static uint32_t TwoDigits(const char* at) {
    const uint32_t tens = static_cast<unsigned char>(at[0]) - static_cast<uint32_t>('0');
    const uint32_t ones = static_cast<unsigned char>(at[1]) - static_cast<uint32_t>('0');
    return tens <= 9 && ones <= 9 ? tens * 10 + ones : 1000;
  }

  char date_text_[kDateLength] = {};
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

void AppendTimestamp(const void* field, std::string& out) {
  AppendTime(ToEventTime(*static_cast<const Timestamp*>(field)), out);
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
constexpr CellType kStringCell = {"text", &ParseColumn<std::string, TextParser<std::string>>, &AppendText<std::string>,
                                  true};
constexpr CellType kViewCell = {"text", &ParseColumn<std::string_view, TextParser<std::string_view>>,
                                &AppendText<std::string_view>, true};
constexpr CellType kTimestampCell = {"timestamp (yyyy-MM-dd HH:mm:ss)", &ParseColumn<Timestamp, TimestampParser>,
                                     &AppendTimestamp};

}  // namespace weir::internal
