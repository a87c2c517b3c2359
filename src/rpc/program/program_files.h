// The files that travel with a job: which they are, and where its processes find them.
//
//   <folder>/lib/libfoo.so.1         libraries; in front of the library path of the program
//   <folder>/shipped/rules.json      every other file, and each of ShipFile() in a folder of its own, since several may have one name:
//   <folder>/shipped/0/rules.json
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/graph/job/job_program.h"

namespace weir {

// SHA-256 of all that the program needs, each once, its executable first.
std::vector<std::string> FilesOf(const JobProgram& program);

struct PlacedFiles {
  std::string library_folder = {};  // empty: the program has no libraries of its own
  std::string ship_folder = {};     // empty: nothing else travels with it
};

// Links the program's files into `folder`. `path_of`: where a file with a SHA-256 is.
StatusOr<PlacedFiles> PlaceFiles(FileSystem& files, const JobProgram& program, const std::string& folder,
                                 const std::function<StatusOr<std::string>(const std::string& sha256)>& path_of);

}  // namespace weir
