// Prepare and update of a state of 32 bytes on RocksDB, more keys than rows may be in memory: batches of 1024 keys, every key there before it starts.
// The baseline is RocksDB itself: one get and one put per record, with the same options and as much memory for blocks and write buffers.
//
//   rocksdb_state ours|baseline [--keys n] [--distribution zipf|uniform] [--records n] [--folder path] [--checkpoints true]

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/base/execution/event_count.h"
#include "weir/base/execution/thread_executor.h"
#include "weir/base/file/file_system.h"
#include "weir/base/hash.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/runtime/worker/task_snapshot.h"
#include "weir/state/state_backend.h"

#include "measure.h"
#include "zipf.h"

namespace {

constexpr uint32_t kBatch = 1024;
// Of which the rows of ours take at most a sixteenth of the keys, and the blocks of both half.
constexpr uint64_t kMemory = uint64_t{1} << 30;
constexpr uint64_t kKeysPerCachedRow = 16;

struct Value {
  int64_t count = 0;
  int64_t sum = 0;
  int64_t largest = 0;
  int64_t last = 0;
  int64_t Add(int64_t amount) {
    sum += amount;
    largest = std::max(largest, amount);
    last = amount;
    return ++count;
  }
};

struct Counting : weir::StatefulFunction {
  weir::ValueState<Value> value{this, "value"};
};

// A checkpoint each second, incremental as by default, of what Ours has.
class Checkpoints {
 public:
  explicit Checkpoints(const std::string& folder) : folder_(folder) {
    files_.CreateDirectories(folder_ + "/shared").ok();
    weir::TaskSnapshots::Options options;
    options.files = &files_;
    options.task.attempt_id = weir::ExecutionAttemptId(weir::Id128{1, 1});
    options.task.parallelism = 1;
    options.task.max_parallelism = 128;
    options.operators = {{weir::OperatorId(weir::Id128{1, 1}), "counts"}};
    options.post = [this](weir::Closure work) { io_.Post(std::move(work)); };
    options.executor = &executor_;
    snapshots_ = std::make_shared<weir::TaskSnapshots>(std::move(options));
  }

  // Between two batches.
  void Step(weir::KeyedRows& rows) {
    if (running_ != nullptr) {
      running_->Advance();
      if (!is_done_.load(std::memory_order_acquire)) return;
      running_->OnComplete();
      running_.reset();
    }
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::seconds(1);
    const std::string directory = folder_ + "/chk-" + std::to_string(++id_);
    files_.CreateDirectories(directory).ok();
    is_done_ = false;
    running_ = rows.BeginSnapshot();
    weir::FrozenTask frozen;
    frozen.operators.resize(1);
    frozen.operators[0].running = {running_};
    snapshots_->Begin({.id = weir::CheckpointId(id_), .directory = directory, .shared_directory = folder_ + "/shared"},
                      std::move(frozen), [this](weir::StatusOr<weir::WrittenSnapshot> written) {
                        if (!written.ok()) std::exit(1);
                        is_done_.store(true, std::memory_order_release);
                      });
  }

 private:
  const std::string folder_;
  weir::LocalFileSystem files_;
  weir::EventCount executor_;
  std::shared_ptr<weir::TaskSnapshots> snapshots_;
  std::shared_ptr<weir::KeyedSnapshot> running_;
  std::atomic<bool> is_done_{false};
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now();
  int64_t id_ = 0;
  weir::ThreadExecutor io_{"state-io", 1};
};

class Ours {
 public:
  Ours(uint64_t keys, const std::string& folder)
      : backend_(weir::NewStateBackend("rocksdb", {.rocksdb_directories = {folder},
                                                   .rocksdb_memory_bytes = kMemory,
                                                   .rocksdb_cached_rows = keys / kKeysPerCachedRow})
                     .value()),
        rows_(backend_->CreateKeyedRows({.states = function_.keyed_states(), .key_groups = {0, 127}}).value()) {
    function_.BindStates(*rows_);
  }
  int64_t Process(const std::vector<int64_t>& keys) {
    weir::HashInts(keys, hashes_);
    rows_->Prepare({.integers = keys.data()}, hashes_.data(), kBatch, pointers_.data());
    int64_t sum = 0;
    for (uint32_t i = 0; i < kBatch; ++i) {
      function_.key_context().row = pointers_[i];
      function_.value.Modify([&](Value& value) { sum += value.Add(keys[i] & 1023); });
    }
    rows_->Finish();
    rows_->EndStep();
    if (checkpoints_ != nullptr) checkpoints_->Step(*rows_);
    return sum;
  }
  void StartCheckpoints(const std::string& folder) { checkpoints_ = std::make_unique<Checkpoints>(folder); }

 private:
  Counting function_;
  std::unique_ptr<weir::StateBackend> backend_;
  std::unique_ptr<weir::KeyedRows> rows_;
  std::vector<uint64_t> hashes_ = std::vector<uint64_t>(kBatch);
  std::vector<char*> pointers_ = std::vector<char*>(kBatch);
  std::unique_ptr<Checkpoints> checkpoints_;
};

class Raw {
 public:
  Raw(uint64_t, const std::string& folder) : path_(folder + "/raw") {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = 64 << 20;
    options.max_write_buffer_number = 4;
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = 0.02;
    options.compression = rocksdb::kNoCompression;
    options.level_compaction_dynamic_level_bytes = true;
    options.max_background_jobs = 2;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(kMemory / 2);
    options.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(kMemory / 4, table.block_cache);
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.filter_policy.reset(rocksdb::NewRibbonFilterPolicy(10));
    table.block_size = 8 << 10;
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, path_, &db);
    if (!status.ok()) {
      std::fprintf(stderr, "%s: %s\n", path_.c_str(), status.ToString().c_str());
      std::exit(1);
    }
    db_.reset(db);
    write_.disableWAL = true;
  }
  int64_t Process(const std::vector<int64_t>& keys) {
    int64_t sum = 0;
    for (int64_t key : keys) {
      const uint64_t bytes = __builtin_bswap64(weir::Hash64(static_cast<uint64_t>(key)));
      const rocksdb::Slice slice(reinterpret_cast<const char*>(&bytes), sizeof(bytes));
      Value value;
      if (db_->Get(rocksdb::ReadOptions(), slice, &read_).ok()) std::memcpy(&value, read_.data(), sizeof(value));
      sum += value.Add(key & 1023);
      if (!db_->Put(write_, slice, {reinterpret_cast<const char*>(&value), sizeof(value)}).ok()) std::exit(1);
    }
    return sum;
  }

 private:
  const std::string path_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::WriteOptions write_;
  std::string read_;
};

template <class Table>
void Run(const weir::bench::Arguments& arguments, const std::string& folder) {
  const uint64_t key_count = static_cast<uint64_t>(arguments.Number("--keys", 5'000'000));
  const uint64_t record_count = static_cast<uint64_t>(arguments.Number("--records", 3'000'000));
  const bool is_zipf = arguments.Text("--distribution", "zipf") == "zipf";
  Table table(key_count, folder);
  std::vector<int64_t> keys(kBatch);
  for (uint64_t key = 0; key < key_count; key += kBatch) {
    for (uint32_t i = 0; i < kBatch; ++i) keys[i] = static_cast<int64_t>((key + i) % key_count);
    table.Process(keys);
  }
  if constexpr (std::is_same_v<Table, Ours>) {
    if (arguments.Text("--checkpoints", "false") == "true") table.StartCheckpoints(folder + "/checkpoints");
  }
  weir::bench::Zipf zipf(is_zipf ? key_count : 2, 1);
  uint64_t state = 1;
  const auto next = [&] { return is_zipf ? zipf.Next() : weir::bench::Mix(state++) % key_count; };
  // The rows in use come into memory first.
  int64_t sum = 0;
  uint64_t records = 0;
  std::unique_ptr<weir::bench::Stopwatch> watch;
  for (uint64_t warm_up = record_count / 3; records < record_count; records += kBatch) {
    if (watch == nullptr && records >= warm_up) {
      watch = std::make_unique<weir::bench::Stopwatch>();
      warm_up = records = 0;
    }
    for (int64_t& key : keys) key = static_cast<int64_t>(next());
    sum += table.Process(keys);
  }
  weir::bench::Report("rocksdb_state", static_cast<int64_t>(records), *watch, static_cast<uint64_t>(sum));
}

}  // namespace

int main(int argc, char** argv) {
  const weir::bench::Arguments arguments(argc, argv);
  std::string folder = arguments.Text("--folder", "");
  if (folder.empty()) {
    std::string pattern = std::string(std::getenv("TMPDIR") != nullptr ? std::getenv("TMPDIR") : "/var/tmp") +
                          "/weir_rocksdb_state_XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  if (!weir::LocalFileSystem().CreateDirectories(folder).ok()) return 1;
  arguments.baseline() ? Run<Raw>(arguments, folder) : Run<Ours>(arguments, folder);
  return weir::LocalFileSystem().DeleteRecursively(folder).ok() ? 0 : 1;
}
