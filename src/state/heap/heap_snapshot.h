// One snapshot of a heap table; see heap_snapshots.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/state/heap/heap_snapshots.h"
#include "weir/state/heap/kept_rows.h"
#include "weir/state/heap/page_loan.h"
#include "weir/state/snapshot/keyed_snapshot_sink.h"

namespace weir {

class LentPagesWriter;

// What one call of Advance looks at, at most: rows, which takes 50 to 100 us, as much as a batch of records, and pages that have not changed.
inline constexpr size_t kRowsAtATime = 4096;
inline constexpr size_t kPagesLookedAt = 512;

// Threads: the task's.
template <class Keys>
class HeapSnapshot final : public KeyedSnapshot {
 public:
  // Of the epochs up to `epoch`.
  HeapSnapshot(HeapSnapshots<Keys>& owner, uint32_t epoch);
  ~HeapSnapshot() override;

  void Start(const KeyedSnapshotRequest& request, std::shared_ptr<KeyedSnapshotSink> sink) override;
  bool Advance() override;
  void OnComplete() override;

  // The owner's: the row is about to be changed for the first time since the snapshot began, if its epoch says so.
  void Keep(const char* row, uint64_t hash);
  // The same for all rows that it still needs: they are about to go.
  void KeepRest();
  // The owner's epoch is another one.
  void OnEpoch();
  // The rows are gone.
  void Orphan();
  uint32_t epoch() const { return epoch_; }
  // Rows that were touched in this epoch or before are all the same to it.
  uint32_t last_not_needed() const { return base_.has_value() ? first_epoch_ - 1 : epoch_; }
  // Has not been written to the end.
  bool is_running() const { return !is_started_ || sink_ != nullptr; }
  // Once it is complete, those before it may go with all their files.
  bool replaces_base() const { return !is_started_ || (request_.may_be_shared && !base_.has_value()); }

 private:
  using Base = typename HeapSnapshots<Keys>::Base;

  void WriteErased(KeyedRowsWriter& writer);
  // Writes the rows of the page at `place_` that were not touched since, and goes on behind it. Returns how many rows it looked at.
  size_t WritePage();
  // The same as it is, all of it of one key group. False: it goes better by rows.
  bool WriteAsPage(HeapPage* page, uint32_t key_group, uint64_t first_hash, uint64_t last_hash);
  // Sets `left_out_`: rows that are not in the snapshot as they are now.
  void FindLeftOut(HeapPage* page);
  // The rows of `page_` go with those that are kept: rows of a key group come behind its pages.
  void KeepPage();
  // Those of `page_` that are to be written, all of one key group. Values are their memory.
  void WritePageOfNumbers(uint32_t key_group);
  // Those of `page_`, by key group.
  void WritePageByKeyGroup();
  // Whether the row of `page_` is to be written. Expired state goes first.
  bool IsToBeWritten(char* row);
  void WriteRow(uint32_t key_group, char* row);
  // Writes what was kept of all key groups below `key_group`.
  void WriteKeptBelow(uint32_t key_group);
  // Once it is known what the snapshot builds on: leaves those out that it has.
  void SiftKept();
  // Gives the sink what there is, if that is enough for a write.
  void PassOn(bool all);
  void TakeBuffer();
  void Finish();
  // Tells the sink that it has everything.
  void End();
  // Of large tables of numbers, pages go to the thread that writes (page_loan.h): what Start and Advance do then.
  void StartLending();
  bool Lend();
  // The page at `place_`, if any of it is to be written, and goes on behind it. Returns how many rows it has kept instead.
  size_t LendPage(PageLoan& loan);
  // What was kept of all key groups below `key_group`.
  void LendKeptBelow(uint32_t key_group, PageLoan& loan);
  // Nothing more is to be kept for it.
  void StopRunning();
  KeptRows& KeptOf(uint32_t key_group);
  // Nothing that was kept is needed any more.
  void DropKept();
  bool IsIn(uint32_t epoch) const { return epoch <= epoch_ && epoch >= first_epoch_; }

  HeapSnapshots<Keys>* owner_;  // nullptr: the rows are gone
  const uint32_t epoch_;
  bool is_started_ = false;
  KeyedSnapshotRequest request_;
  std::shared_ptr<KeyedSnapshotSink> sink_;  // from Start to the end
  std::optional<Base> base_;                 // on which this one builds
  uint32_t first_epoch_ = 0;                 // rows that are older are in the base
  EpochMarkSet marks_;                       // of the epochs that are in it; only of rows with marks
  const uint32_t record_bytes_;              // of rows with marks whose value is its memory; else 0
  bool writes_pages_ = false;
  std::optional<Base> next_;  // what this one is once it is complete
  uint64_t place_ = 0;        // of the walk (HeapTable::AppendPage)
  bool walked_ = false;       // to the end
  // By key group from the first of the shape on; kept until the walk has come by. Records as the writer's; before Start, epoch:u32 length:u32 and the record.
  std::vector<KeptRows> kept_;
  uint32_t next_kept_ = 0;  // key group (from the first on) from which on nothing was written of what was kept
  ByteWriter record_;       // being kept
  ByteWriter out_;
  std::optional<KeyedRowsWriter> writer_;
  std::shared_ptr<LentPagesWriter> lent_writer_;  // instead of it
  uint64_t written_bytes_ = 0;
  // Of a page.
  std::vector<char*> page_;
  std::vector<uint8_t*> left_out_;  // tags
  std::vector<std::pair<uint32_t, char*>> by_key_group_;
};

}  // namespace weir
