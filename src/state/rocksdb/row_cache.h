// The rows in memory of the RocksDB backend, and how they come and go.
//
//   Prepare ──▶ table (state/heap) ──▶ rows that were not there: one MultiGet ──▶ row
//   Tend    ──▶ sweep, page by page:   used since the last time   one more chance
//                                      changed                    into a batch of the write queue
//                                      else                       goes, if there are too many
//
// A snapshot: BeginEpoch, and from then on rows that had changed before are put into batches, by Drain or when they are changed again, with their old value;
// only then come the marker and what has changed since.
//
// Invariants: a row leaves the cache only when its last write is in the database, so that a row that is read from there is never older than what the
// cache had. Batches reach the database in the order in which they were added.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "weir/functions/state/keyed_rows.h"
#include "weir/state/heap/heap_table.h"
#include "weir/state/heap/row_epochs.h"
#include "weir/state/rocksdb/rocksdb_store.h"
#include "weir/state/rocksdb/rocksdb_write_queue.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/state/snapshot/row_expiry.h"

namespace weir {

// `Keys`: IntegerKeys or ByteKeys. Threads: the task's thread. Throws StatusException if the database cannot be read or written.
template <class Keys>
class RowCache {
 public:
  RowCache(const KeyedRowsShape& shape, RocksDbStore& store, std::shared_ptr<RocksDbResources> resources);
  RowCache(const RowCache&) = delete;
  RowCache& operator=(const RowCache&) = delete;
  ~RowCache();

  // rows[i] becomes the row of the i-th key with the states that it has in the database. All count as changed: nobody says what user code does to them;
  // but for those that are only looked at.
  void Prepare(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows,
               PieceUse use = PieceUse::kChange);
  // The same for rows that a scan has just read, which count as changed only if they are: `states` holds the values of the records.
  void PrepareScanned(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, const std::string_view* states,
                      char** rows);
  // Counts the rows of the last Prepare and forgets those without state: not the end of a batch, but before rows may move.
  void Settle(std::vector<char*>& emptied);
  // The end of a batch: counts rows, forgets those without state (`emptied`: rows whose last value was taken), writes and drops others.
  void Finish(std::vector<char*>& emptied);
  // Removes what has expired from the rows of one page; the next call goes on behind it. Not within a batch.
  void CleanUp(const RowExpiry& expiry, int64_t now_ms);
  // Writes everything that has changed and waits until it is in the database.
  void WriteAll();
  // `on_drained` is called once all that has changed until now is in the queue, and nothing that changes later. Ends such a wait that is under way.
  void BeginEpoch(std::function<void()> on_drained);
  // A bounded piece of that. Whether there is more.
  bool Drain();
  // All of it.
  void FinishDrain() {
    while (Drain()) {
    }
  }
  // Forgets everything, written or not.
  void Clear();

  StoredKey KeyOf(const char* row) const { return table_.KeyOf(row); }
  uint64_t HashOf(const char* row) const { return table_.HashOf(row); }
  // Rows that have a state, in memory or not; those that expired on disk count until somebody looks.
  uint64_t row_count() const { return rows_with_state_; }
  // The database has been filled with that many rows; there are none here.
  void AdoptRows(uint64_t count) { rows_with_state_ = count; }
  RocksDbWriteQueue& queue() { return queue_; }
  uint64_t cached_rows() const { return table_.row_count(); }
  uint64_t memory_bytes() const { return table_.memory_bytes() + cached_rows() * object_bytes_; }
  Status status() const { return queue_.status(); }

 private:
  // Behind the states of a row.
  struct Mark {
    uint32_t written;  // number of the last batch that the row is in; 0: none, or it is done
    bool is_changed;   // since it was last put into a batch
    bool is_used;      // since the last sweep
    bool is_stored;    // the database has a record of it, or will have when all batches are written
    bool is_counted;   // in rows_with_state_
  };
  struct Scanned {
    char* row;
    size_t begin;  // of its states in scanned_states_
    size_t end;
  };

  Mark& MarkOf(char* row) const { return *reinterpret_cast<Mark*>(row + shape_.layout.row_bytes); }
  uint32_t KeyGroupOf(const char* row) const {
    return static_cast<uint32_t>(KeyGroupForHash(table_.HashOf(row), shape_.max_parallelism));
  }
  bool IsBeingWritten(Mark& mark);
  // `row` is about to change, or has changed and was in memory only.
  void SetChanged(char* row);
  bool is_draining() const { return on_drained_ != nullptr; }
  void LoadInserted();
  void Fill(char* row, std::string_view states);
  // Finds out which of the scanned rows were changed.
  void SettleScanned();
  void Settle(char* row);
  // Makes room, a bounded piece of work; all that is needed only when there is far too little.
  void Tend();
  bool IsShort() const { return table_.row_count() > most_rows_ || changed_ > most_changed_; }
  void UpdateLimits();
  // `thorough`: gives no row another chance.
  void SweepPage(bool thorough);
  void AddToBatch(char* row, Mark& mark);
  void SubmitBatch();
  void Drop(char* row);
  void DestroyValues(char* row);
  void ForEachRow(void (RowCache::*visit)(char* row));

  const KeyedRowsShape& shape_;
  RocksDbStore& store_;
  const std::shared_ptr<RocksDbResources> resources_;
  const bool has_objects_;  // values with memory of their own
  HeapTable<Keys> table_;
  uint64_t rows_with_state_ = 0;
  uint64_t changed_ = 0;    // rows with is_changed
  uint64_t most_rows_ = 0;  // to be kept
  uint64_t most_changed_ = 0;
  uint64_t object_bytes_ = 0;  // of a row's values outside of it, about
  uint32_t epoch_ = 0;         // changed rows are of this one, or, while draining, of an older one
  std::function<void()> on_drained_;
  uint64_t drain_place_ = 0;
  bool has_prepared_ = false;    // rows, since the last look at a queue that was too long
  uint64_t place_ = 0;           // of the sweep
  uint64_t clean_place_ = 0;     // of CleanUp
  std::vector<char*> inserted_;  // by the last Prepare
  std::vector<char*> unsettled_;
  std::vector<Scanned> scanned_;
  std::string scanned_states_;
  std::vector<char*> page_;
  std::unique_ptr<RocksDbBatch> batch_;
  ByteWriter key_;
  ByteWriter value_;
  std::vector<size_t> key_ends_;
  std::vector<std::string_view> keys_;
  RocksDbWriteQueue queue_;
};

extern template class RowCache<IntegerKeys>;
extern template class RowCache<ByteKeys>;
extern template class RowCache<PieceKeys>;

}  // namespace weir
