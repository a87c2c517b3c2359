#include "weir/state/processor/savepoint.h"

#include <algorithm>
#include <set>

#include "weir/base/check.h"
#include "weir/base/clock.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_path.h"
#include "weir/base/random.h"
#include "weir/state/snapshot/state_converter.h"
#include "weir/state/state_backend.h"
#include "weir/state/storage/operator_state_files.h"
#include "weir/state/storage/state_file.h"
#include "weir/state/timers/timer_store.h"
#include "weir/types/schema/schema_upgrade.h"

namespace weir {

namespace {

constexpr uint32_t kRowsAtATime = 256;
constexpr uint64_t kCopyBytes = 1 << 20;  // at a time

std::string NameOf(const OperatorSnapshot& op) { return op.uid.empty() ? op.id.ToHex() : op.uid; }

// The operator of this uid or id, or else of this name; null: there is none. Names need not be unique.
StatusOr<OperatorSnapshot*> FindCalled(CheckpointMetadata& metadata, std::string_view name) {
  std::vector<OperatorSnapshot*> named;
  for (OperatorSnapshot& op : metadata.operators) {
    if ((!op.uid.empty() && op.uid == name) || op.id.ToHex() == name) return &op;
    if (op.name == name) named.push_back(&op);
  }
  if (named.size() > 1)
    return InvalidArgumentError(std::to_string(named.size()) + " operators of the savepoint are called \"" +
                                std::string(name) + "\"; say which by uid or id: " + NameOf(*named[0]) + " or " +
                                NameOf(*named[1]));
  return named.empty() ? nullptr : named[0];
}

// The rows of a table have the states of its function and, in case the operator has some, timers: they stay with their keys.
std::vector<StateDeclaration> StatesOf(const StatefulFunction& function) {
  std::vector<StateDeclaration> states = function.keyed_states();
  if (states.size() < kMaxStatesPerRow) states.push_back(TimerStore::Declaration());
  return states;
}

// What the operator has and the function does not declare would be lost.
Status CheckNothingIsLost(const OperatorSnapshot& op, const StatefulFunction& function) {
  const std::vector<StateDeclaration>& declared = function.keyed_states();
  for (const KeyedStateDescription& state : op.states) {
    if (std::any_of(declared.begin(), declared.end(), [&](const auto& each) { return each.name == state.name; }))
      continue;
    return FailedPreconditionError("operator \"" + NameOf(op) + "\" has the state \"" + state.name +
                                   "\" in the savepoint, which the table's function does not declare: it would be "
                                   "lost. Declare it there, or Remove the operator first");
  }
  return OkStatus();
}

// Copies what a handle names into the new savepoint.
Status CopyHandle(FileSystem& files, SnapshotWriter& writer, StreamStateHandle& handle) {
  if (handle.is_inline()) {
    // What was put may be large: a file of its own then.
    WEIR_ASSIGN_OR_RETURN(handle, writer.Write(handle.inline_bytes, StateScope::kExclusive));
    return OkStatus();
  }
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, ReadState(files, handle));
  WEIR_ASSIGN_OR_RETURN(handle, writer.Write(bytes, StateScope::kExclusive));
  return OkStatus();
}

// The same for a whole file of keyed rows.
Status CopyFile(FileSystem& files, SnapshotWriter& writer, StateFile& file) {
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, ReadState(files, {.file = file, .length = file.length}));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<StateFileWriter> out, writer.NewFile(StateScope::kExclusive));
  WEIR_RETURN_IF_ERROR(out->Append(bytes));
  WEIR_ASSIGN_OR_RETURN(file, out->Finish());
  return OkStatus();
}

// The same for a file that only its backend understands.
Status CopyRawFile(FileSystem& files, SnapshotWriter& writer, StateFile& file) {
  WEIR_RETURN_IF_ERROR(CheckStateFile(files, file, /*read_all=*/true));
  StateFile copy{
      .scope = StateScope::kExclusive, .form = StateFileForm::kRaw, .length = file.length, .checksum = file.checksum};
  WEIR_ASSIGN_OR_RETURN(copy.path, writer.NewFilePath(copy.scope));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> in, files.OpenForRead(file.path));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> out, files.OpenForWrite(copy.path, WriteMode::kCreate));
  for (uint64_t offset = 0; offset < file.length; offset += kCopyBytes) {
    WEIR_ASSIGN_OR_RETURN(const std::string bytes,
                          ReadExactly(*in, offset, std::min(kCopyBytes, file.length - offset)));
    WEIR_RETURN_IF_ERROR(out->Append(bytes));
  }
  WEIR_RETURN_IF_ERROR(out->Sync());
  WEIR_RETURN_IF_ERROR(out->Close());
  file = std::move(copy);
  return OkStatus();
}

Status CopySubtask(FileSystem& files, SnapshotWriter& writer, OperatorSubtaskState& subtask) {
  for (KeyedStateHandle& keyed : subtask.keyed) {
    for (NamedStateFile& named : keyed.files) {
      const bool is_raw = named.file.form == StateFileForm::kRaw;
      WEIR_RETURN_IF_ERROR(is_raw ? CopyRawFile(files, writer, named.file) : CopyFile(files, writer, named.file));
    }
    WEIR_RETURN_IF_ERROR(CopyHandle(files, writer, keyed.state));
  }
  for (ListStateHandle& list : subtask.lists) WEIR_RETURN_IF_ERROR(CopyHandle(files, writer, list.elements));
  for (ChannelStateHandle& channel : subtask.channels) WEIR_RETURN_IF_ERROR(CopyHandle(files, writer, channel.batches));
  return OkStatus();
}

std::vector<KeyedStateDescription> Describe(const StatefulFunction& function) {
  std::vector<KeyedStateDescription> states;
  for (const StateDeclaration& state : function.keyed_states()) {
    states.push_back({.name = state.name,
                      .kind = state.kind,
                      .schema = state.ops->schema().Encode(),
                      .ttl_ms = state.ttl.duration.count()});
  }
  return states;
}

}  // namespace

void KeyedStateTableBase::Bind(StatefulFunction& function) {
  StatusOr<std::unique_ptr<KeyedRows>> rows =
      NewStateBackend("hashmap").value()->CreateKeyedRows({.states = StatesOf(function),
                                                           .key_form = key_form_,
                                                           .key_groups = {0, max_parallelism_ - 1},
                                                           .max_parallelism = max_parallelism_});
  WEIR_CHECK_OK(rows);
  rows_ = std::move(*rows);
  function.BindStates(*rows_);
  function.key_context().now_ms = ToEventTime(SystemClock::Instance().WallTime());
}

void KeyedStateTableBase::Walk(StatefulFunction& function, void* visitor,
                               void (*visit)(void* visitor, const StoredKey& key)) {
  // A key may have timers alone.
  const uint64_t own = (uint64_t{1} << function.keyed_states().size()) - 1;
  RowCursor cursor;
  std::vector<char*> rows(kRowsAtATime);
  while (const uint32_t count = rows_->Walk(cursor, kRowsAtATime, rows.data())) {
    for (uint32_t i = 0; i < count; ++i) {
      if ((rows_->layout().PresentIn(rows[i]) & own) == 0) continue;
      function.key_context().row = rows[i];
      visit(visitor, rows_->KeyOf(rows[i]));
    }
  }
  function.key_context().LeaveKey();
  rows_->Finish();
}

StatusOr<Savepoint> Savepoint::Load(FileSystem& files, std::string_view path) {
  Savepoint savepoint(files);
  WEIR_ASSIGN_OR_RETURN(savepoint.snapshot_, LoadSnapshot(files, path, SnapshotCheck::kSizes));
  return savepoint;
}

std::vector<std::string> Savepoint::Operators() const {
  std::vector<std::string> names;
  for (const OperatorSnapshot& op : snapshot_.metadata.operators) names.push_back(NameOf(op));
  return names;
}

StatusOr<const OperatorSnapshot*> Savepoint::Find(std::string_view op) const {
  WEIR_ASSIGN_OR_RETURN(const OperatorSnapshot* const found,
                        FindCalled(const_cast<CheckpointMetadata&>(snapshot_.metadata), op));
  if (found != nullptr) return found;
  std::string there;
  for (const OperatorSnapshot& each : snapshot_.metadata.operators) there += (there.empty() ? "" : ", ") + NameOf(each);
  return NotFoundError("no operator with the uid, name or id \"" + std::string(op) + "\" in the savepoint " +
                       snapshot_.directory + "; it has " + (there.empty() ? "none" : there));
}

StatusOr<OperatorSnapshot*> Savepoint::FindOrAdd(std::string_view op, int max_parallelism) {
  WEIR_ASSIGN_OR_RETURN(OperatorSnapshot* const found, FindCalled(snapshot_.metadata, op));
  if (found != nullptr) {
    if (found->max_parallelism != max_parallelism && max_parallelism != 0)
      return FailedPreconditionError("operator \"" + std::string(op) + "\" has the maximum parallelism " +
                                     std::to_string(found->max_parallelism) + ", the state to be put " +
                                     std::to_string(max_parallelism) + "; they must be the same");
    return found;
  }
  const OperatorId id = OperatorId::FromName(op);  // as the graph makes it from a uid
  OperatorSnapshot added{.id = id, .uid = std::string(op), .name = std::string(op)};
  if (max_parallelism != 0) added.max_parallelism = max_parallelism;
  snapshot_.metadata.operators.push_back(std::move(added));
  Sort();
  return const_cast<OperatorSnapshot*>(snapshot_.metadata.Find(id));
}

void Savepoint::Sort() {
  std::sort(snapshot_.metadata.operators.begin(), snapshot_.metadata.operators.end(),
            [](const OperatorSnapshot& a, const OperatorSnapshot& b) { return a.id < b.id; });
}

Status Savepoint::ReadKeyed(const OperatorSnapshot& op, KeyedStateTableBase& table) const {
  if (!op.key_schema.empty()) {
    WEIR_ASSIGN_OR_RETURN(const Schema stored, Schema::Decode(op.key_schema));
    WEIR_RETURN_IF_ERROR(CheckKeySchemaUpgrade("operator \"" + NameOf(op) + "\"", stored, table.key_schema()));
  }
  for (const OperatorSubtaskState& subtask : op.subtasks) {
    WEIR_ASSIGN_OR_RETURN(OperatorStateParts parts, ReadOperatorState(*files_, subtask));
    WEIR_RETURN_IF_ERROR(ConvertNativeState("hashmap", parts).Annotate("operator \"" + NameOf(op) + "\""));
    for (const std::string& rows : parts.keyed) {
      ByteReader in(rows, "keyed state");
      WEIR_RETURN_IF_ERROR(table.rows().Read(in));
    }
    for (const NativeKeyedState& native : parts.native) WEIR_RETURN_IF_ERROR(table.rows().ReadNative(native));
  }
  return OkStatus();
}

Status Savepoint::PutKeyedRows(std::string_view op, KeyedStateTableBase& table) {
  WEIR_ASSIGN_OR_RETURN(OperatorSnapshot* const target, FindOrAdd(op, table.max_parallelism()));
  WEIR_RETURN_IF_ERROR(CheckNothingIsLost(*target, table.function()));
  table.rows().Finish();
  target->key_schema = table.key_schema().Encode();
  target->states = Describe(table.function());
  for (OperatorSubtaskState& subtask : target->subtasks) subtask.keyed.clear();
  if (target->subtasks.empty()) target->subtasks.push_back({.operator_id = target->id});
  for (OperatorSubtaskState& subtask : target->subtasks)
    subtask.key_groups = KeyGroupRangeOf(subtask.subtask_index, target->parallelism, target->max_parallelism);
  for (KeyedRows* const rows : {&table.rows(), table.rows().pieces()}) {
    if (rows == nullptr) continue;
    ByteWriter written;
    rows->Write(0, static_cast<uint32_t>(table.max_parallelism()) - 1, written);
    target->subtasks.front().keyed.push_back({.key_groups = {0, table.max_parallelism() - 1},
                                              .format = kCanonicalKeyedFormat,
                                              .state = StreamStateHandle::Inline(std::move(written).Take())});
  }
  return OkStatus();
}

StatusOr<std::vector<std::string>> Savepoint::ReadList(std::string_view op, std::string_view state, const Schema& now,
                                                       std::string_view default_element) const {
  WEIR_ASSIGN_OR_RETURN(const OperatorSnapshot* const found, Find(op));
  std::vector<std::string> all;
  bool is_there = false;
  for (const OperatorSubtaskState& subtask : found->subtasks) {
    for (const ListStateHandle& list : subtask.lists) {
      if (list.name != state) continue;
      is_there = true;
      ListStateParts parts{.name = list.name, .redistribution = list.redistribution, .schema = list.schema};
      WEIR_ASSIGN_OR_RETURN(parts.elements, ReadElements(*files_, list));
      WEIR_ASSIGN_OR_RETURN(std::vector<std::string> elements, ConvertElements(parts, now, default_element));
      std::move(elements.begin(), elements.end(), std::back_inserter(all));
    }
  }
  if (is_there) return all;
  return NotFoundError("operator \"" + std::string(op) + "\" has no list state \"" + std::string(state) +
                       "\" in the savepoint " + snapshot_.directory);
}

Status Savepoint::PutElements(std::string_view op, std::string_view state, Redistribution redistribution,
                              const Schema& schema, const std::vector<std::string>& elements) {
  WEIR_ASSIGN_OR_RETURN(OperatorSnapshot* const target, FindOrAdd(op, 0));
  for (OperatorSubtaskState& subtask : target->subtasks) {
    for (const ListStateHandle& list : subtask.lists) {
      if (list.name == state) redistribution = list.redistribution;
    }
    std::erase_if(subtask.lists, [&](const ListStateHandle& list) { return list.name == state; });
  }
  if (target->subtasks.empty()) target->subtasks.push_back({.operator_id = target->id});
  ByteWriter out;
  out.PutU32(static_cast<uint32_t>(elements.size()));
  for (const std::string& element : elements) out.PutString(element);
  target->subtasks.front().lists.push_back({.name = std::string(state),
                                            .redistribution = redistribution,
                                            .schema = schema.Encode(),
                                            .elements = StreamStateHandle::Inline(std::move(out).Take()),
                                            .count = static_cast<uint32_t>(elements.size())});
  return OkStatus();
}

Status Savepoint::ChangeUid(std::string_view op, std::string_view uid) {
  WEIR_ASSIGN_OR_RETURN(const OperatorSnapshot* const found, Find(op));
  const OperatorId id = OperatorId::FromName(uid);
  if (snapshot_.metadata.Find(id) != nullptr)
    return AlreadyExistsError("the savepoint has an operator with the uid \"" + std::string(uid) + "\" already");
  OperatorSnapshot& changed = const_cast<OperatorSnapshot&>(*found);
  changed.id = id;
  changed.uid = uid;
  for (OperatorSubtaskState& subtask : changed.subtasks) subtask.operator_id = id;
  Sort();
  return OkStatus();
}

Status Savepoint::Remove(std::string_view op) {
  WEIR_ASSIGN_OR_RETURN(const OperatorSnapshot* const found, Find(op));
  const OperatorId id = found->id;
  std::erase_if(snapshot_.metadata.operators, [&](const OperatorSnapshot& each) { return each.id == id; });
  return OkStatus();
}

StatusOr<std::string> Savepoint::Write(std::string_view directory) {
  WEIR_ASSIGN_OR_RETURN(CheckpointStorage storage,
                        CheckpointStorage::Of(*files_, snapshot_.metadata.job_id, {.in_memory = true}));
  SystemRandom random;
  WEIR_ASSIGN_OR_RETURN(const SnapshotLocation location,
                        storage.BeginSavepoint(snapshot_.metadata.id, SnapshotFormat::kCanonical, directory, random));
  SnapshotWriter writer(*files_, location, "state");
  CheckpointMetadata written = snapshot_.metadata;
  written.kind = SnapshotKind::kSavepoint;
  written.format = SnapshotFormat::kCanonical;
  for (OperatorSnapshot& op : written.operators) {
    WEIR_RETURN_IF_ERROR(CopyHandle(*files_, writer, op.coordinator));
    for (OperatorSubtaskState& subtask : op.subtasks) WEIR_RETURN_IF_ERROR(CopySubtask(*files_, writer, subtask));
  }
  WEIR_RETURN_IF_ERROR(writer.Commit());
  const MetadataResult result = storage.Finalize(location, written);
  if (result.write != MetadataWrite::kWritten) return result.error;
  return location.directory;
}

}  // namespace weir
