#include "weir/config/log/log_settings.h"

#include <algorithm>
#include <map>
#include <optional>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_system.h"
#include "weir/base/log_pattern.h"
#include "weir/config/nearest_name.h"
#include "weir/config/value_text.h"

namespace weir {
namespace {

constexpr uint64_t kLongestFile = 1 << 20;
constexpr int kMostFiles = 1000;
constexpr std::pair<std::string_view, LogProcess> kProcesses[] = {
    {"jobmanager", LogProcess::kJobManager},       {"taskmanager", LogProcess::kTaskManager},
    {"historyserver", LogProcess::kHistoryServer}, {"worker", LogProcess::kWorker},
    {"coordinator", LogProcess::kCoordinator},     {"client", LogProcess::kClient}};
const std::vector<std::string_view> kKeys = {"level", "pattern", "file", "file.max-size", "file.max-files", "console"};
constexpr std::string_view kLoggerPrefix = "level.";

// One line that says something.
struct Entry {
  std::string key;                    // without its process
  std::optional<LogProcess> process;  // none: every one
  std::string value;
  std::string where;  // "conf/logging.properties:3"
};

Status Wrong(const Entry& entry, const std::string& expected) {
  return InvalidArgumentError(entry.where + ": " + entry.key + " is \"" + entry.value + "\"; " + expected);
}

Status Set(const Entry& entry, LogSettings& settings) {
  const std::string& value = entry.value;
  if (entry.key == "level" || entry.key.starts_with(kLoggerPrefix)) {
    const StatusOr<LogLevel> level = ParseLogLevel(value);
    if (!level.ok()) return Wrong(entry, "expected debug, info, warn, error or off");
    if (entry.key == "level") {
      settings.level = *level;
    } else {
      settings.loggers.emplace_back(entry.key.substr(kLoggerPrefix.size()), *level);
    }
  } else if (entry.key == "pattern") {
    const Status parsed = LogPattern::Parse(value).status();
    if (!parsed.ok()) return InvalidArgumentError(entry.where + ": pattern: " + std::string(parsed.message()));
    settings.pattern = value;
  } else if (entry.key == "file" || entry.key == "console") {
    const StatusOr<bool> chosen = ParseBool(value);
    if (!chosen.ok()) return Wrong(entry, "expected true or false");
    (entry.key == "file" ? settings.has_file : settings.to_console) = *chosen;
  } else if (entry.key == "file.max-size") {
    const StatusOr<MemorySize> size = ParseMemorySize(value);
    if (!size.ok() || size->bytes() < 0) {
      return Wrong(entry, "expected a size as \"100 mb\", or 0 for files that are never rotated");
    }
    settings.file_bytes = static_cast<uint64_t>(size->bytes());
  } else if (entry.key == "file.max-files") {
    const StatusOr<int64_t> count = ParseInt64(value);
    if (!count.ok() || *count < 1 || *count > kMostFiles) {
      return Wrong(entry, "expected a whole number from 1 to " + std::to_string(kMostFiles));
    }
    settings.files_kept = static_cast<int>(*count);
  }
  return OkStatus();
}

// "worker.level" is the key level of workers.
void SplitProcess(Entry& entry) {
  for (const auto& [name, process] : kProcesses) {
    if (!entry.key.starts_with(std::string(name) + ".")) continue;
    entry.process = process;
    entry.key.erase(0, name.size() + 1);
    return;
  }
}

Status CheckKey(const Entry& entry) {
  if (std::ranges::find(kKeys, entry.key) != kKeys.end()) return OkStatus();
  if (entry.key.size() > kLoggerPrefix.size() && entry.key.starts_with(kLoggerPrefix)) return OkStatus();
  std::string message = entry.where + ": there is no key \"" + entry.key + "\"";
  const std::string_view nearest = NearestName(entry.key, kKeys);
  if (!nearest.empty()) message += "; did you mean \"" + std::string(nearest) + "\"?";
  message += " Keys are ";
  for (const std::string_view key : kKeys) message += std::string(key) + ", ";
  return InvalidArgumentError(message +
                              "and level.<logger>, each also with jobmanager., taskmanager., worker., "
                              "coordinator. or client. before it");
}

StatusOr<std::optional<Entry>> ParseLine(std::string_view line, const std::string& where) {
  line = TrimBlanks(line);
  if (line.empty() || line.front() == '#' || line.front() == '!') return std::optional<Entry>();
  const size_t equals = line.find_first_of("=:");
  if (equals == std::string_view::npos || equals == 0) {
    return InvalidArgumentError(where + ": expected \"<key> = <value>\", got \"" + std::string(line) + "\"");
  }
  Entry entry{.key = std::string(TrimBlanks(line.substr(0, equals))),
              .process = std::nullopt,
              .value = std::string(TrimBlanks(line.substr(equals + 1))),
              .where = where};
  SplitProcess(entry);
  WEIR_RETURN_IF_ERROR(CheckKey(entry));
  return std::optional<Entry>(std::move(entry));
}

StatusOr<std::vector<Entry>> ParseLines(std::string_view text, std::string_view name) {
  std::vector<Entry> entries;
  std::map<std::pair<int, std::string>, std::string> seen;
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string where = std::string(name) + ":" + std::to_string(number);
    WEIR_ASSIGN_OR_RETURN(std::optional<Entry> entry, ParseLine(text.substr(0, end), where));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!entry.has_value()) continue;
    const int process = entry->process.has_value() ? static_cast<int>(*entry->process) : -1;
    const auto [first, is_new] = seen.try_emplace({process, entry->key}, where);
    if (!is_new) return InvalidArgumentError(where + ": " + entry->key + " is set already, at " + first->second);
    entries.push_back(*std::move(entry));
  }
  return entries;
}

}  // namespace

LogSettings DefaultLogSettings(LogProcess process) {
  LogSettings settings;
  if (process == LogProcess::kClient) {
    settings.level = LogLevel::kWarning;
    settings.has_file = false;
  }
  return settings;
}

StatusOr<LogSettings> ParseLogSettings(std::string_view text, std::string_view name, LogProcess process) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<Entry> entries, ParseLines(text, name));
  LogSettings settings = DefaultLogSettings(process);
  // What is said of all is right for a terminal only where it is said of the client.
  const LogSettings own = settings;
  for (const Entry& entry : entries) {
    // Those of other processes are read too, so that a mistake shows in whichever starts first.
    LogSettings unused;
    WEIR_RETURN_IF_ERROR(Set(entry, entry.process.has_value() ? unused : settings));
  }
  if (process == LogProcess::kClient) {
    settings.level = own.level;
    settings.has_file = own.has_file;
    settings.loggers.clear();
  }
  // A process's own word comes after, and over, what is said of all.
  for (const Entry& entry : entries) {
    if (entry.process != process) continue;
    std::erase_if(settings.loggers,
                  [&](const auto& logger) { return std::string(kLoggerPrefix) + logger.first == entry.key; });
    WEIR_RETURN_IF_ERROR(Set(entry, settings));
  }
  return settings;
}

StatusOr<LogSettings> LoadLogSettings(FileSystem& files, const std::string& path, LogProcess process) {
  if (path.empty() || !files.Exists(path).ValueOr(false)) return DefaultLogSettings(process);
  WEIR_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(files, path, kLongestFile));
  return ParseLogSettings(text, path, process);
}

std::string LogSettingsFile(const std::string& conf_dir) {
  return conf_dir.empty() ? std::string() : conf_dir + "/logging.properties";
}

Status ApplyLogSettings(const LogSettings& settings, const std::string& file) {
  WEIR_RETURN_IF_ERROR(SetLogOutput({.file = settings.has_file ? file : std::string(),
                                     .file_bytes = settings.file_bytes,
                                     .files_kept = settings.files_kept,
                                     .to_stderr = settings.to_console,
                                     .pattern = settings.pattern}));
  SetLogLevels(settings.level, settings.loggers);
  return OkStatus();
}

}  // namespace weir
