// Keyed rows whose values live in slices: what a snapshot sees of them.
//
// Snapshots have the canonical form of keyed rows (docs/formats/keyed_rows.md): each key with its slices beside it. Here rows are put together for the
// writer and taken apart for the reader, one by one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/runtime/window/slices/slice_keys.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/types/key_group.h"

namespace weir {

// The contents of one key, as they are written.
class SliceContents {
 public:
  virtual ~SliceContents() = default;
  // Puts copies of all that there is of the key into an empty row.
  virtual void Compose(uint32_t number, const RowLayout& layout, char* row) const = 0;
  // Takes the values of a row over; the row is destroyed by the caller.
  virtual Status Absorb(uint32_t number, const RowLayout& layout, char* row) = 0;
  // Of all contents together; memory of their own (strings, lists) comes on top.
  virtual uint64_t contents_bytes() const = 0;
};

class SliceSnapshot;

class SliceRows final : public KeyedRows {
 public:
  ~SliceRows() override;
  // `states`: as they are declared in the plan. `keys` and `contents` must outlive this.
  static StatusOr<std::unique_ptr<SliceRows>> New(std::vector<StateDeclaration> states, KeyGroupRange key_groups,
                                                  int max_parallelism, SliceKeys& keys, SliceContents& contents);

  const RowLayout& layout() const override { return layout_; }
  void Prepare(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) override {
    keys_.table().Prepare(keys, hashes, count, rows);
  }
  void Load(char*, uint32_t) override {}
  void Finish() override { keys_.table().Finish(); }
  void EndStep() override { keys_.table().EndStep(); }
  uint32_t Walk(RowCursor& cursor, uint32_t capacity, char** rows) override {
    return keys_.table().Walk(cursor, capacity, rows);
  }
  StoredKey KeyOf(const char* row) const override { return keys_.table().KeyOf(row); }
  void Clear() override { keys_.table().Clear(); }
  uint64_t row_count() const override { return keys_.table().row_count(); }
  uint64_t memory_bytes() const override { return keys_.memory_bytes() + contents_.contents_bytes(); }
  void Write(uint32_t first_key_group, uint32_t last_key_group, ByteWriter& out) override;
  Status Read(ByteReader& in) override;
  std::unique_ptr<KeyedSnapshot> BeginSnapshot() override;

  // There is a snapshot that does not have everything yet. One begins between two batches only.
  bool IsWritten() const { return !snapshots_.empty(); }
  // What the key of this number has is about to change.
  void BeforeChange(uint32_t number) {
    if (IsWritten()) [[unlikely]]
      PutAside(number);
  }
  // The same of all keys of a block. Returns how many were put aside.
  uint32_t BeforeBlockChange(uint32_t block);

 private:
  class Reader;
  friend class SliceSnapshot;

  SliceRows(std::vector<StateDeclaration> states, RowLayout layout, KeyGroupRange key_groups, int max_parallelism,
            SliceKeys& keys, SliceContents& contents);
  void PutAside(uint32_t number);
  // The record of a key as it is now, behind `out`; nothing if it has no slices.
  void AppendRecord(uint32_t number, ByteWriter& out);
  // Destroys the values of a row and empties it.
  void Empty(char* row) const;

  const std::vector<StateDeclaration> states_;
  const RowLayout layout_;
  const KeyGroupRange key_groups_;
  const int max_parallelism_;
  SliceKeys& keys_;
  SliceContents& contents_;
  const KeyedRowsShape shape_;
  std::vector<SliceSnapshot*> snapshots_;  // begun, not written to the end
  std::vector<uint64_t> row_;              // being composed
};

}  // namespace weir
