// Folders of archives: one file per job that has ended, named by its id.
//
//   JobArchives archives({.files = &files, .folders = {"/shared/archive"}, .most_jobs = 1000});
//   archives.Refresh();                                       // reads what is there
//   archives.Answer(job_id, "/jobs/" + job_id + "/plan");     // the JSON that was written down
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/mutex.h"
#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/jobmanager/archive/job_archive.h"

namespace weir {

struct JobArchivesOptions {
  FileSystem* files = nullptr;
  // Of the same id in two folders, the first counts.
  std::vector<std::string> folders;
  // How many stay in each folder, and for how long; others are deleted. Nothing: all, for ever.
  std::optional<size_t> most_jobs = {};
  std::optional<Duration> kept_for = {};
};

// Threads: any. Files are written whole or not at all.
class JobArchives {
 public:
  explicit JobArchives(JobArchivesOptions options) : options_(std::move(options)) {}

  // Writes the job's archive into the first folder, which is made if need be. Readers see it after a Refresh.
  Status Put(const std::string& job_id, const std::vector<ArchivedAnswer>& answers, Timestamp now);

  // Deletes what is beyond the limits, and reads what has come or changed since. A file that cannot be used is left where it is, named in the log once, and
  // taken for absent. The error is the first folder's that could not be read, for which what was known before stays.
  Status Refresh(Timestamp now);

  bool Contains(const std::string& job_id) const;
  // The JSON under this path in the job's archive; nothing: there is none.
  std::optional<std::string> Answer(const std::string& job_id, std::string_view path) const;
  // Those that ended last first.
  std::vector<ArchivedOverview> Overviews() const;

 private:
  // A file that was looked at.
  struct Known {
    FileInfo file;
    bool is_usable = false;
    ArchivedOverview overview = {};
  };
  struct Decoded {
    FileInfo file;
    std::shared_ptr<const JobArchive> archive;
  };

  StatusOr<std::vector<FileInfo>> FilesOf(const std::string& folder) const;
  // The files that are within the limits; the others are deleted.
  std::vector<FileInfo> Prune(std::vector<FileInfo> files, Timestamp now) const;
  Known Examine(const FileInfo& file) const;
  StatusOr<JobArchive> Load(const std::string& path) const;
  // The archive in `file`, from memory if it was asked for lately.
  std::shared_ptr<const JobArchive> Find(const FileInfo& file) const;

  const JobArchivesOptions options_;
  mutable Mutex mutex_;
  std::vector<Known> known_ WEIR_GUARDED_BY(mutex_);
  // Those that were asked for last, the latest at the end: a page asks for one job many times.
  mutable std::vector<Decoded> decoded_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
