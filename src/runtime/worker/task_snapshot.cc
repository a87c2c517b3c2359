#include "weir/runtime/worker/task_snapshot.h"

#include <algorithm>
#include <atomic>
#include <iterator>

#include "weir/base/execution/event_count.h"
#include "weir/base/file/file_links.h"
#include "weir/base/hash.h"
#include "weir/runtime/task/user_code.h"
#include "weir/runtime/worker/in_flight_data.h"
#include "weir/state/snapshot/keyed_snapshot_sink.h"
#include "weir/state/storage/local_copies.h"
#include "weir/state/storage/operator_state_files.h"
#include "weir/state/storage/snapshot_writer.h"
#include "weir/types/key_group.h"

namespace weir {

namespace {

// Bytes that may wait for the disk: enough that it is never idle, little beside the state. Rows that are about to change come on top.
constexpr int64_t kMostWaiting = 16 << 20;
constexpr size_t kMostBuffers = 24;
constexpr uint64_t kCopyBytes = 1 << 20;  // at a time
// Files that are written before the first of them is synced: the disk goes on with it meanwhile, and the first wait is for most of the others too.
constexpr size_t kMostOpenFiles = 16;

Status SyncAll(std::vector<std::unique_ptr<WritableFile>>& files) {
  for (const std::unique_ptr<WritableFile>& file : files) {
    WEIR_RETURN_IF_ERROR(file->Sync());
    WEIR_RETURN_IF_ERROR(file->Close());
  }
  files.clear();
  return OkStatus();
}

std::set<std::string> FilesOf(const std::vector<OperatorSubtaskState>& states) {
  std::set<std::string> paths;
  for (const OperatorSubtaskState& state : states)
    ForEachSubtaskFile(state, [&](const StateFile& file) { paths.insert(file.path); });
  return paths;
}

}  // namespace

const KeyedStateHandle* RestoredBase(const TaskDeploymentDescriptor& task, size_t op, size_t part) {
  if (op >= task.restored_state.size() || part >= task.restored_state[op].keyed.size()) return nullptr;
  // Its files may hold other key groups, too, whose state is elsewhere: then there are several handles for parts of this task's.
  const KeyGroupRange own = KeyGroupRangeOf(task.subtask_index, task.parallelism, task.max_parallelism);
  for (const KeyedStateHandle& each : task.restored_state[op].keyed) {
    if (each.key_groups != own) return nullptr;
  }
  const KeyedStateHandle& keyed = task.restored_state[op].keyed[part];
  const bool is_shared = !keyed.files.empty() && std::ranges::any_of(keyed.files, [](const NamedStateFile& named) {
    return named.file.scope == StateScope::kShared;
  });
  // A heap's state beside the files is a link of the chain that lies in the metadata.
  const bool is_whole = keyed.format != kHeapKeyedFormat || keyed.state.empty();
  return is_shared && is_whole ? &keyed : nullptr;
}

// One snapshot. Threads: the I/O thread, but for what says otherwise.
class TaskSnapshots::Writing {
 public:
  // `parts`: of each keyed state that is being written.
  Writing(std::shared_ptr<TaskSnapshots> task, const SnapshotLocation& location, FrozenTask frozen,
          const std::vector<PartId>& parts, Done done)
      : task_(std::move(task)),
        state_(std::move(frozen.operators)),
        in_flight_(std::move(frozen.channels)),
        done_(std::move(done)),
        writer_(std::make_unique<SnapshotWriter>(*task_->options_.files, location,
                                                 task_->options_.task.attempt_id.ToHex())) {
    for (const PartId& part : parts) parts_.push_back({.id = part});
    open_parts_ = parts_.size();
  }

  void Append(size_t part, std::string bytes) {
    if (writer_ != nullptr) Follow(AppendTo(parts_[part], bytes));
    const int64_t before = waiting_.fetch_sub(static_cast<int64_t>(bytes.size()), std::memory_order_relaxed);
    const bool has_room_now = before > kMostWaiting && before - static_cast<int64_t>(bytes.size()) <= kMostWaiting;
    task_->GiveBuffer(std::move(bytes));
    if (has_room_now) task_->options_.executor->Notify();
  }
  void Run(size_t part, UniqueFunction<void(KeyedSnapshotOutput&)> work) {
    Output output(*this, part);
    if (writer_ != nullptr) work(output);
    // What it holds on to is the task's again before that looks.
    work = nullptr;
    task_->options_.executor->Notify();
  }
  void Finish(size_t part, KeyedSnapshotEnd end) {
    if (writer_ == nullptr) return;
    Follow(FinishPart(part, end));
    if (writer_ != nullptr && --open_parts_ == 0) Complete();
  }
  void Fail(Status reason) { Follow(std::move(reason)); }
  // The task does not want it any more.
  void GiveUp() { Discard(); }
  // All keyed state is there: writes the rest.
  void Complete();

  // Any thread.
  void AddWaiting(size_t bytes) { waiting_.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed); }
  bool IsFull() const { return waiting_.load(std::memory_order_relaxed) > kMostWaiting; }
  TaskSnapshots& task() { return *task_; }

 private:
  class Output final : public KeyedSnapshotOutput {
   public:
    Output(Writing& writing, size_t part) : writing_(writing), part_(part) {}
    std::string NewBuffer() override { return writing_.task_->TakeBuffer(); }
    void Append(std::string bytes) override {
      if (writing_.writer_ != nullptr) writing_.Follow(writing_.AppendTo(writing_.parts_[part_], bytes));
      writing_.task_->GiveBuffer(std::move(bytes));
    }

   private:
    Writing& writing_;
    const size_t part_;
  };
  // The keyed state of one operator.
  struct Part {
    PartId id = {};
    std::string held = {};                       // what may still go inline
    std::unique_ptr<StateFileWriter> file = {};  // once it is too much for that
    KeyedStateHandle handle = {};
  };

  Status AppendTo(Part& part, std::string_view bytes);
  Status OpenFile(Part& part);
  // Those that checkpoint `base` (0: none) has of this part.
  StatusOr<std::vector<NamedStateFile>> FilesOfBase(const PartId& part, int64_t base) const;
  Status FinishPart(size_t number, KeyedSnapshotEnd& end);
  // Copies files of the backend's, but for those that the base has.
  Status CopyFiles(const std::vector<NamedStateFile>& base, BackendFiles& local, KeyedStateHandle& handle);
  // One of them, which is not synced yet if it joins `open`.
  StatusOr<StateFile> CopyFile(BackendFiles& local, size_t number, std::vector<std::unique_ptr<WritableFile>>& open);
  // Reads a file of the backend's, and gives `out` what it has, if there is one. Returns its hash.
  StatusOr<uint64_t> ReadThrough(BackendFiles& local, size_t number, WritableFile* out);
  Status WriteRest(WrittenSnapshot& written);
  // After an error: nothing of the snapshot stays, and whoever waits is told.
  void Follow(Status status);
  void Discard() {
    for (Part& part : parts_) part.file.reset();
    writer_.reset();
  }

  const std::shared_ptr<TaskSnapshots> task_;
  std::vector<OperatorStateParts> state_;
  const std::vector<CapturedChannel> in_flight_;
  Done done_;
  std::unique_ptr<SnapshotWriter> writer_;  // null: over
  std::vector<Part> parts_;
  size_t open_parts_ = 0;
  uint64_t new_bytes_ = 0;
  // Bytes on their way from the task to the I/O thread. A count, nothing is published through it: relaxed.
  std::atomic<int64_t> waiting_{0};
};

// The task's end of one part.
class TaskSnapshots::Sink final : public KeyedSnapshotSink {
 public:
  Sink(std::shared_ptr<Writing> writing, size_t part) : writing_(std::move(writing)), part_(part) {}
  ~Sink() override {
    if (!is_over_) OnWriting([](Writing& writing) { writing.GiveUp(); });
  }

  std::string NewBuffer() override { return writing_->task().TakeBuffer(); }
  void Append(std::string bytes) override {
    writing_->AddWaiting(bytes.size());
    OnWriting(
        [part = part_, bytes = std::move(bytes)](Writing& writing) mutable { writing.Append(part, std::move(bytes)); });
  }
  void Post(UniqueFunction<void(KeyedSnapshotOutput&)> work) override {
    OnWriting([part = part_, work = std::move(work)](Writing& writing) mutable { writing.Run(part, std::move(work)); });
  }
  bool IsFull() const override { return writing_->IsFull(); }
  void Finish(KeyedSnapshotEnd end) override {
    is_over_ = true;
    OnWriting([part = part_, end = std::move(end)](Writing& writing) mutable { writing.Finish(part, std::move(end)); });
  }
  void Fail(Status reason) override {
    is_over_ = true;
    OnWriting([reason = std::move(reason)](Writing& writing) mutable { writing.Fail(std::move(reason)); });
  }

 private:
  template <class Work>
  void OnWriting(Work work) {
    writing_->task().options_.post([writing = writing_, work = std::move(work)]() mutable { work(*writing); });
  }

  const std::shared_ptr<Writing> writing_;
  const size_t part_;
  bool is_over_ = false;
};

TaskSnapshots::TaskSnapshots(Options options) : options_(std::move(options)) {
  for (size_t op = 0; op < options_.operators.size(); ++op) {
    for (size_t part = 0; part < 2; ++part) {
      const KeyedStateHandle* const restored = RestoredBase(options_.task, op, part);
      if (restored != nullptr) shared_files_[{{op, part}, options_.task.restored_checkpoint.value()}] = restored->files;
    }
  }
  if (options_.copies != nullptr)
    copied_[options_.task.restored_checkpoint.value()] = FilesOf(options_.task.restored_state);
}

void TaskSnapshots::OnComplete(CheckpointId id) {
  if (options_.copies == nullptr) return;
  options_.post([self = shared_from_this(), id] { self->DropCopiesBefore(id.value()); });
}

void TaskSnapshots::DropCopiesBefore(int64_t id) {
  if (!copied_.contains(id)) return;
  std::set<std::string> dropped;
  std::set<std::string> needed;
  for (const auto& [checkpoint, paths] : copied_)
    (checkpoint < id ? dropped : needed).insert(paths.begin(), paths.end());
  copied_.erase(copied_.begin(), copied_.lower_bound(id));
  std::vector<std::string> gone;
  std::ranges::set_difference(dropped, needed, std::back_inserter(gone));
  options_.copies->Drop(gone);
}

void TaskSnapshots::Begin(const SnapshotLocation& location, FrozenTask frozen, Done done) {
  KeyedSnapshotRequest request;
  request.checkpoint_id = location.id.value();
  request.is_native = location.format == SnapshotFormat::kNative && location.may_write_files;
  request.may_be_shared =
      request.is_native && location.kind == SnapshotKind::kCheckpoint && !location.shared_directory.empty();
  request.is_full = location.is_full;
  request.max_inline_bytes = location.max_inline_bytes;
  // They belong to the task's thread, and stay there.
  std::vector<std::shared_ptr<KeyedSnapshot>> running;
  std::vector<PartId> parts;
  std::vector<OperatorStateParts>& state = frozen.operators;
  for (size_t op = 0; op < state.size(); ++op) {
    for (size_t part = 0; part < state[op].running.size(); ++part) {
      running.push_back(std::move(state[op].running[part]));
      parts.emplace_back(op, part);
    }
    state[op].running.clear();
  }
  auto writing = std::make_shared<Writing>(shared_from_this(), location, std::move(frozen), parts, std::move(done));
  for (size_t i = 0; i < running.size(); ++i) running[i]->Start(request, std::make_shared<Sink>(writing, i));
  if (running.empty()) options_.post([writing] { writing->Complete(); });
}

std::string TaskSnapshots::TakeBuffer() {
  MutexLock lock(mutex_);
  if (buffers_.empty()) return {};
  std::string buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

void TaskSnapshots::GiveBuffer(std::string buffer) {
  MutexLock lock(mutex_);
  if (buffers_.size() < kMostBuffers) buffers_.push_back(std::move(buffer));
}

void TaskSnapshots::Writing::Follow(Status status) {
  if (status.ok() || writer_ == nullptr) return;
  Discard();
  done_(std::move(status));
}

Status TaskSnapshots::Writing::OpenFile(Part& part) {
  // Native state of a checkpoint lies where later ones may name it.
  const bool is_shared = writer_->location().format == SnapshotFormat::kNative;
  WEIR_ASSIGN_OR_RETURN(part.file, writer_->NewFile(is_shared ? StateScope::kShared : StateScope::kExclusive));
  return OkStatus();
}

Status TaskSnapshots::Writing::AppendTo(Part& part, std::string_view bytes) {
  new_bytes_ += bytes.size();
  if (part.file == nullptr && (part.held.size() + bytes.size() <= writer_->location().max_inline_bytes ||
                               !writer_->location().may_write_files)) {
    part.held.append(bytes);
    return OkStatus();
  }
  if (part.file == nullptr) {
    WEIR_RETURN_IF_ERROR(OpenFile(part));
    WEIR_RETURN_IF_ERROR(part.file->Append(part.held));
    part.held = {};
  }
  return part.file->Append(bytes);
}

StatusOr<std::vector<NamedStateFile>> TaskSnapshots::Writing::FilesOfBase(const PartId& part, int64_t base) const {
  if (base == 0) return std::vector<NamedStateFile>();
  const auto found = task_->shared_files_.find({part, base});
  if (found == task_->shared_files_.end())
    return InternalError("checkpoint " + std::to_string(base) + " is not known, but state builds on it");
  return found->second;
}

Status TaskSnapshots::Writing::FinishPart(size_t number, KeyedSnapshotEnd& end) {
  Part& part = parts_[number];
  const TaskDeploymentDescriptor& task = task_->options_.task;
  part.handle.key_groups = KeyGroupRangeOf(task.subtask_index, task.parallelism, task.max_parallelism);
  part.handle.format = end.format;
  WEIR_ASSIGN_OR_RETURN(std::vector<NamedStateFile> before, FilesOfBase(part.id, end.base));
  // What others may build on is a file, however little it is; a backend that has files of its own gives those.
  const bool is_link = end.may_be_base && end.files == nullptr;
  if (is_link && part.file == nullptr) {
    WEIR_RETURN_IF_ERROR(OpenFile(part));
    WEIR_RETURN_IF_ERROR(part.file->Append(part.held));
  }
  StateFile file;
  if (part.file != nullptr) {
    WEIR_ASSIGN_OR_RETURN(file, part.file->Finish());
    part.file.reset();
  }
  if (end.files != nullptr) WEIR_RETURN_IF_ERROR(CopyFiles(before, *end.files, part.handle));
  if (file.path.empty()) {
    WEIR_ASSIGN_OR_RETURN(part.handle.state, writer_->Write(part.held, StateScope::kExclusive));
  } else if (is_link) {
    part.handle.files = std::move(before);
    part.handle.files.push_back({std::to_string(part.handle.files.size()), std::move(file)});
  } else {
    part.handle.state = {.file = file, .length = file.length};
  }
  if (end.may_be_base) task_->shared_files_[{part.id, writer_->location().id.value()}] = part.handle.files;
  // No snapshot builds on an older one than that any more.
  std::erase_if(task_->shared_files_,
                [&](const auto& entry) { return entry.first.first == part.id && entry.first.second < end.base; });
  return OkStatus();
}

Status TaskSnapshots::Writing::CopyFiles(const std::vector<NamedStateFile>& base, BackendFiles& local,
                                         KeyedStateHandle& handle) {
  std::vector<std::unique_ptr<WritableFile>> open;
  for (size_t i = 0; i < local.files().size(); ++i) {
    const BackendFiles::File& file = local.files()[i];
    const auto known = std::find_if(base.begin(), base.end(), [&](const NamedStateFile& named) {
      return file.never_changes && named.name == file.name && named.file.length == file.length;
    });
    if (known != base.end()) {
      handle.files.push_back(*known);
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(StateFile copy, CopyFile(local, i, open));
    handle.files.push_back({file.name, std::move(copy)});
    new_bytes_ += file.length;
    if (open.size() == kMostOpenFiles) WEIR_RETURN_IF_ERROR(SyncAll(open));
  }
  return SyncAll(open);
}

StatusOr<StateFile> TaskSnapshots::Writing::CopyFile(BackendFiles& local, size_t number,
                                                     std::vector<std::unique_ptr<WritableFile>>& open) {
  const BackendFiles::File& file = local.files()[number];
  StateFile copy{.scope = file.never_changes ? StateScope::kShared : StateScope::kExclusive,
                 .form = StateFileForm::kRaw,
                 .length = file.length};
  WEIR_ASSIGN_OR_RETURN(copy.path, writer_->NewFilePath(copy.scope));
  // On the disk of the backend's folder a second name is enough. It is read all the same, for its checksum.
  const std::string path = local.LocalPath(number);
  const bool is_linked = !path.empty() && AddNameOf(path, writer_->files(), copy.path).ok();
  if (!is_linked) {
    WEIR_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> out,
                          writer_->files().OpenForWrite(copy.path, WriteMode::kCreate));
    open.push_back(std::move(out));
  }
  WEIR_ASSIGN_OR_RETURN(copy.checksum, ReadThrough(local, number, is_linked ? nullptr : open.back().get()));
  return copy;
}

StatusOr<uint64_t> TaskSnapshots::Writing::ReadThrough(BackendFiles& local, size_t number, WritableFile* out) {
  const BackendFiles::File& file = local.files()[number];
  StreamingHash hash;
  for (uint64_t offset = 0; offset < file.length; offset += kCopyBytes) {
    WEIR_ASSIGN_OR_RETURN(const std::string bytes,
                          local.Read(number, offset, std::min(kCopyBytes, file.length - offset)));
    hash.Update(bytes);
    if (out != nullptr) WEIR_RETURN_IF_ERROR(out->Append(bytes));
  }
  return hash.Digest();
}

Status TaskSnapshots::Writing::WriteRest(WrittenSnapshot& written) {
  const TaskDeploymentDescriptor& task = task_->options_.task;
  const KeyGroupRange own = KeyGroupRangeOf(task.subtask_index, task.parallelism, task.max_parallelism);
  for (size_t i = 0; i < state_.size(); ++i) {
    const auto& [id, name] = task_->options_.operators[i];
    const bool is_keyed = !state_[i].keyed.empty() || std::any_of(parts_.begin(), parts_.end(),
                                                                  [&](const Part& part) { return part.id.first == i; });
    for (const auto& sync : state_[i].syncs) {
      WEIR_RETURN_IF_ERROR(GuardUserCode(name, [&] { return sync->Sync(); }));
    }
    StatusOr<OperatorSubtaskState> one =
        WriteOperatorState(*writer_, id, task.subtask_index, is_keyed ? own : KeyGroupRange(), state_[i]);
    if (!one.ok()) return one.status().Annotate("operator \"" + name + "\"");
    if (i == 0) WEIR_RETURN_IF_ERROR(WriteInFlight(*writer_, in_flight_, *one));
    new_bytes_ += StateBytes(*one);
    for (Part& part : parts_) {
      if (part.id.first == i) one->keyed.push_back(std::move(part.handle));
    }
    written.state.push_back(*std::move(one));
  }
  written.new_bytes = new_bytes_;
  return writer_->Commit();
}

void TaskSnapshots::Writing::Complete() {
  WrittenSnapshot written;
  Status status = WriteRest(written);
  if (!status.ok()) return Follow(std::move(status));
  std::vector<std::string> paths;
  LocalCopies* const copies = task_->options_.copies;
  if (copies != nullptr && writer_->location().kind == SnapshotKind::kCheckpoint) {
    paths = writer_->paths();
    task_->copied_[writer_->location().id.value()] = FilesOf(written.state);
  }
  writer_.reset();
  done_(std::move(written));
  if (!paths.empty()) copies->Keep(paths);  // nobody waits for that
}

}  // namespace weir
