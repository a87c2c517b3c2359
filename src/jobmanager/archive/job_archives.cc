#include "weir/jobmanager/archive/job_archives.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_path.h"
#include "weir/base/ids.h"
#include "weir/base/logging.h"

namespace weir {

namespace {

// Far beyond what a job of ten thousand subtasks comes to.
constexpr uint64_t kMostArchiveBytes = uint64_t{256} << 20;
constexpr size_t kMostDecoded = 4;

bool IsSame(const FileInfo& a, const FileInfo& b) {
  return a.path == b.path && a.size == b.size && a.modified == b.modified;
}

}  // namespace

Status JobArchives::Put(const std::string& job_id, const std::vector<ArchivedAnswer>& answers, Timestamp now) {
  const std::string& folder = options_.folders.front();
  WEIR_RETURN_IF_ERROR(options_.files->CreateDirectories(folder));
  WEIR_RETURN_IF_ERROR(WriteFileAtomically(*options_.files, folder + "/" + job_id, EncodeJobArchive(answers)));
  WEIR_ASSIGN_OR_RETURN(std::vector<FileInfo> files, FilesOf(folder));
  Prune(std::move(files), now);
  return OkStatus();
}

StatusOr<std::vector<FileInfo>> JobArchives::FilesOf(const std::string& folder) const {
  WEIR_ASSIGN_OR_RETURN(std::vector<FileInfo> files, options_.files->List(folder));
  // Temporary files, and whatever else a person keeps there.
  std::erase_if(files,
                [](const FileInfo& file) { return !file.IsFile() || !JobId::FromHex(BaseName(file.path)).ok(); });
  return files;
}

std::vector<FileInfo> JobArchives::Prune(std::vector<FileInfo> files, Timestamp now) const {
  std::ranges::stable_sort(files, std::greater<>(), &FileInfo::modified);
  std::vector<FileInfo> kept;
  for (const FileInfo& file : files) {
    const bool is_beyond = options_.most_jobs.has_value() && kept.size() >= *options_.most_jobs;
    const bool is_old = options_.kept_for.has_value() && now - file.modified > *options_.kept_for;
    const Status gone = is_beyond || is_old ? options_.files->Delete(file.path) : FailedPreconditionError("it stays");
    if (!gone.ok() && gone.code() != StatusCode::kNotFound) kept.push_back(file);
  }
  return kept;
}

StatusOr<JobArchive> JobArchives::Load(const std::string& path) const {
  WEIR_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(*options_.files, path, kMostArchiveBytes));
  return DecodeJobArchive(text);
}

JobArchives::Known JobArchives::Examine(const FileInfo& file) const {
  Known known{.file = file};
  const StatusOr<JobArchive> archive = Load(file.path);
  StatusOr<ArchivedOverview> overview = archive.ok() ? OverviewIn(*archive) : archive.status();
  if (overview.ok() && overview->job_id != BaseName(file.path)) {
    overview = DataLossError("it is about job " + overview->job_id);
  }
  known.is_usable = overview.ok();
  if (known.is_usable) {
    known.overview = *std::move(overview);
  } else {
    WEIR_LOG(kWarning, "the job archive {} is not shown: {}", file.path, overview.status().message());
  }
  return known;
}

Status JobArchives::Refresh(Timestamp now) {
  std::map<std::string, Known> before;
  {
    MutexLock lock(mutex_);
    for (const Known& known : known_) before.emplace(known.file.path, known);
  }
  Status first;
  std::map<std::string, Known> by_id;
  for (const std::string& folder : options_.folders) {
    StatusOr<std::vector<FileInfo>> files = FilesOf(folder);
    if (!files.ok()) {
      // A shared folder may be away for a while: what is known of it stays.
      if (files.status().code() != StatusCode::kNotFound) first.Update(files.status());
      for (const auto& [path, known] : before) {
        if (DirectoryName(path) == folder) by_id.emplace(BaseName(path), known);
      }
      continue;
    }
    for (const FileInfo& file : Prune(*std::move(files), now)) {
      const std::string id(BaseName(file.path));
      if (by_id.contains(id)) continue;
      const auto same = before.find(file.path);
      const bool is_known = same != before.end() && IsSame(same->second.file, file);
      by_id.emplace(id, is_known ? same->second : Examine(file));
    }
  }
  std::vector<Known> found;
  for (auto& [id, known] : by_id) found.push_back(std::move(known));
  std::ranges::stable_sort(found, std::greater<>(), [](const Known& known) { return known.overview.end_time; });
  MutexLock lock(mutex_);
  known_ = std::move(found);
  return first;
}

bool JobArchives::Contains(const std::string& job_id) const {
  MutexLock lock(mutex_);
  return std::ranges::any_of(known_,
                             [&](const Known& known) { return known.is_usable && known.overview.job_id == job_id; });
}

std::vector<ArchivedOverview> JobArchives::Overviews() const {
  std::vector<ArchivedOverview> all;
  MutexLock lock(mutex_);
  for (const Known& known : known_) {
    if (known.is_usable) all.push_back(known.overview);
  }
  return all;
}

std::shared_ptr<const JobArchive> JobArchives::Find(const FileInfo& file) const {
  {
    MutexLock lock(mutex_);
    const auto found =
        std::ranges::find_if(decoded_, [&](const Decoded& decoded) { return IsSame(decoded.file, file); });
    if (found != decoded_.end()) {
      std::rotate(found, found + 1, decoded_.end());
      return decoded_.back().archive;
    }
  }
  StatusOr<JobArchive> loaded = Load(file.path);
  if (!loaded.ok()) return nullptr;
  auto archive = std::make_shared<const JobArchive>(*std::move(loaded));
  MutexLock lock(mutex_);
  std::erase_if(decoded_, [&](const Decoded& decoded) { return decoded.file.path == file.path; });
  if (decoded_.size() >= kMostDecoded) decoded_.erase(decoded_.begin());
  decoded_.push_back({.file = file, .archive = archive});
  return archive;
}

std::optional<std::string> JobArchives::Answer(const std::string& job_id, std::string_view path) const {
  std::optional<FileInfo> file;
  {
    MutexLock lock(mutex_);
    const auto known = std::ranges::find_if(
        known_, [&](const Known& each) { return each.is_usable && each.overview.job_id == job_id; });
    if (known == known_.end()) return std::nullopt;
    file = known->file;
  }
  const std::shared_ptr<const JobArchive> archive = Find(*file);
  if (archive == nullptr) return std::nullopt;
  const auto answer = archive->find(path);
  return answer == archive->end() ? std::nullopt : std::optional(answer->second);
}

}  // namespace weir
