// One row in memory, for tests of the state handles without a backend.
#pragma once

#include <memory>
#include <vector>

#include "weir/functions/state/stateful_function.h"

namespace weir {

class FakeRows final : public KeyedRows {
 public:
  explicit FakeRows(StatefulFunction& function)
      : states_(function.keyed_states()), layout_(RowLayout::Of(states_).value()), row_(layout_.row_bytes / 8) {
    function.BindStates(*this);
    function.key_context().row = row();
  }
  ~FakeRows() override { Clear(); }

  char* row() { return reinterpret_cast<char*>(row_.data()); }
  bool IsEmpty() { return !RowHasState(row()); }
  // How often a handle took the last value out of the row.
  size_t times_emptied() const { return emptied_.size(); }

  // Writes state number `from` of this row and reads it into the same state of `other`.
  Status CopyState(uint32_t number, FakeRows& other);

  const RowLayout& layout() const override { return layout_; }
  void Prepare(const KeyColumn&, const uint64_t*, uint32_t count, char** rows) override {
    for (uint32_t i = 0; i < count; ++i) rows[i] = row();
  }
  void Load(char*, uint32_t) override {}
  void Finish() override {}
  void EndStep() override {}
  uint32_t Walk(RowCursor& cursor, uint32_t, char**) override {
    cursor.done = true;
    return 0;
  }
  StoredKey KeyOf(const char*) const override { return {}; }
  void Clear() override;
  uint64_t row_count() const override { return 1; }
  uint64_t memory_bytes() const override { return layout_.row_bytes; }
  void Write(uint32_t, uint32_t, ByteWriter&) override {}
  Status Read(ByteReader&) override { return OkStatus(); }

 private:
  const std::vector<StateDeclaration> states_;
  const RowLayout layout_;
  std::vector<uint64_t> row_;
};

}  // namespace weir
