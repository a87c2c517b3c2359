#include "weir/state/storage/snapshot_folder.h"

#include <set>
#include <utility>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_path.h"
#include "weir/state/storage/checkpoint_metadata_format.h"
#include "weir/state/storage/state_file.h"

namespace weir {

namespace {

// The folder that a person means by `path`.
StatusOr<std::string> FolderOf(FileSystem& files, std::string_view path) {
  WEIR_ASSIGN_OR_RETURN(std::string folder, PathFromUri(path));
  folder = NormalizePath(folder);
  const StatusOr<FileInfo> info = files.Stat(folder);
  if (info.ok() && info->IsFile() && BaseName(folder) == kMetadataFileName) return DirectoryName(folder);
  if (info.ok() && info->IsDirectory()) return folder;
  if (!info.ok() && info.status().code() != StatusCode::kNotFound) return info.status();
  return NotFoundError("there is no checkpoint or savepoint at " + folder +
                       (info.ok() ? ", which is a file" : ", which does not exist") +
                       "; expected a folder with a file " + kMetadataFileName + " in it");
}

}  // namespace

StatusOr<CompletedSnapshot> ReadSnapshotFolder(FileSystem& files, const std::string& directory, SnapshotCheck check) {
  const std::string path = JoinPath(directory, kMetadataFileName);
  StatusOr<std::string> bytes = ReadWholeFile(files, path);
  if (bytes.status().code() == StatusCode::kNotFound) {
    return NotFoundError("there is no checkpoint or savepoint in " + directory + ": it has no file " +
                         kMetadataFileName + ", so it was never completed, or is not the whole folder");
  }
  if (!bytes.ok()) return bytes.status();
  CompletedSnapshot snapshot{.directory = NormalizePath(directory)};
  WEIR_ASSIGN_OR_RETURN(snapshot.metadata, DecodeCheckpointMetadata(*bytes, directory));
  WEIR_RETURN_IF_ERROR(CheckSnapshotFiles(files, snapshot.metadata, check));
  return snapshot;
}

StatusOr<CompletedSnapshot> LoadSnapshot(FileSystem& files, std::string_view path, SnapshotCheck check) {
  WEIR_ASSIGN_OR_RETURN(const std::string folder, FolderOf(files, path));
  return ReadSnapshotFolder(files, folder, check);
}

Status CheckSnapshotFiles(FileSystem& files, const CheckpointMetadata& metadata, SnapshotCheck check) {
  if (check == SnapshotCheck::kMetadata) return OkStatus();
  Status first;
  std::set<std::string> seen;
  ForEachFile(metadata, [&](const StateFile& file) {
    if (first.ok() && seen.insert(file.path).second)
      first.Update(CheckStateFile(files, file, check == SnapshotCheck::kContents));
  });
  return first;
}

Status DeleteMetadataFile(FileSystem& files, const std::string& directory) {
  const Status deleted = files.Delete(JoinPath(directory, kMetadataFileName));
  if (deleted.code() == StatusCode::kNotFound) return OkStatus();
  WEIR_RETURN_IF_ERROR(deleted);
  return files.SyncDirectory(directory);
}

Status DeleteSnapshotFiles(FileSystem& files, const CheckpointMetadata& metadata, const std::string& directory) {
  std::set<std::string> own;
  ForEachFile(metadata, [&](const StateFile& file) {
    if (DirectoryName(file.path) == directory) own.insert(file.path);
  });
  Status first;
  for (const std::string& path : own) {
    const Status deleted = files.Delete(path);
    if (deleted.code() != StatusCode::kNotFound) first.Update(deleted);
  }
  first.Update(DeleteIfEmpty(files, directory));
  return first;
}

Status DeleteIfEmpty(FileSystem& files, const std::string& directory) {
  const StatusOr<std::vector<FileInfo>> entries = files.List(directory);
  if (entries.status().code() == StatusCode::kNotFound) return OkStatus();
  if (!entries.ok()) return entries.status();
  return entries->empty() ? files.Delete(directory) : OkStatus();
}

Status DisposeSavepoint(FileSystem& files, std::string_view path) {
  WEIR_ASSIGN_OR_RETURN(const CompletedSnapshot snapshot, LoadSnapshot(files, path, SnapshotCheck::kMetadata));
  if (snapshot.metadata.kind != SnapshotKind::kSavepoint) {
    return FailedPreconditionError(snapshot.directory + " is checkpoint " + snapshot.metadata.id.ToString() +
                                   " of job " + snapshot.metadata.job_id.ToHex() +
                                   ", which the job itself deletes; only savepoints are disposed of");
  }
  WEIR_RETURN_IF_ERROR(DeleteMetadataFile(files, snapshot.directory));
  return DeleteSnapshotFiles(files, snapshot.metadata, snapshot.directory);
}

}  // namespace weir
