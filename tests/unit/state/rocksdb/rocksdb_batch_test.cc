#include "weir/state/rocksdb/rocksdb_batch.h"

#include <gtest/gtest.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace weir {
namespace {

using Change = std::pair<std::string, std::string>;  // key, value; a removed one has "-"

std::vector<Change> Written(RocksDbBatch& batch) {
  struct Collector final : rocksdb::WriteBatch::Handler {
    rocksdb::Status PutCF(uint32_t, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
      found.emplace_back(key.ToString(), value.ToString());
      return rocksdb::Status::OK();
    }
    rocksdb::Status DeleteCF(uint32_t, const rocksdb::Slice& key) override {
      found.emplace_back(key.ToString(), "-");
      return rocksdb::Status::OK();
    }
    std::vector<Change> found;
  } collector;
  rocksdb::WriteBatch written;
  batch.MoveTo(written);
  EXPECT_TRUE(written.Iterate(&collector).ok());
  return collector.found;
}

TEST(RocksDbBatch, HasItsRecordsInTheOrderOfTheirKeys) {
  std::vector<std::string> keys = {"", "a", std::string("a\0", 2), "\x80", "\x7f", "ab", std::string(16, 'x')};
  // Alike in all that a comparison of whole words sees.
  for (const char* end : {"", "b", "a", "ab", "aa"}) keys.push_back(std::string(17, 'x') + end);
  RocksDbBatch batch;
  for (const std::string& key : keys) batch.Put(key, "of " + key);
  EXPECT_EQ(batch.count(), keys.size());

  std::vector<Change> expected;
  for (const std::string& key : keys) expected.emplace_back(key, "of " + key);
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(Written(batch), expected);
}

TEST(RocksDbBatch, KeepsTheOrderOfChangesOfOneKey) {
  RocksDbBatch batch;
  for (int i = 0; i < 100; ++i) {
    batch.Put("b", std::to_string(i));
    if (i % 10 == 0) batch.Delete("a");
    batch.Put("a", std::to_string(i));
  }
  batch.Delete("b");
  const std::vector<Change> written = Written(batch);
  ASSERT_EQ(written.size(), 211u);
  EXPECT_EQ(written[0], Change("a", "-"));
  EXPECT_EQ(written[1], Change("a", "0"));
  EXPECT_EQ(written[109], Change("a", "99"));
  EXPECT_EQ(written[110], Change("b", "0"));
  EXPECT_EQ(written[210], Change("b", "-"));
}

}  // namespace
}  // namespace weir
