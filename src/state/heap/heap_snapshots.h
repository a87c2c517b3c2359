// Snapshots of a heap table under way: what is written, and what is put aside first.
//
//   Begin            epoch + 1: O(1)
//   Touch            a row that is about to change and is still to be written: its record is kept aside, once per snapshot
//   Advance          page after page, in the order of hashes: rows that were not touched since are written, and what was kept of their key group. Pages of large
//                    tables of numbers are lent to the thread that writes (page_loan.h)
//
// Invariants. (S1) A row is in a snapshot exactly once: as it is written when the walk comes by and its epoch is not above the snapshot's, or as it was kept when
// it was first touched after Begin, at a place where the walk had not been. (S2) Rows move only from page to page at the same side of the walk (H2), so
// splits need no care. (S3) An epoch in a row is never too old: whatever changes a row touches it first. (S4) What a snapshot of the epochs (base, own] leaves out
// is the same as at the base: a row touched since has an epoch above it; a row dropped since is among the erased keys. (S5) Marks of rows without flags are of
// the last 63 epochs: what was touched before whatever a snapshot may still ask for is marked as long ago, some pages from each Begin to the next.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/functions/state/keyed_snapshot.h"
#include "weir/state/heap/heap_table.h"
#include "weir/state/heap/kept_rows.h"
#include "weir/state/heap/page_loan.h"
#include "weir/state/heap/row_epochs.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/state/snapshot/native_keyed_state.h"
#include "weir/state/snapshot/row_expiry.h"

namespace weir {

template <class Keys>
class HeapSnapshot;

// `Keys`: as of HeapTable. Threads: the task's.
template <class Keys>
class HeapSnapshots final : public RowToucher {
 public:
  // All must outlive this. `rows`: whose table it is.
  HeapSnapshots(const KeyedRowsShape& shape, const RowExpiry& expiry, HeapTable<Keys>& table, KeyedRows& rows);
  HeapSnapshots(const HeapSnapshots&) = delete;
  HeapSnapshots& operator=(const HeapSnapshots&) = delete;
  // Those under way have failed.
  ~HeapSnapshots();

  // How the pages of the table lie in a snapshot; nothing: as records only.
  const std::optional<PageImageShape>& pages() const { return pages_; }
  // Whether the other calls are needed: there has been a snapshot.
  bool is_tracking() const { return epoch_ != 0; }
  // Of rows that are touched now.
  uint32_t epoch() const { return epoch_; }
  std::unique_ptr<KeyedSnapshot> Begin();
  // Rows are about to be touched, between two calls of Advance.
  void NoteBatch() { ++batches_; }
  // All rows, and no others, are those of a complete checkpoint; the next one may name its files, of so many bytes, the oldest first. Before the first Begin.
  void BuildOn(int64_t checkpoint_id, const std::vector<BackendFiles::File>& files);
  // `row` is about to be changed. Returns where it is then; behind the last of several, HeapTable::GoToCopies.
  char* Touch(char* row, uint64_t hash) {
    if (EpochOf(row) == epoch_) return row;
    row = table_.OwnedRow(row);
    TouchFirst(row, hash);
    return row;
  }
  // The same for a row of which what has expired was taken out just now: earlier snapshots have it.
  void TouchExpired(char* row, uint64_t hash) {
    if (EpochOf(row) == epoch_) return;
    SetStored(row);
    TouchFirst(row, hash);
  }
  // Those of a batch's rows are about to be changed.
  void TouchRows(const uint32_t* numbers, uint32_t count, char* const* rows, const uint64_t* hashes) override;
  // `row`, which was touched and has no state any more, is about to be dropped.
  void NoteDropped(const char* row);
  // All rows are about to go.
  void NoteCleared();
  // The processing time by which what has expired is left out.
  void SetNow(int64_t now_ms) { now_ms_ = now_ms; }

 private:
  friend class HeapSnapshot<Keys>;

  // The complete checkpoint on which the next one builds.
  struct Base {
    int64_t checkpoint_id = 0;
    uint32_t epoch = 0;
    uint64_t full_bytes = 0;     // of the first of its chain
    uint64_t changes_bytes = 0;  // of the others
    uint32_t length = 1;         // of the chain
  };
  struct Erased {
    uint32_t epoch;
    uint32_t key_group;
    std::string key;  // of an integer key: its eight bytes
  };

  void TouchFirst(char* row, uint64_t hash);
  // In which the row was last touched; 0: in that or long ago.
  uint32_t EpochOf(const char* row) const {
    if constexpr (Keys::kHasMarks) return EpochOfMark(table_.MarkOf(row), epoch_, epoch_mark_);
    return RowEpoch(row);
  }
  bool IsStored(const char* row) const {
    if constexpr (Keys::kHasMarks) return (table_.MarkOf(row) & kStoredMark) != 0;
    return (RowFlags(row) & kStoredFlag) != 0;
  }
  // The store would make the line dirty for nothing once the row has the flag.
  void SetStored(char* row) {
    if (IsStored(row)) return;
    if constexpr (Keys::kHasMarks) {
      table_.MarkOf(row) |= kStoredMark;
    } else {
      RowFlags(row) |= kStoredFlag;
    }
  }
  // At each Begin: which marks are to be made older until the next (S5).
  void PlanAging();
  // Does so with that many pages, if there are so many to do.
  void AgeMarks(uint64_t most);
  // Loans that are back.
  void TakeBackLoans();
  // Nothing asks any more for what was touched up to the epoch that is returned.
  uint32_t EndOldEpochs();
  uint32_t KeyGroupOf(uint64_t hash) const {
    return static_cast<uint32_t>(KeyGroupForHash(hash, shape_.max_parallelism));
  }
  void SetBase(const Base& base);
  // Whether there is a base, and it stays until `snapshot` is complete.
  bool MayBuildOnBase(const HeapSnapshot<Keys>& snapshot) const;
  // From here on it is not known which keys were erased since a snapshot: none that began before can be built on.
  void Forget();

  const KeyedRowsShape& shape_;
  const RowExpiry& expiry_;
  HeapTable<Keys>& table_;
  KeyedRows& rows_;
  const std::optional<PageImageShape> pages_;
  KeptRowsPool kept_pool_;
  PageLoans loans_;
  uint64_t batches_ = 0;
  uint32_t epoch_ = 0;  // 0: before the first snapshot
  uint8_t epoch_mark_ = EpochMark(0);
  uint32_t forgotten_ = 0;  // the epoch of the last Forget
  int64_t now_ms_ = 0;
  std::vector<HeapSnapshot<Keys>*> running_;  // begun, not written to the end
  std::vector<HeapSnapshot<Keys>*> alive_;    // not destroyed
  std::optional<Base> base_;
  std::vector<Erased> erased_;  // since the base, in the order of epochs
  // Of AgeMarks: nothing has a mark of this epoch or one before; the same for pages before the place.
  uint32_t aged_ = 0;
  uint32_t aging_to_ = 0;
  uint64_t aging_place_ = 0;
  uint64_t pages_to_age_ = 0;  // before the next Begin
};

extern template class HeapSnapshots<IntegerKeys>;
extern template class HeapSnapshots<MarkedIntegerKeys>;
extern template class HeapSnapshots<ByteKeys>;
extern template class HeapSnapshots<PieceKeys>;

}  // namespace weir
