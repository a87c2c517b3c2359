// What a complete snapshot consists of: the content of its `_metadata`, as plain values.
//
//   CheckpointMetadata
//     └ OperatorSnapshot, per operator        id, uid, parallelism, schemas, its enumerator's state
//         └ OperatorSubtaskState, per subtask  keyed state, list states, in-flight data, each a handle
//             └ StreamStateHandle              a range of a file, or the bytes themselves when there are few
//
// In memory the paths of files are such that the process can open them; in `_metadata` they are relative to its folder where they can be, so that
// a savepoint may be moved (docs/formats/checkpoint_metadata.md; checkpoint_metadata_format.h reads and writes it).
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/ids.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/functions/state/operator_state_handle.h"
#include "weir/types/key_group.h"

namespace weir {

enum class SnapshotKind : uint8_t { kCheckpoint, kSavepoint };

// How keyed state is written: in the form that every backend reads, or in the backend's own.
enum class SnapshotFormat : uint8_t { kCanonical, kNative };

// What became of a snapshot's `_metadata` (docs/checkpointing.md, step 7).
enum class MetadataWrite : uint8_t {
  kWritten,     // and its directory synced
  kNotWritten,  // surely no _metadata there
  kUnknown,     // neither can be proved: nothing of it is deleted (I5), and it does not count as complete
};

// To whom a file belongs: to one snapshot, in whose folder it lies, or to all that name it (docs/checkpointing.md, I4).
enum class StateScope : uint8_t { kExclusive, kShared };

// What a file of a snapshot looks like inside.
enum class StateFileForm : uint8_t {
  kBlocks,  // docs/formats/state_file.md: any piece can be read and checked by itself
  kRaw,     // the backend's own; it checks it when it reads it
};

// One file as a whole.
struct StateFile {
  std::string path = {};
  StateScope scope = StateScope::kExclusive;
  StateFileForm form = StateFileForm::kBlocks;
  uint64_t length = 0;    // of the content: with kBlocks without heads and checksums
  uint64_t checksum = 0;  // kBlocks: see state_file.md; kRaw: XXH3 of the content, 0 if the writer did not take it

  friend bool operator==(const StateFile&, const StateFile&) = default;
};

// Some bytes of a snapshot.
struct StreamStateHandle {
  std::string inline_bytes = {};  // all of them, if there is no file
  StateFile file = {};            // its path is empty: no file
  uint64_t offset = 0;            // in the file's content
  uint64_t length = 0;

  static StreamStateHandle Inline(std::string bytes) {
    const uint64_t length = bytes.size();
    return {.inline_bytes = std::move(bytes), .length = length};
  }
  bool is_inline() const { return file.path.empty(); }
  bool empty() const { return length == 0; }

  friend bool operator==(const StreamStateHandle&, const StreamStateHandle&) = default;
};

// A file of a backend's own form, under the name by which the backend knows it ("000012.sst").
struct NamedStateFile {
  std::string name = {};
  StateFile file = {};

  friend bool operator==(const NamedStateFile&, const NamedStateFile&) = default;
};

inline constexpr char kCanonicalKeyedFormat[] = "canonical";
// Keyed rows too, but what has changed since an earlier snapshot may lie in a file of its own: all files, the oldest first, and then the state.
inline constexpr char kHeapKeyedFormat[] = "heap";

// Keyed state that one backend wrote for a range of key groups.
struct KeyedStateHandle {
  KeyGroupRange key_groups = {};  // that are to be taken from it; it may hold more
  // kCanonicalKeyedFormat, kHeapKeyedFormat (docs/formats/keyed_rows.md), or the name of the backend.
  std::string format = {};
  StreamStateHandle state = {};  // the rows, or what the backend needs to find its way in the files
  std::vector<NamedStateFile> files = {};

  friend bool operator==(const KeyedStateHandle&, const KeyedStateHandle&) = default;
};

// Elements [first, first + count) of a list state (docs/formats/operator_state.md); a broadcast state is the list of its entries.
struct ListStateHandle {
  std::string name = {};
  Redistribution redistribution = Redistribution::kSplit;
  std::string schema = {};  // of an element: Schema::Encode; empty: the operator's own affair (splits, committables)
  StreamStateHandle elements = {};
  uint32_t first = 0;
  uint32_t count = 0;

  friend bool operator==(const ListStateHandle&, const ListStateHandle&) = default;
};

// What an unaligned checkpoint found in one channel, in the channel's order.
struct ChannelStateHandle {
  bool is_output = false;  // of a result partition; else of an input gate
  int32_t gate = 0;        // number of the gate among the vertex' inputs, or of the result among its outputs
  int32_t channel = 0;
  StreamStateHandle batches = {};

  friend bool operator==(const ChannelStateHandle&, const ChannelStateHandle&) = default;
};

// The state of one operator in one subtask: what a task acknowledges, and what it is restored from.
struct OperatorSubtaskState {
  OperatorId operator_id = {};
  int32_t subtask_index = 0;
  KeyGroupRange key_groups = {};  // of the subtask; empty: not keyed
  bool is_finished = false;       // the operator had read all its input and closed
  std::vector<KeyedStateHandle> keyed = {};
  std::vector<ListStateHandle> lists = {};
  std::vector<ChannelStateHandle> channels = {};  // of the task; they hang on its first operator

  friend bool operator==(const OperatorSubtaskState&, const OperatorSubtaskState&) = default;
};

// A keyed state as its function declared it when the snapshot was taken.
struct KeyedStateDescription {
  std::string name = {};
  StateKind kind = StateKind::kValue;
  std::string schema = {};  // Schema::Encode
  int64_t ttl_ms = 0;       // 0: for ever

  friend bool operator==(const KeyedStateDescription&, const KeyedStateDescription&) = default;
};

struct OperatorSnapshot {
  OperatorId id = {};
  std::string uid = {};   // empty: the id was generated
  std::string name = {};  // for people
  int32_t parallelism = 1;
  int32_t max_parallelism = 128;
  std::string key_schema = {};  // Schema::Encode; empty: not keyed
  std::vector<KeyedStateDescription> states = {};
  StreamStateHandle coordinator = {};  // the split enumerator's; empty: none
  bool has_coordinator = false;
  std::vector<OperatorSubtaskState> subtasks = {};  // ascending by index; those without any state may be absent

  friend bool operator==(const OperatorSnapshot&, const OperatorSnapshot&) = default;
};

struct CheckpointMetadata {
  CheckpointId id = {};
  JobId job_id = {};
  std::string job_name = {};
  int64_t time_ms = 0;  // of the trigger
  SnapshotKind kind = SnapshotKind::kCheckpoint;
  SnapshotFormat format = SnapshotFormat::kNative;
  // Facts of later versions and for people ("unaligned" "true"); readers skip those they do not know.
  std::vector<std::pair<std::string, std::string>> properties = {};
  std::vector<OperatorSnapshot> operators = {};  // ascending by id

  // nullptr if there is none.
  const OperatorSnapshot* Find(const OperatorId& id) const;
  friend bool operator==(const CheckpointMetadata&, const CheckpointMetadata&) = default;
};

// The input gates of an operator to which some subtask had records in flight.
std::set<int> GatesInFlight(const OperatorSnapshot& op);
// The type of the records in flight to an input gate of an operator, as a property of the metadata: Schema::Encode. Empty if the metadata does not say.
std::string InFlightSchema(const CheckpointMetadata& metadata, const OperatorId& op, int gate);
void SetInFlightSchema(CheckpointMetadata& metadata, const OperatorId& op, int gate, std::string schema);

// Puts what a task acknowledged where it belongs; its operators must be there, with their parallelism.
void AddSubtaskState(CheckpointMetadata& metadata, OperatorSubtaskState state);

// Calls `visit(StateFile&)` for every file that is named, several times for one that is named several times.
template <class Subtask, class Visit>
void ForEachSubtaskFile(Subtask& subtask, const Visit& visit) {
  const auto visit_handle = [&](auto& handle) {
    if (!handle.is_inline()) visit(handle.file);
  };
  for (auto& keyed : subtask.keyed) {
    visit_handle(keyed.state);
    for (auto& named : keyed.files) visit(named.file);
  }
  for (auto& list : subtask.lists) visit_handle(list.elements);
  for (auto& channel : subtask.channels) visit_handle(channel.batches);
}
template <class Metadata, class Visit>
void ForEachFile(Metadata& metadata, const Visit& visit) {
  for (auto& op : metadata.operators) {
    if (!op.coordinator.is_inline()) visit(op.coordinator.file);
    for (auto& subtask : op.subtasks) ForEachSubtaskFile(subtask, visit);
  }
}

// Bytes of state: what lies inline, and every named range or raw file once per naming.
uint64_t StateBytes(const OperatorSubtaskState& state);
uint64_t StateBytes(const CheckpointMetadata& metadata);
// Whether there is something of the operator, and whether some of it lies by keys.
bool HasState(const OperatorSnapshot& op);
bool HasKeyedState(const OperatorSnapshot& op);
// Whether something would be lost without the operator: a sink, or a function, with nothing in its lists leaves lists of no elements.
bool WouldBeMissed(const OperatorSnapshot& op);

}  // namespace weir
