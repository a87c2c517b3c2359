// A snapshot of slices that the task goes on with while it works.
//
//   Begin            O(keys / 8): a bit for each number, that it is still to be written
//   Take             of a key whose slices are about to change: its record is written now, as it is
//   Advance          number after number: those that were not taken since
//
// Records are gathered by key group and written when there are some of one; numbers know nothing of key groups. Invariant: each number that had slices when the
// snapshot began is in it exactly once, as it was then, for whatever changes it takes it before.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "weir/base/coding.h"
#include "weir/functions/state/keyed_snapshot.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/state/snapshot/keyed_snapshot_sink.h"

namespace weir {

class SliceRows;

// Threads: the task's.
class SliceSnapshot final : public KeyedSnapshot {
 public:
  explicit SliceSnapshot(SliceRows& rows);
  ~SliceSnapshot() override;

  void Start(const KeyedSnapshotRequest& request, std::shared_ptr<KeyedSnapshotSink> sink) override;
  bool Advance() override;
  // It has everything: nothing builds on it.
  void OnComplete() override {}

  // The rows' side: writes the number, or the numbers of a block, if they are still to be. TakeBlock returns how many were.
  void Take(uint32_t number);
  uint32_t TakeBlock(uint32_t block);
  // The rows are gone.
  void Orphan();

 private:
  struct Gathered {
    ByteWriter records;
    uint32_t count = 0;
  };

  void WriteNumber(uint32_t number);
  // Passes the records of a key group on to the writer.
  void WriteGathered(uint32_t key_group);
  void WriteAllGathered();
  void PassOn(bool all);
  void TakeBuffer();
  void Finish();
  void LeaveRows();

  SliceRows* rows_;                 // null: they are gone, or all is written
  std::vector<uint64_t> left_;      // a bit for each number that is still to be written
  size_t place_ = 0;                // word of left_ from which on there may be some
  std::vector<Gathered> gathered_;  // by key group, from the first of the rows on
  size_t gathered_bytes_ = 0;
  std::shared_ptr<KeyedSnapshotSink> sink_;  // from Start to the end
  ByteWriter out_;
  std::optional<KeyedRowsWriter> writer_;
};

}  // namespace weir
