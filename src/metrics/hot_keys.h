// Which keys of a stream come most often: a space-saving sketch over a sample (Metwally et al., "Efficient computation of frequent and top-k elements").
//
// One key in some 256 is looked at, and after the first 4096 of them, which a fast stream has in a second, one in some 1024: each costs as much as
// some ten records (benchmarks/metrics_cost). Distances are irregular, so that no pattern in the input hides. Of these the sketch keeps kCounters; a key that is
// not among them takes the place, and the count, of the rarest. So a key's count is never too low, and too high by at most its `error`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/mutex.h"

namespace weir {

// Threads: one adds (the task's), any reads. The lock is taken for every sampled key, not for every record.
class HotKeys {
 public:
  static constexpr size_t kCounters = 64;
  // Counts are halved whenever this many keys have been sampled, so that what is shown is about the last minutes.
  static constexpr int64_t kForgetAt = 8192;
  static constexpr uint32_t kDenseSamples = 4096;

  struct Key {
    std::string text;
    int64_t count = 0;  // of the sample
    int64_t error = 0;
  };
  struct Top {
    int64_t sampled = 0;  // all keys in the sample
    std::vector<Key> keys;
  };

  // Chooses from the next `count` keys: calls `add(i)` for each that is sampled. `hashes`: of the keys.
  template <class F>
  void Choose(const uint64_t* hashes, uint32_t count, F&& add) {
    while (until_next_ < count) {
      const uint32_t at = until_next_;
      add(at);
      const uint64_t mixed = hashes[at] ^ (jitter_ += 0x9e3779b97f4a7c15u);
      const bool is_dense = chosen_ < kDenseSamples;
      chosen_ += is_dense;
      until_next_ = at + 1 + (is_dense ? 128 : 512) + static_cast<uint32_t>(mixed >> (is_dense ? 56 : 54));
    }
    until_next_ -= count;
  }
  void Add(uint64_t hash, int64_t key);
  // Keys that are not text, or long, are shown as the first bytes in hexadecimal.
  void Add(uint64_t hash, std::string_view key);

  // The `most` keys with the highest counts, those first.
  Top MostFrequent(size_t most) const;
  // `[{"key": "ATL", "share": 0.41}]`: those that hold at least a hundredth of the sample. "" when there are none or the sample is small.
  std::string AsJson() const;
  // Thousandths of the sample that the most frequent key certainly has.
  int64_t TopShareMillis() const;

 private:
  struct Counter {
    uint64_t hash = 0;
    int64_t count = 0;
    int64_t error = 0;
    std::string text;
  };
  Counter& Count(uint64_t hash) WEIR_REQUIRES(mutex_);
  void Forget() WEIR_REQUIRES(mutex_);

  // The adding thread's.
  uint32_t until_next_ = 0;
  uint32_t chosen_ = 0;  // up to kDenseSamples
  uint64_t jitter_ = 0;

  mutable Mutex mutex_;
  std::vector<Counter> counters_ WEIR_GUARDED_BY(mutex_);
  int64_t sampled_ WEIR_GUARDED_BY(mutex_) = 0;
};

}  // namespace weir
