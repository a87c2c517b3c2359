// The heap backend's hash table: extendible hashing by the top bits of the hash over small pages.
//
//   directory [ top bits of (hash - first hash of the key group range) ] -> page        (heap_page.h)
//
// Key groups are ranges of hashes, so pages lie in the order of key groups, and key groups share pages while they are small. Growth splits one page into
// two at a time: no operation is proportional to the table but the doubling of the directory, which is 8 bytes per page.
//
// Invariants: (H1) every page has an empty slot, so probing ends; (H2) rows move only inside Prepare; (H3) a page that is gone is
// reachable from `gone_` only.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "weir/functions/state/keyed_rows.h"
#include "weir/state/heap/heap_keys.h"
#include "weir/state/heap/heap_page.h"
#include "weir/state/heap/page_arena.h"
#include "weir/state/heap/row_epochs.h"

namespace weir {

// Told of the rows of a Prepare that were not touched yet.
class RowToucher {
 public:
  // `numbers`: of keys whose rows are in rows[] and have not moved. One may be there twice.
  virtual void TouchRows(const uint32_t* numbers, uint32_t count, char* const* rows, const uint64_t* hashes) = 0;

 protected:
  ~RowToucher() = default;
};

// `Keys`: IntegerKeys, MarkedIntegerKeys or ByteKeys. Threads: the task's thread.
template <class Keys>
class HeapTable {
 public:
  // Hashes of its keys lie in [first_hash, last_hash]. `memory`: told of its pages, if there is one; what it throws comes out of all that makes pages.
  HeapTable(uint32_t row_bytes, uint64_t first_hash, uint64_t last_hash, std::shared_ptr<HeapMemory> memory = nullptr);
  HeapTable(const HeapTable&) = delete;
  HeapTable& operator=(const HeapTable&) = delete;
  ~HeapTable();

  // rows[i] becomes the row of the i-th key. A new row is zero, and is appended to `inserted`.
  void Prepare(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows,
               std::vector<char*>& inserted);
  // The same; `toucher` is told of all rows that were not touched in `epoch` (row_epochs.h), some at a time, while they are at hand.
  void PrepareInEpoch(uint32_t epoch, const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows,
                      std::vector<char*>& inserted, RowToucher& toucher);
  // Whether `row`, which Prepare or Walk gave since rows last moved, has not been dropped.
  bool Contains(char* row) const { return IsTaken(*slots_.TagFor(row - Keys::kBytes)); }
  // Takes the row out. Other rows stay where they are. The row's values must have been destroyed.
  void Drop(char* row);
  uint32_t Walk(RowCursor& cursor, uint32_t capacity, char** rows) const;
  // Appends all rows of the pages at directory entry `position` and returns the next position; in order of hashes from page to page.
  uint64_t AppendRowsAt(uint64_t position, std::vector<char*>& rows) const;
  // Appends all rows of one page and moves `place` behind it; 0 is the first page, and what comes behind the last. Rows that move meanwhile, when pages split,
  // stay on the same side of a place.
  void AppendPage(uint64_t& place, std::vector<char*>& rows) const;
  // Where AppendPage comes by a key with this hash: while it stands at a greater place, it has been there.
  uint64_t PlaceOf(uint64_t hash) const { return (hash - first_hash_) << range_shift_; }
  // Of the page at `place`: the hashes of its keys lie in [first, last].
  struct PageSpan {
    uint64_t first;
    uint64_t last;
    uint32_t touched;  // no row of it was touched in a later epoch (row_epochs.h)
  };
  PageSpan SpanAt(uint64_t place) const;
  // The row of a key with this hash is touched in `epoch`.
  void NoteTouched(uint64_t hash, uint32_t epoch) { touched_[PlaceOf(hash) >> directory_shift_] = epoch; }
  // The place behind the page at `place`.
  uint64_t PlaceBehind(uint64_t place) const { return PlaceBehind(*directory_[place >> directory_shift_]); }
  uint64_t directory_size() const { return directory_.size(); }

  // Asks for what a walk looks at first of the page at `place`: its header, tags and marks. While the page before is worked on, that costs nothing.
  void AskForPage(uint64_t place) const {
    const char* const page = reinterpret_cast<const char*>(directory_[place >> directory_shift_]);
    constexpr uint32_t kLine = 64;
    // Into the L2: what is at hand goes through the L1.
    for (uint32_t at = 0; at < slots_.first; at += kLine) __builtin_prefetch(page + at, 0, 2);
  }

  // For snapshots of pages as they are. The page at `place`; null if it has overflow.
  HeapPage* PageAt(uint64_t place) const;
  // Rows of the page that were not touched stay as they are, until as many GiveBack as Lend (page_loan.h).
  void Lend(HeapPage* page) { ++page->lent; }
  // Not inside of Prepare.
  void GiveBack(HeapPage* page);
  // Before the first touch of `row`, inside of Prepare or before GoToCopies: where it is to be changed. The table goes on in a copy of a page that is lent.
  char* OwnedRow(char* row);
  // Behind the touches of what Walk gave: rows of pages that have been copied since are in the copies.
  void GoToCopies(uint32_t count, char** rows);
  const HeapSlots<Keys::kHasMarks>& slots() const { return slots_; }
  // Memory for a page of another table.
  HeapPage* NewForeignPage() { return static_cast<HeapPage*>(arena_.Allocate()); }
  // Puts a page of a table with the same slots in its place; its tags and taken slots count, and the hashes of its keys, of which none is here, lie in
  // [first_hash, first_hash + 2^hash_bits). False: there is no such place here, or the page cannot be; it stays the caller's.
  bool AdoptPage(HeapPage* page, uint64_t first_hash, uint32_t hash_bits);
  // Calls f(slot) for every row of a page that is in no table.
  template <class F>
  void ForEachSlotOf(HeapPage* page, F&& f) const {
    uint8_t* const end = page->tags() + slots_.groups * slots_.kGroupBytes;
    for (uint8_t* group = page->tags(); group != end; group += slots_.kGroupBytes) {
      for (TagMask taken = TagsTaken(group); taken; taken.DropFirst()) f(slots_.SlotOf(group + taken.First()));
    }
  }
  // One of its rows; null: there is none.
  char* AnySlotOf(HeapPage* page) const {
    uint8_t* const end = page->tags() + slots_.groups * slots_.kGroupBytes;
    for (uint8_t* group = page->tags(); group != end; group += slots_.kGroupBytes) {
      if (const TagMask taken = TagsTaken(group)) return slots_.SlotOf(group + taken.First());
    }
    return nullptr;
  }
  void FreeForeignPage(HeapPage* page) { arena_.Free(page); }
  // Of rows without flags: those of the page at `place` that were touched in `last` or before were touched long ago, and moves `place` behind it.
  void AgePage(uint64_t& place, uint32_t last, uint32_t now);
  // Removes everything. The rows' values must have been destroyed.
  void Clear();
  // Makes pages for `rows` rows in all, if there is none yet: rows that come then are not moved by splits.
  void Reserve(uint64_t rows);

  StoredKey KeyOf(const char* row) const { return Keys::Read(row - Keys::kBytes); }
  uint64_t HashOf(const char* row) const { return Keys::HashOf(row - Keys::kBytes); }
  // Of rows without flags.
  uint8_t& MarkOf(const char* row) const { return *slots_.MarkFor(const_cast<char*>(row) - Keys::kBytes); }
  // A bit for each state of the row that has a value.
  uint32_t PresentIn(const char* row) const {
    if constexpr (Keys::kHasMarks) return MarkOf(row) >> 7;
    return static_cast<uint32_t>(RowFlags(row) & kPresentFlags);
  }
  uint64_t row_count() const { return row_count_; }
  uint64_t page_count() const { return page_count_; }
  uint64_t memory_bytes() const { return arena_.used_bytes() + directory_.size() * sizeof(HeapPage*) + remote_bytes_; }

 private:
  using Probe = typename Keys::Probe;

  template <bool kKeepsMarks>
  struct Pipeline;

  // `epoch` and `toucher`: only with kInEpoch.
  template <bool kInEpoch>
  void PrepareAll(uint32_t epoch, const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows,
                  std::vector<char*>& inserted, RowToucher* toucher);

  HeapPage* PageFor(uint64_t hash) const {
    return directory_[((hash - first_hash_) << range_shift_) >> directory_shift_];
  }
  static uint64_t PlaceBehind(const HeapPage& page) {
    return page.depth == 0 ? 0 : (page.prefix + 1) << (64 - page.depth);
  }
  uint8_t* HomeOf(uint64_t hash) const { return slots_.Home(PageFor(hash), hash); }

  // The slot of the key in the page of group `home`; nullptr: it is not there.
  char* FindIn(uint8_t* home, const Probe& probe, uint64_t hash) const;
  // The slot of the key, inserted if new.
  char* FindOrInsert(const Probe& probe, uint64_t hash);
  // A free slot for a key with this hash that is not in the table. Makes room.
  char* TakeSlot(uint64_t hash);
  // The first free slot from the home on; nullptr: the page has reached its limit.
  char* TakeSlotIn(HeapPage* page, uint64_t hash);
  void MakeRoom(HeapPage* page);
  // Replaces `page` and its overflow by one page of the same depth, or by two of the next.
  void Replace(HeapPage* page, bool split);
  bool MaySplit(const HeapPage& page) const;
  void DoubleDirectory();
  HeapPage* NewPage(uint64_t prefix, uint32_t depth);
  // A page that is in no directory.
  HeapPage* AllocatePage(uint64_t prefix, uint32_t depth);
  void FillDirectory(HeapPage* page);
  // Calls f(slot) for every row of the page and its overflow.
  template <class F>
  void ForEachSlot(HeapPage* page, F&& f) const;
  void ReleaseKeys(HeapPage* page);
  void FreeGonePages();
  // Once nobody reads it.
  void FreeOrLeave(HeapPage* page);
  // After pages went: looks those of `rows` up again that pointed into them, and frees the pages.
  void FixRows(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows);

  // Takes a place for a slot that stands in a page that goes.
  void MoveSlot(char* slot);
  // Whether a page from elsewhere can be one of this table; its counts, and marks, follow from its tags.
  bool CountTags(HeapPage& page) const;

  const HeapSlots<Keys::kHasMarks> slots_;
  const uint64_t first_hash_;
  const uint64_t last_hash_;
  const uint32_t range_shift_;  // so that the hash range fills the directory
  std::vector<HeapPage*> directory_;
  // By entry of the directory: the epoch of NoteTouched. Not in the page: beginnings of pages share few sets of a cache, so that each touch would miss it.
  std::vector<uint32_t> touched_;
  uint32_t directory_shift_ = 63;  // 64 - bits of the directory's index
  std::vector<HeapPage*> gone_;
  std::vector<HeapPage*> copied_;  // lent pages that OwnedRow has copied since GoToCopies
  uint64_t version_ = 0;           // counts replaced pages: homes computed before are void
  uint64_t row_count_ = 0;
  uint64_t page_count_ = 0;         // without overflow pages
  uint64_t remote_bytes_ = 0;       // of keys outside their slots
  std::vector<uint32_t> inserted_;  // keys of the running Prepare whose rows are new
  uint32_t current_ = 0;            // number of the key being resolved
  PageArena arena_;
};

extern template class HeapTable<IntegerKeys>;
extern template class HeapTable<MarkedIntegerKeys>;
extern template class HeapTable<ByteKeys>;
extern template class HeapTable<PieceKeys>;

}  // namespace weir
