#include "weir/config/value_text.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

namespace weir {
namespace {

constexpr char kDurationExpected[] = "a duration such as \"10 s\", \"500 ms\" or \"PT1M30S\"";
constexpr char kMemoryExpected[] = "a memory size such as \"64 mb\", \"1gb\" or \"4096\" (bytes)";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// One unit of a quantity: its factor to the base unit, and every name it goes by, separated by blanks.
struct Unit {
  int64_t factor;
  std::string_view names;
};

// Milliseconds. Flink's labels and their plurals.
constexpr Unit kDurationUnits[] = {
    {1, "ms milli millis millisecond milliseconds"},
    {1000, "s sec secs second seconds"},
    {60'000, "min m mins minute minutes"},
    {3'600'000, "h hour hours"},
    {86'400'000, "d day days"},
};

constexpr Unit kMemoryUnits[] = {
    {1, "b bytes"},
    {int64_t{1} << 10, "k kb kib kibibytes"},
    {int64_t{1} << 20, "m mb mib mebibytes"},
    {int64_t{1} << 30, "g gb gib gibibytes"},
    {int64_t{1} << 40, "t tb tib tebibytes"},
};

bool HasName(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const size_t end = names.find(' ');
    if (names.substr(0, end) == name) return true;
    if (end == std::string_view::npos) return false;
    names.remove_prefix(end + 1);
  }
  return false;
}

template <size_t N>
const Unit* FindUnit(const Unit (&units)[N], std::string_view name) {
  for (const Unit& unit : units) {
    if (HasName(unit.names, name)) return &unit;
  }
  return nullptr;
}

// Reads digits from the front of `text`. False if there are none or they exceed int64.
bool TakeNumber(std::string_view& text, int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || text.empty() || !IsDigit(text.front())) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

bool MultiplyAdd(int64_t& sum, int64_t number, int64_t factor) {
  int64_t product = 0;
  return !__builtin_mul_overflow(number, factor, &product) && !__builtin_add_overflow(sum, product, &sum);
}

// The fraction of ISO seconds after the point: at most three digits, since a Duration counts milliseconds.
bool TakeMillis(std::string_view& text, int64_t& millis) {
  millis = 0;
  for (int64_t weight = 100; weight > 0 && !text.empty() && IsDigit(text.front()); weight /= 10) {
    millis += weight * (text.front() - '0');
    text.remove_prefix(1);
  }
  return !text.empty() && text.front() == 'S';
}

// Takes one part, such as "90M" or "1.5S". `allowed` holds the designators still possible, largest first, so that order
// and repetition are checked.
bool TakeIsoPart(std::string_view& text, std::string_view& allowed, bool in_time, int64_t& sum) {
  int64_t number = 0;
  if (!TakeNumber(text, number) || text.empty()) return false;
  int64_t millis = 0;
  if (text.front() == '.') {
    text.remove_prefix(1);
    if (!TakeMillis(text, millis)) return false;
  }
  const size_t at = text.empty() ? std::string_view::npos : allowed.find(text.front());
  if (at == std::string_view::npos) return false;
  const char designator = text.front();
  text.remove_prefix(1);
  allowed.remove_prefix(at + 1);
  const int64_t factor = !in_time ? 86'400'000 : designator == 'H' ? 3'600'000 : designator == 'M' ? 60'000 : 1000;
  return MultiplyAdd(sum, number, factor) && MultiplyAdd(sum, millis, 1);
}

// P[nD][T[nH][nM][n[.nnn]S]], upper or lower case, at least one part.
bool ParseIsoDuration(std::string text, int64_t& sum) {
  for (char& c : text) c = (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  std::string_view rest = text;
  rest.remove_prefix(1);
  std::string_view allowed = "D";
  bool in_time = false;
  bool any = false;
  while (!rest.empty()) {
    if (!in_time && rest.front() == 'T') {
      in_time = true;
      any = false;
      allowed = "HMS";
      rest.remove_prefix(1);
      continue;
    }
    if (!TakeIsoPart(rest, allowed, in_time, sum)) return false;
    any = true;
  }
  return any;
}

template <size_t N>
std::string FormatQuantity(const Unit (&units)[N], int64_t value) {
  const Unit* best = &units[0];
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) best = &unit;
  }
  return FormatInt64(value / best->factor) + " " + std::string(best->names.substr(0, best->names.find(' ')));
}

Status UnclosedQuote() { return InvalidArgumentError("every quote (' or \") to be closed"); }

// Splits at `separator` outside quotes; keeps the quotes, so that a map can split its entries once more.
StatusOr<std::vector<std::string_view>> SplitOutsideQuotes(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  char quote = 0;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const bool at_end = i == text.size();
    if (!at_end && quote != 0) {
      // A doubled quote closes and opens again at once, which comes to the same.
      if (text[i] == quote) quote = 0;
    } else if (!at_end && (text[i] == '\'' || text[i] == '"')) {
      quote = text[i];
    } else if (at_end || text[i] == separator) {
      parts.push_back(TrimBlanks(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  if (quote != 0) return UnclosedQuote();
  return parts;
}

StatusOr<std::string> Unquote(std::string_view text) {
  if (text.empty() || (text.front() != '\'' && text.front() != '"')) return std::string(text);
  const char quote = text.front();
  std::string value;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] != quote) {
      value.push_back(text[i]);
    } else if (i + 1 < text.size() && text[i + 1] == quote) {
      value.push_back(quote);
      ++i;
    } else if (i + 1 == text.size()) {
      return value;
    } else {
      return InvalidArgumentError("nothing after a closing quote but a separator");
    }
  }
  return UnclosedQuote();
}

std::string QuoteIfNeeded(std::string_view text, std::string_view separators) {
  const bool plain = !text.empty() && text == TrimBlanks(text) &&
                     text.find_first_of(separators) == std::string_view::npos &&
                     text.find_first_of("'\"") == std::string_view::npos;
  if (plain) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    quoted.push_back(c);
    if (c == '\'') quoted.push_back(c);
  }
  return quoted + "'";
}

}  // namespace

std::string_view TrimBlanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

StatusOr<bool> ParseBool(std::string_view text) {
  const std::string lower = ToLower(text);
  if (lower == "true") return true;
  if (lower == "false") return false;
  return InvalidArgumentError("true or false");
}

StatusOr<int64_t> ParseInt64(std::string_view text) {
  int64_t value = 0;
  const char* begin = text.data() + (text.size() > 1 && text[0] == '+' && IsDigit(text[1]) ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return InvalidArgumentError("a whole number");
  return value;
}

StatusOr<double> ParseDouble(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return InvalidArgumentError("a number");
  return value;
}

StatusOr<Duration> ParseDuration(std::string_view text) {
  int64_t millis = 0;
  if (!text.empty() && (text.front() == 'P' || text.front() == 'p')) {
    if (ParseIsoDuration(std::string(text), millis)) return Duration(millis);
    return InvalidArgumentError(kDurationExpected);
  }
  int64_t number = 0;
  if (!TakeNumber(text, number)) return InvalidArgumentError(kDurationExpected);
  const std::string label = ToLower(TrimBlanks(text));
  const Unit* unit = label.empty() ? &kDurationUnits[0] : FindUnit(kDurationUnits, label);
  if (unit == nullptr || !MultiplyAdd(millis, number, unit->factor)) return InvalidArgumentError(kDurationExpected);
  return Duration(millis);
}

StatusOr<MemorySize> ParseMemorySize(std::string_view text) {
  int64_t number = 0;
  int64_t bytes = 0;
  if (!TakeNumber(text, number)) return InvalidArgumentError(kMemoryExpected);
  const std::string label = ToLower(TrimBlanks(text));
  const Unit* unit = label.empty() ? &kMemoryUnits[0] : FindUnit(kMemoryUnits, label);
  if (unit == nullptr || !MultiplyAdd(bytes, number, unit->factor)) return InvalidArgumentError(kMemoryExpected);
  return MemorySize(bytes);
}

StatusOr<std::vector<std::string>> ParseList(std::string_view text) {
  std::vector<std::string> items;
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string_view> parts, SplitOutsideQuotes(text, ';'));
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    WEIR_ASSIGN_OR_RETURN(std::string item, Unquote(part));
    items.push_back(std::move(item));
  }
  return items;
}

StatusOr<TextMap> ParseTextMap(std::string_view text) {
  TextMap map;
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string_view> parts, SplitOutsideQuotes(text, ','));
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string_view> halves, SplitOutsideQuotes(part, ':'));
    if (halves.size() != 2 || halves[0].empty())
      return InvalidArgumentError("entries of the form key:value, separated by commas");
    WEIR_ASSIGN_OR_RETURN(std::string key, Unquote(halves[0]));
    WEIR_ASSIGN_OR_RETURN(std::string value, Unquote(halves[1]));
    for (const auto& entry : map) {
      if (entry.first == key) return InvalidArgumentError("each key once, and \"" + key + "\" stands twice");
    }
    map.emplace_back(std::move(key), std::move(value));
  }
  return map;
}

std::string FormatBool(bool value) { return value ? "true" : "false"; }
std::string FormatInt64(int64_t value) { return std::to_string(value); }

std::string FormatDouble(double value) {
  char text[32];
  const auto [end, error] =
      std::to_chars(text, text + sizeof(text), value);  // the shortest text that reads back as the same number
  std::string result(text, end);
  if (result.find_first_of(".e") == std::string::npos) result += ".0";
  return result;
}

std::string FormatDuration(Duration value) { return FormatQuantity(kDurationUnits, value.count()); }

std::string FormatMemorySize(MemorySize value) {
  // The second name of each unit is the customary one ("kb"), except for bytes.
  const int64_t bytes = value.bytes();
  std::string text = FormatQuantity(kMemoryUnits, bytes);
  if (text.back() == 'b') return text;
  return text + "b";
}

std::string FormatList(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    if (!text.empty()) text += ';';
    text += QuoteIfNeeded(item, ";");
  }
  return text;
}

std::string FormatTextMap(const TextMap& map) {
  std::string text;
  for (const auto& [key, value] : map) {
    if (!text.empty()) text += ',';
    text += QuoteIfNeeded(key, ",:") + ":" + QuoteIfNeeded(value, ",:");
  }
  return text;
}

}  // namespace weir
