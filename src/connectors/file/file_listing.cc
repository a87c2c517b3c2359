#include "weir/connectors/file/file_listing.h"

#include <algorithm>
#include <utility>

#include "weir/base/file/file_path.h"
#include "weir/base/file/path_glob.h"

namespace weir {

namespace {

bool IsHidden(std::string_view name) { return name.starts_with('.') || name.starts_with('_'); }

// Appends the files in `folder` and below.
Status AppendFolder(FileSystem& file_system, const std::string& folder, std::vector<FileInfo>& files) {
  WEIR_ASSIGN_OR_RETURN(std::vector<FileInfo> entries, file_system.List(folder));
  for (FileInfo& entry : entries) {
    if (IsHidden(BaseName(entry.path))) continue;
    if (entry.IsDirectory()) {
      WEIR_RETURN_IF_ERROR(AppendFolder(file_system, entry.path, files));
    } else {
      files.push_back(std::move(entry));
    }
  }
  return OkStatus();
}

// Appends what `found` stands for: itself, or what is in the folder.
Status AppendFound(FileSystem& file_system, FileInfo found, std::vector<FileInfo>& files) {
  if (found.IsDirectory()) return AppendFolder(file_system, found.path, files);
  files.push_back(std::move(found));
  return OkStatus();
}

}  // namespace

StatusOr<std::vector<FileInfo>> ListInputFiles(FileSystem& file_system, const std::string& path) {
  std::vector<FileInfo> files;
  StatusOr<FileInfo> found = file_system.Stat(path);
  if (found.ok()) {
    WEIR_RETURN_IF_ERROR(AppendFound(file_system, std::move(found).value(), files));
  } else if (!IsGlobPattern(path) || found.status().code() != StatusCode::kNotFound) {
    return CannotRead(path, found.status());
  } else {
    WEIR_ASSIGN_OR_RETURN(std::vector<FileInfo> matches, Glob(file_system, path));
    for (FileInfo& match : matches) {
      if (IsHidden(BaseName(match.path))) continue;
      WEIR_RETURN_IF_ERROR(AppendFound(file_system, std::move(match), files));
    }
  }
  std::sort(files.begin(), files.end(), [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
  return files;
}

Status CannotRead(const std::string& path, const Status& cause) {
  // The file system's message ends with the system's own words.
  std::string_view why = cause.message();
  if (const size_t at = why.rfind(path + ": "); at != std::string_view::npos) why.remove_prefix(at + path.size() + 2);
  std::string message = "cannot read \"" + path + "\": " + std::string(why);
  if (cause.code() == StatusCode::kNotFound) {
    message +=
        ". Expected a file, a folder or a glob such as \"data/*.csv\"; it must be reachable on every machine that runs "
        "the job";
  }
  return Status(cause.code(), message + ".");
}

}  // namespace weir
