#include "weir/rpc/program/program_files.h"

#include <algorithm>

#include "weir/base/file/file_links.h"

namespace weir {

std::vector<std::string> FilesOf(const JobProgram& program) {
  std::vector<std::string> files = {program.executable};
  if (!program.library.empty()) files.push_back(program.library);
  for (const ShippedFile& file : program.files) {
    if (std::ranges::find(files, file.sha256) == files.end()) files.push_back(file.sha256);
  }
  return files;
}

StatusOr<PlacedFiles> PlaceFiles(FileSystem& files, const JobProgram& program, const std::string& folder,
                                 const std::function<StatusOr<std::string>(const std::string& sha256)>& path_of) {
  PlacedFiles placed;
  for (const ShippedFile& file : program.files) {
    std::string& root = file.is_library ? placed.library_folder : placed.ship_folder;
    if (root.empty()) root = folder + (file.is_library ? "/lib" : "/shipped");
    WEIR_RETURN_IF_ERROR(files.CreateDirectories(root));
    WEIR_ASSIGN_OR_RETURN(const std::string path, path_of(file.sha256));
    WEIR_RETURN_IF_ERROR(LinkTo(path, root + "/" + file.name));
    if (file.number < 0) continue;
    const std::string own = root + "/" + std::to_string(file.number);
    WEIR_RETURN_IF_ERROR(files.CreateDirectories(own));
    WEIR_RETURN_IF_ERROR(LinkTo(path, own + "/" + file.name));
  }
  return placed;
}

}  // namespace weir
