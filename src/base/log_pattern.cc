#include "weir/base/log_pattern.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "weir/base/check.h"

namespace weir {
namespace {

constexpr std::string_view kUsualTime = "yyyy-MM-dd HH:mm:ss,SSS";
constexpr std::string_view kIsoTime = "yyyy-MM-dd'T'HH:mm:ss,SSS";
constexpr int kWidest = 200;

std::string_view LevelText(LogLevel level) {
  static constexpr std::string_view kNames[] = {"DEBUG", "INFO", "WARN", "ERROR", "OFF"};
  return kNames[static_cast<int>(level)];
}

// "yyyy-MM-dd": letters of java.text, as many as there are digits; text in quotes stays.
std::string TimeText(std::string_view format, Timestamp at) {
  const auto days = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss time(at - days);
  std::string text;
  for (size_t i = 0; i < format.size();) {
    const char letter = format[i];
    if (letter == '\'') {
      const size_t end = std::min(format.find('\'', i + 1), format.size());
      text += format.substr(i + 1, end - i - 1);
      i = end + 1;
      continue;
    }
    const size_t end = std::min(format.find_first_not_of(letter, i), format.size());
    const int digits = static_cast<int>(end - i);
    int64_t value = -1;
    if (letter == 'y') value = static_cast<int>(date.year());
    if (letter == 'M') value = static_cast<unsigned>(date.month());
    if (letter == 'd') value = static_cast<unsigned>(date.day());
    if (letter == 'H') value = time.hours().count();
    if (letter == 'm') value = time.minutes().count();
    if (letter == 's') value = time.seconds().count();
    if (letter == 'S') value = time.subseconds().count();
    text += value < 0 ? std::string(format.substr(i, end - i)) : fmt::format("{:0{}}", value, digits);
    i = end;
  }
  return text;
}

// "runtime/task/stream_task.cc" is the logger runtime.task.stream_task.
std::string LoggerName(std::string_view file) {
  std::string name(file.substr(0, file.rfind('.')));
  std::ranges::replace(name, '/', '.');
  return name;
}

}  // namespace

// Reads a pattern from left to right.
class LogPattern::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  StatusOr<LogPattern> Parse() {
    LogPattern pattern;
    while (at_ < text_.size()) {
      const size_t next = std::min(text_.find('%', at_), text_.size());
      if (next > at_) pattern.pieces_.push_back({.text = std::string(text_.substr(at_, next - at_))});
      at_ = next;
      if (at_ == text_.size()) break;
      WEIR_ASSIGN_OR_RETURN(Piece piece, Field_());
      pattern.pieces_.push_back(std::move(piece));
    }
    return pattern;
  }

 private:
  // At the '%'.
  StatusOr<Piece> Field_() {
    const size_t begin = at_++;
    Piece piece;
    if (at_ < text_.size() && text_[at_] == '%') {
      ++at_;
      piece.text = "%";
      return piece;
    }
    WEIR_RETURN_IF_ERROR(Width(piece, begin));
    static constexpr std::pair<std::string_view, Field> kFields[] = {{"notEmpty", Field::kNotEmpty},
                                                                     {"pid", Field::kProcess},
                                                                     {"d", Field::kTime},
                                                                     {"p", Field::kLevel},
                                                                     {"c", Field::kLogger},
                                                                     {"F", Field::kFile},
                                                                     {"L", Field::kLine},
                                                                     {"t", Field::kThread},
                                                                     {"X", Field::kJob},
                                                                     {"m", Field::kMessage},
                                                                     {"n", Field::kText}};
    for (const auto& [name, field] : kFields) {
      if (!text_.substr(at_).starts_with(name)) continue;
      at_ += name.size();
      piece.field = field;
      WEIR_RETURN_IF_ERROR(Argument(piece, begin));
      return piece;
    }
    return Wrong(begin, "expected one of d, p, c, F, L, t, X{job}, pid, m, n, notEmpty{...} or %");
  }

  Status Width(Piece& piece, size_t begin) {
    const bool is_left = at_ < text_.size() && text_[at_] == '-';
    if (is_left) ++at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      piece.width = piece.width * 10 + (text_[at_] - '0');
      if (piece.width > kWidest) return Wrong(begin, "expected a width of at most " + std::to_string(kWidest));
    }
    if (is_left) piece.width = -piece.width;
    return OkStatus();
  }

  // What stands in braces behind a field.
  Status Argument(Piece& piece, size_t begin) {
    std::string_view argument;
    if (at_ < text_.size() && text_[at_] == '{') {
      const size_t end = ClosingBrace(at_);
      if (end == std::string_view::npos) return Wrong(begin, "its { is not closed");
      argument = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
    }
    switch (piece.field) {
      case Field::kTime:
        piece.text = argument.empty() ? kUsualTime : argument == "ISO8601" ? kIsoTime : argument;
        return OkStatus();
      case Field::kJob:
        if (argument == "job" || argument == "flink-job-id") return OkStatus();
        return Wrong(begin, "expected %X{job}: a line carries no other");
      case Field::kNotEmpty: {
        if (argument.empty()) return Wrong(begin, "expected a pattern in braces");
        WEIR_ASSIGN_OR_RETURN(LogPattern inner, Parser(argument).Parse());
        piece.inner = std::make_shared<const LogPattern>(std::move(inner));
        return OkStatus();
      }
      default:
        return argument.empty() ? OkStatus() : Wrong(begin, "it takes nothing in braces");
    }
  }

  size_t ClosingBrace(size_t open) const {
    int depth = 0;
    for (size_t i = open; i < text_.size(); ++i) {
      if (text_[i] == '{') ++depth;
      if (text_[i] == '}' && --depth == 0) return i;
    }
    return std::string_view::npos;
  }

  Status Wrong(size_t begin, const std::string& expected) const {
    const std::string_view shown = text_.substr(begin, 12);
    return InvalidArgumentError("\"" + std::string(shown) + "\" at character " + std::to_string(begin + 1) +
                                " of the pattern: " + expected);
  }

  const std::string_view text_;
  size_t at_ = 0;
};

StatusOr<LogPattern> LogPattern::Parse(std::string_view text) { return Parser(text).Parse(); }

const LogPattern& LogPattern::Default() {
  static const LogPattern* const pattern = [] {
    StatusOr<LogPattern> parsed = Parse(kDefault);
    WEIR_CHECK(parsed.ok()) << parsed.status().message();
    return new LogPattern(*std::move(parsed));
  }();
  return *pattern;
}

std::string LogPattern::ValueOf(const Piece& piece, const LogRecord& record) {
  switch (piece.field) {
    case Field::kText:
      return piece.text;
    case Field::kTime:
      return TimeText(piece.text, record.time);
    case Field::kLevel:
      return std::string(LevelText(record.level));
    case Field::kLogger:
      return LoggerName(record.file);
    case Field::kFile:
      return std::string(record.file);
    case Field::kLine:
      return std::to_string(record.line);
    case Field::kThread:
      return std::string(record.thread_name);
    case Field::kJob:
      return std::string(record.job);
    case Field::kProcess:
      return std::to_string(getpid());
    case Field::kMessage:
      return std::string(record.message);
    case Field::kNotEmpty:
      return piece.inner->HasValue(record) ? piece.inner->Format(record) : "";
  }
  WEIR_UNREACHABLE("a field of a log line");
}

bool LogPattern::HasValue(const LogRecord& record) const {
  return std::ranges::any_of(
      pieces_, [&](const Piece& piece) { return piece.field != Field::kText && !ValueOf(piece, record).empty(); });
}

std::string LogPattern::Format(const LogRecord& record) const {
  std::string line;
  for (const Piece& piece : pieces_) {
    const std::string value = ValueOf(piece, record);
    const size_t width = static_cast<size_t>(std::abs(piece.width));
    const size_t missing = width > value.size() ? width - value.size() : 0;
    if (piece.width > 0) line.append(missing, ' ');
    line += value;
    if (piece.width < 0) line.append(missing, ' ');
  }
  return line;
}

}  // namespace weir
