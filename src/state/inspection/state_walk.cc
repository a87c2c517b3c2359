#include "weir/state/inspection/state_walk.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "weir/base/hash.h"
#include "weir/functions/state/list_pieces.h"
#include "weir/functions/state/map_pieces.h"
#include "weir/state/inspection/value_json.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/state/snapshot/keyed_rows_scan.h"
#include "weir/state/snapshot/piece_names.h"
#include "weir/state/state_backend.h"
#include "weir/state/storage/operator_state_files.h"
#include "weir/state/storage/state_file.h"
#include "weir/state/timers/timer_store.h"

namespace weir {

namespace {

bool Matches(const OperatorSnapshot& op, const StateFilter& filter) {
  return filter.op.empty() || op.uid == filter.op || op.name == filter.op || op.id.ToHex().starts_with(filter.op);
}

bool Matches(const std::string& state, const StateFilter& filter) {
  return filter.state.empty() || state == filter.state;
}

// As JSON, or a text as it is.
bool KeyMatches(const std::string& json, const StateFilter& filter) {
  return filter.key.empty() || json == filter.key || (json.starts_with('"') && TextOfJson(json) == filter.key);
}

// The bytes of a key, whatever its form.
std::string_view BytesOf(KeyForm form, const StoredKey& key) {
  if (form != KeyForm::kInteger) return key.bytes;
  return {reinterpret_cast<const char*>(&key.integer), sizeof(key.integer)};
}

// The pieces of large maps and lists of one subtask (functions/state/map_pieces.h, list_pieces.h).
class Pieces final : public RowScanner {
 public:
  Status OnHeader(const ScannedHeader&) override { return OkStatus(); }
  Status OnRow(const ScannedRow& row) override {
    WEIR_ASSIGN_OR_RETURN(const PieceName name, PieceName::Of(row.key.bytes));
    for (const ScannedRow::Value& value : row.values)
      pieces_[{name.state, std::string(name.key), name.number}] = value.bytes;
    return OkStatus();
  }
  // The entries of a map, as StateJson writes those of a map in one piece.
  std::string MapJson(const ScannedState& state, std::string_view key) const {
    const std::tuple first{HashBytes(state.name), std::string(key), uint32_t{0}};
    std::string entries;
    for (auto piece = pieces_.lower_bound(first); piece != pieces_.end(); ++piece) {
      const auto& [name, of, number] = piece->first;
      if (name != std::get<0>(first) || of != key) break;
      Append(state, piece->second, entries);
    }
    return '[' + entries + ']';
  }
  // The elements of a list of which its key's row has `value`, likewise.
  std::string ListJson(const ScannedState& state, std::string_view key, std::string_view value) const {
    ByteReader in(value, "value of a list");
    const uint32_t count = in.GetU32();
    in.GetU8();
    internal::ListHead head;
    head.Read(count, in);
    std::tuple name{HashBytes(state.name), std::string(key), head.first};
    std::string elements;
    for (uint32_t left = in.ok() ? head.pieces : 0; left > 0; --left, ++std::get<2>(name)) {
      if (const auto piece = pieces_.find(name); piece != pieces_.end()) Append(state, piece->second, elements);
    }
    return '[' + elements + ']';
  }

 private:
  static void Append(const ScannedState& state, std::string_view piece, std::string& entries) {
    const std::string json = StateJson(state.kind, state.schema, piece);
    // Types that cannot be shown are not in brackets.
    const std::string_view part = json.starts_with('[') ? std::string_view(json).substr(1, json.size() - 2) : json;
    if (!entries.empty() && !part.empty()) entries += ',';
    entries += part;
  }

  // By state, key and number.
  std::map<std::tuple<uint64_t, std::string, uint32_t>, std::string> pieces_;
};

bool IsInPieces(const ScannedState& state, std::string_view value) {
  constexpr size_t kFormAt = sizeof(uint32_t);
  static_assert(internal::kMapInPieces == internal::kListInPieces);
  return (state.kind == StateKind::kMap || state.kind == StateKind::kList) && value.size() > kFormAt &&
         static_cast<uint8_t>(value[kFormAt]) >= internal::kMapInPieces;
}

// Makes entries of the rows of one operator.
class RowsToEntries final : public RowScanner {
 public:
  RowsToEntries(const OperatorSnapshot& op, const StateFilter& filter, const Pieces& pieces, StateVisitor& visitor)
      : filter_(filter), pieces_(pieces), visitor_(visitor) {
    entry_.op = &op;
    StatusOr<Schema> key = Schema::Decode(op.key_schema);
    if (key.ok()) key_schema_ = std::move(*key);
  }

  Status OnHeader(const ScannedHeader& header) override {
    header_ = header;
    return OkStatus();
  }
  Status OnRow(const ScannedRow& row) override {
    entry_.key = KeyJson(key_schema_, header_.key_form, row.key);
    if (!KeyMatches(entry_.key, filter_)) return OkStatus();
    for (const ScannedRow::Value& value : row.values) {
      const ScannedState& state = header_.states[value.state];
      if (!Matches(state.name, filter_)) continue;
      entry_.state = state.name;
      entry_.kind = StateKindText(state.kind);
      entry_.value = JsonOf(state, row.key, value.bytes);
      WEIR_RETURN_IF_ERROR(visitor_.OnEntry(entry_));
    }
    return OkStatus();
  }

 private:
  std::string JsonOf(const ScannedState& state, const StoredKey& key, std::string_view value) const {
    if (!IsInPieces(state, value)) return StateJson(state.kind, state.schema, value);
    const std::string_view key_bytes = BytesOf(header_.key_form, key);
    return state.kind == StateKind::kMap ? pieces_.MapJson(state, key_bytes)
                                         : pieces_.ListJson(state, key_bytes, value);
  }

  const StateFilter& filter_;
  const Pieces& pieces_;
  StateVisitor& visitor_;
  Schema key_schema_;
  ScannedHeader header_;
  StateEntry entry_;
};

// Keyed rows of one handle, as chains: what each element has is newer than what those before it have.
struct LoadedRows {
  uint32_t first_key_group;
  uint32_t last_key_group;
  std::vector<std::vector<std::string>> chains;
};

StatusOr<LoadedRows> LoadRows(FileSystem& files, const OperatorSnapshot& op, const KeyedStateHandle& keyed) {
  LoadedRows rows{static_cast<uint32_t>(keyed.key_groups.first), static_cast<uint32_t>(keyed.key_groups.last), {}};
  if (IsKeyedRows(keyed)) {
    WEIR_ASSIGN_OR_RETURN(std::vector<std::string> chain, ReadKeyedRowsChain(files, keyed));
    rows.chains.push_back(std::move(chain));
    return rows;
  }
  OperatorSubtaskState alone;
  alone.keyed = {keyed};
  WEIR_ASSIGN_OR_RETURN(OperatorStateParts parts, ReadOperatorState(files, alone));
  WEIR_RETURN_IF_ERROR(ConvertNativeState(/*backend=*/"", parts).Annotate("operator \"" + op.name + "\""));
  for (std::string& bytes : parts.keyed) rows.chains.push_back({std::move(bytes)});
  return rows;
}

// `of_pieces`: rows of pieces, or all others.
Status ScanRows(const std::vector<LoadedRows>& all, bool of_pieces, RowScanner& scanner) {
  for (const LoadedRows& rows : all) {
    for (const std::vector<std::string>& chain : rows.chains) {
      if (chain.empty() || HoldsPieces(ByteReader(chain.front(), "keyed rows")) != of_pieces) continue;
      WEIR_RETURN_IF_ERROR(ScanKeyedRowsChain(chain, rows.first_key_group, rows.last_key_group, scanner));
    }
  }
  return OkStatus();
}

Status WalkKeyed(FileSystem& files, const OperatorSnapshot& op, const OperatorSubtaskState& subtask,
                 const StateFilter& filter, StateVisitor& visitor) {
  std::vector<LoadedRows> rows;
  for (const KeyedStateHandle& keyed : subtask.keyed) {
    WEIR_ASSIGN_OR_RETURN(LoadedRows loaded, LoadRows(files, op, keyed));
    rows.push_back(std::move(loaded));
  }
  Pieces pieces;
  WEIR_RETURN_IF_ERROR(ScanRows(rows, /*of_pieces=*/true, pieces));
  RowsToEntries entries(op, filter, pieces, visitor);
  return ScanRows(rows, /*of_pieces=*/false, entries);
}

Status WalkList(FileSystem& files, const OperatorSnapshot& op, const ListStateHandle& list, StateVisitor& visitor) {
  StateEntry entry{.op = &op, .state = list.name, .kind = StateKindText(list.redistribution)};
  Schema schema;
  if (!list.schema.empty()) {
    WEIR_ASSIGN_OR_RETURN(schema, Schema::Decode(list.schema));
    // An element of a broadcast state is one entry of the map.
    if (list.redistribution == Redistribution::kBroadcast && schema.kind() == TypeKind::kMap)
      schema = Schema(TypeKind::kTuple, schema.arguments());
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> elements, ReadElements(files, list));
  for (const std::string& element : elements) {
    entry.value = ValueJson(schema, element);
    WEIR_RETURN_IF_ERROR(visitor.OnEntry(entry));
  }
  return OkStatus();
}

// Lists are shown for every subtask, but equal copies of a broadcast state once.
Status WalkOperator(FileSystem& files, const OperatorSnapshot& op, const StateFilter& filter, StateVisitor& visitor) {
  std::vector<std::string> broadcast;
  for (const OperatorSubtaskState& subtask : op.subtasks) {
    WEIR_RETURN_IF_ERROR(WalkKeyed(files, op, subtask, filter, visitor));
    for (const ListStateHandle& list : subtask.lists) {
      if (!Matches(list.name, filter) || !filter.key.empty()) continue;
      if (list.redistribution == Redistribution::kBroadcast) {
        if (std::find(broadcast.begin(), broadcast.end(), list.name) != broadcast.end()) continue;
        broadcast.push_back(list.name);
      }
      WEIR_RETURN_IF_ERROR(WalkList(files, op, list, visitor));
    }
  }
  return OkStatus();
}

bool HasStateNamed(const OperatorSnapshot& op, const std::string& name) {
  for (const KeyedStateDescription& state : op.states) {
    if (state.name == name) return true;
  }
  for (const OperatorSubtaskState& subtask : op.subtasks) {
    // Timers are no state that the metadata names: they lie in the rows, or there are none.
    if (name == TimerStore::kStateName && !subtask.keyed.empty()) return true;
    for (const ListStateHandle& list : subtask.lists) {
      if (list.name == name) return true;
    }
  }
  return false;
}

Status CheckFilter(const CompletedSnapshot& snapshot, const StateFilter& filter) {
  bool has_operator = false;
  bool has_state = filter.state.empty();
  for (const OperatorSnapshot& op : snapshot.metadata.operators) {
    if (!Matches(op, filter)) continue;
    has_operator = true;
    has_state |= HasStateNamed(op, filter.state);
  }
  if (!has_operator && !filter.op.empty()) {
    return NotFoundError("no operator with the uid, name or id \"" + filter.op + "\" in " + snapshot.directory +
                         "; weir state ls shows which there are");
  }
  if (!has_state) {
    return NotFoundError("no state \"" + filter.state + "\" in " + snapshot.directory +
                         "; weir state ls shows which there are");
  }
  return OkStatus();
}

}  // namespace

const char* StateKindText(StateKind kind) {
  static constexpr const char* kNames[] = {"value", "list", "map", "reducing", "aggregating"};
  return kNames[static_cast<size_t>(kind)];
}

const char* StateKindText(Redistribution redistribution) {
  static constexpr const char* kNames[] = {"split list", "union list", "broadcast"};
  return kNames[static_cast<size_t>(redistribution)];
}

Status WalkStates(FileSystem& files, const CompletedSnapshot& snapshot, const StateFilter& filter,
                  StateVisitor& visitor) {
  WEIR_RETURN_IF_ERROR(CheckFilter(snapshot, filter));
  for (const OperatorSnapshot& op : snapshot.metadata.operators) {
    if (Matches(op, filter)) WEIR_RETURN_IF_ERROR(WalkOperator(files, op, filter, visitor));
  }
  return OkStatus();
}

}  // namespace weir
