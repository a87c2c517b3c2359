#include "weir/state/rocksdb/row_cache.h"

#include <algorithm>
#include <utility>

#include "weir/base/status_exception.h"
#include "weir/state/rocksdb/rocksdb_keys.h"

namespace weir {

namespace {

constexpr uint32_t kMostInBatch = 512;  // a write of 512 records takes the database 1 ms
// Batches that may wait for the writer: about 100 ms of its work. Beyond that the task waits with it.
constexpr uint32_t kMostBatchesWaiting = 64;
constexpr uint64_t kFewestRows = 512;
// A checkpoint has to write what has changed before it: with 130 000 writes a second that is half a second.
constexpr uint64_t kMostChanged = 65536;
constexpr uint32_t kPagesPerBatch = 4;
// Three visits may pass between the insertion of a row and its end; a page has room for some hundred rows.
constexpr uint32_t kInsertionsPerPage = 16;

// A piece of the work before a snapshot's marker: 100 us at most.
constexpr uint32_t kDrainedRows = 256;
constexpr uint32_t kDrainedPages = 32;
// The other half is for what the task evicts meanwhile, and while the database is flushed at the marker.
constexpr uint32_t kMostDrainedWaiting = kMostBatchesWaiting / 2;

[[noreturn]] void Throw(Status status) { throw StatusException(std::move(status)); }
void ThrowIfError(Status status) {
  if (!status.ok()) Throw(std::move(status));
}

}  // namespace

template <class Keys>
RowCache<Keys>::RowCache(const KeyedRowsShape& shape, RocksDbStore& store, std::shared_ptr<RocksDbResources> resources)
    : shape_(shape),
      store_(store),
      resources_(std::move(resources)),
      has_objects_(std::any_of(shape.states.begin(), shape.states.end(),
                               [](const StateDeclaration& state) { return !state.ops->flat; })),
      table_(shape.layout.row_bytes + sizeof(Mark), FirstHashOf(shape.key_groups.first, shape.max_parallelism),
             FirstHashOf(shape.key_groups.last + 1, shape.max_parallelism) - 1),
      queue_(store, resources_->writer()) {
  static_assert(sizeof(Mark) == 8);
  resources_->AddUser();
  UpdateLimits();
}

template <class Keys>
RowCache<Keys>::~RowCache() {
  resources_->RemoveUser();
  ForEachRow(&RowCache::DestroyValues);
}

template <class Keys>
void RowCache<Keys>::ForEachRow(void (RowCache::*visit)(char*)) {
  uint64_t place = 0;
  do {
    page_.clear();
    table_.AppendPage(place, page_);
    for (char* row : page_) (this->*visit)(row);
  } while (place != 0);
}

template <class Keys>
void RowCache<Keys>::DestroyValues(char* row) {
  if (!has_objects_) return;
  for (size_t i = 0; i < shape_.states.size(); ++i) {
    const RowLayout::Slot& slot = shape_.layout.slots[i];
    if (!shape_.states[i].ops->flat && (RowFlags(row) & slot.present) != 0)
      shape_.states[i].ops->destroy(row + slot.offset);
  }
}

template <class Keys>
void RowCache<Keys>::Drop(char* row) {
  if (MarkOf(row).is_changed) --changed_;
  DestroyValues(row);
  table_.Drop(row);
}

template <class Keys>
bool RowCache<Keys>::IsBeingWritten(Mark& mark) {
  if (mark.written == 0) return false;
  if (!queue_.IsDone(mark.written)) return true;
  mark.written = 0;
  return false;
}

template <class Keys>
void RowCache<Keys>::SetChanged(char* row) {
  Mark& mark = MarkOf(row);
  if (mark.is_changed) {
    if (RowEpoch(row) == epoch_) [[likely]]
      return;
    AddToBatch(row, mark);
  }
  mark.is_changed = true;
  SetRowEpoch(row, epoch_);
  ++changed_;
}

template <class Keys>
void RowCache<Keys>::Prepare(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows, PieceUse use) {
  has_prepared_ = true;
  inserted_.clear();
  table_.Prepare(keys, hashes, count, rows, inserted_);
  if (!inserted_.empty()) LoadInserted();
  for (uint32_t i = 0; i < count; ++i) {
    Mark& mark = MarkOf(rows[i]);
    mark.is_used = true;
    if (use == PieceUse::kChange) SetChanged(rows[i]);
    if (!mark.is_counted) unsettled_.push_back(rows[i]);
  }
  // A key has to come twice to be worth more than others.
  for (char* row : inserted_) MarkOf(row).is_used = false;
}

template <class Keys>
void RowCache<Keys>::LoadInserted() {
  key_.Clear();
  key_ends_.clear();
  keys_.clear();
  for (const char* row : inserted_) {
    AppendRecordKey(KeyGroupOf(row), Keys::kForm, table_.KeyOf(row), key_);
    key_ends_.push_back(key_.size());
  }
  size_t begin = 0;
  for (size_t end : key_ends_) {
    keys_.push_back(key_.bytes().substr(begin, end - begin));
    begin = end;
  }
  ThrowIfError(store_.Read(keys_, [this](size_t i, std::string_view states) {
    Fill(inserted_[i], states);
    return OkStatus();
  }));
}

template <class Keys>
void RowCache<Keys>::Fill(char* row, std::string_view states) {
  ThrowIfError(ReadRowStates(shape_, states, row).Annotate("a record of the database in " + store_.path()));
  MarkOf(row).is_stored = true;
  MarkOf(row).is_counted = true;
  // Objects take more than their bytes; a moving average is enough to keep to the memory.
  if (has_objects_) object_bytes_ = (object_bytes_ * 63 + states.size() * 3) / 64;
}

template <class Keys>
void RowCache<Keys>::PrepareScanned(const KeyColumn& keys, const uint64_t* hashes, uint32_t count,
                                    const std::string_view* states, char** rows) {
  inserted_.clear();
  table_.Prepare(keys, hashes, count, rows, inserted_);
  scanned_states_.clear();
  for (uint32_t i = 0; i < count; ++i) {
    // Every record that is in the scan is in the database; a row that does not know it is new here.
    if (!MarkOf(rows[i]).is_stored) Fill(rows[i], states[i]);
    const size_t begin = scanned_states_.size();
    scanned_states_.append(states[i]);
    scanned_.push_back({rows[i], begin, scanned_states_.size()});
  }
}

template <class Keys>
void RowCache<Keys>::SettleScanned() {
  for (const Scanned& scanned : scanned_) {
    Mark& mark = MarkOf(scanned.row);
    if (mark.is_changed) continue;
    value_.Clear();
    WriteRowStates(shape_, scanned.row, value_);
    const std::string_view before =
        std::string_view(scanned_states_).substr(scanned.begin, scanned.end - scanned.begin);
    if (value_.bytes() != before) SetChanged(scanned.row);
  }
  scanned_.clear();
}

template <class Keys>
void RowCache<Keys>::Settle(char* row) {
  if (!table_.Contains(row)) return;
  Mark& mark = MarkOf(row);
  const bool has_state = RowHasState(row);
  if (has_state != mark.is_counted) {
    mark.is_counted = has_state;
    rows_with_state_ += has_state ? 1 : -1;
  }
  // A row that the database has, or may still get, stays to delete it there.
  if (!has_state && !mark.is_stored && !IsBeingWritten(mark)) Drop(row);
}

template <class Keys>
void RowCache<Keys>::Settle(std::vector<char*>& emptied) {
  SettleScanned();
  for (char* row : unsettled_) Settle(row);
  for (char* row : emptied) Settle(row);
  unsettled_.clear();
  emptied.clear();
}

template <class Keys>
void RowCache<Keys>::Finish(std::vector<char*>& emptied) {
  Settle(emptied);
  if (IsShort()) Tend();
  inserted_.clear();
}

template <class Keys>
void RowCache<Keys>::UpdateLimits() {
  // Pages are between half and wholly full.
  const uint64_t row_bytes = (Keys::kBytes + shape_.layout.row_bytes + sizeof(Mark)) * 8 / 5 + object_bytes_;
  most_rows_ = resources_->settings().most_cached_rows;
  if (most_rows_ == 0) most_rows_ = std::max(kFewestRows, resources_->RowCacheBytes() / row_bytes);
  most_changed_ = std::min(kMostChanged, most_rows_ / 2);
}

template <class Keys>
void RowCache<Keys>::Tend() {
  UpdateLimits();
  uint64_t pages = kPagesPerBatch + inserted_.size() / kInsertionsPerPage;
  for (; pages > 0 && IsShort(); --pages) SweepPage(/*thorough=*/false);
  if (table_.row_count() <= most_rows_ + most_rows_ / 4 && changed_ <= most_changed_ * 2) return;
  // The writer is behind, or everything is in use.
  FinishDrain();
  for (int round = 0; round < 3 && IsShort(); ++round) {
    do {
      SweepPage(/*thorough=*/true);
    } while (place_ != 0 && IsShort());
    SubmitBatch();
    ThrowIfError(queue_.WaitUntilAtMost(0));
  }
}

template <class Keys>
void RowCache<Keys>::SweepPage(bool thorough) {
  page_.clear();
  table_.AppendPage(place_, page_);
  for (char* row : page_) {
    Mark& mark = MarkOf(row);
    if (IsBeingWritten(mark)) continue;
    if (mark.is_used && !thorough) {
      mark.is_used = false;
    } else if (mark.is_changed) {
      // What has changed since a snapshot began comes behind its marker.
      if (!is_draining() || RowEpoch(row) != epoch_) AddToBatch(row, mark);
    } else if (table_.row_count() > most_rows_ || !RowHasState(row)) {
      Drop(row);
    }
  }
}

template <class Keys>
void RowCache<Keys>::AddToBatch(char* row, Mark& mark) {
  mark.is_changed = false;
  --changed_;
  const bool has_state = RowHasState(row);
  if (!has_state && !mark.is_stored) return;
  if (batch_ == nullptr) batch_ = std::make_unique<RocksDbBatch>();
  key_.Clear();
  AppendRecordKey(KeyGroupOf(row), Keys::kForm, table_.KeyOf(row), key_);
  if (has_state) {
    value_.Clear();
    WriteRowStates(shape_, row, value_);
    if (has_objects_) object_bytes_ = (object_bytes_ * 63 + value_.size() * 3) / 64;
    batch_->Put(key_.bytes(), value_.bytes());
  } else {
    batch_->Delete(key_.bytes());
  }
  mark.is_stored = has_state;
  mark.written = queue_.next_number();
  if (batch_->count() == kMostInBatch) SubmitBatch();
}

template <class Keys>
void RowCache<Keys>::SubmitBatch() {
  if (batch_ == nullptr) return;
  queue_.Add(std::move(batch_));
  if (queue_.waiting() > kMostBatchesWaiting) ThrowIfError(queue_.WaitUntilAtMost(kMostBatchesWaiting / 2));
}

template <class Keys>
void RowCache<Keys>::CleanUp(const RowExpiry& expiry, int64_t now_ms) {
  page_.clear();
  table_.AppendPage(clean_place_, page_);
  for (char* row : page_) {
    if (!expiry.Clean(row, now_ms)) continue;
    SetChanged(row);
    Settle(row);
  }
}

template <class Keys>
void RowCache<Keys>::BeginEpoch(std::function<void()> on_drained) {
  FinishDrain();
  SettleScanned();
  ++epoch_;
  drain_place_ = 0;
  on_drained_ = std::move(on_drained);
}

template <class Keys>
bool RowCache<Keys>::Drain() {
  if (!is_draining()) return false;
  if (queue_.waiting() >= kMostDrainedWaiting) {
    // The task is not to be held up by its snapshot; one that has nothing else to do is not to spin.
    if (!std::exchange(has_prepared_, false)) ThrowIfError(queue_.WaitBriefly());
    return true;
  }
  uint32_t added = 0;
  for (uint32_t pages = 0; pages < kDrainedPages && added < kDrainedRows; ++pages) {
    page_.clear();
    table_.AppendPage(drain_place_, page_);
    for (char* row : page_) {
      if (!MarkOf(row).is_changed || RowEpoch(row) == epoch_) continue;
      AddToBatch(row, MarkOf(row));
      ++added;
    }
    if (drain_place_ != 0) continue;
    SubmitBatch();
    std::exchange(on_drained_, nullptr)();
    return false;
  }
  return true;
}

template <class Keys>
void RowCache<Keys>::WriteAll() {
  FinishDrain();
  SettleScanned();
  if (changed_ > 0) {
    uint64_t place = 0;
    do {
      page_.clear();
      table_.AppendPage(place, page_);
      for (char* row : page_) {
        if (MarkOf(row).is_changed) AddToBatch(row, MarkOf(row));
      }
    } while (place != 0);
  }
  SubmitBatch();
  ThrowIfError(queue_.WaitUntilAtMost(0));
}

template <class Keys>
void RowCache<Keys>::Clear() {
  FinishDrain();
  ForEachRow(&RowCache::DestroyValues);
  table_.Clear();
  inserted_.clear();
  unsettled_.clear();
  scanned_.clear();
  batch_.reset();
  rows_with_state_ = changed_ = place_ = clean_place_ = 0;
  ThrowIfError(queue_.WaitUntilAtMost(0));
  queue_.WaitForMarkers();
  ThrowIfError(store_.Clear());
}

template class RowCache<IntegerKeys>;
template class RowCache<ByteKeys>;
template class RowCache<PieceKeys>;

}  // namespace weir
