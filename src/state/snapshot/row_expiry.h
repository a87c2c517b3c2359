// Which states of a row have run out of time: for backends that remove them bit by bit, and from what they write.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "weir/state/snapshot/keyed_rows_format.h"

namespace weir {

// Threads: none of its own; const members may be called from several threads at once.
class RowExpiry {
 public:
  // `shape`, with its layout, must outlive this.
  explicit RowExpiry(const KeyedRowsShape& shape);

  // Whether any state has a time to live; if not, nothing else need be called.
  bool any() const { return !timed_.empty(); }
  // Destroys what has expired by `now_ms`; whether there was any.
  bool Clean(char* row, int64_t now_ms) const;

  enum class Verdict : uint8_t { kKeep, kChange, kRemove };
  // The same for a record, as WriteRowStates wrote it. kChange: `changed` holds what is left; kRemove: nothing is. A record that cannot be read is kept.
  Verdict CleanWritten(std::string_view states, int64_t now_ms, ByteWriter& changed) const;

 private:
  Verdict CleanValue(uint32_t state, std::string_view value, int64_t now_ms, ByteWriter& left) const;

  const KeyedRowsShape& shape_;
  std::vector<uint32_t> timed_;  // numbers of the states with a time to live
};

}  // namespace weir
