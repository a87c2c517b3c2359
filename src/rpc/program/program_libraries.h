// Which shared libraries a program loads, and which libraries and symbols it lacks, found out without running it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/process/process_user.h"
#include "weir/base/status.h"

namespace weir {

struct LoadedLibrary {
  std::string name = {};  // as the program asks for it: "libfoo.so.1"
  std::string path = {};
};

struct ProgramLibraries {
  std::vector<LoadedLibrary> loaded = {};
  std::vector<std::string> missing = {};  // libraries that are not found
  std::vector<std::string> symbols = {};  // that no library defines

  bool IsComplete() const { return missing.empty() && symbols.empty(); }
  // "the shared libraries libfoo.so.1 and libbar.so.2 are missing".
  std::string Describe() const;
};

// What the machine's loader says of `executable`, with `library_path` ("/a:/b", or empty) searched first. Its output goes through `scratch`, a file that
// is made and deleted; `user`: as whom it is asked. Waits.
StatusOr<ProgramLibraries> TraceLibraries(FileSystem& files, const std::string& executable,
                                          const std::string& library_path, const std::string& scratch,
                                          std::shared_ptr<const ProcessUser> user = nullptr);
// Reads what the loader said. For tests.
ProgramLibraries ReadTrace(std::string_view text);

// It comes with the system, so that other machines of its kind have it too.
bool IsSystemLibrary(const LoadedLibrary& library);

}  // namespace weir
