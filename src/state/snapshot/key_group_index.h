// Where key groups begin in a file of keyed rows, so that a subtask that takes few of them reads little of it (docs/formats/keyed_rows.md, Index).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "weir/base/coding.h"
#include "weir/base/status.h"
#include "weir/state/snapshot/keyed_rows_source.h"
#include "weir/types/key_group.h"

namespace weir {

class KeyGroupIndex {
 public:
  struct Entry {
    uint32_t key_group;
    uint64_t offset;  // of its first section; those of key groups below are before it, all others behind
  };

  // For writers: the first section of a key group with rows begins there. Key groups ascend. Remembers some of them.
  void Note(uint32_t key_group, uint64_t offset);
  // Nothing if there is not much to be left out.
  void Write(ByteWriter& out) const;

  // For readers: what Write wrote, which may be nothing. kDataLoss: it is not that.
  static StatusOr<KeyGroupIndex> Parse(std::string_view bytes);
  // The index at the end of `in`, which stays where it is. nullopt: there is none. kDataLoss: it is damaged.
  static StatusOr<std::optional<KeyGroupIndex>> Read(KeyedRowsSource& in);
  // Where to go on to from `offset`, where a section begins, for one who wants the sections of `key_groups`: there, or behind others.
  uint64_t Next(uint64_t offset, const KeyGroupRange& key_groups) const;

 private:
  std::vector<Entry> entries_;  // ascending
  uint64_t end_ = 0;            // for readers: where the rows' end begins
};

}  // namespace weir
