// One RocksDB database: records of bytes under ordered keys, in a folder of its own that goes when it is closed.
//
// Nothing is logged: what a crash of the process loses is in the last checkpoint.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "weir/base/status.h"
#include "weir/state/rocksdb/rocksdb_batch.h"
#include "weir/state/rocksdb/rocksdb_resources.h"
#include "weir/state/snapshot/native_keyed_state.h"

namespace weir {

// Walks over the records of one moment in the order of their keys.
class RocksDbScan {
 public:
  ~RocksDbScan();
  RocksDbScan(const RocksDbScan&) = delete;
  RocksDbScan& operator=(const RocksDbScan&) = delete;

  // Stands on a record.
  bool Valid() const;
  void Next();
  // Only while it stands on a record; until the next step.
  std::string_view key() const;
  std::string_view value() const;
  // Why it ended: OK at the end of the records.
  Status status() const;

 private:
  friend class RocksDbStore;
  struct Parts;
  explicit RocksDbScan(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

// Looks at records while RocksDB rewrites its files anyway. Threads: RocksDB's, several at once.
class RecordFilter {
 public:
  enum class Verdict : uint8_t { kKeep, kChange, kRemove };
  virtual ~RecordFilter() = default;
  // kChange: `changed` is the new value.
  virtual Verdict Look(std::string_view value, std::string& changed) const = 0;
};

// Threads: reads and scans on the task's thread, Write on one other; both at the same time.
//
// Errors name the folder and say what to do: kDataLoss for damaged files, kResourceExhausted for a full disk, kUnavailable for the rest.
class RocksDbStore {
 public:
  // `filter` may be null; else it must outlive the store.
  static StatusOr<std::unique_ptr<RocksDbStore>> Open(std::shared_ptr<RocksDbResources> resources,
                                                      const RecordFilter* filter);
  // Opens what TakeFiles gave: copies the files into a folder of its own.
  static StatusOr<std::unique_ptr<RocksDbStore>> OpenFiles(std::shared_ptr<RocksDbResources> resources,
                                                           const RecordFilter* filter, BackendFiles& files);
  // Closes, and removes the folder. Scans must be gone.
  ~RocksDbStore();

  // The records as they are now, in files that stay when the store goes. Threads: as Write, with which it must not overlap. Writes what is in memory to the disk.
  StatusOr<std::unique_ptr<BackendFiles>> TakeFiles();
  // Takes over the records of `other`, which gets those of this one. Scans must be gone.
  void Swap(RocksDbStore& other) { parts_.swap(other.parts_); }

  // Calls `found(i, value)` for every key that has a record, in the order of keys, none of which may come twice; not after its first error.
  using Found = std::function<Status(size_t index, std::string_view value)>;
  Status Read(std::span<const std::string_view> keys, const Found& found);
  Status Write(RocksDbBatch& batch);
  // From the first key that is not less than `from`, up to but without `to`.
  std::unique_ptr<RocksDbScan> Scan(std::string_view from, std::string_view to);
  // Has RocksDB write its buffers and rewrite all of its files.
  Status Compact();
  // Removes all records before `from`, and from `to` on: files first, which costs nothing.
  Status KeepOnly(std::string_view from, std::string_view to);
  // Takes over the records of `other` from `from` up to `to`, none of which is here: as files, past all buffers. Returns how many they are.
  StatusOr<uint64_t> TakeRecords(RocksDbStore& other, std::string_view from, std::string_view to);
  // Removes all records.
  Status Clear();
  const std::string& path() const;

 private:
  struct Parts;
  explicit RocksDbStore(std::unique_ptr<Parts> parts);
  static StatusOr<std::unique_ptr<RocksDbStore>> OpenIn(std::unique_ptr<Parts> parts, const RecordFilter* filter,
                                                        bool is_new);
  // Of the sorted reads.
  Status ReadSome(std::span<const std::string_view> keys, size_t begin, size_t count, const Found& found);
  std::unique_ptr<Parts> parts_;
};

}  // namespace weir
