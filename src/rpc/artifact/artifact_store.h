// A folder of files known by the SHA-256 of their content.
//
//   WEIR_ASSIGN_OR_RETURN(auto upload, store.Begin(sha256));
//   WEIR_RETURN_IF_ERROR(upload->Append(bytes)); ...
//   WEIR_RETURN_IF_ERROR(upload->Finish());                    // verified; only now the file is there
//   store.Hold(job, {sha256});                                 // as long as the job needs it
//
// A file that nobody holds stays until the folder would grow beyond its limit: a program that is run again need not be sent again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/ids.h"
#include "weir/base/mutex.h"
#include "weir/base/process/process_user.h"

namespace weir {

class ArtifactUpload;

struct ArtifactStoreOptions {
  FileSystem* files = nullptr;
  std::string folder;
  // Of files that nobody holds; those held do not count.
  uint64_t idle_bytes = uint64_t{1} << 30;
  std::shared_ptr<const ProcessUser> user = nullptr;  // who runs the files, if that is not this process' own
};

// Threads: any. Uploads may outlive neither the store nor their thread.
class ArtifactStore {
 public:
  // Takes over what the folder holds; removes what an interrupted upload has left.
  static StatusOr<std::unique_ptr<ArtifactStore>> Open(ArtifactStoreOptions options);

  bool Has(const std::string& sha256) const;
  // Where the file is, executable; kNotFound. It stays there while it is held.
  StatusOr<std::string> PathOf(const std::string& sha256);
  // kInvalidArgument if that is no SHA-256.
  StatusOr<std::unique_ptr<ArtifactUpload>> Begin(const std::string& sha256);
  // kNotFound names the first that is not there; nothing is held then. Replaces what the job held.
  Status Hold(JobId job, const std::vector<std::string>& files);
  void Release(JobId job);

 private:
  friend class ArtifactUpload;

  explicit ArtifactStore(ArtifactStoreOptions options) : options_(std::move(options)) {}

  std::string FileOf(const std::string& sha256) const { return options_.folder + "/" + sha256; }
  // Lets the user run the file, or enter the folder.
  Status Share(const std::string& path) const;
  Status Adopt(const std::string& temporary, const std::string& sha256, uint64_t size);
  void ForgetIdle() WEIR_REQUIRES(mutex_);

  struct Artifact {
    uint64_t size = 0;
    std::set<JobId> holders;
    int64_t last_use = 0;
  };

  const ArtifactStoreOptions options_;
  mutable Mutex mutex_;
  std::map<std::string, Artifact> artifacts_ WEIR_GUARDED_BY(mutex_);
  int64_t uses_ WEIR_GUARDED_BY(mutex_) = 0;
  int64_t uploads_ WEIR_GUARDED_BY(mutex_) = 0;
};

// A file on its way into the store. One that is destroyed before Finish leaves nothing.
class ArtifactUpload {
 public:
  virtual ~ArtifactUpload() = default;
  virtual Status Append(std::string_view bytes) = 0;
  // kDataLoss: the content is not what it was announced as.
  virtual Status Finish() = 0;
};

}  // namespace weir
