#include "weir/base/file/fault_injecting_file_system.h"

namespace weir {

class FaultInjectingFileSystem::Reader final : public ReadableFile {
 public:
  Reader(const FaultInjectingFileSystem& files, std::unique_ptr<ReadableFile> file)
      : files_(files), file_(std::move(file)) {}

  StatusOr<size_t> Read(std::span<char> into) override {
    WEIR_RETURN_IF_ERROR(files_.Check(FileOperation::kRead, path()));
    return file_->Read(into);
  }
  StatusOr<size_t> ReadAt(uint64_t offset, std::span<char> into) const override {
    WEIR_RETURN_IF_ERROR(files_.Check(FileOperation::kRead, path()));
    return file_->ReadAt(offset, into);
  }
  Status Seek(uint64_t offset) override { return file_->Seek(offset); }
  StatusOr<uint64_t> Size() const override { return file_->Size(); }
  const std::string& path() const override { return file_->path(); }

 private:
  const FaultInjectingFileSystem& files_;
  const std::unique_ptr<ReadableFile> file_;
};

class FaultInjectingFileSystem::Writer final : public WritableFile {
 public:
  Writer(const FaultInjectingFileSystem& files, std::unique_ptr<WritableFile> file)
      : files_(files), file_(std::move(file)) {}

  Status Append(std::string_view bytes) override {
    bool tears_write = false;
    const Status fault = files_.Check(FileOperation::kAppend, path(), &tears_write);
    if (fault.ok()) return file_->Append(bytes);
    if (tears_write) WEIR_RETURN_IF_ERROR(file_->Append(bytes.substr(0, bytes.size() / 2)));
    return fault;
  }
  Status Sync() override {
    WEIR_RETURN_IF_ERROR(files_.Check(FileOperation::kSync, path()));
    return file_->Sync();
  }
  Status Close() override {
    // Closed in any case, as the kernel does.
    const Status closed = file_->Close();
    WEIR_RETURN_IF_ERROR(files_.Check(FileOperation::kClose, path()));
    return closed;
  }
  uint64_t size() const override { return file_->size(); }
  const std::string& path() const override { return file_->path(); }

 private:
  const FaultInjectingFileSystem& files_;
  const std::unique_ptr<WritableFile> file_;
};

void FaultInjectingFileSystem::Add(FileFault fault) {
  MutexLock lock(mutex_);
  faults_.push_back(std::move(fault));
}

void FaultInjectingFileSystem::ClearFaults() {
  MutexLock lock(mutex_);
  faults_.clear();
}

int FaultInjectingFileSystem::CallCount(FileOperation operation) const {
  MutexLock lock(mutex_);
  const auto count = calls_.find(operation);
  return count == calls_.end() ? 0 : count->second;
}

Status FaultInjectingFileSystem::Check(FileOperation operation, const std::string& path, bool* tears_write) const {
  MutexLock lock(mutex_);
  ++calls_[operation];
  for (FileFault& fault : faults_) {
    if (fault.operation != operation || path.find(fault.path_contains) == std::string::npos) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    if (fault.times == 0) continue;
    if (fault.times != kEveryTime) --fault.times;
    if (tears_write != nullptr) *tears_write = fault.tears_write;
    return fault.status.Annotate(path);
  }
  return OkStatus();
}

StatusOr<std::unique_ptr<ReadableFile>> FaultInjectingFileSystem::OpenForRead(const std::string& path) {
  WEIR_RETURN_IF_ERROR(Check(FileOperation::kOpenForRead, path));
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<ReadableFile> file, files_.OpenForRead(path));
  return std::unique_ptr<ReadableFile>(std::make_unique<Reader>(*this, std::move(file)));
}

StatusOr<std::unique_ptr<WritableFile>> FaultInjectingFileSystem::OpenForWrite(const std::string& path,
                                                                               WriteMode mode) {
  WEIR_RETURN_IF_ERROR(Check(FileOperation::kOpenForWrite, path));
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, files_.OpenForWrite(path, mode));
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(*this, std::move(file)));
}

Status FaultInjectingFileSystem::Rename(const std::string& from, const std::string& to) {
  WEIR_RETURN_IF_ERROR(Check(FileOperation::kRename, to));
  return files_.Rename(from, to);
}

Status FaultInjectingFileSystem::Delete(const std::string& path) {
  WEIR_RETURN_IF_ERROR(Check(FileOperation::kDelete, path));
  return files_.Delete(path);
}

Status FaultInjectingFileSystem::DeleteRecursively(const std::string& path) {
  WEIR_RETURN_IF_ERROR(Check(FileOperation::kDelete, path));
  return files_.DeleteRecursively(path);
}

Status FaultInjectingFileSystem::CreateDirectories(const std::string& path) {
  WEIR_RETURN_IF_ERROR(Check(FileOperation::kCreateDirectories, path));
  return files_.CreateDirectories(path);
}

StatusOr<std::vector<FileInfo>> FaultInjectingFileSystem::List(const std::string& directory) {
  WEIR_RETURN_IF_ERROR(Check(FileOperation::kList, directory));
  return files_.List(directory);
}

StatusOr<FileInfo> FaultInjectingFileSystem::Stat(const std::string& path) {
  WEIR_RETURN_IF_ERROR(Check(FileOperation::kStat, path));
  return files_.Stat(path);
}

Status FaultInjectingFileSystem::SyncDirectory(const std::string& directory) {
  WEIR_RETURN_IF_ERROR(Check(FileOperation::kSyncDirectory, directory));
  return files_.SyncDirectory(directory);
}

}  // namespace weir
