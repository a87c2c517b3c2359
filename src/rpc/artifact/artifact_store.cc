#include "weir/rpc/artifact/artifact_store.h"

#include <algorithm>
#include <utility>

#include "weir/base/file/file_path.h"
#include "weir/base/unique_function.h"
#include "weir/rpc/artifact/sha256.h"

namespace weir {
namespace {

constexpr std::string_view kTemporary = ".part-";

class Upload final : public ArtifactUpload {
 public:
  using Adopt = UniqueFunction<Status(uint64_t size)>;

  Upload(FileSystem* files, std::unique_ptr<WritableFile> file, std::string sha256, Adopt adopt)
      : files_(files), file_(std::move(file)), sha256_(std::move(sha256)), adopt_(std::move(adopt)) {}
  ~Upload() override {
    if (file_ == nullptr) return;
    const std::string path = file_->path();
    file_.reset();
    static_cast<void>(files_->Delete(path));
  }

  Status Append(std::string_view bytes) override {
    hash_.Update(bytes);
    return file_->Append(bytes);
  }

  Status Finish() override {
    const std::string found = hash_.Finish();
    if (found != sha256_) {
      return DataLossError("a file of " + std::to_string(file_->size()) + " bytes was announced with the SHA-256 " +
                           sha256_ + " and has " + found +
                           ": it was damaged or cut on its way, or changed while it was sent. Nothing was kept.");
    }
    const uint64_t size = file_->size();
    WEIR_RETURN_IF_ERROR(file_->Close());
    WEIR_RETURN_IF_ERROR(adopt_(size));
    file_.reset();
    return OkStatus();
  }

 private:
  FileSystem* const files_;
  std::unique_ptr<WritableFile> file_;
  const std::string sha256_;
  Adopt adopt_;
  Sha256 hash_;
};

}  // namespace

StatusOr<std::unique_ptr<ArtifactStore>> ArtifactStore::Open(ArtifactStoreOptions options) {
  std::unique_ptr<ArtifactStore> store(new ArtifactStore(std::move(options)));
  FileSystem& files = *store->options_.files;
  WEIR_RETURN_IF_ERROR(files.CreateDirectories(store->options_.folder));
  WEIR_RETURN_IF_ERROR(store->Share(store->options_.folder));
  WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> found, files.List(store->options_.folder));
  MutexLock lock(store->mutex_);
  for (const FileInfo& file : found) {
    const std::string name(BaseName(file.path));
    if (name.starts_with(kTemporary)) {
      WEIR_RETURN_IF_ERROR(files.Delete(file.path));
    } else if (IsSha256(name)) {
      WEIR_RETURN_IF_ERROR(store->Share(file.path));
      store->artifacts_[name].size = file.size;
    }
  }
  // None is held yet, also of those that recovered jobs are about to hold: what is too much goes with the next upload.
  return store;
}

bool ArtifactStore::Has(const std::string& sha256) const {
  MutexLock lock(mutex_);
  return artifacts_.contains(sha256);
}

StatusOr<std::string> ArtifactStore::PathOf(const std::string& sha256) {
  MutexLock lock(mutex_);
  const auto found = artifacts_.find(sha256);
  if (found == artifacts_.end()) return NotFoundError("no file with the SHA-256 " + sha256 + " has been uploaded");
  found->second.last_use = ++uses_;
  return FileOf(sha256);
}

StatusOr<std::unique_ptr<ArtifactUpload>> ArtifactStore::Begin(const std::string& sha256) {
  if (!IsSha256(sha256)) return InvalidArgumentError("\"" + sha256 + "\" is no SHA-256 in hexadecimal");
  std::string temporary = options_.folder + "/" + std::string(kTemporary) + sha256 + "-";
  {
    MutexLock lock(mutex_);
    temporary += std::to_string(++uploads_);
  }
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file,
                        options_.files->OpenForWrite(temporary, WriteMode::kTruncate));
  return std::unique_ptr<ArtifactUpload>(
      new Upload(options_.files, std::move(file), sha256,
                 [this, temporary, sha256](uint64_t size) { return Adopt(temporary, sha256, size); }));
}

Status ArtifactStore::Share(const std::string& path) const {
  return options_.user == nullptr ? OkStatus() : ShareWith(*options_.user, path);
}

Status ArtifactStore::Adopt(const std::string& temporary, const std::string& sha256, uint64_t size) {
  WEIR_RETURN_IF_ERROR(options_.files->MakeExecutable(temporary));
  WEIR_RETURN_IF_ERROR(Share(temporary));
  MutexLock lock(mutex_);
  if (artifacts_.contains(sha256)) return options_.files->Delete(temporary);  // sent twice at once
  WEIR_RETURN_IF_ERROR(options_.files->Rename(temporary, FileOf(sha256)));
  Artifact& artifact = artifacts_[sha256];
  artifact.size = size;
  artifact.last_use = ++uses_;
  ForgetIdle();
  return OkStatus();
}

Status ArtifactStore::Hold(JobId job, const std::vector<std::string>& files) {
  MutexLock lock(mutex_);
  for (const std::string& sha256 : files) {
    if (!artifacts_.contains(sha256)) {
      return NotFoundError("the file with the SHA-256 " + sha256 + " has not been uploaded");
    }
  }
  for (auto& [sha256, artifact] : artifacts_) artifact.holders.erase(job);
  for (const std::string& sha256 : files) {
    artifacts_[sha256].holders.insert(job);
    artifacts_[sha256].last_use = ++uses_;
  }
  return OkStatus();
}

void ArtifactStore::Release(JobId job) {
  MutexLock lock(mutex_);
  for (auto& [sha256, artifact] : artifacts_) artifact.holders.erase(job);
  ForgetIdle();
}

void ArtifactStore::ForgetIdle() {
  std::vector<std::pair<int64_t, std::string>> idle;
  uint64_t bytes = 0;
  for (const auto& [sha256, artifact] : artifacts_) {
    if (!artifact.holders.empty()) continue;
    idle.emplace_back(artifact.last_use, sha256);
    bytes += artifact.size;
  }
  std::ranges::sort(idle);
  // The last one used stays in any case: it may just have come for a job that is about to be submitted.
  for (size_t i = 0; i + 1 < idle.size() && bytes > options_.idle_bytes; ++i) {
    const std::string& sha256 = idle[i].second;
    bytes -= artifacts_[sha256].size;
    // One that cannot be deleted only wastes space; it is taken over again at the next start.
    static_cast<void>(options_.files->Delete(FileOf(sha256)));
    artifacts_.erase(sha256);
  }
}

}  // namespace weir
