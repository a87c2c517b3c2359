// A crash report (crash_report.h) for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "weir/base/file/file_system.h"

namespace weir {

struct CrashText {
  int signal = 0;    // that the process crashed with; what ended it in the end may be another
  std::string text;  // a line for each of: where, the exception, the stack; without a last line's end
};

// Names are taken apart. A report that breaks off gives what there is, raw frames where symbols are missing.
// nullopt: `report` is none.
std::optional<CrashText> ReadableCrash(std::string_view report);

// The report at `path`, which becomes the readable text; nullopt: there is none.
std::optional<CrashText> TakeCrashReport(FileSystem& files, const std::string& path);

}  // namespace weir
