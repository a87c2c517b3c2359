// When which key has a timer: entries in buckets of 64 ms, put in order only when they are due.
//
// The calendar is derived from the rows and never in a snapshot. It may hold more than there is: a timer that was deleted leaves its entry, and one that
// was deleted and registered again has two. Who takes an entry asks the key's row whether the timer is pending.
//
//   ring   1024 buckets: one span of 65 s, the one in which time is
//   far    span -> bucket; spread over the ring when its time comes
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/functions/state/keyed_rows.h"

namespace weir {

// Threads: the task's thread.
class TimerCalendar {
 public:
  struct Entry {
    int64_t time;
    int64_t integer;  // the key, or where its length and bytes begin
  };
  // Entries and the bytes of their keys.
  struct Entries {
    std::vector<Entry> list;
    std::string bytes;

    void Add(int64_t time, const StoredKey& key, KeyForm form);
    StoredKey KeyOf(const Entry& entry, KeyForm form) const;
    void Clear();
  };

  explicit TimerCalendar(KeyForm key_form) : key_form_(key_form) {}

  void Add(int64_t time, const StoredKey& key);
  // An entry for this time is void: its timer was deleted.
  void NoteDeleted(int64_t time);

  // No timer is earlier; INT64_MAX: there is none. May name the time of a deleted timer.
  int64_t NextTime() const;
  // Replaces `due` by the earliest entries with time <= up_to, at most `capacity`, in order of time. None: nothing is due.
  void TakeDue(int64_t up_to, uint32_t capacity, Entries& due);
  // Takes all entries of a bucket most of whose timers were deleted, each once; false: there is none. Those still pending are to be added again.
  bool TakeStale(Entries& stale);
  void Clear();
  bool empty() const { return entry_count_ == 0; }
  uint64_t entry_count() const { return entry_count_; }

 private:
  struct Bucket {
    Entries entries;
    int64_t earliest = INT64_MAX;
    uint64_t deleted = 0;   // entries that are void
    bool in_order = false;  // it is due: the entries are a heap, earliest first
  };
  static constexpr int kBucketBits = 6;  // 64 ms: a million timers within an hour are 18 to a bucket
  static constexpr int kSpanBits = 10;
  static constexpr uint32_t kBuckets = 1 << kSpanBits;

  // Of stale entries, before a bucket is worth taking: fewer cost less than looking.
  static constexpr uint64_t kFewestStale = 4096;

  static int64_t SpanOf(int64_t time) { return time >> (kBucketBits + kSpanBits); }
  static uint32_t RingNumber(int64_t time) { return static_cast<uint32_t>(time >> kBucketBits) % kBuckets; }
  static bool IsStale(const Bucket& bucket) {
    return bucket.deleted >= kFewestStale && bucket.deleted * 2 >= bucket.entries.list.size();
  }
  Bucket& BucketFor(int64_t time);
  // nullptr: no such bucket.
  Bucket* Existing(int64_t time);
  // Empties the bucket of that time.
  void Remove(int64_t time);
  void AddTo(Bucket& bucket, int64_t time, const StoredKey& key);
  // The lowest bucket of the ring that has entries; kBuckets: none.
  uint32_t FirstUsed() const;
  // Spreads the earliest far span over the ring, which must be empty.
  void Advance();
  void TakeFrom(Bucket& bucket, int64_t up_to, uint32_t capacity, Entries& due);

  const KeyForm key_form_;
  int64_t span_ = INT64_MIN;           // of the ring; the lowest: nothing was ever due
  std::vector<Bucket> ring_;           // made when a timer is first due
  uint64_t used_[kBuckets / 64] = {};  // a bit per bucket of the ring
  std::map<int64_t, Bucket> far_;
  std::pair<const int64_t, Bucket>* last_far_ = nullptr;  // used last; it is likely to be used again
  std::vector<int64_t> stale_;                            // times in buckets that may be worth taking
  uint64_t entry_count_ = 0;
};

}  // namespace weir
