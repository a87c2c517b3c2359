// What is in a snapshot, for people and for programs: `weir-state ls`, `dump` and `diff`.
//
//   WEIR_ASSIGN_OR_RETURN(CompletedSnapshot snapshot, LoadSnapshot(files, path, SnapshotCheck::kMetadata));
//   text = ListStates(snapshot, StateTextForm::kTable);
//   WEIR_RETURN_IF_ERROR(DumpStates(files, snapshot, {.op = "count", .key = "ZRH"}, StateTextForm::kJson, print));
//
// Keyed state is shown in canonical form only; a backend's own is listed with its size.
#pragma once

#include <string>
#include <string_view>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/base/unique_function.h"
#include "weir/state/storage/checkpoint_storage.h"

namespace weir {

enum class StateTextForm : uint8_t {
  kTable,  // columns for a terminal (ls only)
  kCsv,    // with a line of names first
  kJson,   // one object per line
};

// What to show; empty: everything.
struct StateFilter {
  std::string op = {};     // an operator's uid, name, or the beginning of its id
  std::string state = {};  // a state's name
  std::string key = {};    // a key: its text as it is shown, a string without its quotes
};

// Takes the text in pieces of whole lines; an error ends the work and is returned.
using TextSink = UniqueFunction<Status(std::string_view)>;

// One line per operator and state: kind, schema, keys or elements where the metadata knows them, bytes, and the snapshot itself in front (kTable).
std::string ListStates(const CompletedSnapshot& snapshot, StateTextForm form);

// One line per key and state, and per element of operator state: operator, state, key, value as JSON. kNotFound if the filter names an operator or state
// that is not there.
Status DumpStates(FileSystem& files, const CompletedSnapshot& snapshot, const StateFilter& filter, StateTextForm form,
                  TextSink sink);

// What differs from `before` to `after`: lines as DumpStates's with "added", "removed" or "changed" and both values. Returns how many lines there are.
StatusOr<uint64_t> DiffStates(FileSystem& files, const CompletedSnapshot& before, const CompletedSnapshot& after,
                              const StateFilter& filter, StateTextForm form, TextSink sink);

}  // namespace weir
