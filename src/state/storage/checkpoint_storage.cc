#include "weir/state/storage/checkpoint_storage.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "weir/base/fault_point.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_path.h"
#include "weir/base/random.h"
#include "weir/state/storage/checkpoint_metadata_format.h"
#include "weir/state/storage/job_notes.h"
#include "weir/state/storage/snapshot_folder.h"

namespace weir {

namespace {

constexpr std::string_view kCheckpointPrefix = "chk-";
constexpr char kShared[] = "shared";
constexpr char kTaskOwned[] = "taskowned";
constexpr char kTemporaryMetadata[] = "_metadata.tmp";

// The id of "chk-17"; none for other names.
CheckpointId IdOfFolder(std::string_view name) {
  if (!name.starts_with(kCheckpointPrefix)) return CheckpointId::None();
  name.remove_prefix(kCheckpointPrefix.size());
  int64_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  return error == std::errc() && end == name.data() + name.size() && id > 0 ? CheckpointId(id) : CheckpointId::None();
}

Status WriteMetadataFile(FileSystem& files, const std::string& path, std::string_view bytes) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file, files.OpenForWrite(path, WriteMode::kTruncate));
  WEIR_RETURN_IF_ERROR(file->Append(bytes));
  WEIR_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

// The directories below `directory`; none if there is no such directory.
StatusOr<std::vector<FileInfo>> Folders(FileSystem& files, const std::string& directory) {
  StatusOr<std::vector<FileInfo>> entries = files.List(directory);
  if (entries.status().code() == StatusCode::kNotFound) return std::vector<FileInfo>();
  if (!entries.ok()) return entries.status();
  std::erase_if(*entries, [](const FileInfo& entry) { return !entry.IsDirectory(); });
  return entries;
}

}  // namespace

CheckpointStorage::CheckpointStorage(FileSystem& files, const JobId& job, CheckpointStorageOptions options)
    : files_(&files), job_(job), options_(std::move(options)) {
  if (!options_.checkpoint_directory.empty())
    job_directory_ = NormalizePath(JoinPath(options_.checkpoint_directory, job.ToHex()));
}

StatusOr<CheckpointStorage> CheckpointStorage::Of(FileSystem& files, const JobId& job,
                                                  CheckpointStorageOptions options) {
  WEIR_ASSIGN_OR_RETURN(options.checkpoint_directory, PathFromUri(options.checkpoint_directory));
  WEIR_ASSIGN_OR_RETURN(options.savepoint_directory, PathFromUri(options.savepoint_directory));
  if (options.checkpoint_directory.empty() && !options.in_memory) {
    return InvalidArgumentError(
        "execution.checkpointing.storage is filesystem, and execution.checkpointing.dir is not set; set it to a folder "
        "that all processes of the job see");
  }
  return CheckpointStorage(files, job, std::move(options));
}

Status CheckpointStorage::MakeJobFolder() {
  if (job_directory_.empty()) return OkStatus();
  const Status made = files_->CreateDirectories(job_directory_);
  if (made.ok()) return OkStatus();
  return Status(made.code(),
                std::string(made.message()) +
                    "; execution.checkpointing.dir must name a folder that the JobManager and all tasks may "
                    "write to");
}

StatusOr<SnapshotLocation> CheckpointStorage::Begin(CheckpointId id, bool is_full) {
  SnapshotLocation location{.id = id, .is_full = is_full || !options_.incremental};
  location.may_write_files = !options_.in_memory;
  location.max_inline_bytes = options_.in_memory ? options_.max_memory_state : options_.memory_threshold;
  if (job_directory_.empty()) return location;
  location.directory = JoinPath(job_directory_, std::string(kCheckpointPrefix) + id.ToString());
  WEIR_ASSIGN_OR_RETURN(const bool is_there, files_->Exists(location.directory));
  if (is_there) {
    return AlreadyExistsError("the folder of checkpoint " + id.ToString() + ", " + location.directory +
                              ", is there already; no id is used twice");
  }
  if (!options_.in_memory) {
    location.shared_directory = JoinPath(job_directory_, kShared);
    WEIR_RETURN_IF_ERROR(files_->CreateDirectories(location.shared_directory));
    WEIR_RETURN_IF_ERROR(files_->CreateDirectories(JoinPath(job_directory_, kTaskOwned)));
  }
  WEIR_RETURN_IF_ERROR(files_->CreateDirectories(location.directory));
  // The way to the `_metadata` must not be lost in a crash, or it is lost with it.
  WEIR_RETURN_IF_ERROR(files_->SyncDirectory(options_.checkpoint_directory));
  WEIR_RETURN_IF_ERROR(files_->SyncDirectory(job_directory_));
  return location;
}

StatusOr<SnapshotLocation> CheckpointStorage::BeginSavepoint(CheckpointId id, SnapshotFormat format,
                                                             std::string_view target, Random& random) {
  WEIR_ASSIGN_OR_RETURN(std::string parent, PathFromUri(target));
  if (parent.empty()) parent = options_.savepoint_directory;
  if (parent.empty()) {
    return InvalidArgumentError(
        "no folder for the savepoint: name one, or set execution.checkpointing.savepoint-dir in the configuration");
  }
  parent = NormalizePath(parent);
  const std::string name = "savepoint-" + job_.ToHex().substr(0, 6) + "-" + Id128::Random(random).ToHex().substr(0, 12);
  SnapshotLocation location{.id = id,
                            .kind = SnapshotKind::kSavepoint,
                            .format = format,
                            .directory = JoinPath(parent, name),
                            .is_full = true,
                            .max_inline_bytes = options_.memory_threshold};
  WEIR_RETURN_IF_ERROR(files_->CreateDirectories(location.directory));
  WEIR_RETURN_IF_ERROR(files_->SyncDirectory(parent));
  return location;
}

MetadataResult CheckpointStorage::Finalize(const SnapshotLocation& location, const CheckpointMetadata& metadata) {
  if (location.directory.empty()) return {.write = MetadataWrite::kWritten};
  const std::string temporary = JoinPath(location.directory, kTemporaryMetadata);
  const std::string path = JoinPath(location.directory, kMetadataFileName);
  const std::string bytes = EncodeCheckpointMetadata(metadata, location.directory);
  if (Status status = WriteMetadataFile(*files_, temporary, bytes); !status.ok()) {
    files_->Delete(temporary).ok();
    return {.write = MetadataWrite::kNotWritten, .error = std::move(status)};
  }
  FaultPoint("metadata-written");
  Status status = files_->Rename(temporary, path);
  if (!status.ok()) {
    // The other side of a network may have done it all the same.
    const StatusOr<std::string> there = ReadWholeFile(*files_, path);
    if (there.status().code() == StatusCode::kNotFound) {
      files_->Delete(temporary).ok();
      return {.write = MetadataWrite::kNotWritten, .error = std::move(status)};
    }
    if (!there.ok() || *there != bytes) return {.write = MetadataWrite::kUnknown, .error = std::move(status)};
  }
  FaultPoint("metadata-renamed");
  status = files_->SyncDirectory(location.directory);
  if (status.ok()) return {.write = MetadataWrite::kWritten};
  // It is there now, and a crash may take it away.
  return {.write = MetadataWrite::kUnknown, .error = std::move(status)};
}

Status CheckpointStorage::DiscardPending(const SnapshotLocation& location) {
  return location.directory.empty() ? OkStatus() : files_->DeleteRecursively(location.directory);
}

bool CheckpointStorage::IsOwnFolder(const std::string& directory) const {
  return DirectoryName(directory) == job_directory_ && !IdOfFolder(BaseName(directory)).IsNone();
}

Status CheckpointStorage::NoteClaimed(const std::string& directory) {
  if (job_directory_.empty() || IsOwnFolder(directory)) return OkStatus();
  return WriteNote(*files_, job_directory_, kClaimedNote, {directory});
}

StatusOr<std::string> CheckpointStorage::Claimed() {
  if (job_directory_.empty()) return std::string();
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> note, ReadNote(*files_, job_directory_, kClaimedNote));
  return note.empty() ? std::string() : note.front();
}

Status CheckpointStorage::NoteDeleting(const std::vector<std::string>& paths) {
  std::vector<std::string> foreign;
  for (const std::string& path : paths) {
    if (IsForeign(path)) foreign.push_back(path);
  }
  if (foreign.empty() || job_directory_.empty()) return OkStatus();
  // What could not be deleted the last time is still to be.
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> before, ReadNote(*files_, job_directory_, kDeletingNote));
  foreign.insert(foreign.end(), before.begin(), before.end());
  return WriteNote(*files_, job_directory_, kDeletingNote, foreign);
}

Status CheckpointStorage::DeleteNoted(const std::set<std::string>& named, std::vector<std::string>& deleted) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> noted, ReadNote(*files_, job_directory_, kDeletingNote));
  if (noted.empty()) return OkStatus();
  std::vector<std::string> gone;
  for (const std::string& path : noted) {
    if (!named.contains(NormalizePath(path))) gone.push_back(path);
  }
  WEIR_RETURN_IF_ERROR(DeleteFiles(gone));
  deleted.insert(deleted.end(), gone.begin(), gone.end());
  return RemoveNote(*files_, job_directory_, kDeletingNote);
}

Status CheckpointStorage::Discard(const CompletedSnapshot& snapshot, const std::vector<std::string>& uncounted) {
  if (snapshot.directory.empty()) return OkStatus();
  WEIR_RETURN_IF_ERROR(NoteDeleting(uncounted));
  WEIR_RETURN_IF_ERROR(DeleteMetadataFile(*files_, snapshot.directory));
  FaultPoint("subsumed-metadata-deleted");
  // In a folder of our own making everything is ours, also what late tasks wrote.
  const bool is_own = IsOwnFolder(snapshot.directory);
  Status first = is_own ? files_->DeleteRecursively(snapshot.directory) : OkStatus();
  first.Update(DeleteFiles(uncounted));
  if (!is_own) first.Update(DeleteIfEmpty(*files_, snapshot.directory));
  if (!first.ok() || job_directory_.empty()) return first;
  if (std::any_of(uncounted.begin(), uncounted.end(), [this](const std::string& path) { return IsForeign(path); }))
    first.Update(RemoveNote(*files_, job_directory_, kDeletingNote));
  if (!is_own) first.Update(RemoveNote(*files_, job_directory_, kClaimedNote));
  return first;
}

Status CheckpointStorage::DiscardFinished(CompletedSnapshot snapshot, const std::vector<std::string>& uncounted) {
  // Without state, and with sources that have handed out all splits.
  for (OperatorSnapshot& op : snapshot.metadata.operators) op.subtasks.clear();
  const std::string temporary = JoinPath(snapshot.directory, kTemporaryMetadata);
  WEIR_RETURN_IF_ERROR(
      WriteMetadataFile(*files_, temporary, EncodeCheckpointMetadata(snapshot.metadata, snapshot.directory)));
  WEIR_RETURN_IF_ERROR(files_->Rename(temporary, JoinPath(snapshot.directory, kMetadataFileName)));
  WEIR_RETURN_IF_ERROR(NoteDeleting(uncounted));
  Status first = DeleteFiles(uncounted);
  if (std::any_of(uncounted.begin(), uncounted.end(), [this](const std::string& path) { return IsForeign(path); }))
    first.Update(RemoveNote(*files_, job_directory_, kDeletingNote));
  first.Update(Sweep().status());
  for (const char* folder : {kShared, kTaskOwned})
    first.Update(DeleteIfEmpty(*files_, JoinPath(job_directory_, folder)));
  FaultPoint("finished-files-deleted");
  // Not synced, for the process is to end soon behind it: where it comes back after a crash of the machine it does no harm.
  first.Update(files_->DeleteRecursively(snapshot.directory));
  return first;
}

Status CheckpointStorage::DeleteFiles(const std::vector<std::string>& paths) {
  Status first;
  for (const std::string& path : paths) {
    const Status deleted = files_->Delete(path);
    if (deleted.code() != StatusCode::kNotFound) first.Update(deleted);
    if (IsForeign(path)) first.Update(DeleteIfEmpty(*files_, DirectoryName(path)));
  }
  return first;
}

StatusOr<std::vector<FoundCheckpoint>> CheckpointStorage::List(SnapshotCheck check) {
  std::vector<FoundCheckpoint> found;
  if (job_directory_.empty()) return found;
  WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> folders, Folders(*files_, job_directory_));
  for (const FileInfo& folder : folders) {
    FoundCheckpoint checkpoint{.id = IdOfFolder(BaseName(folder.path)), .directory = folder.path};
    if (checkpoint.id.IsNone()) continue;
    StatusOr<CompletedSnapshot> loaded = ReadSnapshotFolder(*files_, folder.path, check);
    checkpoint.damage = loaded.status();
    if (loaded.ok()) checkpoint.metadata = std::move(loaded->metadata);
    found.push_back(std::move(checkpoint));
  }
  std::sort(found.begin(), found.end(), [](const FoundCheckpoint& a, const FoundCheckpoint& b) { return a.id > b.id; });
  return found;
}

StatusOr<CheckpointId> CheckpointStorage::HighestId() {
  CheckpointId highest = CheckpointId::None();
  if (job_directory_.empty()) return highest;
  WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> folders, Folders(*files_, job_directory_));
  for (const FileInfo& folder : folders) highest = std::max(highest, IdOfFolder(BaseName(folder.path)));
  return highest;
}

StatusOr<std::vector<std::string>> CheckpointStorage::Sweep() {
  std::vector<std::string> deleted;
  NamedFiles named;
  WEIR_RETURN_IF_ERROR(SweepFolders(named, deleted));
  if (job_directory_.empty()) return deleted;
  WEIR_ASSIGN_OR_RETURN(const std::string claimed, Claimed());
  bool claimed_is_gone = false;
  if (!claimed.empty()) {
    const StatusOr<CompletedSnapshot> snapshot = ReadSnapshotFolder(*files_, claimed, SnapshotCheck::kMetadata);
    claimed_is_gone = snapshot.status().code() == StatusCode::kNotFound;
    named.is_complete &= snapshot.ok() || claimed_is_gone;
    if (snapshot.ok()) named.AddAllOf(snapshot->metadata);
  }
  if (!named.is_complete) return deleted;
  WEIR_RETURN_IF_ERROR(DeleteNoted(named.paths, deleted));
  if (claimed_is_gone) {
    WEIR_RETURN_IF_ERROR(DeleteIfEmpty(*files_, claimed));
    WEIR_RETURN_IF_ERROR(RemoveNote(*files_, job_directory_, kClaimedNote));
  }
  WEIR_RETURN_IF_ERROR(SweepShared(named.paths, deleted));
  return deleted;
}

void CheckpointStorage::NamedFiles::AddAllOf(const CheckpointMetadata& metadata) {
  ForEachFile(metadata, [this](const StateFile& file) { paths.insert(file.path); });
}

Status CheckpointStorage::SweepFolders(NamedFiles& named, std::vector<std::string>& deleted) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<FoundCheckpoint> found, List(SnapshotCheck::kMetadata));
  for (const FoundCheckpoint& checkpoint : found) {
    if (checkpoint.damage.code() == StatusCode::kNotFound) {
      WEIR_RETURN_IF_ERROR(files_->DeleteRecursively(checkpoint.directory));
      deleted.push_back(checkpoint.directory);
      continue;
    }
    named.is_complete &= checkpoint.damage.ok();
    named.AddAllOf(checkpoint.metadata);
    const std::string temporary = JoinPath(checkpoint.directory, kTemporaryMetadata);
    if (files_->Delete(temporary).ok()) deleted.push_back(temporary);
  }
  return OkStatus();
}

Status CheckpointStorage::SweepShared(const std::set<std::string>& named, std::vector<std::string>& deleted) {
  const StatusOr<std::vector<FileInfo>> shared = files_->List(JoinPath(job_directory_, kShared));
  if (shared.status().code() == StatusCode::kNotFound) return OkStatus();
  if (!shared.ok()) return shared.status();
  for (const FileInfo& file : *shared) {
    if (named.contains(NormalizePath(file.path))) continue;
    WEIR_RETURN_IF_ERROR(files_->DeleteRecursively(file.path));
    deleted.push_back(file.path);
  }
  return OkStatus();
}

Status CheckpointStorage::RemoveIfEmpty() {
  if (job_directory_.empty()) return OkStatus();
  WEIR_RETURN_IF_ERROR(DeleteIfEmpty(*files_, JoinPath(job_directory_, kShared)));
  WEIR_RETURN_IF_ERROR(DeleteIfEmpty(*files_, JoinPath(job_directory_, kTaskOwned)));
  return DeleteIfEmpty(*files_, job_directory_);
}

namespace {

// Every checkpoint that was complete of every job below `root`, of jobs of that name if there is one; `damaged`: what is wrong with those that cannot be read.
StatusOr<std::vector<CompletedSnapshot>> CheckpointsBelow(FileSystem& files, const std::string& root,
                                                          std::string_view job_name, std::vector<Status>& damaged) {
  std::vector<CompletedSnapshot> complete;
  WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> jobs, Folders(files, root));
  for (const FileInfo& job : jobs) {
    if (!JobId::FromHex(BaseName(job.path)).ok()) continue;
    WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> folders, Folders(files, job.path));
    for (const FileInfo& folder : folders) {
      if (IdOfFolder(BaseName(folder.path)).IsNone()) continue;
      StatusOr<CompletedSnapshot> loaded = ReadSnapshotFolder(files, folder.path, SnapshotCheck::kMetadata);
      if (loaded.status().code() == StatusCode::kNotFound) continue;  // never was complete
      if (!loaded.ok()) {
        damaged.push_back(loaded.status());
      } else if (job_name.empty() || loaded->metadata.job_name == job_name) {
        complete.push_back(std::move(*loaded));
      }
    }
  }
  return complete;
}

// Of one job by id, since a clock may be set back; of several jobs, that whose last one is the newest.
void SortNewestFirst(std::vector<CompletedSnapshot>& checkpoints) {
  std::map<std::string, int64_t> last_of;
  for (const CompletedSnapshot& each : checkpoints) {
    int64_t& time_ms = last_of[DirectoryName(each.directory)];
    time_ms = std::max(time_ms, each.metadata.time_ms);
  }
  const auto rank = [&](const CompletedSnapshot& snapshot) {
    const std::string job = DirectoryName(snapshot.directory);
    return std::tuple(last_of[job], job, snapshot.metadata.id);
  };
  std::sort(checkpoints.begin(), checkpoints.end(),
            [&](const CompletedSnapshot& a, const CompletedSnapshot& b) { return rank(a) > rank(b); });
}

}  // namespace

StatusOr<LatestCheckpoint> FindLatestCheckpoint(FileSystem& files, const std::string& checkpoint_directory,
                                                std::string_view job_name, SnapshotCheck check) {
  LatestCheckpoint latest;
  WEIR_ASSIGN_OR_RETURN(const std::string root, PathFromUri(checkpoint_directory));
  WEIR_ASSIGN_OR_RETURN(std::vector<CompletedSnapshot> candidates,
                        CheckpointsBelow(files, root, job_name, latest.damaged));
  SortNewestFirst(candidates);
  for (CompletedSnapshot& candidate : candidates) {
    Status damage = CheckSnapshotFiles(files, candidate.metadata, check);
    if (damage.ok()) {
      latest.found = true;
      latest.snapshot = std::move(candidate);
      break;
    }
    latest.damaged.push_back(damage.Annotate("checkpoint " + candidate.directory));
  }
  return latest;
}

}  // namespace weir
