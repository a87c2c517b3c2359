#include "weir/connectors/file/part_file.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "weir/base/file/file_path.h"
#include "weir/base/logging.h"

namespace weir {

namespace {

constexpr std::string_view kInProgress = ".inprogress";
constexpr std::string_view kPending = ".pending";

// What a name says: "part-<subtask>-<number>...", with or without a leading dot, and of a pending file the snapshot.
struct PartName {
  int64_t subtask = -1;  // -1: it is the name of something else
  int64_t number = -1;
  int64_t after_snapshot = -1;  // -1: not said
};

// Takes the number that `text` begins with, and what is behind it; -1 if there is none.
int64_t TakeNumber(std::string_view& text) {
  int64_t number = -1;
  const char* const end = std::from_chars(text.data(), text.data() + text.size(), number).ptr;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

PartName Parse(std::string_view name) {
  if (name.starts_with('.')) name.remove_prefix(1);
  constexpr std::string_view kPrefix = "part-";
  if (!name.starts_with(kPrefix)) return {};
  name.remove_prefix(kPrefix.size());
  PartName part;
  part.subtask = TakeNumber(name);
  if (part.subtask < 0 || !name.starts_with('-')) return {};
  name.remove_prefix(1);
  part.number = TakeNumber(name);
  if (part.number < 0) return {};
  if (!name.ends_with(kPending)) return part;
  name.remove_suffix(kPending.size());
  std::string_view snapshot = name.substr(name.rfind('.') + 1);
  const int64_t number = TakeNumber(snapshot);
  if (snapshot.empty()) part.after_snapshot = number;
  return part;
}

Status OkIfNotFound(Status status) { return status.code() == StatusCode::kNotFound ? OkStatus() : status; }

}  // namespace

PartFileWriter::PartFileWriter(PartFileOptions options, FileSystem& file_system, const Clock& clock, int subtask)
    : options_(std::move(options)),
      file_system_(file_system),
      clock_(clock),
      subtask_(subtask),
      last_snapshot_(options_.restored_checkpoint),
      syncs_(std::make_shared<PartFileSyncs>(file_system, options_.folder)) {}

StatusOr<std::unique_ptr<PartFileWriter>> PartFileWriter::Open(PartFileOptions options, FileSystem& file_system,
                                                               const Clock& clock, int subtask) {
  std::unique_ptr<PartFileWriter> writer(new PartFileWriter(std::move(options), file_system, clock, subtask));
  const Status made = file_system.CreateDirectories(writer->options_.folder);
  if (!made.ok()) return made.Annotate("cannot write to the folder \"" + writer->options_.folder + "\"");
  WEIR_RETURN_IF_ERROR(writer->RemoveLeftBehind());
  WEIR_RETURN_IF_ERROR(writer->SkipExistingFiles());
  return writer;
}

Status PartFileWriter::RemoveLeftBehind() {
  WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> files, file_system_.List(options_.folder));
  for (const FileInfo& file : files) {
    const PartName name = Parse(BaseName(file.path));
    // Those of subtasks that are gone are shared out among the others.
    const bool is_gone = name.subtask >= options_.parallelism && name.subtask % options_.parallelism == subtask_;
    if (name.subtask != subtask_ && !is_gone) continue;
    const bool is_late = options_.restored_checkpoint != 0 && name.after_snapshot >= options_.restored_checkpoint;
    if (is_late || file.path.ends_with(kInProgress)) WEIR_RETURN_IF_ERROR(OkIfNotFound(file_system_.Delete(file.path)));
  }
  return OkStatus();
}

Status PartFileWriter::SkipExistingFiles() {
  WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> files, file_system_.List(options_.folder));
  for (const FileInfo& file : files) {
    const PartName name = Parse(BaseName(file.path));
    if (name.subtask == subtask_) next_file_ = std::max(next_file_, name.number + 1);
  }
  return OkStatus();
}

Status PartFileWriter::Added() {
  WEIR_RETURN_IF_ERROR(broken_);
  if (buffer_.size() < kWriteBytes && static_cast<int64_t>(buffer_.size()) < options_.max_bytes) {
    return file_ == nullptr ? OpenFile() : OkStatus();
  }
  WEIR_RETURN_IF_ERROR(WriteBuffer());
  return static_cast<int64_t>(file_->size()) >= options_.max_bytes ? FinishFile() : OkStatus();
}

Status PartFileWriter::OpenFile() {
  WEIR_ASSIGN_OR_RETURN(file_, file_system_.OpenForWrite(HiddenPath(next_file_, kInProgress), WriteMode::kTruncate));
  ++next_file_;
  opened_at_ = clock_.WallTime();
  return options_.header.empty() ? OkStatus() : Broken(file_->Append(options_.header));
}

Status PartFileWriter::WriteBuffer() {
  if (buffer_.empty()) return OkStatus();
  WEIR_RETURN_IF_ERROR(broken_);
  if (file_ == nullptr) WEIR_RETURN_IF_ERROR(OpenFile());
  WEIR_RETURN_IF_ERROR(Broken(file_->Append(buffer_)));
  buffer_.clear();
  return OkStatus();
}

Status PartFileWriter::OnProcessingTime(Timestamp now) {
  WEIR_RETURN_IF_ERROR(CheckWhole());
  const bool old = file_ != nullptr && options_.max_age > Duration(0) && now - opened_at_ >= options_.max_age;
  return old ? FinishFile() : OkStatus();
}

Status PartFileWriter::FinishFile() {
  WEIR_RETURN_IF_ERROR(WriteBuffer());
  if (file_ == nullptr) return broken_;
  if (!options_.exactly_once) WEIR_RETURN_IF_ERROR(Broken(file_->Close()));
  const int64_t number = next_file_ - 1;
  const std::string visible = VisiblePath(number);
  const std::string finished = options_.exactly_once
                                   ? HiddenPath(number, "." + std::to_string(last_snapshot_) + std::string(kPending))
                                   : visible;
  WEIR_RETURN_IF_ERROR(Broken(file_system_.Rename(file_->path(), finished)));
  if (options_.exactly_once) {
    syncs_->Add(std::move(file_));
    syncs_->OnRenamed();
    finished_.push_back({finished, visible});
  }
  file_.reset();
  return OkStatus();
}

StatusOr<std::vector<PendingPartFile>> PartFileWriter::PrepareCommit() {
  WEIR_RETURN_IF_ERROR(CheckWhole());
  WEIR_RETURN_IF_ERROR(FinishFile());
  for (const PendingPartFile& file : finished_) prepared_.insert(file.pending);
  return std::exchange(finished_, {});
}

Status PartFileWriter::Commit(const std::vector<PendingPartFile>& files) {
  for (const PendingPartFile& file : files) {
    const bool is_own = prepared_.erase(file.pending) > 0;
    const Status renamed = file_system_.Rename(file.pending, file.visible);
    if (renamed.ok()) continue;
    // Committed before, by an attempt that failed afterwards.
    WEIR_ASSIGN_OR_RETURN(const bool visible, file_system_.Exists(file.visible));
    if (visible) continue;
    if (is_own) {
      return renamed.Annotate("cannot commit \"" + file.visible +
                              "\", whose records a completed checkpoint says are written");
    }
    WEIR_LOG(kWarning, "\"{}\" is not there, committed or not: if nobody has taken it away, its records are lost",
             file.visible);
  }
  if (!files.empty()) syncs_->OnRenamed();
  return OkStatus();
}

Status PartFileWriter::Restore(const State& state) {
  const bool is_own = state.subtask == subtask_;
  // Of a subtask that runs, that one itself knows which files are new.
  if (!is_own && state.subtask < options_.parallelism) return OkStatus();
  WEIR_RETURN_IF_ERROR(RemoveUncommitted(state.subtask, state.next_file));
  if (!is_own) return OkStatus();
  next_file_ = state.next_file;
  return SkipExistingFiles();
}

Status PartFileWriter::RemoveUncommitted(int subtask, int64_t first) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<FileInfo> files, file_system_.List(options_.folder));
  for (const FileInfo& file : files) {
    const PartName name = Parse(BaseName(file.path));
    if (name.subtask != subtask) continue;
    const bool is_late = name.number >= first && file.path.ends_with(kPending);
    if (is_late || file.path.ends_with(kInProgress)) WEIR_RETURN_IF_ERROR(OkIfNotFound(file_system_.Delete(file.path)));
  }
  return OkStatus();
}

Status PartFileWriter::Close(CloseReason reason) {
  if (reason == CloseReason::kFailed) return RemoveUnfinished();
  WEIR_RETURN_IF_ERROR(FinishFile());
  // Without checkpoints nobody else would show them.
  WEIR_RETURN_IF_ERROR(syncs_->Sync());
  WEIR_RETURN_IF_ERROR(Commit(std::exchange(finished_, {})));
  return syncs_->Sync();
}

Status PartFileWriter::RemoveUnfinished() {
  buffer_.clear();
  Status status;
  if (file_ != nullptr) {
    const std::string path = file_->path();
    file_.reset();
    status.Update(OkIfNotFound(file_system_.Delete(path)));
  }
  for (const PendingPartFile& file : std::exchange(finished_, {})) {
    status.Update(OkIfNotFound(file_system_.Delete(file.pending)));
  }
  return status;
}

std::string PartFileWriter::VisiblePath(int64_t number) const {
  return JoinPath(options_.folder, "part-" + std::to_string(subtask_) + "-" + std::to_string(number) + options_.suffix);
}

std::string PartFileWriter::HiddenPath(int64_t number, std::string_view state) const {
  return JoinPath(options_.folder, "." + std::string(BaseName(VisiblePath(number))) + std::string(state));
}

}  // namespace weir
