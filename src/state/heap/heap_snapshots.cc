#include "weir/state/heap/heap_snapshots.h"

#include <algorithm>

#include "weir/base/check.h"
#include "weir/state/heap/heap_snapshot.h"

namespace weir {

namespace {

// Keys that were erased since the base take memory; when they are more than this and than the rows, the next checkpoint is a full one.
constexpr size_t kMostErased = 1 << 16;

// When the marks of rows are made older: so many epochs after the last time, a part of the pages from each Begin to the next, and no snapshot and no base
// may be older than this many. All of it together is less than the 63 epochs that marks tell apart.
constexpr uint32_t kEpochsBetweenAgings = 16;
constexpr uint64_t kPartsOfAging = 8;
constexpr uint32_t kOldestEpochs = 32;

template <bool kHasMarks>
std::optional<PageImageShape> PagesOf(const KeyedRowsShape& shape, const HeapSlots<kHasMarks>& slots,
                                      uint32_t key_bytes) {
  if (shape.key_form != KeyForm::kInteger) return std::nullopt;
  PageImageShape pages{.page_bytes = PageArena::kPageBytes,
                       .first_group = sizeof(HeapPage),
                       .group_bytes = slots.kGroupBytes,
                       .slots = slots.count,
                       .first_slot = slots.first,
                       .slot_bytes = slots.stride,
                       .flags_offset = kHasMarks ? 0 : key_bytes};
  for (size_t i = 0; i < shape.states.size(); ++i) {
    if (shape.layout.slots[i].time_offset != 0 || !BytesAreMemory(*shape.states[i].ops)) return std::nullopt;
    pages.states.push_back({key_bytes + shape.layout.slots[i].offset, shape.states[i].ops->size});
  }
  return pages;
}

std::string ErasedKey(KeyForm form, const StoredKey& key) {
  if (form == KeyForm::kBytes) return std::string(key.bytes);
  return std::string(reinterpret_cast<const char*>(&key.integer), sizeof(key.integer));
}

}  // namespace

template <class Keys>
HeapSnapshots<Keys>::HeapSnapshots(const KeyedRowsShape& shape, const RowExpiry& expiry, HeapTable<Keys>& table,
                                   KeyedRows& rows)
    : shape_(shape), expiry_(expiry), table_(table), rows_(rows), pages_(PagesOf(shape, table.slots(), Keys::kBytes)) {}

template <class Keys>
HeapSnapshots<Keys>::~HeapSnapshots() {
  for (HeapSnapshot<Keys>* snapshot : alive_) snapshot->Orphan();
  loans_.CallBackAll();
}

template <class Keys>
std::unique_ptr<KeyedSnapshot> HeapSnapshots<Keys>::Begin() {
  TakeBackLoans();
  auto snapshot = std::make_unique<HeapSnapshot<Keys>>(*this, epoch_++);
  epoch_mark_ = EpochMark(epoch_);
  running_.push_back(snapshot.get());
  alive_.push_back(snapshot.get());
  for (HeapSnapshot<Keys>* running : running_) running->OnEpoch();
  if constexpr (Keys::kHasMarks) PlanAging();
  return snapshot;
}

template <class Keys>
void HeapSnapshots<Keys>::BuildOn(int64_t checkpoint_id, const std::vector<BackendFiles::File>& files) {
  WEIR_CHECK(!is_tracking()) << "rows that are restored while they are in use";
  epoch_ = 1;
  epoch_mark_ = EpochMark(epoch_);
  base_ = Base{.checkpoint_id = checkpoint_id,
               .epoch = 0,
               .full_bytes = files.front().length,
               .length = static_cast<uint32_t>(files.size())};
  for (size_t i = 1; i < files.size(); ++i) base_->changes_bytes += files[i].length;
}

template <class Keys>
void HeapSnapshots<Keys>::TouchFirst(char* row, uint64_t hash) {
  for (HeapSnapshot<Keys>* snapshot : running_) snapshot->Keep(row, hash);
  if (table_.PresentIn(row) != 0) SetStored(row);
  if constexpr (Keys::kHasMarks) {
    uint8_t& mark = table_.MarkOf(row);
    mark = static_cast<uint8_t>((mark & ~kEpochMarks) | epoch_mark_);
  } else {
    SetRowEpoch(row, epoch_);
  }
  table_.NoteTouched(hash, epoch_);
}

template <class Keys>
void HeapSnapshots<Keys>::TouchRows(const uint32_t* numbers, uint32_t count, char* const* rows,
                                    const uint64_t* hashes) {
  for (uint32_t n = 0; n < count; ++n) {
    char* row = rows[numbers[n]];
    const uint64_t hash = hashes[numbers[n]];
    if constexpr (Keys::kHasMarks) {
      // As TouchFirst, with the mark looked for once.
      if (loans_.Cover(table_.PlaceOf(hash))) [[unlikely]]
        row = table_.OwnedRow(row);
      uint8_t& mark = table_.MarkOf(row);
      if ((mark & kEpochMarks) == epoch_mark_) continue;
      for (HeapSnapshot<Keys>* snapshot : running_) snapshot->Keep(row, hash);
      const bool is_stored = (mark & kPresentMark) != 0;
      mark = static_cast<uint8_t>((mark & ~kEpochMarks) | epoch_mark_ | (is_stored ? kStoredMark : 0));
      table_.NoteTouched(hash, epoch_);
    } else {
      Touch(row, hash);
    }
  }
}

template <class Keys>
void HeapSnapshots<Keys>::TakeBackLoans() {
  loans_.TakeBack([this](PageLoan& loan) {
    for (const PageLoan::Page& lent : loan.pages()) table_.GiveBack(lent.page);
    for (PageLoan::Kept& kept : loan.kept()) kept.rows.Drain(kept_pool_, [](uint32_t, std::string_view) {});
  });
}

template <class Keys>
void HeapSnapshots<Keys>::NoteDropped(const char* row) {
  if (!IsStored(row) || (!base_.has_value() && alive_.empty())) return;
  if (erased_.size() >= kMostErased && erased_.size() >= table_.row_count()) return Forget();
  erased_.push_back(
      {.epoch = epoch_, .key_group = KeyGroupOf(table_.HashOf(row)), .key = ErasedKey(Keys::kForm, table_.KeyOf(row))});
}

template <class Keys>
void HeapSnapshots<Keys>::NoteCleared() {
  if (!is_tracking()) return;
  for (HeapSnapshot<Keys>* snapshot : running_) snapshot->KeepRest();
  Forget();
}

template <class Keys>
void HeapSnapshots<Keys>::Forget() {
  base_.reset();
  erased_.clear();
  forgotten_ = epoch_;
}

template <class Keys>
void HeapSnapshots<Keys>::SetBase(const Base& base) {
  // What was erased between it and now is not known any more, or a later one is complete already.
  if (base.epoch < forgotten_ || (base_.has_value() && base_->epoch >= base.epoch)) return;
  base_ = base;
  const auto later = std::partition_point(erased_.begin(), erased_.end(),
                                          [&](const Erased& erased) { return erased.epoch <= base.epoch; });
  erased_.erase(erased_.begin(), later);
}

template <class Keys>
bool HeapSnapshots<Keys>::MayBuildOnBase(const HeapSnapshot<Keys>& snapshot) const {
  if (!base_.has_value() || base_->epoch >= snapshot.epoch()) return false;
  if (Keys::kHasMarks && snapshot.epoch() - base_->epoch > kOldestEpochs) return false;
  return std::none_of(alive_.begin(), alive_.end(), [&](const HeapSnapshot<Keys>* other) {
    return other != &snapshot && other->epoch() > base_->epoch && other->replaces_base();
  });
}

template <class Keys>
void HeapSnapshots<Keys>::PlanAging() {
  // Mostly it has been done meanwhile.
  AgeMarks(pages_to_age_);
  if (aging_to_ == aged_) {
    if (epoch_ - aged_ < kEpochsBetweenAgings) return;
    aging_to_ = EndOldEpochs();
    aging_place_ = 0;
  }
  pages_to_age_ = table_.page_count() / kPartsOfAging + 1;
}

template <class Keys>
void HeapSnapshots<Keys>::AgeMarks(uint64_t most) {
  for (uint64_t left = std::min(most, pages_to_age_); left > 0; --left) {
    --pages_to_age_;
    table_.AgePage(aging_place_, aging_to_, epoch_);
    if (aging_place_ != 0) continue;
    aged_ = aging_to_;
    pages_to_age_ = 0;
    return;
  }
}

template <class Keys>
uint32_t HeapSnapshots<Keys>::EndOldEpochs() {
  const auto is_old = [&](uint32_t epoch) { return epoch_ - epoch > kOldestEpochs; };
  uint32_t last = epoch_ - 1;
  bool any_old = base_.has_value() && is_old(base_->epoch);
  if (base_.has_value() && !any_old) last = std::min(last, base_->epoch);
  for (HeapSnapshot<Keys>* snapshot : alive_) {
    const uint32_t needed = snapshot->last_not_needed();
    if (!is_old(needed)) {
      last = std::min(last, needed);
      continue;
    }
    // It was begun more than thirty checkpoints ago and goes on: it gets all of what it needs at once, and is no base.
    if (snapshot->is_running()) snapshot->KeepRest();
    any_old = true;
  }
  if (any_old) Forget();
  return last;
}

template class HeapSnapshots<IntegerKeys>;
template class HeapSnapshots<MarkedIntegerKeys>;
template class HeapSnapshots<ByteKeys>;
template class HeapSnapshots<PieceKeys>;

}  // namespace weir
