#include "weir/runtime/window/slices/slice_keys.h"

#include <algorithm>
#include <utility>

#include "weir/base/hash.h"
#include "weir/functions/state/value_ops.h"
#include "weir/state/heap/heap_keyed_rows.h"

namespace weir {

namespace {

constexpr uint32_t kPurgedAtATime = 256;

}  // namespace

StatusOr<std::unique_ptr<SliceKeys>> SliceKeys::New(KeyForm form, KeyGroupRange key_groups, int max_parallelism) {
  std::unique_ptr<SliceKeys> keys(new SliceKeys(form, max_parallelism));
  KeyedRowsShape shape;
  shape.states.push_back({"number", StateKind::kValue, ValueOpsOf<uint32_t>(), Ttl()});
  shape.key_form = form;
  shape.key_groups = key_groups;
  shape.max_parallelism = max_parallelism;
  WEIR_ASSIGN_OR_RETURN(keys->table_, NewHeapKeyedRows(std::move(shape)));
  keys->offset_ = keys->table_->layout().slots[0].offset;
  keys->present_ = keys->table_->layout().slots[0].present;
  return keys;
}

uint32_t SliceKeys::Assign(char* row) {
  uint32_t number = limit();
  if (free_.empty()) {
    uses_.push_back(0);
    assigned_.push_back(true);
    if (form_ == KeyForm::kInteger) {
      integers_.emplace_back();
    } else {
      texts_.emplace_back();
    }
  } else {
    number = free_.back();
    free_.pop_back();
    assigned_[number] = true;
  }
  const StoredKey key = table_->KeyOf(row);
  if (form_ == KeyForm::kInteger) {
    integers_[number] = key.integer;
  } else {
    texts_[number] = key.bytes;
  }
  *reinterpret_cast<uint32_t*>(row + offset_) = number + 1;
  RowFlags(row) |= present_;
  return number;
}

uint64_t SliceKeys::memory_bytes() const {
  const uint64_t each = sizeof(uint32_t) + (form_ == KeyForm::kInteger ? sizeof(int64_t) : sizeof(std::string));
  return table_->memory_bytes() + uses_.capacity() * each;
}

uint64_t SliceKeys::HashOf(uint32_t number) const {
  return form_ == KeyForm::kInteger ? Hash64(static_cast<uint64_t>(integers_[number])) : HashBytes(texts_[number]);
}

uint32_t SliceKeys::KeyGroupOf(uint32_t number) const {
  return static_cast<uint32_t>(KeyGroupForHash(HashOf(number), max_parallelism_));
}

void SliceKeys::Age() {
  stale_.insert(stale_.end(), aging_.begin(), aging_.end());
  aging_.clear();
  std::swap(aging_, unused_);
}

void SliceKeys::PurgeStale(uint32_t count) {
  while (count > 0 && !stale_.empty()) {
    const uint32_t piece = std::min({count, kPurgedAtATime, static_cast<uint32_t>(stale_.size())});
    Purge(stale_.data() + stale_.size() - piece, piece);
    stale_.resize(stale_.size() - piece);
    count -= piece;
  }
}

void SliceKeys::PurgeAll() {
  Age();
  Age();
  PurgeStale(UINT32_MAX);
}

void SliceKeys::Purge(const uint32_t* numbers, uint32_t count) {
  int64_t integers[kPurgedAtATime];
  std::string_view texts[kPurgedAtATime];
  uint64_t hashes[kPurgedAtATime];
  uint32_t gone[kPurgedAtATime];
  char* rows[kPurgedAtATime];
  uint32_t found = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t number = numbers[i];
    // In use again, or listed twice.
    if (uses_[number] > 0 || !assigned_[number]) continue;
    assigned_[number] = false;
    const StoredKey key = KeyOf(number);
    integers[found] = key.integer;
    texts[found] = key.bytes;
    hashes[found] = HashOf(number);
    gone[found++] = number;
  }
  if (found == 0) return;
  table_->Prepare({integers, texts}, hashes, found, rows);
  for (uint32_t i = 0; i < found; ++i) {
    RowFlags(rows[i]) &= ~present_;
    table_->NoteEmptied(rows[i]);
    if (form_ == KeyForm::kBytes) texts_[gone[i]] = std::string();
    free_.push_back(gone[i]);
  }
  table_->Finish();
}

}  // namespace weir
