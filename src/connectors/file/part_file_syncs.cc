#include "weir/connectors/file/part_file_syncs.h"

namespace weir {

namespace {

Status SyncAndClose(std::vector<std::unique_ptr<WritableFile>>& files) {
  for (const std::unique_ptr<WritableFile>& file : files) {
    WEIR_RETURN_IF_ERROR(file->Sync());
    WEIR_RETURN_IF_ERROR(file->Close());
  }
  return OkStatus();
}

}  // namespace

void PartFileSyncs::Add(std::unique_ptr<WritableFile> file) {
  MutexLock lock(mutex_);
  files_.push_back(std::move(file));
}

void PartFileSyncs::OnRenamed() {
  MutexLock lock(mutex_);
  is_renamed_ = true;
}

Status PartFileSyncs::status() const {
  MutexLock lock(mutex_);
  return status_;
}

Status PartFileSyncs::Sync() {
  MutexLock one_at_a_time(syncing_);
  std::vector<std::unique_ptr<WritableFile>> files;
  bool is_renamed = false;
  {
    MutexLock lock(mutex_);
    WEIR_RETURN_IF_ERROR(status_);
    files.swap(files_);
    std::swap(is_renamed, is_renamed_);
  }
  Status status = SyncAndClose(files);
  if (status.ok() && is_renamed) status = file_system_.SyncDirectory(folder_);
  MutexLock lock(mutex_);
  status_ = status;
  return status;
}

}  // namespace weir
