#include "weir/state/rocksdb/rocksdb_batch.h"

#include <rocksdb/slice.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

namespace weir {

void RocksDbBatch::Add(std::string_view key, std::string_view value, bool is_put) {
  changes_.push_back({.key_begin = RecordKeyBegin::Of(key),
                      .begin = bytes_.size(),
                      .key_bytes = static_cast<uint32_t>(key.size()),
                      .value_bytes = static_cast<uint32_t>(value.size()),
                      .number = count(),
                      .is_put = is_put});
  bytes_.append(key);
  bytes_.append(value);
}

bool RocksDbBatch::IsBefore(const Change& a, const Change& b) const {
  const int order = CompareRecordKeys(a.key_begin, b.key_begin, [&] { return KeyOf(a); }, [&] { return KeyOf(b); });
  return order != 0 ? order < 0 : a.number < b.number;
}

void RocksDbBatch::MoveTo(rocksdb::WriteBatch& batch) {
  std::sort(changes_.begin(), changes_.end(), [this](const Change& a, const Change& b) { return IsBefore(a, b); });
  for (const Change& change : changes_) {
    const rocksdb::Slice key(bytes_.data() + change.begin, change.key_bytes);
    // Both fail only for batches with a limit of their own.
    if (change.is_put) {
      (void)batch.Put(key, {key.data() + change.key_bytes, change.value_bytes});
    } else {
      (void)batch.Delete(key);
    }
  }
}

}  // namespace weir
