#include "weir/state/heap/heap_snapshots.h"

#include <algorithm>

#include "weir/state/heap/heap_snapshot.h"

namespace weir {

namespace {

// Keys that were erased since the base take memory; when they are more than this and than the rows, the next checkpoint is a full one.
constexpr size_t kMostErased = 1 << 16;

std::optional<PageImageShape> PagesOf(const KeyedRowsShape& shape, const HeapSlots& slots, uint32_t key_bytes) {
  if (shape.key_form != KeyForm::kInteger) return std::nullopt;
  PageImageShape pages{.page_bytes = PageArena::kPageBytes,
                       .first_group = sizeof(HeapPage),
                       .group_bytes = kTagsPerGroup,
                       .slots = slots.count,
                       .first_slot = slots.first,
                       .slot_bytes = slots.stride,
                       .flags_offset = key_bytes};
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
}

template <class Keys>
std::unique_ptr<KeyedSnapshot> HeapSnapshots<Keys>::Begin() {
  auto snapshot = std::make_unique<HeapSnapshot<Keys>>(*this, epoch_++);
  running_.push_back(snapshot.get());
  alive_.push_back(snapshot.get());
  return snapshot;
}

template <class Keys>
void HeapSnapshots<Keys>::TouchFirst(char* row, uint64_t hash) {
  for (HeapSnapshot<Keys>* snapshot : running_) snapshot->Keep(row, hash);
  if (!running_.empty() && RowHasState(row)) RowFlags(row) |= kStoredFlag;
  SetRowEpoch(row, epoch_);
  PageOf(row)->touched = epoch_;
}

template <class Keys>
void HeapSnapshots<Keys>::NoteDropped(const char* row) {
  if ((RowFlags(row) & kStoredFlag) == 0 || (!base_.has_value() && alive_.empty())) return;
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
  return std::none_of(alive_.begin(), alive_.end(), [&](const HeapSnapshot<Keys>* other) {
    return other != &snapshot && other->epoch() > base_->epoch && other->replaces_base();
  });
}

template class HeapSnapshots<IntegerKeys>;
template class HeapSnapshots<ByteKeys>;

}  // namespace weir
