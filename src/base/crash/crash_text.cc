#include "weir/base/crash/crash_text.h"

#include <charconv>
#include <vector>

#include "weir/base/crash/code_names.h"
#include "weir/base/file/file_contents.h"

namespace weir {
namespace {

constexpr std::string_view kHead = "weir crash report 1\n";
constexpr uint64_t kLongestReport = 1 << 20;
// Of a deep recursion the innermost calls tell what there is to tell.
constexpr size_t kShownFrames = 40;

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// "#3 _Z1fv at a.cc:1" with the name taken apart; `before` is what stands in front of it.
std::string WithPlainName(std::string_view line, size_t before) {
  const size_t end = line.find(" at ", before);
  const std::string_view name = line.substr(before, end == std::string_view::npos ? end : end - before);
  std::string plain(line.substr(0, before));
  plain += Demangled(std::string(name));
  if (end != std::string_view::npos) plain += line.substr(end);
  return plain;
}

std::string_view Word(std::string_view line, std::string_view after) {
  const size_t at = line.find(after);
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + after.size());
  return line.substr(0, line.find(' '));
}

std::string StackText(const std::vector<std::string_view>& symbols, const std::vector<std::string_view>& raw) {
  std::string text;
  for (size_t i = 0; i < symbols.size() && i < kShownFrames; ++i) {
    const bool is_inlined = symbols[i].starts_with("   inlined into ");
    const size_t before = is_inlined ? std::string_view("   inlined into ").size() : symbols[i].find(' ') + 1;
    text += "\n" + WithPlainName(symbols[i], before);
  }
  if (symbols.size() > kShownFrames) return text + "\n...";
  if (!symbols.empty()) return text;
  for (size_t i = 0; i < raw.size() && i < kShownFrames; ++i) {
    text += "\n#" + std::to_string(i) + " " + std::string(raw[i].substr(std::string_view("frame ").size()));
  }
  return text;
}

constexpr std::string_view kException = "exception ";

// What the lines of a report say.
struct ReportLines {
  int signal = 0;
  std::string where;
  std::string exception;
  std::string work;
  std::vector<std::string_view> symbols;
  std::vector<std::string_view> raw;
  bool is_whole = false;

  void Take(std::string_view line) {
    if (line.starts_with("signal ")) {
      TakeSignal(line);
    } else if (line.starts_with(kException)) {
      exception = "\nuncaught exception " + std::string(line.substr(kException.size()));
    } else if (line == "stack overflow") {
      where += ": the stack has overflowed, as by a recursion without end";
    } else if (line.starts_with("frame ")) {
      raw.push_back(line);
    } else if (line.starts_with("#") || line.starts_with("   inlined into ")) {
      symbols.push_back(line);
    } else if (line.starts_with("working on ")) {
      work = "\n" + std::string(line);
    } else if (line == "end") {
      is_whole = true;
    }
  }

  void TakeSignal(std::string_view line) {
    const std::string_view number = Word(line, "signal ");
    std::from_chars(number.data(), number.data() + number.size(), signal);
    const std::string_view address = Word(line, "address ");
    // What a process sent, itself or another one, has no address.
    const std::string_view code = Word(line, "code ");
    if (!code.starts_with('-') && code != "0") where = "at address " + std::string(address) + " ";
    where += "in thread " + std::string(Word(line, "thread "));
  }

  std::string Text() const {
    return where + exception + StackText(symbols, raw) + work + (is_whole ? "" : "\n(the report breaks off here)");
  }
};

}  // namespace

std::optional<CrashText> ReadableCrash(std::string_view report) {
  if (!report.starts_with(kHead)) return std::nullopt;
  ReportLines read;
  for (const std::string_view line : LinesOf(report.substr(kHead.size()))) read.Take(line);
  return CrashText{.signal = read.signal, .text = read.Text()};
}

std::optional<CrashText> TakeCrashReport(FileSystem& files, const std::string& path) {
  const StatusOr<std::string> report = ReadWholeFile(files, path, kLongestReport);
  if (!report.ok()) return std::nullopt;
  std::optional<CrashText> crash = ReadableCrash(*report);
  // A file that cannot be replaced is only harder to read.
  if (crash.has_value()) static_cast<void>(WriteFileAtomically(files, path, crash->text + "\n"));
  return crash;
}

}  // namespace weir
