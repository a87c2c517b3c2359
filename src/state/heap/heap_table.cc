#include "weir/state/heap/heap_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "weir/base/check.h"

namespace weir {

namespace {

// How far look-ups run behind their prefetches (hotpath.md, section 6: 16 and 32 are equal, 8 is slower with tables beyond the cache).
constexpr uint32_t kAhead = 16;
static_assert((kAhead & (kAhead - 1)) == 0);
// Keys that are longer than their slot need a second memory access; their bytes are asked for half way.
constexpr uint32_t kRemoteAhead = kAhead / 2;

// A directory of pages whose hashes are uniform has at most a few entries per page. More means that hashes agree in many bits (a hostile choice of keys):
// pages then overflow instead of the directory growing without limit.
constexpr uint64_t kMostDirectoryEntriesPerPage = 16;
constexpr uint64_t kDirectoryAllowance = 1024;
constexpr uint32_t kDeepest = 48;

constexpr uint32_t kMostSlots = 1 << 10;  // of a page, for the cursor of a walk
constexpr uint32_t kMostOverflows = 1 << 14;

uint32_t RangeShift(uint64_t first_hash, uint64_t last_hash) {
  return static_cast<uint32_t>(std::countl_zero(last_hash - first_hash));
}

}  // namespace

HeapSlots HeapSlots::Of(uint32_t key_bytes, uint32_t row_bytes) {
  HeapSlots slots;
  slots.key_bytes = key_bytes;
  slots.row_bytes = row_bytes;
  slots.stride = key_bytes + row_bytes;
  slots.count = static_cast<uint32_t>((PageArena::kPageBytes - sizeof(HeapPage)) / slots.stride);
  WEIR_CHECK_GE(slots.count, 4u) << "rows of " << row_bytes << " bytes";
  slots.limit = std::max(slots.count * 7 / 10, 2u);
  slots.last = static_cast<uint32_t>(sizeof(HeapPage)) + (slots.count - 1) * slots.stride;
  return slots;
}

template <class Keys>
HeapTable<Keys>::HeapTable(uint32_t row_bytes, uint64_t first_hash, uint64_t last_hash)
    : slots_(HeapSlots::Of(Keys::kBytes, row_bytes)),
      first_hash_(first_hash),
      range_shift_(RangeShift(first_hash, last_hash)) {
  static_assert(PageArena::kPageBytes / 16 <= kMostSlots, "the cursor of a walk has 10 bits for the slot");
  Clear();
}

template <class Keys>
HeapTable<Keys>::~HeapTable() {
  for (HeapPage* page : directory_) {
    if (!page->gone) ReleaseKeys(page);
    page->gone = true;  // several entries may name it
  }
}

template <class Keys>
void HeapTable<Keys>::ReleaseKeys(HeapPage* page) {
  if constexpr (!Keys::kHasRemoteBytes) return;
  for (; page != nullptr; page = page->overflow) {
    for (uint32_t i = 0; i < slots_.count; ++i) {
      char* const slot = slots_.At(page, i);
      if ((slots_.Flags(slot) & kSlotTaken) != 0) Keys::Release(slot);
    }
  }
}

template <class Keys>
void HeapTable<Keys>::Clear() {
  HeapPage* last = nullptr;
  for (HeapPage* page : directory_) {
    if (page == last) continue;
    last = page;
    ReleaseKeys(page);
    for (HeapPage* each = page; each != nullptr;) {
      HeapPage* const next = each->overflow;
      arena_.Free(each);
      each = next;
    }
  }
  page_count_ = row_count_ = remote_bytes_ = 0;
  directory_.assign(2, nullptr);
  directory_shift_ = 63;
  FillDirectory(NewPage(0, 0));
}

template <class Keys>
HeapPage* HeapTable<Keys>::NewPage(uint64_t prefix, uint32_t depth) {
  HeapPage* const page = static_cast<HeapPage*>(arena_.Allocate());
  page->prefix = prefix;
  page->depth = depth;
  ++page_count_;
  return page;
}

template <class Keys>
void HeapTable<Keys>::FillDirectory(HeapPage* page) {
  const uint32_t free_bits = 64 - directory_shift_ - page->depth;
  const uint64_t first = page->prefix << free_bits;
  std::fill_n(directory_.begin() + static_cast<int64_t>(first), uint64_t{1} << free_bits, page);
}

template <class Keys>
void HeapTable<Keys>::DoubleDirectory() {
  std::vector<HeapPage*> doubled;
  doubled.reserve(directory_.size() * 2);
  for (HeapPage* page : directory_) {
    doubled.push_back(page);
    doubled.push_back(page);
  }
  directory_ = std::move(doubled);
  --directory_shift_;
}

template <class Keys>
void HeapTable<Keys>::Prepare(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows,
                              std::vector<char*>& inserted) {
  char* homes[kAhead];
  const auto look_ahead = [&](uint32_t i) {
    char* const home = HomeOf(hashes[i]);
    homes[i & (kAhead - 1)] = home;
    __builtin_prefetch(home, 1);
  };
  inserted_.clear();
  for (uint32_t i = 0; i < std::min(kAhead, count); ++i) look_ahead(i);
  for (uint32_t i = 0; i < count; ++i) {
    char* const home = homes[i & (kAhead - 1)];
    if (i + kAhead < count) look_ahead(i + kAhead);
    if constexpr (Keys::kHasRemoteBytes) {
      if (i + kRemoteAhead < count) Keys::PrefetchRemote(homes[(i + kRemoteAhead) & (kAhead - 1)]);
    }
    const uint64_t version = version_;
    current_ = i;
    rows[i] = slots_.Row(Resolve(home, Keys::ProbeOf(keys, i), hashes[i]));
    if (version != version_) [[unlikely]] {
      for (uint32_t j = i + 1; j < std::min(i + 1 + kAhead, count); ++j) look_ahead(j);
    }
  }
  if (!gone_.empty()) [[unlikely]]
    FixRows(keys, hashes, count, rows);
  for (uint32_t i : inserted_) inserted.push_back(rows[i]);
}

template <class Keys>
inline char* HeapTable<Keys>::Resolve(char* home, const Probe& probe, uint64_t hash) {
  for (char* slot = home;; slot = slots_.Next(slot)) {
    const uint64_t flags = slots_.Flags(slot);
    if (Keys::Equals(slot, probe) && (flags & kSlotTaken) != 0) [[likely]]
      return slot;
    if ((flags & (kSlotTaken | kSlotGap)) == 0) [[unlikely]]
      return Insert(PageOf(home), probe, hash);
  }
}

template <class Keys>
char* HeapTable<Keys>::Insert(HeapPage* page, const Probe& probe, uint64_t hash) {
  for (HeapPage* more = page->overflow; more != nullptr; more = more->overflow) {
    for (char* slot = slots_.Home(more, hash); slots_.Flags(slot) != 0; slot = slots_.Next(slot)) {
      if ((slots_.Flags(slot) & kSlotTaken) != 0 && Keys::Equals(slot, probe)) return slot;
    }
  }
  char* const slot = TakeSlot(hash);
  std::memset(slots_.Row(slot), 0, slots_.row_bytes);
  slots_.Flags(slot) = kSlotTaken;
  Keys::Store(slot, probe);
  remote_bytes_ += Keys::RemoteBytes(slot);
  ++row_count_;
  inserted_.push_back(current_);
  WEIR_DCHECK(Keys::HashOf(slot) == hash) << "the hash given is not that of the key";
  return slot;
}

template <class Keys>
char* HeapTable<Keys>::TakeSlot(uint64_t hash) {
  while (true) {
    HeapPage* const home = PageFor(hash);
    for (HeapPage* page = home; page != nullptr; page = page->overflow) {
      if (char* const slot = TakeSlotIn(page, hash); slot != nullptr) return slot;
    }
    MakeRoom(home);
  }
}

template <class Keys>
char* HeapTable<Keys>::TakeSlotIn(HeapPage* page, uint64_t hash) {
  char* slot = slots_.Home(page, hash);
  while ((slots_.Flags(slot) & kSlotTaken) != 0) slot = slots_.Next(slot);
  if ((slots_.Flags(slot) & kSlotGap) == 0) {
    if (page->used == slots_.limit) return nullptr;
    ++page->used;
  }
  ++page->rows;
  return slot;
}

template <class Keys>
void HeapTable<Keys>::MakeRoom(HeapPage* page) {
  ++version_;
  if (page->used - page->rows >= slots_.limit / 4) {
    Replace(page, /*split=*/false);  // a quarter of the slots are gaps
  } else if (MaySplit(*page)) {
    Replace(page, /*split=*/true);
  } else {
    HeapPage* const more = static_cast<HeapPage*>(arena_.Allocate());
    more->prefix = page->prefix;
    more->depth = page->depth;
    more->overflow = page->overflow;
    page->overflow = more;
  }
}

template <class Keys>
bool HeapTable<Keys>::MaySplit(const HeapPage& page) const {
  if (page.depth + directory_shift_ < 64) return true;
  return page.depth < kDeepest &&
         directory_.size() * 2 <= kDirectoryAllowance + page_count_ * kMostDirectoryEntriesPerPage;
}

template <class Keys>
void HeapTable<Keys>::Replace(HeapPage* page, bool split) {
  if (split && page->depth + directory_shift_ == 64) DoubleDirectory();
  if (split) {
    FillDirectory(NewPage(page->prefix * 2, page->depth + 1));
    FillDirectory(NewPage(page->prefix * 2 + 1, page->depth + 1));
  } else {
    FillDirectory(NewPage(page->prefix, page->depth));
  }
  --page_count_;
  for (HeapPage* each = page; each != nullptr; each = each->overflow) {
    each->gone = true;
    gone_.push_back(each);
    MoveRows(each);
  }
}

template <class Keys>
void HeapTable<Keys>::MoveRows(HeapPage* page) {
  for (uint32_t i = 0; i < slots_.count; ++i) {
    char* const slot = slots_.At(page, i);
    if ((slots_.Flags(slot) & kSlotTaken) == 0) continue;
    std::memcpy(TakeSlot(Keys::HashOf(slot)), slot, slots_.stride);
  }
}

template <class Keys>
void HeapTable<Keys>::FixRows(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) {
  for (uint32_t i = 0; i < count; ++i) {
    if (PageOf(rows[i])->gone) rows[i] = slots_.Row(Resolve(HomeOf(hashes[i]), Keys::ProbeOf(keys, i), hashes[i]));
  }
  for (HeapPage* page : gone_) arena_.Free(page);
  gone_.clear();
}

template <class Keys>
void HeapTable<Keys>::Drop(char* row) {
  char* slot = row - Keys::kBytes;
  HeapPage* const page = PageOf(slot);
  remote_bytes_ -= Keys::RemoteBytes(slot);
  Keys::Release(slot);
  --row_count_;
  --page->rows;
  slots_.Flags(slot) = kSlotGap;
  if (slots_.Flags(slots_.Next(slot)) != 0) return;
  // Nothing stands behind it: this gap and those before it are empty slots again.
  while (slots_.Flags(slot) == kSlotGap) {
    slots_.Flags(slot) = 0;
    --page->used;
    slot = (slot == slots_.First(page) ? slots_.At(page, slots_.count) : slot) - slots_.stride;
  }
}

template <class Keys>
uint32_t HeapTable<Keys>::Walk(RowCursor& cursor, uint32_t capacity, char** rows) const {
  uint32_t found = 0;
  uint64_t entry = cursor.position / (uint64_t{kMostOverflows} * kMostSlots);
  uint64_t overflow = cursor.position / kMostSlots % kMostOverflows;
  uint32_t number = static_cast<uint32_t>(cursor.position % kMostSlots);
  while (entry < directory_.size() && found < capacity) {
    HeapPage* page = directory_[entry];
    const uint64_t entries = uint64_t{1} << (64 - directory_shift_ - page->depth);
    for (uint64_t i = 0; i < overflow; ++i) page = page->overflow;
    for (; number < slots_.count && found < capacity; ++number) {
      char* const slot = slots_.At(page, number);
      if ((slots_.Flags(slot) & kSlotTaken) != 0) rows[found++] = slots_.Row(slot);
    }
    if (number < slots_.count) break;
    number = 0;
    ++overflow;
    if (page->overflow == nullptr) {
      overflow = 0;
      entry += entries;
    }
  }
  cursor.position = (entry * kMostOverflows + overflow) * kMostSlots + number;
  cursor.done = entry >= directory_.size();
  return found;
}

template <class Keys>
uint64_t HeapTable<Keys>::AppendRowsAt(uint64_t position, std::vector<char*>& rows) const {
  HeapPage* const first = directory_[position];
  for (HeapPage* page = first; page != nullptr; page = page->overflow) {
    for (uint32_t i = 0; i < slots_.count; ++i) {
      char* const slot = slots_.At(page, i);
      if ((slots_.Flags(slot) & kSlotTaken) != 0) rows.push_back(slots_.Row(slot));
    }
  }
  return position + (uint64_t{1} << (64 - directory_shift_ - first->depth));
}

template class HeapTable<IntegerKeys>;
template class HeapTable<ByteKeys>;

}  // namespace weir
