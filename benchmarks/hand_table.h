// The table that a natural hand loop would use: open addressing, linear probing, load at most 0.35, 16 bytes per key.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "weir/base/hash.h"

namespace weir::bench {

// Counts per key. The key INT64_MIN may not be used.
class HandTable {
 public:
  explicit HandTable(size_t capacity = 1024) : entries_(capacity, Entry{kFree, 0}) {}

  int64_t& operator[](int64_t key) {
    Entry* entry = Find(key);
    if (entry->key == kFree) [[unlikely]] {
      if ((size_ + 1) * 20 > entries_.size() * 7) {
        Grow();
        entry = Find(key);
      }
      entry->key = key;
      ++size_;
    }
    return entry->count;
  }

  // Calls f(key, count) for every key.
  template <class F>
  void ForEach(F&& f) const {
    for (const Entry& entry : entries_) {
      if (entry.key != kFree) f(entry.key, entry.count);
    }
  }

 private:
  struct Entry {
    int64_t key;
    int64_t count;
  };
  static constexpr int64_t kFree = INT64_MIN;

  Entry* Find(int64_t key) {
    const size_t mask = entries_.size() - 1;
    size_t slot = Hash64(static_cast<uint64_t>(key)) & mask;
    while (entries_[slot].key != key && entries_[slot].key != kFree) slot = (slot + 1) & mask;
    return &entries_[slot];
  }
  void Grow() {
    HandTable larger(entries_.size() * 2);
    for (const Entry& entry : entries_) {
      if (entry.key != kFree) *larger.Find(entry.key) = entry;
    }
    larger.size_ = size_;
    std::swap(*this, larger);
  }

  std::vector<Entry> entries_;
  size_t size_ = 0;
};

}  // namespace weir::bench
