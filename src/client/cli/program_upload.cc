#include "weir/client/cli/program_upload.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "weir/base/file/file_path.h"
#include "weir/client/cli/command.h"
#include "weir/rpc/program/program_libraries.h"

namespace weir::cli {
namespace {

bool IsLibrary(std::string_view name) { return name.ends_with(".so") || name.find(".so.") != std::string_view::npos; }

void Add(std::vector<ShippedFile>& files, const std::string& path, const std::string& name, bool is_library) {
  const bool is_known = std::ranges::any_of(
      files, [&](const ShippedFile& file) { return file.name == name && file.is_library == is_library; });
  if (!is_known) files.push_back({.name = name, .path = path, .is_library = is_library});
}

Status AddShipped(FileSystem& files, const std::string& given, std::vector<ShippedFile>& into) {
  const std::string path = AbsolutePath(given);
  StatusOr<FileInfo> info = files.Stat(path);
  if (!info.ok()) return info.status().Annotate("--ship " + given);
  std::vector<FileInfo> found = {*info};
  if (info->IsDirectory()) {
    WEIR_ASSIGN_OR_RETURN(found, files.List(path));
  }
  for (const FileInfo& file : found) {
    if (!file.IsFile()) continue;
    const std::string name(BaseName(file.path));
    const auto same = std::ranges::find(into, name, &ShippedFile::name);
    if (same != into.end() && same->path != file.path) {
      return InvalidArgumentError("--ship names two files that are called " + name + ": " + same->path + " and " +
                                  file.path + ". A job finds them by their names, so rename one.");
    }
    Add(into, file.path, name, IsLibrary(name));
  }
  return OkStatus();
}

// The folders of shipped libraries, then what the person has set.
std::string LibraryPathFor(const std::vector<ShippedFile>& files) {
  std::string path;
  for (const ShippedFile& file : files) {
    const std::string folder(DirectoryName(file.path));
    if (file.is_library && (":" + path + ":").find(":" + folder + ":") == std::string::npos) {
      path += (path.empty() ? "" : ":") + folder;
    }
  }
  const char* const own = std::getenv("LD_LIBRARY_PATH");
  if (own != nullptr && *own != '\0') path += (path.empty() ? "" : ":") + std::string(own);
  return path;
}

std::string ScratchFile() {
  const char* const folder = std::getenv("TMPDIR");
  return std::string(folder != nullptr && *folder != '\0' ? folder : "/tmp") + "/weir-libraries-" +
         std::to_string(getpid());
}

StatusOr<ProgramLibraries> FindLibraries(FileSystem& files, const std::string& executable,
                                         const std::string& library_path) {
  WEIR_ASSIGN_OR_RETURN(ProgramLibraries libraries, TraceLibraries(files, executable, library_path, ScratchFile()));
  if (libraries.IsComplete()) return libraries;
  return FailedPreconditionError("cannot run " + executable + ": " + libraries.Describe() +
                                 ". Install them, or name their folder in LD_LIBRARY_PATH, or, where `weir run` "
                                 "starts it, the files with --ship.");
}

}  // namespace

StatusOr<std::string> LibraryPathOf(FileSystem& files, const std::string& executable,
                                    const std::vector<std::string>& shipped) {
  std::vector<ShippedFile> found;
  for (const std::string& path : shipped) WEIR_RETURN_IF_ERROR(AddShipped(files, path, found));
  std::string library_path = LibraryPathFor(found);
  WEIR_RETURN_IF_ERROR(FindLibraries(files, executable, library_path).status());
  return library_path;
}

StatusOr<ProgramUpload> CollectProgram(FileSystem& files, const std::string& executable,
                                       const std::vector<std::string>& shipped, FileSums& sums) {
  ProgramUpload upload;
  for (const std::string& path : shipped) WEIR_RETURN_IF_ERROR(AddShipped(files, path, upload.files));
  upload.library_path = LibraryPathFor(upload.files);
  WEIR_ASSIGN_OR_RETURN(const ProgramLibraries libraries, FindLibraries(files, executable, upload.library_path));
  for (const LoadedLibrary& library : libraries.loaded) {
    if (!IsSystemLibrary(library)) Add(upload.files, library.path, library.name, true);
  }
  WEIR_ASSIGN_OR_RETURN(upload.executable, sums.Of(executable));
  return upload;
}

Status Upload(FileSystem& files, JobManagerClient& client, std::vector<ShippedFile>& what, FileSums& sums) {
  std::vector<std::string> wanted;
  for (ShippedFile& file : what) {
    if (file.sha256.empty()) {
      WEIR_ASSIGN_OR_RETURN(file.sha256, sums.Of(file.path));
    }
    wanted.push_back(file.sha256);
  }
  if (wanted.empty()) return OkStatus();
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> missing, client.FindMissing(wanted));
  for (const std::string& sha256 : missing) {
    const auto file = std::ranges::find(what, sha256, &ShippedFile::sha256);
    if (file != what.end()) WEIR_RETURN_IF_ERROR(client.Upload(files, file->path, sha256));
  }
  return OkStatus();
}

}  // namespace weir::cli
