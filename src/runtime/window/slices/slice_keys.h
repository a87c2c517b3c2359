// Numbers for keys: slices are columns over them.
//
//   batch:   Prepare(keys) -> rows;  NumberIn(row), or Assign(row, key) when the first record of a key is really kept
//   slice:   Use(number) for each slice that has something of the key, Release(number) when it goes
//   purge:   a key that no slice has leaves the table, but only when it was not back two clean-ups later: keys of tumbling windows mostly are
//
// Threads: the task's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"
#include "weir/types/key_group.h"

namespace weir {

class SliceKeys {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // Numbers are kept in memory, whatever the job's state backend is.
  static StatusOr<std::unique_ptr<SliceKeys>> New(KeyForm form, KeyGroupRange key_groups, int max_parallelism);
  SliceKeys(const SliceKeys&) = delete;
  SliceKeys& operator=(const SliceKeys&) = delete;

  // The table from keys to numbers, for Prepare and Finish.
  KeyedRows& table() { return *table_; }
  // kNone: the key has no number yet.
  uint32_t NumberIn(const char* row) const { return *reinterpret_cast<const uint32_t*>(row + offset_) - 1; }
  // Gives the key of a row without number one.
  uint32_t Assign(char* row);

  void Use(uint32_t number, uint32_t times = 1) { uses_[number] += times; }
  void Release(uint32_t number) {
    if (--uses_[number] == 0) [[unlikely]]
      unused_.push_back(number);
  }
  // Every number is lower.
  uint32_t limit() const { return static_cast<uint32_t>(uses_.size()); }
  bool IsUsed(uint32_t number) const { return uses_[number] > 0; }
  StoredKey KeyOf(uint32_t number) const {
    if (form_ == KeyForm::kInteger) return {integers_[number], {}};
    return {0, texts_[number]};
  }
  uint32_t KeyGroupOf(uint32_t number) const;
  KeyForm form() const { return form_; }
  uint64_t memory_bytes() const;

  // Slices went: keys that were unused at the last call and still are may be purged.
  void Age();
  bool HasStale() const { return !stale_.empty(); }
  // Takes up to `count` stale keys out of the table. Rows of before are void.
  void PurgeStale(uint32_t count);
  // Takes all unused keys out.
  void PurgeAll();

 private:
  SliceKeys(KeyForm form, int max_parallelism) : form_(form), max_parallelism_(max_parallelism) {}

  uint64_t HashOf(uint32_t number) const;
  // Those of `numbers` that are unused.
  void Purge(const uint32_t* numbers, uint32_t count);

  const KeyForm form_;
  const int max_parallelism_;
  std::unique_ptr<KeyedRows> table_;
  uint32_t offset_ = 0;  // of the number in a row: one more than it, for rows begin as zeros
  uint64_t present_ = 0;
  // By number.
  std::vector<uint32_t> uses_;
  std::vector<int64_t> integers_;
  std::vector<std::string> texts_;
  std::vector<bool> assigned_;
  std::vector<uint32_t> free_;
  std::vector<uint32_t> unused_;  // since the last Age; they may be in use again
  std::vector<uint32_t> aging_;   // of the time before
  std::vector<uint32_t> stale_;
};

}  // namespace weir
