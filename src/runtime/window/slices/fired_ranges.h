// Which windows had fired, of those whose slices a snapshot holds.
//
// Watermarks are not in snapshots: after a restore time begins anew. A window that had fired must not fire again for what it held then, only for
// records that come now; and one that was gone is a new one. So windows in these ranges have contents of their own after a restore, key by key, as on
// the general path, until the watermark has passed them. It concerns the few records that are older than the watermark at the snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/types/key_group.h"

namespace weir {

// Windows that end after `from` and had reached their fire time by `fired`. Those that had by `gone` had been removed too.
struct FiredRange {
  EventTime from;
  EventTime fired;
  EventTime gone;
  friend bool operator==(const FiredRange&, const FiredRange&) = default;
};

// Threads: the task's thread.
class FiredRanges {
 public:
  enum class Past : uint8_t { kNone, kFired, kGone };

  explicit FiredRanges(KeyGroupRange own) : own_(own) {}

  bool empty() const { return by_group_.empty(); }
  // What had become of the window that ends at `end`, for keys of `key_group`.
  Past Find(uint32_t key_group, EventTime end) const;
  // No window of a range has its clean-up after `watermark`.
  bool IsPassed(EventTime watermark, int64_t lateness) const;
  void Clear() { by_group_.clear(); }

  // What a snapshot keeps, for the union of all subtasks: the ranges of each key group, and `now` if it is not null.
  std::vector<std::string> Encode(const FiredRange* now) const;
  // Takes over what another subtask wrote, where the key groups are own ones.
  Status Add(std::string_view element);

 private:
  std::vector<FiredRange> RangesOf(int key_group, const FiredRange* now) const;

  KeyGroupRange own_;
  std::vector<std::vector<FiredRange>> by_group_;  // from own_.first on; empty: there are none at all
};

}  // namespace weir
