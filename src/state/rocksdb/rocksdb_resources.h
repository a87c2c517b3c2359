// What the RocksDB databases of one process share: memory, the thread that writes, the folder.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/base/status.h"

namespace rocksdb {
class Cache;
class Env;
class WriteBufferManager;
}  // namespace rocksdb

namespace weir {

class Executor;
class LocalFolder;

struct RocksDbSettings {
  // Every database gets a folder of its own in one of these, removed when it is closed. Empty: files are kept in memory, and writes happen within the calls.
  std::vector<std::string> directories = {};
  // For the rows in memory, the write buffers and the blocks of all databases together.
  uint64_t memory_bytes = 512 << 20;
  // Rows of one operator that are kept in memory; 0: as many as the memory allows.
  uint64_t most_cached_rows = 0;
  // Stands for memory where there are no directories: tests with faulty files. Must outlive all that uses the settings.
  rocksdb::Env* test_env = nullptr;
};

// Threads: any.
class RocksDbResources {
 public:
  // Makes a folder of this process inside each of settings.directories.
  static StatusOr<std::shared_ptr<RocksDbResources>> New(const RocksDbSettings& settings);
  ~RocksDbResources();

  const RocksDbSettings& settings() const { return settings_; }
  bool in_memory() const { return settings_.directories.empty(); }
  // A path for one more database.
  std::string NewDatabasePath();
  // Bytes of rows that one of the operators now open may keep.
  uint64_t RowCacheBytes() const;
  // See StateBackend. What is taken is taken from the blocks; all of the memory at the most.
  Status TakeBeside(int64_t more);
  // Counts the operators that share the memory.
  void AddUser() { users_.fetch_add(1, std::memory_order_relaxed); }
  void RemoveUser() { users_.fetch_sub(1, std::memory_order_relaxed); }

  rocksdb::Env* env() const { return env_; }
  const std::shared_ptr<rocksdb::Cache>& block_cache() const { return block_cache_; }
  const std::shared_ptr<rocksdb::WriteBufferManager>& write_buffers() const { return write_buffers_; }
  uint64_t write_buffer_bytes() const;
  // Where writes run; null: within the calls.
  Executor* writer() const { return writer_.get(); }

 private:
  explicit RocksDbResources(const RocksDbSettings& settings);

  const RocksDbSettings settings_;
  std::vector<std::unique_ptr<LocalFolder>> folders_;
  std::unique_ptr<rocksdb::Env> memory_env_;
  rocksdb::Env* env_ = nullptr;
  std::shared_ptr<rocksdb::Cache> block_cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
  std::unique_ptr<Executor> writer_;
  // Counters only: nothing is published through them, so relaxed.
  std::atomic<uint64_t> databases_{0};
  std::atomic<uint64_t> users_{0};
  Mutex mutex_;
  uint64_t beside_ WEIR_GUARDED_BY(mutex_) = 0;
};

}  // namespace weir
