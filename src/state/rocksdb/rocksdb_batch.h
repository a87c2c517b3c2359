// Changes of a database that are written together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/state/rocksdb/record_order.h"

namespace rocksdb {
class WriteBatch;
}  // namespace rocksdb

namespace weir {

// A record costs RocksDB half as much beside the one before it as elsewhere (ADR 46), so records go in the order of their keys; of those with the same
// key the last one counts.
class RocksDbBatch {
 public:
  RocksDbBatch() = default;
  RocksDbBatch(const RocksDbBatch&) = delete;
  RocksDbBatch& operator=(const RocksDbBatch&) = delete;

  void Put(std::string_view key, std::string_view value) { Add(key, value, /*is_put=*/true); }
  void Delete(std::string_view key) { Add(key, {}, /*is_put=*/false); }
  uint32_t count() const { return static_cast<uint32_t>(changes_.size()); }
  // Adds the changes to `batch` in the order of their keys.
  void MoveTo(rocksdb::WriteBatch& batch);

 private:
  struct Change {
    RecordKeyBegin key_begin;
    size_t begin;  // of key and value in bytes_
    uint32_t key_bytes;
    uint32_t value_bytes;
    uint32_t number;
    bool is_put;
  };

  void Add(std::string_view key, std::string_view value, bool is_put);
  std::string_view KeyOf(const Change& change) const {
    return std::string_view(bytes_).substr(change.begin, change.key_bytes);
  }
  bool IsBefore(const Change& a, const Change& b) const;

  std::string bytes_;
  std::vector<Change> changes_;
};

}  // namespace weir
