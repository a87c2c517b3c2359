// A snapshot of the rows of the RocksDB backend: docs/checkpointing.md, step 6.
//
//   rows changed before ──▶ write queue ──▶ marker: the database is as it was when the snapshot began ──▶ its files, linked
//   Start(native)    the files, as they are
//   Start(canonical) their records, read by and by
//
// Both sides may come first: the marker, and Start.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "weir/base/mutex.h"
#include "weir/functions/state/keyed_snapshot.h"
#include "weir/state/rocksdb/rocksdb_store.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/state/snapshot/keyed_snapshot_sink.h"
#include "weir/state/snapshot/native_keyed_state.h"

namespace weir {

inline constexpr char kRocksDbFormat[] = "rocksdb";

// What lies beside the files of a native snapshot: docs/formats/rocksdb_state.md.
struct RocksDbStateHead {
  KeyForm key_form = KeyForm::kInteger;
  std::string rows_header = {};  // EncodeKeyedRowsHeader
  KeyGroupRange key_groups = {};
  uint64_t rows = 0;

  std::string Encode() const;
  static StatusOr<RocksDbStateHead> Decode(std::string_view bytes);
};

// Where the writing thread and the task meet. Threads: any.
class RocksDbMarker {
 public:
  // The queue has come to it.
  void OnReached(StatusOr<std::unique_ptr<BackendFiles>> files);
  // From now on the sink is told as soon as both are there.
  void PassTo(std::shared_ptr<KeyedSnapshotSink> sink, KeyedSnapshotEnd end);
  // Whether the files are there, or an error; if so, takes them.
  bool Take(StatusOr<std::unique_ptr<BackendFiles>>& files);
  // Nobody wants the files.
  void Cancel();
  bool is_cancelled();

 private:
  void PassOn() WEIR_REQUIRES(mutex_);

  Mutex mutex_;
  bool is_reached_ WEIR_GUARDED_BY(mutex_) = false;
  bool is_cancelled_ WEIR_GUARDED_BY(mutex_) = false;
  StatusOr<std::unique_ptr<BackendFiles>> files_ WEIR_GUARDED_BY(mutex_) = std::unique_ptr<BackendFiles>();
  std::shared_ptr<KeyedSnapshotSink> sink_ WEIR_GUARDED_BY(mutex_);
  KeyedSnapshotEnd end_ WEIR_GUARDED_BY(mutex_);
};

class RocksDbSnapshot;

// What a snapshot needs of the rows that it is of. Threads: the task's.
class RocksDbSnapshotSource {
 public:
  virtual ~RocksDbSnapshotSource() = default;
  // Puts some of what changed before into the queue; whether there is more. Throws StatusException.
  virtual bool DrainSome() = 0;
  // The complete checkpoint on which `snapshot` may build; 0: none.
  virtual int64_t BaseFor(const RocksDbSnapshot& snapshot) = 0;
  virtual void OnComplete(const RocksDbSnapshot& snapshot) = 0;
  virtual void OnDestroyed(const RocksDbSnapshot& snapshot) = 0;
  virtual const std::shared_ptr<RocksDbResources>& resources() = 0;
  // What of a record's states has not expired; `left` has room for it. Empty: nothing.
  virtual std::string_view LiveStates(std::string_view states, ByteWriter& left) = 0;
};

// Threads: the task's.
class RocksDbSnapshot final : public KeyedSnapshot {
 public:
  RocksDbSnapshot(RocksDbSnapshotSource& source, std::shared_ptr<RocksDbMarker> marker, RocksDbStateHead head,
                  uint64_t number);
  ~RocksDbSnapshot() override;

  void Start(const KeyedSnapshotRequest& request, std::shared_ptr<KeyedSnapshotSink> sink) override;
  bool Advance() override;
  void OnComplete() override;
  // The rows are gone.
  void Orphan();

  uint64_t number() const { return number_; }
  const KeyedSnapshotRequest& request() const { return request_; }
  // Once it is complete, those before it may go with all their files.
  bool replaces_base() const { return !is_started_ || (request_.may_be_shared && base_ == 0); }

 private:
  // Canonical: opens the files, then writes some of their records.
  bool WriteRecords();
  Status OpenRecords(BackendFiles& files);
  void FinishRecords();
  void PassOn(bool all);
  void TakeBuffer();
  void Fail(Status status);

  RocksDbSnapshotSource* source_;  // null: gone
  const std::shared_ptr<RocksDbMarker> marker_;
  const RocksDbStateHead head_;
  const uint64_t number_;
  bool is_started_ = false;
  KeyedSnapshotRequest request_;
  int64_t base_ = 0;
  // Of a canonical one.
  std::shared_ptr<KeyedSnapshotSink> sink_;
  std::unique_ptr<RocksDbStore> records_;
  std::unique_ptr<RocksDbScan> scan_;
  ByteWriter out_;
  ByteWriter left_;
  std::unique_ptr<KeyedRowsWriter> writer_;
};

// All records of the key groups that are in both, as canonical rows, piece by piece.
Status ReadRocksDbRecords(RocksDbStore& records, const RocksDbStateHead& head, KeyGroupRange key_groups,
                          const std::function<Status(std::string_view rows)>& take);

}  // namespace weir
