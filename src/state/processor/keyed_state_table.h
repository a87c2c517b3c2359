// All keys of one operator with their states, in memory: what the state processor reads and writes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/status.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/types/key.h"
#include "weir/types/schema/schema.h"
#include "weir/types/schema_of.h"

namespace weir {

// The part that depends neither on the function nor on the key. Threads: one.
class KeyedStateTableBase {
 public:
  KeyedStateTableBase(KeyedStateTableBase&&) = default;
  KeyedStateTableBase& operator=(KeyedStateTableBase&&) = default;
  virtual ~KeyedStateTableBase() = default;

  uint64_t size() const { return rows_->row_count(); }
  int max_parallelism() const { return max_parallelism_; }
  KeyForm key_form() const { return key_form_; }
  KeyedRows& rows() { return *rows_; }
  virtual const Schema& key_schema() const = 0;
  virtual const StatefulFunction& function() const = 0;

 protected:
  KeyedStateTableBase(KeyForm key_form, int max_parallelism) : key_form_(key_form), max_parallelism_(max_parallelism) {}
  // Makes the rows for `function`'s states and binds its handles to them.
  void Bind(StatefulFunction& function);
  // Calls `visit(visitor, key)` with every row under the handles of `function`.
  void Walk(StatefulFunction& function, void* visitor, void (*visit)(void* visitor, const StoredKey& key));

  KeyForm key_form_;
  int max_parallelism_;
  std::unique_ptr<KeyedRows> rows_;
};

template <class Function, class K>
class KeyedStateTable final : public KeyedStateTableBase {
 public:
  using Traits = KeyTraits<K>;

  explicit KeyedStateTable(int max_parallelism)
      : KeyedStateTableBase(Traits::kInteger ? KeyForm::kInteger : KeyForm::kBytes, max_parallelism),
        function_(std::make_unique<Function>()) {
    Bind(*function_);
  }

  // The states of `key`, empty if it is new; valid until the next call.
  Function& At(const K& key) {
    const uint64_t hash = Traits::Hash(key);
    char** const row = &function_->key_context().row;
    if constexpr (Traits::kInteger) {
      const int64_t stored = Traits::ToInteger(key);
      rows_->Prepare({.integers = &stored}, &hash, 1, row);
    } else {
      const std::string_view stored = Traits::ToBytes(key, scratch_);
      rows_->Prepare({.bytes = &stored}, &hash, 1, row);
    }
    return *function_;
  }

  // visit(key, Function&) for every key that has state, in no particular order. The states may be changed and cleared; strings are views.
  template <class Visit>
  void ForEach(Visit visit) {
    rows_->Finish();
    struct Visitor {
      Visit& visit;
      Function& function;
    } visitor{visit, *function_};
    Walk(*function_, &visitor, [](void* self, const StoredKey& key) {
      Visitor& to = *static_cast<Visitor*>(self);
      to.visit(Traits::FromStored(key), to.function);
    });
  }

  // The processing time by which states with a time to live expire and are written; without it, the machine's when the table was made.
  void SetProcessingTime(int64_t ms) { function_->key_context().now_ms = ms; }

  const Schema& key_schema() const override { return SchemaOf<typename Traits::Owned>(); }
  const StatefulFunction& function() const override { return *function_; }

 private:
  std::unique_ptr<Function> function_;  // behind a pointer: its handles point into it
  ByteWriter scratch_;
};

}  // namespace weir
