#include "weir/state/storage/operator_state_files.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "weir/base/coding.h"
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

StatusOr<OperatorStateParts> ReadOperatorState(FileSystem& files, const OperatorSubtaskState& state) {
  OperatorStateParts parts;
  for (const KeyedStateHandle& keyed : state.keyed) {
    if (keyed.format != kCanonicalKeyedFormat) continue;
    WEIR_ASSIGN_OR_RETURN(std::string rows, ReadState(files, keyed.state));
    parts.keyed.push_back(std::move(rows));
  }
  for (const ListStateHandle& handle : state.lists) {
    WEIR_ASSIGN_OR_RETURN(std::vector<std::string> elements, ReadElements(files, handle));
    ListStateParts& list = ListOf(parts.lists, handle);
    for (std::string& element : elements) list.elements.push_back(std::move(element));
  }
  return parts;
}

}  // namespace weir
