#include "weir/state/rocksdb/rocksdb_keyed_rows.h"

#include <algorithm>
#include <atomic>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/base/check.h"
#include "weir/base/hash.h"
#include "weir/base/status_exception.h"
#include "weir/state/rocksdb/rocksdb_keys.h"
#include "weir/state/rocksdb/rocksdb_snapshot.h"
#include "weir/state/rocksdb/row_cache.h"
#include "weir/state/snapshot/piece_names.h"

namespace weir {

namespace {

// Drops from the files what has expired.
class ExpiredFilter final : public RecordFilter {
 public:
  explicit ExpiredFilter(const KeyedRowsShape& shape) : expiry_(shape) {}

  const RowExpiry& expiry() const { return expiry_; }
  int64_t now_ms() const { return now_ms_.load(std::memory_order_relaxed); }
  void SetNow(int64_t now_ms) { now_ms_.store(now_ms, std::memory_order_relaxed); }
  Verdict Look(std::string_view value, std::string& changed) const override {
    ByteWriter left;
    const RowExpiry::Verdict verdict = expiry_.CleanWritten(value, now_ms(), left);
    if (verdict == RowExpiry::Verdict::kKeep) return Verdict::kKeep;
    changed = left.bytes();
    return verdict == RowExpiry::Verdict::kChange ? Verdict::kChange : Verdict::kRemove;
  }

 private:
  const RowExpiry expiry_;
  // Written by the task, read by RocksDB's threads; an older time only keeps records longer, so relaxed.
  std::atomic<int64_t> now_ms_{0};
};

template <class Keys>
class RocksDbKeyedRows final : public KeyedRows, private KeyedRowsSink, private RocksDbSnapshotSource {
 public:
  ~RocksDbKeyedRows() override {
    for (RocksDbSnapshot* snapshot : snapshots_) snapshot->Orphan();
  }

  static StatusOr<std::unique_ptr<KeyedRows>> New(KeyedRowsShape shape, std::shared_ptr<RocksDbResources> resources) {
    auto kept = std::make_unique<const KeyedRowsShape>(std::move(shape));
    auto filter = std::make_unique<ExpiredFilter>(*kept);
    WEIR_ASSIGN_OR_RETURN(std::unique_ptr<RocksDbStore> store,
                          RocksDbStore::Open(resources, filter->expiry().any() ? filter.get() : nullptr));
    return std::unique_ptr<KeyedRows>(
        new RocksDbKeyedRows(std::move(kept), std::move(filter), std::move(store), std::move(resources)));
  }

  const RowLayout& layout() const override { return shape_.layout; }

  void Prepare(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) override {
    Finish();  // its lists point to rows, which may move now
    cache_.Prepare(keys, hashes, count, rows);
  }
  // The same for more keys of a batch: none leaves the memory.
  void PrepareMore(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, PieceUse use, char** rows) {
    cache_.Settle(emptied_);
    cache_.Prepare(keys, hashes, count, rows, use);
  }
  bool PreparePieces(const char* row, uint32_t state, uint32_t first, uint32_t count, PieceUse use,
                     char** rows) override {
    if constexpr (kIsPieces) return false;
    const Status status = MakePieces();
    if (!status.ok()) throw StatusException(status);
    piece_names_.Set(shape_, state, cache_.KeyOf(row), cache_.HashOf(row), first, count);
    static_cast<RocksDbKeyedRows<PieceKeys>&>(*pieces_).PrepareMore(piece_names_.keys(), piece_names_.hashes(), count,
                                                                    use, rows);
    return true;
  }
  void Load(char*, uint32_t) override {}
  void Finish() override {
    cache_.Finish(emptied_);
    if (pieces_ != nullptr) pieces_->Finish();
  }
  void CleanUp(int64_t now_ms) override {
    if (!filter_->expiry().any()) return;
    Finish();  // its lists name rows that may go
    filter_->SetNow(now_ms);
    cache_.CleanUp(filter_->expiry(), now_ms);
    if (pieces_ != nullptr) pieces_->CleanUp(now_ms);
  }
  void EndStep() override {
    Status status = cache_.status();
    if (!status.ok()) throw StatusException(std::move(status));
    if (pieces_ != nullptr) pieces_->EndStep();
  }

  uint32_t Walk(RowCursor& cursor, uint32_t capacity, char** rows) override;
  StoredKey KeyOf(const char* row) const override { return cache_.KeyOf(row); }
  void Clear() override {
    emptied_.clear();
    walk_.reset();
    cache_.Clear();
    if (pieces_ != nullptr) pieces_->Clear();
  }
  uint64_t row_count() const override { return cache_.row_count(); }
  uint64_t memory_bytes() const override {
    return cache_.memory_bytes() + (pieces_ == nullptr ? 0 : pieces_->memory_bytes());
  }

  void Write(uint32_t first_key_group, uint32_t last_key_group, ByteWriter& out) override;
  Status Read(ByteReader& in) override {
    if (!kIsPieces && HoldsPieces(in)) {
      WEIR_RETURN_IF_ERROR(MakePieces());
      return pieces_->Read(in);
    }
    const Status status = ReadKeyedRows(shape_, in, *this);
    Finish();
    return status;
  }
  std::unique_ptr<KeyedSnapshot> BeginSnapshot() override;
  Status ReadNative(const NativeKeyedState& state) override;

 private:
  RocksDbKeyedRows(std::unique_ptr<const KeyedRowsShape> shape, std::unique_ptr<ExpiredFilter> filter,
                   std::unique_ptr<RocksDbStore> store, std::shared_ptr<RocksDbResources> resources)
      : kept_shape_(std::move(shape)),
        shape_(*kept_shape_),
        filter_(std::move(filter)),
        store_(std::move(store)),
        resources_(std::move(resources)),
        cache_(shape_, *store_, resources_) {}

  template <class>
  friend class RocksDbKeyedRows;
  static constexpr bool kIsPieces = std::is_same_v<Keys, PieceKeys>;

  Status MakePieces() {
    if (pieces_ != nullptr) return OkStatus();
    WEIR_ASSIGN_OR_RETURN(pieces_, RocksDbKeyedRows<PieceKeys>::New(PiecesShapeOf(shape_), resources_));
    return OkStatus();
  }
  bool DrainSome() override { return cache_.Drain(); }
  int64_t BaseFor(const RocksDbSnapshot& snapshot) override;
  void OnComplete(const RocksDbSnapshot& snapshot) override;
  void OnDestroyed(const RocksDbSnapshot& snapshot) override { std::erase(snapshots_, &snapshot); }
  const std::shared_ptr<RocksDbResources>& resources() override { return resources_; }
  std::string_view LiveStates(std::string_view states, ByteWriter& left) override;

  void PrepareRows(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) override {
    Prepare(keys, hashes, count, rows);
  }
  void OnEmptied(char* row) override { NoteEmptied(row); }
  std::unique_ptr<RocksDbScan> ScanKeyGroups(uint32_t first, uint32_t last);
  // Takes what `records` has of `key_groups`, which have no rows here, as it is.
  Status TakeRecords(RocksDbStore& records, const RocksDbStateHead& head, KeyGroupRange key_groups);
  // Copies the next records of the walk, at most `capacity`.
  uint32_t ReadAhead(uint32_t capacity);

  const std::unique_ptr<const KeyedRowsShape> kept_shape_;  // at one address from before the database is opened
  const KeyedRowsShape& shape_;
  const std::unique_ptr<ExpiredFilter> filter_;
  const std::unique_ptr<RocksDbStore> store_;
  const std::shared_ptr<RocksDbResources> resources_;
  RowCache<Keys> cache_;
  PieceNames piece_names_;
  std::vector<RocksDbSnapshot*> snapshots_;  // not known to be complete or aborted
  uint64_t next_snapshot_ = 1;
  // The last complete checkpoint, and the number of its snapshot.
  int64_t base_ = 0;
  uint64_t base_number_ = 0;
  // The walk under way.
  std::unique_ptr<RocksDbScan> walk_;
  uint64_t walks_ = 0;
  ByteWriter records_;
  std::vector<int64_t> integers_;
  std::vector<std::string_view> strings_;
  std::vector<uint64_t> hashes_;
  std::vector<std::string_view> states_;
};

template <class Keys>
std::unique_ptr<RocksDbScan> RocksDbKeyedRows<Keys>::ScanKeyGroups(uint32_t first, uint32_t last) {
  ByteWriter from;
  ByteWriter to;
  AppendKeyGroup(first, from);
  AppendKeyGroup(last + 1, to);
  return store_->Scan(from.bytes(), to.bytes());
}

template <class Keys>
uint32_t RocksDbKeyedRows<Keys>::Walk(RowCursor& cursor, uint32_t capacity, char** rows) {
  if (cursor.done) return 0;
  Finish();  // of the rows that were walked before
  if (cursor.position == 0) {
    cache_.WriteAll();
    walk_ =
        ScanKeyGroups(static_cast<uint32_t>(shape_.key_groups.first), static_cast<uint32_t>(shape_.key_groups.last));
    cursor.position = ++walks_;
  }
  WEIR_CHECK(cursor.position == walks_ && walk_ != nullptr) << "another walk over the same rows has begun meanwhile";
  const uint32_t count = ReadAhead(capacity);
  cache_.PrepareScanned({integers_.data(), strings_.data()}, hashes_.data(), count, states_.data(), rows);
  cursor.done = !walk_->Valid();
  if (cursor.done) {
    const Status status = walk_->status();
    walk_.reset();
    if (!status.ok()) throw StatusException(status);
  }
  return count;
}

template <class Keys>
uint32_t RocksDbKeyedRows<Keys>::ReadAhead(uint32_t capacity) {
  std::vector<std::pair<size_t, size_t>> sizes;  // of key and states
  records_.Clear();
  for (; sizes.size() < capacity && walk_->Valid(); walk_->Next()) {
    sizes.emplace_back(walk_->key().size(), walk_->value().size());
    records_.PutBytes(walk_->key());
    records_.PutBytes(walk_->value());
  }
  integers_.clear();
  strings_.clear();
  hashes_.clear();
  states_.clear();
  std::string_view rest = records_.bytes();
  for (const auto& [key_bytes, state_bytes] : sizes) {
    const StoredKey key = KeyOfRecord(rest.substr(0, key_bytes), Keys::kForm);
    integers_.push_back(key.integer);
    strings_.push_back(key.bytes);
    hashes_.push_back(kIsPieces                          ? internal::HashOfPiece(key.bytes)
                      : Keys::kForm == KeyForm::kInteger ? Hash64(static_cast<uint64_t>(key.integer))
                                                         : HashBytes(key.bytes));
    states_.push_back(rest.substr(key_bytes, state_bytes));
    rest.remove_prefix(key_bytes + state_bytes);
  }
  return static_cast<uint32_t>(sizes.size());
}

template <class Keys>
void RocksDbKeyedRows<Keys>::Write(uint32_t first_key_group, uint32_t last_key_group, ByteWriter& out) {
  Finish();
  cache_.WriteAll();
  KeyedRowsWriter writer(shape_, out);
  const std::unique_ptr<RocksDbScan> scan = ScanKeyGroups(first_key_group, last_key_group);
  ByteWriter left;
  for (; scan->Valid(); scan->Next()) {
    const std::string_view states = LiveStates(scan->value(), left);
    if (!states.empty())
      writer.AddWritten(KeyGroupOfRecord(scan->key()), KeyOfRecord(scan->key(), Keys::kForm), states);
  }
  Status status = scan->status();
  if (!status.ok()) throw StatusException(std::move(status));
  writer.Finish();
}

// What has expired but was not come by yet is not written.
template <class Keys>
std::string_view RocksDbKeyedRows<Keys>::LiveStates(std::string_view states, ByteWriter& left) {
  if (!filter_->expiry().any()) return states;
  switch (filter_->expiry().CleanWritten(states, filter_->now_ms(), left)) {
    case RowExpiry::Verdict::kRemove:
      return {};
    case RowExpiry::Verdict::kChange:
      return left.bytes();
    case RowExpiry::Verdict::kKeep:
      break;
  }
  return states;
}

template <class Keys>
std::unique_ptr<KeyedSnapshot> RocksDbKeyedRows<Keys>::BeginSnapshot() {
  Finish();
  auto marker = std::make_shared<RocksDbMarker>();
  RocksDbStateHead head;
  head.key_form = shape_.key_form;
  head.rows_header = EncodeKeyedRowsHeader(shape_);
  head.key_groups = shape_.key_groups;
  head.rows = cache_.row_count();
  cache_.BeginEpoch([this, marker] {
    cache_.queue().AddMarker([store = store_.get(), marker](Status written) {
      if (marker->is_cancelled()) return;
      if (written.ok()) {
        marker->OnReached(store->TakeFiles());
      } else {
        marker->OnReached(std::move(written));
      }
    });
  });
  RocksDbSnapshotSource& source = *this;
  auto snapshot = std::make_unique<RocksDbSnapshot>(source, std::move(marker), std::move(head), next_snapshot_++);
  snapshots_.push_back(snapshot.get());
  return snapshot;
}

template <class Keys>
int64_t RocksDbKeyedRows<Keys>::BaseFor(const RocksDbSnapshot& snapshot) {
  // A snapshot between the two that names none of the base's files may become complete first, and the files go.
  const bool may_go = std::any_of(snapshots_.begin(), snapshots_.end(), [&](const RocksDbSnapshot* other) {
    return other != &snapshot && other->number() > base_number_ && other->replaces_base();
  });
  return may_go || snapshot.number() < base_number_ ? 0 : base_;
}

template <class Keys>
void RocksDbKeyedRows<Keys>::OnComplete(const RocksDbSnapshot& snapshot) {
  if (snapshot.number() < base_number_) return;
  base_ = snapshot.request().checkpoint_id;
  base_number_ = snapshot.number();
}

template <class Keys>
Status RocksDbKeyedRows<Keys>::ReadNative(const NativeKeyedState& state) {
  if (state.format == "heap") {
    if (!kIsPieces && HoldsPieces(state)) {
      WEIR_RETURN_IF_ERROR(MakePieces());
      return pieces_->ReadNative(state);
    }
    const Status status = ReadHeapState(shape_, state, *this);
    Finish();
    return status;
  }
  if (state.format != kRocksDbFormat) return KeyedRows::ReadNative(state);
  WEIR_ASSIGN_OR_RETURN(const RocksDbStateHead head, RocksDbStateHead::Decode(state.state));
  if (!kIsPieces && head.key_form == KeyForm::kPieces) {
    WEIR_RETURN_IF_ERROR(MakePieces());
    return pieces_->ReadNative(state);
  }
  const RecordFilter* const filter = filter_->expiry().any() ? filter_.get() : nullptr;
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<RocksDbStore> records,
                        RocksDbStore::OpenFiles(resources_, filter, *state.files));
  KeyGroupRange key_groups = state.key_groups;
  key_groups.first = std::max({key_groups.first, shape_.key_groups.first, head.key_groups.first});
  key_groups.last = std::min({key_groups.last, shape_.key_groups.last, head.key_groups.last});
  if (key_groups.size() <= 0) return OkStatus();
  // Records of the same shape stay as they are: no row is made of them until it is asked for.
  if (head.rows_header == EncodeKeyedRowsHeader(shape_)) {
    // The database goes on with these files, so the next checkpoint need not write them again.
    if (row_count() == 0) base_ = state.base;
    return TakeRecords(*records, head, key_groups);
  }
  return ReadRocksDbRecords(*records, head, key_groups, [this](std::string_view rows) {
    ByteReader in(rows, "keyed state");
    return Read(in);
  });
}

template <class Keys>
Status RocksDbKeyedRows<Keys>::TakeRecords(RocksDbStore& records, const RocksDbStateHead& head,
                                           KeyGroupRange key_groups) {
  ByteWriter from;
  ByteWriter to;
  AppendKeyGroup(static_cast<uint32_t>(key_groups.first), from);
  AppendKeyGroup(static_cast<uint32_t>(key_groups.last) + 1, to);
  if (row_count() > 0) {
    WEIR_ASSIGN_OR_RETURN(const uint64_t taken, store_->TakeRecords(records, from.bytes(), to.bytes()));
    cache_.AdoptRows(row_count() + taken);
    return OkStatus();
  }
  store_->Swap(records);
  if (key_groups == head.key_groups) {
    cache_.AdoptRows(head.rows);
    return OkStatus();
  }
  WEIR_RETURN_IF_ERROR(store_->KeepOnly(from.bytes(), to.bytes()));
  uint64_t count = 0;
  const std::unique_ptr<RocksDbScan> scan = store_->Scan(from.bytes(), to.bytes());
  for (; scan->Valid(); scan->Next()) ++count;
  cache_.AdoptRows(count);
  return scan->status();
}

}  // namespace

StatusOr<std::unique_ptr<KeyedRows>> NewRocksDbKeyedRows(KeyedRowsShape shape,
                                                         std::shared_ptr<RocksDbResources> resources) {
  WEIR_ASSIGN_OR_RETURN(shape.layout, RowLayout::Of(shape.states));
  if (shape.key_form == KeyForm::kInteger)
    return RocksDbKeyedRows<IntegerKeys>::New(std::move(shape), std::move(resources));
  return RocksDbKeyedRows<ByteKeys>::New(std::move(shape), std::move(resources));
}

Status ReadRocksDbState(const NativeKeyedState& state, const std::function<Status(std::string_view rows)>& take) {
  WEIR_ASSIGN_OR_RETURN(const RocksDbStateHead head, RocksDbStateHead::Decode(state.state));
  // Files in memory: whoever asks keeps the rows there too.
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<RocksDbResources> resources, RocksDbResources::New({}));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<RocksDbStore> records,
                        RocksDbStore::OpenFiles(std::move(resources), nullptr, *state.files));
  return ReadRocksDbRecords(*records, head, state.key_groups, take);
}

}  // namespace weir
