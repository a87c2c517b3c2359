#include "weir/state/rocksdb/rocksdb_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "weir/state/rocksdb/record_order.h"
#include "weir/state/rocksdb/rocksdb_keys.h"

namespace weir {

namespace {

rocksdb::Slice SliceOf(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Status StatusOf(const rocksdb::Status& status, const std::string& what, const std::string& path) {
  if (status.ok()) return OkStatus();
  const std::string text = "keyed state: cannot " + what + " " + path + ": " + status.ToString();
  if (status.IsCorruption() || status.IsIncomplete()) {
    return DataLossError(text +
                         ". The local files of the state are damaged; the last checkpoint is not. Look at the disk, or "
                         "move state.backend.rocksdb.localdir to another one");
  }
  if (status.IsNoSpace()) {
    return ResourceExhaustedError(
        text + ". The disk is full: make room, or move state.backend.rocksdb.localdir to another one");
  }
  return UnavailableError(text + ". Look at the disk of state.backend.rocksdb.localdir");
}

// One place in a write buffer where the search for the next record's begins: batches are sorted. Not for what begins at no record, which is the ranges that are
// removed: they are in a list of their own, and RocksDB would take the place in one list for one in the other.
class NearTheLastRecord final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "weir.near_the_last_record"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override { return {key.data(), 0}; }
  bool InDomain(const rocksdb::Slice& key) const override { return key.size() > kKeyGroupBytes; }
};

// Chosen by measuring 5 and 20 million keys of 32 bytes; the later choices are in docs/adr/0046-sorted-batches-for-rocksdb.md.
rocksdb::Options OptionsFor(const RocksDbResources& resources) {
  rocksdb::Options options;
  options.env = resources.env();
  options.create_if_missing = true;
  options.error_if_exists = true;
  options.write_buffer_manager = resources.write_buffers();
  options.write_buffer_size = resources.write_buffer_bytes();
  options.max_write_buffer_number = 4;
  options.allow_concurrent_memtable_write = false;  // one thread writes
  options.memtable_insert_with_hint_prefix_extractor = std::make_shared<NearTheLastRecord>();
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = 0.02;
  options.compression = rocksdb::kNoCompression;
  options.level_compaction_dynamic_level_bytes = true;
  // Every checkpoint makes a file of level 0, and each time these go down a level, much of it is written anew; a row that is read asks one more filter per file.
  options.level0_file_num_compaction_trigger = 8;
  options.target_file_size_base = 16 << 20;  // small files: an increment shares more of them
  options.max_background_jobs = 2;
  options.max_open_files = -1;
  options.avoid_unnecessary_blocking_io = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log_level = rocksdb::ERROR_LEVEL;
  options.keep_log_file_num = 1;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = resources.block_cache();
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  // Ribbon filters are 3 bits per row smaller, and take a tenth of a missing row's processor time more.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_size = 8 << 10;
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

class CompactionFilter final : public rocksdb::CompactionFilter {
 public:
  explicit CompactionFilter(const RecordFilter& filter) : filter_(filter) {}

  const char* Name() const override { return "weir.expired"; }
  Decision FilterV2(int, const rocksdb::Slice&, ValueType type, const rocksdb::Slice& value, std::string* changed,
                    std::string*) const override {
    if (type != ValueType::kValue) return Decision::kKeep;
    switch (filter_.Look(ViewOf(value), *changed)) {
      case RecordFilter::Verdict::kKeep:
        return Decision::kKeep;
      case RecordFilter::Verdict::kChange:
        return Decision::kChangeValue;
      case RecordFilter::Verdict::kRemove:
        break;
    }
    return Decision::kRemove;
  }

 private:
  const RecordFilter& filter_;
};

// Files of a database that no database has open. They go with this.
class FilesInFolder final : public BackendFiles {
 public:
  FilesInFolder(std::shared_ptr<RocksDbResources> resources, std::string folder)
      : resources_(std::move(resources)), folder_(std::move(folder)) {}
  ~FilesInFolder() override {
    open_.reset();
    std::vector<std::string> names;
    if (is_kept_ || !env().GetChildren(folder_, &names).ok()) return;
    // What stays costs disk space only; the folder of the process is removed once more when it ends.
    for (const std::string& name : names) env().DeleteFile(folder_ + "/" + name).PermitUncheckedError();
    env().DeleteDir(folder_).PermitUncheckedError();
  }

  const std::string& folder() const { return folder_; }
  void Keep() { is_kept_ = true; }
  Status List() {
    std::vector<rocksdb::Env::FileAttributes> found;
    WEIR_RETURN_IF_ERROR(StatusOf(env().GetChildrenFileAttributes(folder_, &found), "list", folder_));
    for (const auto& file : found) {
      if (file.name == "." || file.name == "..") continue;
      files_.push_back({file.name, file.size_bytes, std::string_view(file.name).ends_with(".sst")});
    }
    std::sort(files_.begin(), files_.end(), [](const File& a, const File& b) { return a.name < b.name; });
    return OkStatus();
  }
  const std::vector<File>& files() const override { return files_; }
  // RocksDB syncs its tables before they count. Files of another environment than the machine's have no such path.
  std::string LocalPath(size_t file) const override {
    const bool is_on_disk = files_[file].never_changes && &env() == rocksdb::Env::Default();
    return is_on_disk ? folder_ + "/" + files_[file].name : std::string();
  }
  StatusOr<std::string> Read(size_t file, uint64_t offset, uint64_t length) override {
    const std::string path = folder_ + "/" + files_[file].name;
    if (open_ == nullptr || open_number_ != file) {
      open_number_ = file;
      WEIR_RETURN_IF_ERROR(StatusOf(env().NewRandomAccessFile(path, &open_, rocksdb::EnvOptions()), "open", path));
    }
    std::string bytes(length, '\0');
    rocksdb::Slice read;
    WEIR_RETURN_IF_ERROR(StatusOf(open_->Read(offset, length, &read, bytes.data()), "read", path));
    if (read.size() != length) return DataLossError("keyed state: " + path + " is shorter than it was");
    if (read.data() != bytes.data()) bytes.assign(read.data(), read.size());
    return bytes;
  }

 private:
  rocksdb::Env& env() const { return *resources_->env(); }

  const std::shared_ptr<RocksDbResources> resources_;
  const std::string folder_;
  std::vector<File> files_;
  std::unique_ptr<rocksdb::RandomAccessFile> open_;
  size_t open_number_ = 0;
  bool is_kept_ = false;
};

constexpr uint64_t kCopyBytes = 1 << 20;    // at a time
constexpr uint64_t kTakenBytes = 64 << 20;  // of a file of records that another database had

Status CopyTo(rocksdb::Env& env, const std::string& path, BackendFiles& files, size_t number) {
  std::unique_ptr<rocksdb::WritableFile> out;
  WEIR_RETURN_IF_ERROR(StatusOf(env.NewWritableFile(path, &out, rocksdb::EnvOptions()), "write", path));
  const uint64_t length = files.files()[number].length;
  for (uint64_t offset = 0; offset < length; offset += kCopyBytes) {
    WEIR_ASSIGN_OR_RETURN(const std::string bytes, files.Read(number, offset, std::min(kCopyBytes, length - offset)));
    WEIR_RETURN_IF_ERROR(StatusOf(out->Append(SliceOf(bytes)), "write", path));
  }
  return StatusOf(out->Close(), "write", path);
}

// What RocksDB needs for more is more than malloc keeps for the next time.
constexpr size_t kMostReadAtOnce = 128;

rocksdb::WriteOptions Unlogged() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

}  // namespace

struct RocksDbScan::Parts {
  std::string path;
  std::string to;
  rocksdb::Slice upper;
  std::unique_ptr<rocksdb::Iterator> iterator;
};

RocksDbScan::RocksDbScan(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksDbScan::~RocksDbScan() = default;
bool RocksDbScan::Valid() const { return parts_->iterator->Valid(); }
void RocksDbScan::Next() { parts_->iterator->Next(); }
std::string_view RocksDbScan::key() const { return ViewOf(parts_->iterator->key()); }
std::string_view RocksDbScan::value() const { return ViewOf(parts_->iterator->value()); }
Status RocksDbScan::status() const { return StatusOf(parts_->iterator->status(), "read", parts_->path); }

struct RocksDbStore::Parts {
  std::shared_ptr<RocksDbResources> resources;
  std::string path;
  std::unique_ptr<CompactionFilter> filter;
  std::unique_ptr<rocksdb::DB> db;
  // Of the read at hand.
  struct Read {
    RecordKeyBegin key_begin;
    uint32_t index;
  };
  std::vector<Read> reads;
  std::vector<rocksdb::PinnableSlice> values = std::vector<rocksdb::PinnableSlice>(kMostReadAtOnce);
  // Of the write at hand.
  rocksdb::WriteBatch written;
};

RocksDbStore::RocksDbStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

StatusOr<std::unique_ptr<RocksDbStore>> RocksDbStore::Open(std::shared_ptr<RocksDbResources> resources,
                                                           const RecordFilter* filter) {
  auto parts = std::make_unique<Parts>();
  parts->path = resources->NewDatabasePath();
  parts->resources = std::move(resources);
  return OpenIn(std::move(parts), filter, /*is_new=*/true);
}

StatusOr<std::unique_ptr<RocksDbStore>> RocksDbStore::OpenIn(std::unique_ptr<Parts> parts, const RecordFilter* filter,
                                                             bool is_new) {
  rocksdb::DB* db = nullptr;
  rocksdb::Options options = OptionsFor(*parts->resources);
  options.create_if_missing = options.error_if_exists = is_new;
  if (filter != nullptr) {
    parts->filter = std::make_unique<CompactionFilter>(*filter);
    options.compaction_filter = parts->filter.get();
  }
  options.env->CreateDirIfMissing(parts->path).PermitUncheckedError();  // Open says what is wrong
  WEIR_RETURN_IF_ERROR(StatusOf(rocksdb::DB::Open(options, parts->path, &db), "open the database in", parts->path));
  parts->db.reset(db);
  return std::unique_ptr<RocksDbStore>(new RocksDbStore(std::move(parts)));
}

StatusOr<std::unique_ptr<RocksDbStore>> RocksDbStore::OpenFiles(std::shared_ptr<RocksDbResources> resources,
                                                                const RecordFilter* filter, BackendFiles& files) {
  auto parts = std::make_unique<Parts>();
  parts->path = resources->NewDatabasePath();
  parts->resources = std::move(resources);
  // Removes what was copied if something fails.
  auto copied = std::make_unique<FilesInFolder>(parts->resources, parts->path);
  rocksdb::Env& env = *parts->resources->env();
  WEIR_RETURN_IF_ERROR(StatusOf(env.CreateDirIfMissing(parts->path), "make", parts->path));
  for (size_t i = 0; i < files.files().size(); ++i)
    WEIR_RETURN_IF_ERROR(CopyTo(env, parts->path + "/" + files.files()[i].name, files, i));
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<RocksDbStore> store, OpenIn(std::move(parts), filter, /*is_new=*/false));
  copied->Keep();
  return store;
}

StatusOr<std::unique_ptr<BackendFiles>> RocksDbStore::TakeFiles() {
  rocksdb::Checkpoint* made = nullptr;
  WEIR_RETURN_IF_ERROR(
      StatusOf(rocksdb::Checkpoint::Create(parts_->db.get(), &made), "begin a checkpoint in", parts_->path));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  auto files = std::make_unique<FilesInFolder>(parts_->resources, parts_->resources->NewDatabasePath());
  // Always flushes, since nothing is logged; the files that are there are linked, not copied.
  WEIR_RETURN_IF_ERROR(
      StatusOf(checkpoint->CreateCheckpoint(files->folder()), "write a checkpoint in", files->folder()));
  WEIR_RETURN_IF_ERROR(files->List());
  return std::unique_ptr<BackendFiles>(std::move(files));
}

RocksDbStore::~RocksDbStore() {
  rocksdb::Env* const env = parts_->resources->env();
  rocksdb::Options options;
  options.env = env;
  // What is in memory only need not reach the disk that is to be freed.
  rocksdb::CancelAllBackgroundWork(parts_->db.get(), /*wait=*/true);
  parts_->db.reset();
  // Files that stay cost disk space only; the folder of the process is removed once more when it ends.
  (void)rocksdb::DestroyDB(parts_->path, options);
}

Status RocksDbStore::Read(std::span<const std::string_view> keys, const Found& found) {
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
  std::vector<Parts::Read>& reads = parts_->reads;
  reads.clear();
  for (uint32_t i = 0; i < keys.size(); ++i) reads.push_back({RecordKeyBegin::Of(keys[i]), i});
  std::sort(reads.begin(), reads.end(), [&](const Parts::Read& a, const Parts::Read& b) {
    return CompareRecordKeys(
               a.key_begin, b.key_begin, [&] { return keys[a.index]; }, [&] { return keys[b.index]; }) < 0;
  });
  Status first;
  for (size_t begin = 0; begin < reads.size() && first.ok(); begin += kMostReadAtOnce)
    first.Update(ReadSome(keys, begin, std::min(kMostReadAtOnce, reads.size() - begin), found));
  return first;
}

Status RocksDbStore::ReadSome(std::span<const std::string_view> keys, size_t begin, size_t count, const Found& found) {
  rocksdb::Slice slices[kMostReadAtOnce];
  rocksdb::Status statuses[kMostReadAtOnce];
  const Parts::Read* const reads = parts_->reads.data() + begin;
  for (size_t i = 0; i < count; ++i) slices[i] = SliceOf(keys[reads[i].index]);
  parts_->db->MultiGet(rocksdb::ReadOptions(), parts_->db->DefaultColumnFamily(), count, slices, parts_->values.data(),
                       statuses, /*sorted_input=*/true);
  Status first;
  for (size_t i = 0; i < count; ++i) {
    if (statuses[i].ok()) {
      if (first.ok()) first = found(reads[i].index, ViewOf(parts_->values[i]));
    } else if (!statuses[i].IsNotFound()) {
      first.Update(StatusOf(statuses[i], "read", parts_->path));
    }
    parts_->values[i].Reset();
  }
  return first;
}

Status RocksDbStore::Write(RocksDbBatch& batch) {
  // RocksDB counts comparisons for whoever looks at them, a tenth of a write.
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
  parts_->written.Clear();
  batch.MoveTo(parts_->written);
  return StatusOf(parts_->db->Write(Unlogged(), &parts_->written), "write to", parts_->path);
}

std::unique_ptr<RocksDbScan> RocksDbStore::Scan(std::string_view from, std::string_view to) {
  auto scan = std::make_unique<RocksDbScan::Parts>();
  scan->path = parts_->path;
  scan->to = to;
  scan->upper = scan->to;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &scan->upper;
  options.readahead_size = 1 << 20;
  options.fill_cache = false;
  scan->iterator.reset(parts_->db->NewIterator(options));
  scan->iterator->Seek(SliceOf(from));
  return std::unique_ptr<RocksDbScan>(new RocksDbScan(std::move(scan)));
}

Status RocksDbStore::Compact() {
  rocksdb::CompactRangeOptions options;
  // The last level is rewritten too: filters look at what is rewritten.
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  return StatusOf(parts_->db->CompactRange(options, nullptr, nullptr), "rewrite the files in", parts_->path);
}

Status RocksDbStore::Clear() {
  rocksdb::WriteBatch batch;
  // Keys begin with a key group, which is below 32768.
  (void)batch.DeleteRange(rocksdb::Slice(), rocksdb::Slice("\xff"));
  return StatusOf(parts_->db->Write(Unlogged(), &batch), "write to", parts_->path);
}

Status RocksDbStore::KeepOnly(std::string_view from, std::string_view to) {
  rocksdb::DB* const db = parts_->db.get();
  const rocksdb::Slice first = SliceOf(from);
  const rocksdb::Slice behind = SliceOf(to);
  const rocksdb::Slice begin;
  const rocksdb::Slice end("\xff");  // keys begin with a key group, which is below 32768
  rocksdb::ColumnFamilyHandle* const family = db->DefaultColumnFamily();
  WEIR_RETURN_IF_ERROR(StatusOf(rocksdb::DeleteFilesInRange(db, family, nullptr, &first, /*include_end=*/false),
                                "drop files in", parts_->path));
  WEIR_RETURN_IF_ERROR(
      StatusOf(rocksdb::DeleteFilesInRange(db, family, &behind, nullptr), "drop files in", parts_->path));
  rocksdb::WriteBatch batch;
  (void)batch.DeleteRange(begin, first);
  (void)batch.DeleteRange(behind, end);
  return StatusOf(db->Write(Unlogged(), &batch), "write to", parts_->path);
}

StatusOr<uint64_t> RocksDbStore::TakeRecords(RocksDbStore& other, std::string_view from, std::string_view to) {
  const std::unique_ptr<RocksDbScan> scan = other.Scan(from, to);
  uint64_t records = 0;
  for (uint32_t number = 0; scan->Valid(); ++number) {
    const rocksdb::Options options = OptionsFor(*parts_->resources);
    rocksdb::SstFileWriter writer{rocksdb::EnvOptions(), options};
    const std::string path = parts_->path + "/taken-" + std::to_string(number) + ".sst";
    WEIR_RETURN_IF_ERROR(StatusOf(writer.Open(path), "write", path));
    for (; scan->Valid() && writer.FileSize() < kTakenBytes; scan->Next(), ++records)
      WEIR_RETURN_IF_ERROR(StatusOf(writer.Put(SliceOf(scan->key()), SliceOf(scan->value())), "write", path));
    WEIR_RETURN_IF_ERROR(scan->status());
    WEIR_RETURN_IF_ERROR(StatusOf(writer.Finish(), "write", path));
    rocksdb::IngestExternalFileOptions ingestion;
    ingestion.move_files = true;
    WEIR_RETURN_IF_ERROR(StatusOf(parts_->db->IngestExternalFile({path}, ingestion), "take over", path));
  }
  WEIR_RETURN_IF_ERROR(scan->status());
  return records;
}

const std::string& RocksDbStore::path() const { return parts_->path; }

}  // namespace weir
