#include "weir/state/heap/heap_table.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "weir/base/check.h"
#include "weir/state/heap/heap_pipeline.h"
#include "weir/state/heap/row_epochs.h"

namespace weir {

namespace {

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

template <class Keys>
HeapTable<Keys>::HeapTable(uint32_t row_bytes, uint64_t first_hash, uint64_t last_hash,
                           std::shared_ptr<HeapMemory> memory)
    : slots_(HeapSlots<Keys::kHasMarks>::Of(Keys::kBytes, row_bytes)),
      first_hash_(first_hash),
      last_hash_(last_hash),
      range_shift_(RangeShift(first_hash, last_hash)),
      arena_(std::move(memory)) {
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
template <class F>
void HeapTable<Keys>::ForEachSlot(HeapPage* page, F&& f) const {
  for (; page != nullptr; page = page->overflow) ForEachSlotOf(page, f);
}

template <class Keys>
void HeapTable<Keys>::ReleaseKeys(HeapPage* page) {
  if constexpr (Keys::kHasRemoteBytes) ForEachSlot(page, [](char* slot) { Keys::Release(slot); });
}

template <class Keys>
void HeapTable<Keys>::Clear() {
  HeapPage* last = nullptr;
  for (HeapPage* page : directory_) {
    if (page == last || page == nullptr) continue;
    last = page;
    ReleaseKeys(page);
    for (HeapPage* each = page; each != nullptr;) {
      HeapPage* const next = each->overflow;
      FreeOrLeave(each);
      each = next;
    }
  }
  page_count_ = row_count_ = remote_bytes_ = 0;
  directory_.assign(2, nullptr);
  touched_.assign(2, 0);
  directory_shift_ = 63;
  FillDirectory(NewPage(0, 0));
}

template <class Keys>
void HeapTable<Keys>::Reserve(uint64_t rows) {
  if (row_count_ > 0) return;
  // Hashes are uniform: a page gets more than that seldom, and is split then.
  const double limit = slots_.limit;
  const double page_rows = std::max(limit / 2, limit - 3 * std::sqrt(limit));
  // Part of the directory that hashes in the range can reach.
  const double reach = static_cast<double>(PlaceOf(last_hash_)) / 0x1p64;
  uint32_t depth = 0;
  while (depth<kDeepest&& static_cast<double>(rows)> page_rows * reach * std::exp2(depth)) ++depth;
  if (depth < 2) return;
  Clear();
  arena_.Free(directory_.front());  // the only page
  page_count_ = 0;
  directory_.assign(uint64_t{1} << depth, nullptr);
  touched_.assign(uint64_t{1} << depth, 0);
  directory_shift_ = 64 - depth;
  try {
    const uint64_t reached = PlaceOf(last_hash_) >> directory_shift_;
    for (uint64_t prefix = 0; prefix <= reached; ++prefix) FillDirectory(NewPage(prefix, depth));
    // The rest belongs to as few pages as can be.
    for (uint64_t prefix = reached + 1; prefix < directory_.size();) {
      const uint32_t free_bits = static_cast<uint32_t>(std::countr_zero(prefix));
      FillDirectory(NewPage(prefix >> free_bits, depth - free_bits));
      prefix += uint64_t{1} << free_bits;
    }
  } catch (const StatusException&) {
    // There is no room for so many; the first row that finds none says so.
    Clear();
  }
}

template <class Keys>
HeapPage* HeapTable<Keys>::NewPage(uint64_t prefix, uint32_t depth) {
  ++page_count_;
  return AllocatePage(prefix, depth);
}

template <class Keys>
HeapPage* HeapTable<Keys>::AllocatePage(uint64_t prefix, uint32_t depth) {
  HeapPage* const page = static_cast<HeapPage*>(arena_.Allocate());
  std::memset(static_cast<void*>(page), 0, slots_.first);  // slots are cleared when they are taken
  page->prefix = prefix;
  page->depth = depth;
  for (uint32_t i = slots_.count; i < slots_.groups * kTagsPerGroup; ++i) *slots_.TagAt(page, i) = kTagNoSlot;
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
  std::vector<uint32_t> touched;
  doubled.reserve(directory_.size() * 2);
  touched.reserve(directory_.size() * 2);
  for (size_t i = 0; i < directory_.size(); ++i) {
    doubled.insert(doubled.end(), 2, directory_[i]);
    touched.insert(touched.end(), 2, touched_[i]);
  }
  directory_ = std::move(doubled);
  touched_ = std::move(touched);
  --directory_shift_;
}

template <class Keys>
void HeapTable<Keys>::Prepare(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows,
                              std::vector<char*>& inserted) {
  PrepareAll</*kInEpoch=*/false>(0, keys, hashes, count, rows, inserted, nullptr);
}

template <class Keys>
void HeapTable<Keys>::PrepareInEpoch(uint32_t epoch, const KeyColumn& keys, const uint64_t* hashes, uint32_t count,
                                     char** rows, std::vector<char*>& inserted, RowToucher& toucher) {
  PrepareAll</*kInEpoch=*/true>(epoch, keys, hashes, count, rows, inserted, &toucher);
}

template <class Keys>
template <bool kInEpoch>
void HeapTable<Keys>::PrepareAll(uint32_t epoch, const KeyColumn& keys, const uint64_t* hashes, uint32_t count,
                                 char** rows, std::vector<char*>& inserted, RowToucher* toucher) {
  Pipeline<kInEpoch && Keys::kHasMarks> pipeline{*this, hashes, count, {}, {}, {}};
  [[maybe_unused]] UntouchedKeys untouched(toucher, rows, hashes);
  inserted_.clear();
  pipeline.Begin();
  for (uint32_t first = 0; first < count; first += kBlock) {
    pipeline.BeginBlock(first);
    const uint32_t end = std::min(first + kBlock, count);
    // Keys of the block before it, whose marks were looked at.
    [[maybe_unused]] uint32_t looked_at = first;
    // Up to that key.
    [[maybe_unused]] const auto look_at_marks = [&](uint32_t up_to) {
      const uint32_t bits =
          pipeline.UntouchedIn(first, EpochMark(epoch)) & BitsBetween(looked_at - first, up_to - first);
      untouched.AddAll(bits, first);
      looked_at = up_to;
    };
    for (uint32_t i = first; i < end; ++i) {
      char* slot = pipeline.slots[i % kRing];
      if constexpr (Keys::kHasRemoteBytes) {
        char* const next = pipeline.slots[(i + kRemoteAhead) % kRing];
        if (i + kRemoteAhead < count && next != nullptr) Keys::PrefetchRemote(next);
      }
      const Probe probe = Keys::ProbeOf(keys, i);
      if (slot == nullptr || !Keys::Equals(slot, probe)) [[unlikely]] {
        current_ = i;
        if constexpr (kInEpoch && Keys::kHasMarks) look_at_marks(i);
        if constexpr (kInEpoch) untouched.Tell();  // before rows move
        const uint64_t version = version_;
        slot = FindOrInsert(probe, hashes[i]);
        if constexpr (kInEpoch && Keys::kHasMarks) pipeline.marks[i % kRing] = *slots_.MarkFor(slot);
        if (version != version_) pipeline.BeginAgain(first, i + 1);
      }
      rows[i] = slot + Keys::kBytes;
      if constexpr (kInEpoch && !Keys::kHasMarks) untouched.AddIf(RowEpoch(rows[i]) != epoch, i);
    }
    if constexpr (kInEpoch && Keys::kHasMarks) look_at_marks(end);
  }
  if constexpr (kInEpoch) {
    untouched.Tell();
    GoToCopies(count, rows);
  }
  if (!gone_.empty()) [[unlikely]]
    FixRows(keys, hashes, count, rows);
  for (uint32_t i : inserted_) inserted.push_back(rows[i]);
}

template <class Keys>
char* HeapTable<Keys>::FindIn(uint8_t* home, const Probe& probe, uint64_t hash) const {
  for (uint8_t* group = home;; group = slots_.Next(group)) {
    for (TagMask match = TagsEqual(group, TagOf(hash)); match; match.DropFirst()) {
      char* const slot = slots_.SlotOf(group + match.First());
      if (Keys::Equals(slot, probe)) return slot;
    }
    if (TagsEqual(group, kTagEmpty)) return nullptr;
  }
}

template <class Keys>
char* HeapTable<Keys>::FindOrInsert(const Probe& probe, uint64_t hash) {
  for (HeapPage* page = PageFor(hash); page != nullptr; page = page->overflow) {
    if (char* const slot = FindIn(slots_.Home(page, hash), probe, hash); slot != nullptr) return slot;
  }
  char* const slot = TakeSlot(hash);
  std::memset(slot + Keys::kBytes, 0, slots_.row_bytes);
  if constexpr (Keys::kHasMarks) *slots_.MarkFor(slot) = 0;
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
  for (uint8_t* group = slots_.Home(page, hash);; group = slots_.Next(group)) {
    const TagMask gaps = TagsEqual(group, kTagGap);
    const TagMask empty = TagsEqual(group, kTagEmpty);
    if (!gaps && !empty) continue;
    if (!gaps && page->used == slots_.limit) return nullptr;
    if (!gaps) ++page->used;
    ++page->rows;
    uint8_t* const tag = group + (gaps ? gaps : empty).First();
    *tag = TagOf(hash);
    return slots_.SlotOf(tag);
  }
}

template <class Keys>
void HeapTable<Keys>::MakeRoom(HeapPage* page) {
  ++version_;
  if (page->used - page->rows >= slots_.limit / 4) {
    Replace(page, /*split=*/false);  // a quarter of the slots are gaps
  } else if (MaySplit(*page)) {
    Replace(page, /*split=*/true);
  } else {
    HeapPage* const more = AllocatePage(page->prefix, page->depth);
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
  // Whatever throws for want of memory does so before anything has changed.
  HeapPage* const low = split ? NewPage(page->prefix * 2, page->depth + 1) : NewPage(page->prefix, page->depth);
  HeapPage* const high = split ? NewPage(page->prefix * 2 + 1, page->depth + 1) : nullptr;
  for (HeapPage* each = page; each != nullptr; each = each->overflow) {
    each->gone = true;
    gone_.push_back(each);
  }
  for (HeapPage* fresh : {low, high}) {
    if (fresh != nullptr) FillDirectory(fresh);
  }
  --page_count_;
  ForEachSlot(page, [this](char* slot) { MoveSlot(slot); });
}

template <class Keys>
void HeapTable<Keys>::MoveSlot(char* slot) {
  char* const to = TakeSlot(Keys::HashOf(slot));
  std::memcpy(to, slot, slots_.stride);
  if constexpr (Keys::kHasMarks) *slots_.MarkFor(to) = *slots_.MarkFor(slot);
}

template <class Keys>
void HeapTable<Keys>::FixRows(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) {
  for (uint32_t i = 0; i < count; ++i) {
    if (PageOf(rows[i])->gone) rows[i] = FindOrInsert(Keys::ProbeOf(keys, i), hashes[i]) + Keys::kBytes;
  }
  FreeGonePages();
}

template <class Keys>
void HeapTable<Keys>::FreeGonePages() {
  for (HeapPage* page : gone_) FreeOrLeave(page);
  gone_.clear();
}

template <class Keys>
void HeapTable<Keys>::Drop(char* row) {
  char* const slot = row - Keys::kBytes;
  HeapPage* const page = PageOf(slot);
  uint8_t* const tag = slots_.TagFor(slot);
  remote_bytes_ -= Keys::RemoteBytes(slot);
  Keys::Release(slot);
  --row_count_;
  --page->rows;
  // Look-ups go on behind a group only if it is full: then the slot must not look empty.
  const bool ends_here = static_cast<bool>(TagsEqual(slots_.GroupOf(tag), kTagEmpty));
  *tag = ends_here ? kTagEmpty : kTagGap;
  if (ends_here) --page->used;
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
      uint8_t* const tag = slots_.TagAt(page, number);
      if (IsTaken(*tag)) rows[found++] = slots_.SlotOf(tag) + Keys::kBytes;
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
  ForEachSlot(first, [&rows](char* slot) { rows.push_back(slot + Keys::kBytes); });
  return position + (uint64_t{1} << (64 - directory_shift_ - first->depth));
}

template <class Keys>
HeapPage* HeapTable<Keys>::PageAt(uint64_t place) const {
  HeapPage* const page = directory_[place >> directory_shift_];
  return page->overflow == nullptr ? page : nullptr;
}

// Look-ups must end (H1).
template <class Keys>
bool HeapTable<Keys>::CountTags(HeapPage& page) const {
  const uint32_t missing = slots_.groups * kTagsPerGroup - slots_.count;
  for (uint32_t i = slots_.count; i < slots_.count + missing; ++i) *slots_.TagAt(&page, i) = kTagNoSlot;
  TagCounts counts;
  for (uint32_t i = 0; i < slots_.count; i += kTagsPerGroup) {
    uint8_t* const group = slots_.TagAt(&page, i);
    counts.Add(group);
    if constexpr (Keys::kHasMarks) {
      for (uint32_t slot = 0; slot < kTagsPerGroup; ++slot) group[kTagsPerGroup + slot] = group[slot] & kPresentMark;
    }
  }
  page.rows = counts.taken();
  page.used = slots_.count - counts.empty();
  return page.used <= slots_.limit;
}

template <class Keys>
bool HeapTable<Keys>::AdoptPage(HeapPage* page, uint64_t first_hash, uint32_t hash_bits) {
  const uint32_t depth = 64 - range_shift_ - hash_bits;
  if (hash_bits + range_shift_ >= 64 || depth > kDeepest || first_hash < first_hash_ || first_hash > last_hash_)
    return false;
  const uint64_t place = PlaceOf(first_hash);
  if (place << depth != 0 || !CountTags(*page)) return false;
  while (depth + directory_shift_ > 64) DoubleDirectory();
  const auto there = [&] { return directory_[place >> directory_shift_]; };
  while (there()->depth < depth) {
    Replace(there(), /*split=*/true);
    FreeGonePages();
  }
  HeapPage* const before = there();
  if (before->depth > depth) return false;
  ++version_;
  page->prefix = place >> (64 - depth);
  page->depth = depth;
  page->gone = false;
  page->lent = 0;
  page->overflow = page->copy = nullptr;
  FillDirectory(page);
  row_count_ += page->rows;
  // What was there already: a few rows that came before their page.
  ForEachSlot(before, [this](char* slot) { MoveSlot(slot); });
  for (HeapPage* each = before; each != nullptr; each = each->overflow) gone_.push_back(each);
  FreeGonePages();
  return true;
}

template <class Keys>
void HeapTable<Keys>::AppendPage(uint64_t& place, std::vector<char*>& rows) const {
  HeapPage* const page = directory_[place >> directory_shift_];
  ForEachSlot(page, [&rows](char* slot) { rows.push_back(slot + Keys::kBytes); });
  place = PlaceBehind(*page);
}

template <class Keys>
void HeapTable<Keys>::AgePage(uint64_t& place, uint32_t last, uint32_t now) {
  if constexpr (Keys::kHasMarks) {
    uint8_t kept[kEpochMarks + 1];  // of a mark's epoch
    for (uint32_t mark = 0; mark <= kEpochMarks; ++mark) {
      const bool is_kept = EpochOfMark(static_cast<uint8_t>(mark), now, EpochMark(now)) > last;
      kept[mark] = static_cast<uint8_t>(is_kept ? mark : 0);
    }
    HeapPage* const first = directory_[place >> directory_shift_];
    for (HeapPage* page = first; page != nullptr; page = page->overflow) {
      for (uint32_t i = 0; i < slots_.groups * kTagsPerGroup; ++i) {
        uint8_t& mark = slots_.TagAt(page, i)[kTagsPerGroup];
        const uint8_t aged = static_cast<uint8_t>((mark & ~kEpochMarks) | kept[mark & kEpochMarks]);
        if (aged != mark) mark = aged;
      }
    }
    place = PlaceBehind(*first);
  }
}

template <class Keys>
typename HeapTable<Keys>::PageSpan HeapTable<Keys>::SpanAt(uint64_t place) const {
  const HeapPage* page = directory_[place >> directory_shift_];
  const uint64_t first = page->depth == 0 ? 0 : page->prefix << (64 - page->depth);
  const uint64_t last = PlaceBehind(*page) - 1;
  const auto entry = touched_.begin() + static_cast<int64_t>(first >> directory_shift_);
  const auto behind = touched_.begin() + static_cast<int64_t>(last >> directory_shift_) + 1;
  return {first_hash_ + (first >> range_shift_), first_hash_ + (last >> range_shift_),
          *std::max_element(entry, behind)};
}

template class HeapTable<IntegerKeys>;
template class HeapTable<MarkedIntegerKeys>;
template class HeapTable<ByteKeys>;
template class HeapTable<PieceKeys>;

}  // namespace weir
