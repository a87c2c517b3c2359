#include "weir/state/rocksdb/rocksdb_resources.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>

#include "weir/base/execution/thread_executor.h"
#include "weir/state/rocksdb/local_folder.h"

namespace weir {

namespace {

// Rows are worth most: a hit costs 0.1 us, a block in the cache 3 us. Blocks hold indexes and filters too.
constexpr uint64_t kRowsPart = 2;         // half of the memory
constexpr uint64_t kWriteBufferPart = 4;  // a quarter; the rest are blocks
constexpr uint64_t kLargestWriteBuffer = 64 << 20;
constexpr uint64_t kSmallestWriteBuffer = 1 << 20;
// Indexes of files and write buffers need so much, whatever lies beside.
constexpr uint64_t kLeastBlocksPart = 8;
// Two subtasks of a process rarely write at full speed at the same time.
constexpr int kWriterThreads = 2;

}  // namespace

RocksDbResources::RocksDbResources(const RocksDbSettings& settings)
    : settings_(settings),
      block_cache_(
          rocksdb::NewLRUCache(settings.memory_bytes - settings.memory_bytes / kRowsPart, /*num_shard_bits=*/4)),
      // Write buffers are booked in the block cache: both together keep to their half.
      write_buffers_(
          std::make_shared<rocksdb::WriteBufferManager>(settings.memory_bytes / kWriteBufferPart, block_cache_)) {
  if (in_memory()) {
    if (settings.test_env == nullptr) memory_env_.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
    env_ = settings.test_env != nullptr ? settings.test_env : memory_env_.get();
    return;
  }
  env_ = rocksdb::Env::Default();
  writer_ = std::make_unique<ThreadExecutor>("state-io", kWriterThreads);
}

StatusOr<std::shared_ptr<RocksDbResources>> RocksDbResources::New(const RocksDbSettings& settings) {
  std::shared_ptr<RocksDbResources> resources(new RocksDbResources(settings));
  for (const std::string& directory : settings.directories) {
    StatusOr<std::unique_ptr<LocalFolder>> folder = LocalFolder::Create(directory);
    if (!folder.ok()) {
      return Status(folder.status().code(), std::string(folder.status().message()) +
                                                "; state.backend.rocksdb.localdir must name folders that this process "
                                                "may write to");
    }
    resources->folders_.push_back(*std::move(folder));
  }
  return resources;
}

RocksDbResources::~RocksDbResources() = default;

std::string RocksDbResources::NewDatabasePath() {
  const uint64_t number = databases_.fetch_add(1, std::memory_order_relaxed);
  const std::string folder = in_memory() ? "/weir" : folders_[number % folders_.size()]->path();
  return folder + "/" + std::to_string(number);
}

uint64_t RocksDbResources::RowCacheBytes() const {
  return settings_.memory_bytes / kRowsPart / std::max<uint64_t>(1, users_.load(std::memory_order_relaxed));
}

Status RocksDbResources::TakeBeside(int64_t more) {
  MutexLock lock(mutex_);
  const uint64_t all = settings_.memory_bytes;
  const uint64_t beside = beside_ + static_cast<uint64_t>(more);
  if (more > 0 && beside > all) {
    return ResourceExhaustedError("windows, which are in memory beside RocksDB, have reached the " +
                                  std::to_string(all >> 20) +
                                  " mb that taskmanager.memory.managed.size, or taskmanager.memory.managed.fraction of "
                                  "taskmanager.memory.process.size, allows the operators of one worker. Raise it, or "
                                  "give the job more TaskManagers");
  }
  beside_ = beside;
  const uint64_t blocks = all - all / kRowsPart;
  block_cache_->SetCapacity(std::max(all / kLeastBlocksPart, blocks - std::min(blocks, beside)));
  return OkStatus();
}

uint64_t RocksDbResources::write_buffer_bytes() const {
  return std::clamp(settings_.memory_bytes / kWriteBufferPart / 4, kSmallestWriteBuffer, kLargestWriteBuffer);
}

}  // namespace weir
