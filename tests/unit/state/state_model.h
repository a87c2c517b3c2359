// Keyed rows driven beside a plain std::map: whatever a backend does, both must agree.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/base/random.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/state/snapshot/native_keyed_state.h"
#include "weir/state/state_backend.h"

namespace weir {

// What states a model's keys have.
enum class ModelStates {
  kEachKind,   // one of each way of lying in a row
  kOneNumber,  // so that rows of integer keys have no flags
};

struct ModelFunction : StatefulFunction {
  explicit ModelFunction(ModelStates states = ModelStates::kEachKind) {
    if (states == ModelStates::kOneNumber) return;
    text.emplace(this, "text");
    map.emplace(this, "map");
    list.emplace(this, "list");
  }

  ValueState<int64_t> number{this, "number"};
  std::optional<ValueState<std::string>> text;
  std::optional<MapState<int64_t, int64_t>> map;
  std::optional<ListState<int64_t>> list;
};

// What one key should have; no such key: no state.
struct ModelRow {
  int64_t number = 0;
  std::string text;
  std::map<int64_t, int64_t> map;
  std::vector<int64_t> list;
  friend bool operator==(const ModelRow&, const ModelRow&) = default;
};

// RocksDB keeps so few of its rows in memory that they come and go all the time.
inline std::unique_ptr<KeyedRows> NewRows(const StatefulFunction& function, KeyForm form, KeyGroupRange groups,
                                          int max_parallelism, std::string_view backend_name = "hashmap") {
  std::unique_ptr<StateBackend> backend = NewStateBackend(backend_name, {.rocksdb_cached_rows = 300}).value();
  return backend
      ->CreateKeyedRows({.states = function.keyed_states(),
                         .key_form = form,
                         .key_groups = groups,
                         .max_parallelism = max_parallelism})
      .value();
}

// Several subtasks' rows and the one model of them all. Keys are numbers, or their text in a length that varies with the number.
class StateModel {
 public:
  // What all keys should have.
  using Content = std::map<std::string, ModelRow>;

  StateModel(std::string_view backend, KeyForm form, int max_parallelism, int parallelism, uint64_t seed,
             ModelStates states = ModelStates::kEachKind)
      : backend_(backend), form_(form), max_parallelism_(max_parallelism), states_(states), random_(seed) {
    Split(parallelism);
  }

  // Changes random keys below `keys` in one batch per subtask.
  void ChangeBatch(uint64_t keys, uint32_t batch);
  // Every key that is in the model, and no other, with the same states.
  void ExpectAgreement();
  // Writes all subtasks' rows and reads them into `parallelism` new ones.
  void Rescale(int parallelism);
  // The same into another backend.
  void SwitchTo(std::string_view backend, int parallelism) {
    backend_ = backend;
    Rescale(parallelism);
  }
  void ClearAll();
  // New rows in place of all, of as many subtasks as there are `states`, each read from `rows` and its own states, which have `content`.
  void Restart(const std::vector<std::string>& rows, const std::vector<std::vector<NativeKeyedState>>& states,
               Content content);
  uint64_t size() const { return model_.size(); }
  int max_parallelism() const { return max_parallelism_; }
  int parallelism() const { return static_cast<int>(subtasks_.size()); }

  const Content& content() const { return model_; }
  KeyedRows& rows(int subtask) { return *subtasks_[static_cast<size_t>(subtask)].rows; }
  // Reads `written` into new rows, and expects that they have `content`.
  void ExpectRestored(const std::vector<std::string>& written, const std::vector<NativeKeyedState>& native,
                      const Content& content, int parallelism);

 private:
  struct Subtask {
    std::unique_ptr<ModelFunction> function;
    KeyGroupRange groups;
    std::unique_ptr<KeyedRows> rows;
  };

  void Split(int parallelism);
  void ReadAll(const std::vector<std::string>& written, int parallelism);
  std::string KeyText(uint64_t number) const;
  uint64_t HashOf(uint64_t number) const {
    return form_ == KeyForm::kInteger ? Hash64(number) : HashBytes(KeyText(number));
  }
  size_t SubtaskOf(uint64_t number) const;
  void ChangeIn(Subtask& subtask, const std::vector<uint64_t>& numbers);
  void ChangeRow(ModelFunction& function, uint64_t number);
  // Some keys have so many entries in their map that it is put into pieces.
  static bool HasLargeMap(uint64_t number) { return number % 499 == 1; }
  void PutEntries(ModelFunction& function, uint64_t number, int64_t value);
  void RemoveEntries(ModelFunction& function, uint64_t number, int64_t value);
  // Other keys have so many elements in their list that it is put into pieces.
  static bool HasLargeList(uint64_t number) { return number % 499 == 2; }
  void AddElements(ModelFunction& function, uint64_t number, int64_t value);
  void ReplaceElements(ModelFunction& function, uint64_t number, int64_t value);
  ModelRow RowOf(ModelFunction& function, char* row) const;

  std::string_view backend_;
  const KeyForm form_;
  const int max_parallelism_;
  const ModelStates states_;
  SeededRandom random_;
  std::vector<Subtask> subtasks_;
  Content model_;  // by KeyText
};

}  // namespace weir
