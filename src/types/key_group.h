// Key groups: the unit in which keyed state is spread over subtasks, snapshotted and moved.
//
// A key's hash decides its key group once and for all (for a given maximum parallelism); each subtask owns a contiguous range of groups.
#pragma once

#include <cstdint>

namespace weir {

inline constexpr int kMaxMaxParallelism = 32768;

// Key groups [first, last].
struct KeyGroupRange {
  int first = 0;
  int last = -1;

  int size() const { return last - first + 1; }
  bool Contains(int group) const { return group >= first && group <= last; }
  friend bool operator==(const KeyGroupRange&, const KeyGroupRange&) = default;
};

// The high half of the hash decides, so that tables may index by the low half. max_parallelism: 1 .. kMaxMaxParallelism.
inline int KeyGroupForHash(uint64_t hash, int max_parallelism) {
  return static_cast<int>(((hash >> 32) * static_cast<uint64_t>(max_parallelism)) >> 32);
}

// The lowest hash of the key group; of the one behind the last: 0, which is one more than the highest.
inline uint64_t FirstHashOf(int group, int max_parallelism) {
  const uint64_t groups = static_cast<uint64_t>(max_parallelism);
  return (((static_cast<uint64_t>(group) << 32) + groups - 1) / groups) << 32;
}

// The subtask that owns `group`: 0 .. parallelism - 1.
inline int SubtaskForKeyGroup(int group, int parallelism, int max_parallelism) {
  return static_cast<int>(static_cast<int64_t>(group) * parallelism / max_parallelism);
}

// The groups of one subtask: the inverse of SubtaskForKeyGroup.
inline KeyGroupRange KeyGroupRangeOf(int subtask, int parallelism, int max_parallelism) {
  const int64_t first = (static_cast<int64_t>(subtask) * max_parallelism + parallelism - 1) / parallelism;
  const int64_t end = (static_cast<int64_t>(subtask + 1) * max_parallelism + parallelism - 1) / parallelism;
  return KeyGroupRange{static_cast<int>(first), static_cast<int>(end - 1)};
}

}  // namespace weir
