#include "weir/state/storage/operator_state_files.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "weir/base/coding.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/hash.h"
#include "weir/state/storage/state_file.h"

namespace weir {

namespace {

StatusOr<StreamStateHandle> WriteLists(SnapshotWriter& writer, const std::vector<ListStateParts>& lists,
                                       std::vector<ListStateHandle>& handles) {
  ByteWriter out;
  for (const ListStateParts& list : lists) {
    ListStateHandle handle{.name = list.name, .redistribution = list.redistribution, .schema = list.schema};
    handle.elements.offset = out.size();
    handle.count = static_cast<uint32_t>(list.elements.size());
    out.PutU32(handle.count);
    for (const std::string& element : list.elements) out.PutString(element);
    handle.elements.length = out.size() - handle.elements.offset;
    handles.push_back(std::move(handle));
  }
  return writer.Write(out.bytes(), StateScope::kExclusive);
}

// Makes the handle's range of `all` a handle of its own.
void Locate(const StreamStateHandle& all, StreamStateHandle& part) {
  if (all.is_inline()) {
    part = StreamStateHandle::Inline(all.inline_bytes.substr(part.offset, part.length));
  } else {
    part.file = all.file;
  }
}

// The list of that name in `lists`, made if there is none.
ListStateParts& ListOf(std::vector<ListStateParts>& lists, const ListStateHandle& handle) {
  const auto found =
      std::find_if(lists.begin(), lists.end(), [&](const ListStateParts& list) { return list.name == handle.name; });
  if (found != lists.end()) return *found;
  lists.push_back({.name = handle.name, .redistribution = handle.redistribution, .schema = handle.schema});
  return lists.back();
}

}  // namespace

StatusOr<OperatorSubtaskState> WriteOperatorState(SnapshotWriter& writer, const OperatorId& operator_id, int subtask,
                                                  const KeyGroupRange& key_groups, const OperatorStateParts& parts) {
  OperatorSubtaskState state{.operator_id = operator_id, .subtask_index = subtask, .key_groups = key_groups};
  for (const std::string& rows : parts.keyed) {
    KeyedStateHandle keyed{.key_groups = key_groups, .format = kCanonicalKeyedFormat};
    WEIR_ASSIGN_OR_RETURN(keyed.state, writer.Write(rows, StateScope::kExclusive));
    state.keyed.push_back(std::move(keyed));
  }
  if (!parts.lists.empty()) {
    WEIR_ASSIGN_OR_RETURN(const StreamStateHandle all, WriteLists(writer, parts.lists, state.lists));
    for (ListStateHandle& list : state.lists) Locate(all, list.elements);
  }
  return state;
}

StatusOr<std::vector<std::string>> ReadElements(FileSystem& files, const ListStateHandle& list) {
  WEIR_ASSIGN_OR_RETURN(const std::string bytes, ReadState(files, list.elements));
  const std::string what = "elements of state \"" + list.name + "\"";
  ByteReader in(bytes, what);
  const uint32_t there = in.GetU32();
  if (in.ok() && (list.first > there || list.count > there - list.first)) in.Reject();
  std::vector<std::string> elements;
  for (uint32_t i = 0; i < there && in.ok(); ++i) {
    const std::string_view element = in.GetString();
    if (i >= list.first && i - list.first < list.count) elements.emplace_back(element);
  }
  WEIR_RETURN_IF_ERROR(in.Finish());
  return elements;
}

namespace {

// The files of a backend's own form in a snapshot. What is read from begin to end is checked.
class SnapshotFiles final : public BackendFiles {
 public:
  SnapshotFiles(FileSystem& files, std::vector<NamedStateFile> named) : file_system_(files), named_(std::move(named)) {
    for (const NamedStateFile& named : named_) files_.push_back({named.name, named.file.length, false});
  }

  const std::vector<File>& files() const override { return files_; }
  StatusOr<std::string> Read(size_t number, uint64_t offset, uint64_t length) override {
    const StateFile& file = named_[number].file;
    if (named_[number].file.form == StateFileForm::kBlocks) {
      std::string bytes(length, '\0');
      WEIR_RETURN_IF_ERROR(ReadTo(number, offset, length, bytes.data()));
      return bytes;
    }
    if (offset == 0) {
      WEIR_RETURN_IF_ERROR(CheckStateFile(file_system_, file, /*read_all=*/false));
      WEIR_ASSIGN_OR_RETURN(open_, file_system_.OpenForRead(file.path));
      hash_.emplace();
    }
    WEIR_ASSIGN_OR_RETURN(std::string bytes, ReadExactly(*open_, offset, length));
    hash_->Update(bytes);
    if (offset + length == file.length && file.checksum != 0 && hash_->Digest() != file.checksum) {
      return DataLossError(
          "snapshot file " + file.path +
          ": its checksum is wrong. Restore from another checkpoint or savepoint, or put a copy of the "
          "file back");
    }
    return bytes;
  }
  Status ReadTo(size_t number, uint64_t offset, uint64_t length, char* to) override {
    if (named_[number].file.form != StateFileForm::kBlocks) return BackendFiles::ReadTo(number, offset, length, to);
    if (blocks_ == nullptr || blocks_number_ != number) {
      WEIR_ASSIGN_OR_RETURN(blocks_, StateFileReader::Open(file_system_, named_[number].file));
      blocks_number_ = number;
    }
    return blocks_->ReadTo(offset, length, to);
  }

 private:
  FileSystem& file_system_;
  const std::vector<NamedStateFile> named_;
  std::vector<File> files_;
  std::unique_ptr<ReadableFile> open_;
  std::unique_ptr<StateFileReader> blocks_;  // of file `blocks_number_`
  size_t blocks_number_ = 0;
  std::optional<StreamingHash> hash_;  // of what was read of the file so far
};

}  // namespace

bool IsKeyedRows(const KeyedStateHandle& keyed) {
  return keyed.format == kCanonicalKeyedFormat || keyed.format == kHeapKeyedFormat;
}

StatusOr<std::vector<std::string>> ReadKeyedRowsChain(FileSystem& files, const KeyedStateHandle& keyed) {
  std::vector<std::string> chain;
  for (const NamedStateFile& named : keyed.files) {
    WEIR_ASSIGN_OR_RETURN(std::string rows, ReadState(files, {.file = named.file, .length = named.file.length}));
    chain.push_back(std::move(rows));
  }
  if (!keyed.state.empty()) {
    WEIR_ASSIGN_OR_RETURN(std::string rows, ReadState(files, keyed.state));
    chain.push_back(std::move(rows));
  }
  return chain;
}

StatusOr<OperatorStateParts> ReadOperatorState(FileSystem& files, const OperatorSubtaskState& state) {
  OperatorStateParts parts;
  for (const KeyedStateHandle& keyed : state.keyed) {
    if (keyed.format != kCanonicalKeyedFormat) {
      std::vector<NamedStateFile> named = keyed.files;
      std::string head;
      if (keyed.format == kHeapKeyedFormat && !keyed.state.is_inline()) {
        named.push_back({std::to_string(named.size()), keyed.state.file});
      } else {
        WEIR_ASSIGN_OR_RETURN(head, ReadState(files, keyed.state));
      }
      parts.native.push_back({.format = keyed.format,
                              .key_groups = keyed.key_groups,
                              .state = std::move(head),
                              .files = std::make_shared<SnapshotFiles>(files, std::move(named))});
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(std::vector<std::string> chain, ReadKeyedRowsChain(files, keyed));
    std::move(chain.begin(), chain.end(), std::back_inserter(parts.keyed));
  }
  for (const ListStateHandle& handle : state.lists) {
    WEIR_ASSIGN_OR_RETURN(std::vector<std::string> elements, ReadElements(files, handle));
    ListStateParts& list = ListOf(parts.lists, handle);
    for (std::string& element : elements) list.elements.push_back(std::move(element));
  }
  return parts;
}

}  // namespace weir
