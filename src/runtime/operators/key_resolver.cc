#include "weir/runtime/operators/key_resolver.h"

#include "weir/base/hash.h"
#include "weir/metrics/hot_keys.h"

namespace weir {

#ifndef NDEBUG
namespace {

// The key selector gave another key for a record than it had given before.
Status UnstableKeyError() {
  return FailedPreconditionError(
      "the key selector returned different keys for the same record: once when the record was sent to its subtask, and "
      "another here. A key must depend "
      "on nothing but the record: no random numbers, clocks, counters or pointers");
}

}  // namespace
#endif

void StoreHashes(const int64_t* keys, BatchBase& batch) {
  batch.UseHashes();
  const uint32_t count = batch.count();
  if (!batch.has_selection) return HashInts({keys, count}, {batch.hashes, count});
  uint64_t closed_up[kMaxBatchRows];
  HashInts({keys, count}, {closed_up, count});
  for (uint32_t i = 0; i < count; ++i) batch.hashes[batch.selection[i]] = closed_up[i];
}

template <bool kInteger>
void ResolvedKeys<kInteger>::PrepareRange(KeyedRows& rows, uint32_t begin, uint32_t end) {
  rows.Prepare(keys_.column(begin), used_hashes_ + begin, end - begin, rows_ + begin);
  HotKeys* const hot = rows.hot_keys();
  if (hot == nullptr) return;
  const uint64_t* const hashes = used_hashes_ + begin;
  hot->Choose(hashes, end - begin, [&](uint32_t i) {
    if constexpr (kInteger) {
      hot->Add(hashes[i], keys_.integers[begin + i]);
    } else {
      hot->Add(hashes[i], keys_.bytes[begin + i]);
    }
  });
}

template <bool kInteger>
uint64_t ResolvedKeys<kInteger>::HashOfKey(uint32_t i) const {
  if constexpr (kInteger) {
    return Hash64(static_cast<uint64_t>(keys_.integers[i]));
  } else {
    return HashBytes(keys_.bytes[i]);
  }
}

template <bool kInteger>
Status ResolvedKeys<kInteger>::UseHashes(const BatchBase& batch) {
  const uint32_t count = batch.count();
  used_hashes_ = hashes_;
  if (!batch.has_hashes) {
    if constexpr (kInteger) {
      HashInts({keys_.integers, count}, {hashes_, count});
    } else {
      for (uint32_t i = 0; i < count; ++i) hashes_[i] = HashOfKey(i);
    }
  } else if (batch.has_selection) {
    for (uint32_t i = 0; i < count; ++i) hashes_[i] = batch.hashes[batch.selection[i]];
  } else {
    used_hashes_ = batch.hashes;
  }
#ifndef NDEBUG
  for (uint32_t i = 0; i < count; ++i) {
    if (used_hashes_[i] != HashOfKey(i)) return UnstableKeyError();
  }
#endif
  return OkStatus();
}

template class ResolvedKeys<true>;
template class ResolvedKeys<false>;

}  // namespace weir
