#include "weir/state/storage/snapshot_writer.h"

#include <utility>

#include "weir/base/file/file_path.h"

namespace weir {

SnapshotWriter::SnapshotWriter(FileSystem& files, SnapshotLocation location, std::string owner)
    : files_(files), location_(std::move(location)), owner_(std::move(owner)) {}

SnapshotWriter::~SnapshotWriter() {
  if (!committed_) Discard();
}

StatusOr<StreamStateHandle> SnapshotWriter::Write(std::string_view bytes, StateScope scope) {
  if (bytes.size() <= location_.max_inline_bytes) return StreamStateHandle::Inline(std::string(bytes));
  if (!location_.may_write_files) {
    return ResourceExhaustedError(
        "a state of " + std::to_string(bytes.size()) + " bytes is more than the " +
        std::to_string(location_.max_inline_bytes) +
        " that the JobManager keeps in its memory. Set execution.checkpointing.storage to filesystem and "
        "execution.checkpointing.dir to a folder");
  }
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<StateFileWriter> writer, NewFile(scope));
  WEIR_RETURN_IF_ERROR(writer->Append(bytes));
  WEIR_ASSIGN_OR_RETURN(StateFile file, writer->Finish());
  return StreamStateHandle{.file = std::move(file), .length = bytes.size()};
}

StatusOr<std::string> SnapshotWriter::NewFilePath(StateScope& scope) {
  if (!location_.may_write_files)
    return FailedPreconditionError("the checkpoint storage jobmanager has no files; use filesystem");
  if (location_.shared_directory.empty()) scope = StateScope::kExclusive;
  const bool is_shared = scope == StateScope::kShared;
  wrote_shared_ |= is_shared;
  // The id too: shared files of several checkpoints of one owner lie in one folder.
  const std::string name = owner_ + "-" + location_.id.ToString() + "-" + std::to_string(paths_.size());
  paths_.push_back(JoinPath(is_shared ? location_.shared_directory : location_.directory, name));
  return paths_.back();
}

StatusOr<std::unique_ptr<StateFileWriter>> SnapshotWriter::NewFile(StateScope scope) {
  WEIR_ASSIGN_OR_RETURN(const std::string path, NewFilePath(scope));
  return StateFileWriter::Create(files_, path, scope);
}

Status SnapshotWriter::Commit() {
  if (!paths_.empty()) WEIR_RETURN_IF_ERROR(files_.SyncDirectory(location_.directory));
  if (wrote_shared_) WEIR_RETURN_IF_ERROR(files_.SyncDirectory(location_.shared_directory));
  committed_ = true;
  return OkStatus();
}

void SnapshotWriter::Discard() {
  for (const std::string& path : paths_) files_.Delete(path).ok();  // what stays is swept at the next start
  paths_.clear();
  committed_ = true;
}

}  // namespace weir
