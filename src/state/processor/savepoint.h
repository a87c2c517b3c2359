// The state processor: a program that reads savepoints, changes them, and writes new ones.
//
//   struct Counter : weir::StatefulFunction {                      // the states as the job's function declares them
//     weir::ValueState<int64_t> seen{this, "seen"};
//   };
//   weir::LocalFileSystem files;
//   WEIR_ASSIGN_OR_RETURN(weir::Savepoint savepoint, weir::Savepoint::Load(files, "savepoints/savepoint-a6c9f1-4b0e8f6d2c71"));
//   WEIR_ASSIGN_OR_RETURN(auto counts, (savepoint.Keyed<Counter, std::string>("count")));
//   std::vector<Count> all;                                        // env.FromCollection(all): a bounded stream
//   counts.ForEach([&](std::string_view airport, Counter& counter) { all.push_back({std::string(airport), *counter.seen.Get()}); });
//   counts.At("ZRH").seen.Update(0);
//   WEIR_RETURN_IF_ERROR(savepoint.PutKeyed("count", counts));
//   WEIR_RETURN_IF_ERROR(savepoint.ChangeUid("count", "count per origin"));
//   WEIR_ASSIGN_OR_RETURN(std::string path, savepoint.Write("savepoints"));      // the old one stays as it was
//
// Types may differ from those that the savepoint was written with as far as a restore converts them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/base/status.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/state/processor/keyed_state_table.h"
#include "weir/state/storage/checkpoint_storage.h"
#include "weir/types/serializer.h"

namespace weir {

// A savepoint in hand. Nothing is written before Write. Threads: one.
class Savepoint {
 public:
  // kNotFound, kDataLoss: as LoadSnapshot. `files` must outlive it.
  static StatusOr<Savepoint> Load(FileSystem& files, std::string_view path);
  // One without any state, to begin a job with.
  explicit Savepoint(FileSystem& files) : files_(&files) {}

  // For what the savepoint is of; operators and their schemas.
  const CheckpointMetadata& metadata() const { return snapshot_.metadata; }
  // uids of all operators; of those without one their id.
  std::vector<std::string> Operators() const;

  // All keys of an operator, known by its uid, name or id, with the states of Function, a StatefulFunction. K: the key's type.
  template <class Function, class K>
  StatusOr<KeyedStateTable<Function, K>> Keyed(std::string_view op) const {
    WEIR_ASSIGN_OR_RETURN(const OperatorSnapshot* found, Find(op));
    KeyedStateTable<Function, K> table(found->max_parallelism);
    WEIR_RETURN_IF_ERROR(ReadKeyed(*found, table));
    return table;
  }
  // In place of all keyed state of the operator, whose timers stay as the table was read with; one that is new gets this uid. kFailedPrecondition: the operator
  // has a state that Function does not declare, and that would be lost.
  template <class Function, class K>
  Status PutKeyed(std::string_view op, KeyedStateTable<Function, K>& table) {
    return PutKeyedRows(op, table);
  }

  // The elements of a list or union list state, of all subtasks.
  template <class V>
  StatusOr<std::vector<V>> List(std::string_view op, std::string_view state) const {
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> elements,
                          ReadList(op, state, SchemaOf<V>(), EncodeToString(V{})));
    std::vector<V> values(elements.size());
    for (size_t i = 0; i < elements.size(); ++i) WEIR_RETURN_IF_ERROR(DecodeFrom(elements[i], values[i]));
    return values;
  }
  // In place of the elements that there are; a state that is new is dealt out as `redistribution` says.
  template <class V>
  Status PutList(std::string_view op, std::string_view state, const std::vector<V>& values,
                 Redistribution redistribution = Redistribution::kSplit) {
    std::vector<std::string> elements;
    for (const V& value : values) elements.push_back(EncodeToString(value));
    return PutElements(op, state, redistribution, SchemaOf<V>(), elements);
  }

  // The operator's state goes to the operator of that uid. kAlreadyExists if there is one.
  Status ChangeUid(std::string_view op, std::string_view uid);
  // Its state is left out.
  Status Remove(std::string_view op);

  // Writes everything as a savepoint below `directory`; returns its folder. State that was not changed is copied.
  StatusOr<std::string> Write(std::string_view directory);

 private:
  // The operator of this uid, name or id; kNotFound lists those that there are.
  StatusOr<const OperatorSnapshot*> Find(std::string_view op) const;
  StatusOr<OperatorSnapshot*> FindOrAdd(std::string_view op, int max_parallelism);
  // Puts the operators back into the order of their ids.
  void Sort();
  Status ReadKeyed(const OperatorSnapshot& op, KeyedStateTableBase& table) const;
  Status PutKeyedRows(std::string_view op, KeyedStateTableBase& table);
  StatusOr<std::vector<std::string>> ReadList(std::string_view op, std::string_view state, const Schema& now,
                                              std::string_view default_element) const;
  Status PutElements(std::string_view op, std::string_view state, Redistribution redistribution, const Schema& schema,
                     const std::vector<std::string>& elements);

  FileSystem* files_;
  CompletedSnapshot snapshot_ = {.metadata = {.kind = SnapshotKind::kSavepoint, .format = SnapshotFormat::kCanonical}};
};

}  // namespace weir
