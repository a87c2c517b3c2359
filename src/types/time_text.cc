#include "weir/types/time_text.h"

#include <charconv>
#include <cstdint>

namespace weir {

const std::string_view kExpectedTime = "a time such as 2001-02-16 00:08:00, or milliseconds since 1970";

namespace {

constexpr int64_t kMsPerDay = 86'400'000;

// Days since 1970-01-01 of a day of the Gregorian calendar, extended to all years. Years begin in March here, so that the leap
// day is the last of its year (H. Hinnant's algorithm; std::chrono's year_month_day costs <chrono>'s parser headers).
int64_t DaysOf(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

struct Date {
  int64_t year;
  int month;
  int day;
};

Date DateOf(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int shifted_month = static_cast<int>((5 * day_of_year + 2) / 153);
  const int day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const int month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {year_of_era + era * 400 + (month <= 2), month, day};
}

int DaysInMonth(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Eats parts of a text from its front.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // `digits` digits as a number; -1 if others come.
  int Number(size_t digits) {
    if (text_.size() < digits) return -1;
    int number = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (!IsDigit(text_[i])) return -1;
      number = number * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(digits);
    return number;
  }
  bool Eat(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool at_end() const { return text_.empty(); }
  bool at_digit() const { return !text_.empty() && IsDigit(text_.front()); }

 private:
  std::string_view text_;
};

// ".25" is 250 ms; digits after the third are read and cut off.
bool ScanFraction(Scanner& in, int64_t& ms) {
  if (!in.at_digit()) return false;
  for (int scale = 100; in.at_digit(); scale /= 10) ms += scale * in.Number(1);
  return true;
}

bool ScanTimeOfDay(Scanner& in, int64_t& ms) {
  const int hour = in.Number(2);
  const int minute = in.Eat(':') ? in.Number(2) : -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
  ms += (hour * 60 + minute) * 60'000;
  if (!in.Eat(':')) return true;
  const int second = in.Number(2);
  if (second < 0 || second > 59) return false;
  ms += second * 1000;
  return !in.Eat('.') || ScanFraction(in, ms);
}

// Nothing, Z, +hh:mm or -hh:mm.
bool ScanZone(Scanner& in, int64_t& ms) {
  if (in.at_end() || in.Eat('Z')) return in.at_end();
  const bool east = in.Eat('+');
  if (!east && !in.Eat('-')) return false;
  const int hours = in.Number(2);
  const int minutes = in.Eat(':') ? in.Number(2) : -1;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
  const int64_t offset = (hours * 60 + minutes) * 60'000;
  ms += east ? -offset : offset;
  return in.at_end();
}

bool ParseNumber(std::string_view text, EventTime& ms) {
  EventTime number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  ms = number;
  return true;
}

void AppendDigits(int64_t number, int digits, std::string& out) {
  char text[8];
  for (int i = digits - 1; i >= 0; --i, number /= 10) text[i] = static_cast<char>('0' + number % 10);
  out.append(text, static_cast<size_t>(digits));
}

void AppendYear(int64_t year, std::string& out) {
  if (year >= 0 && year <= 9999) return AppendDigits(year, 4, out);
  out += year < 0 ? '-' : '+';
  out += std::to_string(year < 0 ? -year : year);
}

}  // namespace

void AppendTime(EventTime ms, std::string& out) {
  const int64_t days = ms / kMsPerDay - (ms % kMsPerDay < 0);
  const int64_t of_day = ms - days * kMsPerDay;
  const Date date = DateOf(days);
  AppendYear(date.year, out);
  out += '-';
  AppendDigits(date.month, 2, out);
  out += '-';
  AppendDigits(date.day, 2, out);
  out += ' ';
  AppendDigits(of_day / 3'600'000, 2, out);
  out += ':';
  AppendDigits(of_day / 60'000 % 60, 2, out);
  out += ':';
  AppendDigits(of_day / 1000 % 60, 2, out);
  if (of_day % 1000 == 0) return;
  out += '.';
  AppendDigits(of_day % 1000, 3, out);
}

bool ParseTime(std::string_view text, EventTime& ms) {
  if (text.size() < 10 || text[4] != '-') return ParseNumber(text, ms);
  Scanner in(text);
  const int year = in.Number(4);
  const int month = in.Eat('-') ? in.Number(2) : -1;
  const int day = in.Eat('-') ? in.Number(2) : -1;
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) return false;
  int64_t of_day = 0;
  if (!in.at_end()) {
    if (!in.Eat(' ') && !in.Eat('T')) return false;
    if (!ScanTimeOfDay(in, of_day) || !ScanZone(in, of_day)) return false;
  }
  ms = DaysOf(year, month, day) * kMsPerDay + of_day;
  return true;
}

}  // namespace weir
