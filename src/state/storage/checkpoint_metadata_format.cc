#include "weir/state/storage/checkpoint_metadata_format.h"

#include <map>
#include <utility>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/file/file_path.h"
#include "weir/base/hash.h"

namespace weir {

namespace {

constexpr std::string_view kMagic = "WEIRMETA";
constexpr size_t kHeadBytes = 20;  // magic, version, length of the body
constexpr size_t kChecksumBytes = 8;
constexpr uint32_t kNoFile = 0xffffffff;  // in place of a file's number: the bytes follow
// Longer than any disk, and far enough from 2^64 that sums with it are right.
constexpr uint64_t kMaxFileBytes = uint64_t{1} << 60;

// `path` relative to `directory`, if it lies below the directory's parent.
std::string RelativePath(const std::string& path, const std::string& directory) {
  const std::string own = directory + "/";
  if (path.starts_with(own)) return path.substr(own.size());
  const std::string parent = DirectoryName(directory);
  const std::string beside = parent == "/" || parent == "." ? std::string() : parent + "/";
  if (!beside.empty() && path.starts_with(beside)) return "../" + path.substr(beside.size());
  return path;
}

// Writes values whose files are named by their number in a table, which goes before them.
class Encoder {
 public:
  // `directory`: what paths are made relative to; empty: they stay as they are.
  explicit Encoder(std::string directory) : directory_(std::move(directory)) {}

  void PutMetadata(const CheckpointMetadata& metadata);
  void PutSubtask(const OperatorSubtaskState& subtask);
  // The table of files, then what was put.
  std::string Take() &&;

 private:
  void PutOperator(const OperatorSnapshot& op);
  void PutFile(const StateFile& file);
  void PutHandle(const StreamStateHandle& handle);
  void PutKeyed(const KeyedStateHandle& keyed);
  void PutList(const ListStateHandle& list);
  void PutChannel(const ChannelStateHandle& channel);
  void PutRange(const KeyGroupRange& range);
  void PutId(const Id128& id);
  template <class T, class Put>
  void PutAll(const std::vector<T>& values, const Put& put) {
    out_.PutU32(static_cast<uint32_t>(values.size()));
    for (const T& value : values) put(value);
  }

  const std::string directory_;
  ByteWriter out_;
  ByteWriter files_;
  std::map<std::string, uint32_t> numbers_;
};

void Encoder::PutId(const Id128& id) {
  out_.PutU64(id.high);
  out_.PutU64(id.low);
}

void Encoder::PutRange(const KeyGroupRange& range) {
  out_.PutI32(range.first);
  out_.PutI32(range.last);
}

void Encoder::PutFile(const StateFile& file) {
  const auto [known, is_new] = numbers_.try_emplace(file.path, static_cast<uint32_t>(numbers_.size()));
  out_.PutU32(known->second);
  if (!is_new) return;
  files_.PutString(directory_.empty() ? file.path : RelativePath(NormalizePath(file.path), directory_));
  files_.PutU8(static_cast<uint8_t>(file.scope));
  files_.PutU8(static_cast<uint8_t>(file.form));
  files_.PutU64(file.length);
  files_.PutU64(file.checksum);
}

void Encoder::PutHandle(const StreamStateHandle& handle) {
  if (handle.is_inline()) {
    out_.PutU32(kNoFile);
    out_.PutString(handle.inline_bytes);
    return;
  }
  PutFile(handle.file);
  out_.PutU64(handle.offset);
  out_.PutU64(handle.length);
}

void Encoder::PutKeyed(const KeyedStateHandle& keyed) {
  PutRange(keyed.key_groups);
  out_.PutString(keyed.format);
  PutHandle(keyed.state);
  PutAll(keyed.files, [this](const NamedStateFile& named) {
    out_.PutString(named.name);
    PutFile(named.file);
  });
}

void Encoder::PutList(const ListStateHandle& list) {
  out_.PutString(list.name);
  out_.PutU8(static_cast<uint8_t>(list.redistribution));
  out_.PutString(list.schema);
  PutHandle(list.elements);
  out_.PutU32(list.first);
  out_.PutU32(list.count);
}

void Encoder::PutChannel(const ChannelStateHandle& channel) {
  out_.PutBool(channel.is_output);
  out_.PutI32(channel.gate);
  out_.PutI32(channel.channel);
  PutHandle(channel.batches);
}

void Encoder::PutSubtask(const OperatorSubtaskState& subtask) {
  PutId(subtask.operator_id.value());
  out_.PutI32(subtask.subtask_index);
  PutRange(subtask.key_groups);
  out_.PutBool(subtask.is_finished);
  PutAll(subtask.keyed, [this](const KeyedStateHandle& keyed) { PutKeyed(keyed); });
  PutAll(subtask.lists, [this](const ListStateHandle& list) { PutList(list); });
  PutAll(subtask.channels, [this](const ChannelStateHandle& channel) { PutChannel(channel); });
}

void Encoder::PutOperator(const OperatorSnapshot& op) {
  PutId(op.id.value());
  out_.PutString(op.uid);
  out_.PutString(op.name);
  out_.PutI32(op.parallelism);
  out_.PutI32(op.max_parallelism);
  out_.PutString(op.key_schema);
  PutAll(op.states, [this](const KeyedStateDescription& state) {
    out_.PutString(state.name);
    out_.PutU8(static_cast<uint8_t>(state.kind));
    out_.PutString(state.schema);
    out_.PutI64(state.ttl_ms);
  });
  out_.PutBool(op.has_coordinator);
  if (op.has_coordinator) PutHandle(op.coordinator);
  PutAll(op.subtasks, [this](const OperatorSubtaskState& subtask) { PutSubtask(subtask); });
}

void Encoder::PutMetadata(const CheckpointMetadata& metadata) {
  out_.PutI64(metadata.id.value());
  PutId(metadata.job_id.value());
  out_.PutString(metadata.job_name);
  out_.PutI64(metadata.time_ms);
  out_.PutU8(static_cast<uint8_t>(metadata.kind));
  out_.PutU8(static_cast<uint8_t>(metadata.format));
  PutAll(metadata.properties, [this](const std::pair<std::string, std::string>& property) {
    out_.PutString(property.first);
    out_.PutString(property.second);
  });
  PutAll(metadata.operators, [this](const OperatorSnapshot& op) { PutOperator(op); });
}

std::string Encoder::Take() && {
  ByteWriter all;
  all.PutU32(static_cast<uint32_t>(numbers_.size()));
  all.PutBytes(files_.bytes());
  all.PutBytes(out_.bytes());
  return std::move(all).Take();
}

// Reads what Encoder wrote. Every number from outside is checked before it is used; the first that cannot be turns the reader bad.
class Decoder {
 public:
  Decoder(std::string_view bytes, std::string directory)
      : in_(bytes, "checkpoint metadata"), directory_(std::move(directory)) {}

  StatusOr<CheckpointMetadata> ReadMetadata();
  StatusOr<OperatorSubtaskState> ReadSubtask();

 private:
  void GetFiles();
  OperatorSnapshot GetOperator();
  KeyedStateDescription GetState();
  OperatorSubtaskState GetSubtask();
  KeyedStateHandle GetKeyed();
  ListStateHandle GetList();
  ChannelStateHandle GetChannel();
  StreamStateHandle GetHandle();
  // The file of that number.
  StateFile FileOf(uint32_t number);
  KeyGroupRange GetRange();
  Id128 GetId();
  std::string GetText() { return std::string(in_.GetString()); }
  // An enumerator up to `last`.
  template <class Enum>
  Enum GetEnum(Enum last) {
    const uint8_t value = in_.GetU8();
    if (value > static_cast<uint8_t>(last)) in_.Reject();
    return static_cast<Enum>(value);
  }
  template <class T, class Get>
  void GetAll(std::vector<T>& into, const Get& get) {
    for (uint32_t left = in_.GetU32(); left > 0 && in_.ok(); --left) into.push_back(get());
  }

  ByteReader in_;
  const std::string directory_;
  std::vector<StateFile> files_;
};

void Decoder::GetFiles() {
  GetAll(files_, [this] {
    StateFile file;
    const std::string path = GetText();
    if (path.empty()) in_.Reject();
    file.path = directory_.empty() ? path : NormalizePath(JoinPath(directory_, path));
    file.scope = GetEnum(StateScope::kShared);
    file.form = GetEnum(StateFileForm::kRaw);
    file.length = in_.GetU64();
    if (file.length > kMaxFileBytes) in_.Reject();
    file.checksum = in_.GetU64();
    return file;
  });
}

Id128 Decoder::GetId() {
  Id128 id;
  id.high = in_.GetU64();
  id.low = in_.GetU64();
  return id;
}

KeyGroupRange Decoder::GetRange() {
  KeyGroupRange range;
  range.first = in_.GetI32();
  range.last = in_.GetI32();
  if (range.first < 0 || range.last < range.first - 1 || range.last >= kMaxMaxParallelism) in_.Reject();
  return range;
}

StateFile Decoder::FileOf(uint32_t number) {
  if (number < files_.size()) return files_[number];
  in_.Reject();
  return {};
}

StreamStateHandle Decoder::GetHandle() {
  const uint32_t number = in_.GetU32();
  if (number == kNoFile) return StreamStateHandle::Inline(GetText());
  StreamStateHandle handle{.file = FileOf(number)};
  handle.offset = in_.GetU64();
  handle.length = in_.GetU64();
  if (handle.offset > handle.file.length || handle.length > handle.file.length - handle.offset) in_.Reject();
  return handle;
}

KeyedStateHandle Decoder::GetKeyed() {
  KeyedStateHandle keyed;
  keyed.key_groups = GetRange();
  keyed.format = GetText();
  keyed.state = GetHandle();
  GetAll(keyed.files, [this] {
    NamedStateFile named{.name = GetText()};
    named.file = FileOf(in_.GetU32());
    return named;
  });
  return keyed;
}

ListStateHandle Decoder::GetList() {
  ListStateHandle list;
  list.name = GetText();
  list.redistribution = GetEnum(Redistribution::kBroadcast);
  list.schema = GetText();
  list.elements = GetHandle();
  list.first = in_.GetU32();
  list.count = in_.GetU32();
  return list;
}

ChannelStateHandle Decoder::GetChannel() {
  ChannelStateHandle channel;
  channel.is_output = in_.GetBool();
  channel.gate = in_.GetI32();
  channel.channel = in_.GetI32();
  channel.batches = GetHandle();
  return channel;
}

OperatorSubtaskState Decoder::GetSubtask() {
  OperatorSubtaskState subtask;
  subtask.operator_id = OperatorId(GetId());
  subtask.subtask_index = in_.GetI32();
  subtask.key_groups = GetRange();
  subtask.is_finished = in_.GetBool();
  GetAll(subtask.keyed, [this] { return GetKeyed(); });
  GetAll(subtask.lists, [this] { return GetList(); });
  GetAll(subtask.channels, [this] { return GetChannel(); });
  return subtask;
}

KeyedStateDescription Decoder::GetState() {
  KeyedStateDescription state;
  state.name = GetText();
  state.kind = GetEnum(StateKind::kAggregating);
  state.schema = GetText();
  state.ttl_ms = in_.GetI64();
  return state;
}

OperatorSnapshot Decoder::GetOperator() {
  OperatorSnapshot op;
  op.id = OperatorId(GetId());
  op.uid = GetText();
  op.name = GetText();
  op.parallelism = in_.GetI32();
  op.max_parallelism = in_.GetI32();
  if (op.parallelism < 1 || op.max_parallelism < op.parallelism || op.max_parallelism > kMaxMaxParallelism)
    in_.Reject();
  op.key_schema = GetText();
  GetAll(op.states, [this] { return GetState(); });
  op.has_coordinator = in_.GetBool();
  if (op.has_coordinator) op.coordinator = GetHandle();
  GetAll(op.subtasks, [this] { return GetSubtask(); });
  return op;
}

StatusOr<CheckpointMetadata> Decoder::ReadMetadata() {
  GetFiles();
  CheckpointMetadata metadata;
  metadata.id = CheckpointId(in_.GetI64());
  metadata.job_id = JobId(GetId());
  metadata.job_name = GetText();
  metadata.time_ms = in_.GetI64();
  metadata.kind = GetEnum(SnapshotKind::kSavepoint);
  metadata.format = GetEnum(SnapshotFormat::kNative);
  GetAll(metadata.properties, [this] {
    std::pair<std::string, std::string> property;
    property.first = GetText();
    property.second = GetText();
    return property;
  });
  GetAll(metadata.operators, [&] {
    OperatorSnapshot op = GetOperator();
    if (!metadata.operators.empty() && op.id <= metadata.operators.back().id) in_.Reject();
    return op;
  });
  WEIR_RETURN_IF_ERROR(in_.Finish());
  return metadata;
}

StatusOr<OperatorSubtaskState> Decoder::ReadSubtask() {
  GetFiles();
  OperatorSubtaskState subtask = GetSubtask();
  WEIR_RETURN_IF_ERROR(in_.Finish());
  return subtask;
}

Status Damaged(const std::string& path, std::string_view what) {
  return DataLossError("snapshot metadata " + path + ": " + std::string(what) +
                       ". Restore from another checkpoint or savepoint, or from a copy of this one");
}

}  // namespace

std::string EncodeCheckpointMetadata(const CheckpointMetadata& metadata, std::string_view directory) {
  Encoder encoder(NormalizePath(directory));
  encoder.PutMetadata(metadata);
  const std::string body = std::move(encoder).Take();
  ByteWriter out;
  out.PutBytes(kMagic);
  out.PutU32(kMetadataVersion);
  out.PutU64(body.size());
  out.PutBytes(body);
  out.PutU64(HashBytes(out.bytes()));
  return std::move(out).Take();
}

StatusOr<CheckpointMetadata> DecodeCheckpointMetadata(std::string_view bytes, std::string_view directory) {
  const std::string path = JoinPath(directory, kMetadataFileName);
  if (bytes.size() < kHeadBytes + kChecksumBytes)
    return Damaged(path, "it has only " + std::to_string(bytes.size()) + " bytes: it is cut short");
  ByteReader head(bytes, path);
  if (head.GetBytes(kMagic.size()) != kMagic)
    return Damaged(path, "it does not begin as metadata does: it is damaged or something else");
  const uint32_t version = head.GetU32();
  const uint64_t length = head.GetU64();
  if (length != bytes.size() - kHeadBytes - kChecksumBytes) {
    return Damaged(path, "it has " + std::to_string(bytes.size()) + " bytes and should have " +
                             std::to_string(length + kHeadBytes + kChecksumBytes) + ": it is cut short or damaged");
  }
  const std::string_view checked = bytes.substr(0, kHeadBytes + length);
  if (HashBytes(checked) != LoadLittleEndian<uint64_t>(bytes.data() + checked.size()))
    return Damaged(path, "its checksum is wrong: it is damaged");
  if (version == 0 || version > kMetadataVersion) {
    return FailedPreconditionError("snapshot metadata " + path + " has format version " + std::to_string(version) +
                                   "; this build reads versions up to " + std::to_string(kMetadataVersion) +
                                   ". Use the version of Weir that wrote it, or a newer one");
  }
  StatusOr<CheckpointMetadata> metadata = Decoder(checked.substr(kHeadBytes), NormalizePath(directory)).ReadMetadata();
  if (!metadata.ok()) return Damaged(path, metadata.status().message());
  return metadata;
}

std::string EncodeSubtaskState(const OperatorSubtaskState& state) {
  Encoder encoder("");
  encoder.PutSubtask(state);
  return std::move(encoder).Take();
}

StatusOr<OperatorSubtaskState> DecodeSubtaskState(std::string_view bytes) { return Decoder(bytes, "").ReadSubtask(); }

}  // namespace weir
