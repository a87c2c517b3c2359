// The logging configuration file: `conf/logging.properties`.
//
//   level = info                          # of every process
//   level.runtime.network = debug         # of one logger: a folder or a file of the source tree
//   worker.level = warn                   # of one kind of process
//   pattern = %d %-5p %c [%t] - %m%n      # base/log_pattern.h
//   file.max-size = 100 mb
//   file.max-files = 10
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/logging.h"
#include "weir/base/status.h"

namespace weir {

class FileSystem;

// Keys may begin with their names: "jobmanager.level".
enum class LogProcess : uint8_t { kJobManager, kTaskManager, kHistoryServer, kWorker, kCoordinator, kClient };

struct LogSettings {
  LogLevel level = LogLevel::kInfo;
  std::vector<std::pair<std::string, LogLevel>> loggers = {};
  std::string pattern = {};  // empty: the usual one
  bool has_file = true;
  bool to_console = false;  // to stderr too
  uint64_t file_bytes = uint64_t{100} << 20;
  int files_kept = 10;
};

// What counts where nothing is said. A person at a terminal wants to hear of problems only.
LogSettings DefaultLogSettings(LogProcess process);

// `name` is what messages call the file. The first mistake is the error: "conf/logging.properties:3: ...".
StatusOr<LogSettings> ParseLogSettings(std::string_view text, std::string_view name, LogProcess process);

// Of the file; where there is none, the defaults.
StatusOr<LogSettings> LoadLogSettings(FileSystem& files, const std::string& path, LogProcess process);

// Of a configuration folder; "" of no folder.
std::string LogSettingsFile(const std::string& conf_dir);

// From now on the process logs so. `file`: where its lines go, unless the settings want no file; empty: to stderr.
Status ApplyLogSettings(const LogSettings& settings, const std::string& file);

}  // namespace weir
