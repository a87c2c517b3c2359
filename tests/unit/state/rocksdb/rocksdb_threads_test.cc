// Rows on a real disk, written by a thread of their own while the task goes on.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/file/file_system.h"

#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

struct Counts : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
};

class RocksDbOnDisk : public testing::Test {
 protected:
  RocksDbOnDisk() {
    std::string pattern = testing::TempDir() + "weir_rocksdb_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~RocksDbOnDisk() override { (void)LocalFileSystem().DeleteRecursively(folder_); }

  size_t FilesIn(const std::string& folder) const { return LocalFileSystem().List(folder).value().size(); }

  std::string folder_;
};

TEST_F(RocksDbOnDisk, CountsEveryKeyThoughRowsComeAndGoWhileOthersAreWritten) {
  constexpr uint32_t kBatch = 500;
  constexpr uint64_t kKeys = 20000;
  std::unique_ptr<StateBackend> backend =
      NewStateBackend("rocksdb", {.rocksdb_directories = {folder_}, .rocksdb_cached_rows = 1500}).value();
  Counts function;
  std::unique_ptr<KeyedRows> rows =
      backend->CreateKeyedRows({.states = function.keyed_states(), .key_groups = {0, 127}}).value();
  function.BindStates(*rows);
  std::vector<int64_t> expected(kKeys);
  SeededRandom random(7);
  std::vector<int64_t> keys(kBatch);
  std::vector<uint64_t> hashes(kBatch);
  std::vector<char*> pointers(kBatch);
  for (int batch = 0; batch < 400; ++batch) {
    for (int64_t& key : keys) key = static_cast<int64_t>(random.Uniform(kKeys) * random.Uniform(kKeys) / kKeys);
    HashInts(keys, hashes);
    rows->Prepare({.integers = keys.data()}, hashes.data(), kBatch, pointers.data());
    for (uint32_t i = 0; i < kBatch; ++i) {
      function.key_context().row = pointers[i];
      ASSERT_EQ(function.count.ValueOr(0), expected[keys[i]]) << "key " << keys[i] << ", batch " << batch;
      function.count.Update(++expected[keys[i]]);
    }
    rows->Finish();
    rows->EndStep();
  }
  EXPECT_GT(rows->row_count(), 10000u);
}

TEST_F(RocksDbOnDisk, LeavesNothingBehind) {
  std::unique_ptr<StateBackend> backend = NewStateBackend("rocksdb", {.rocksdb_directories = {folder_}}).value();
  Counts function;
  std::unique_ptr<KeyedRows> rows =
      backend->CreateKeyedRows({.states = function.keyed_states(), .key_groups = {0, 127}}).value();
  EXPECT_EQ(FilesIn(folder_), 2u) << "a folder and its lock";
  rows.reset();
  backend.reset();
  EXPECT_EQ(FilesIn(folder_), 0u);
}

TEST_F(RocksDbOnDisk, RemovesTheFoldersOfProcessesThatAreGoneAndNoOthers) {
  const std::string gone = folder_ + "/weir-rocksdb-1";
  LocalFileSystem files;
  ASSERT_EQ(files.CreateDirectories(gone + "/0"), OkStatus());
  ASSERT_EQ(files.OpenForWrite(gone + ".lock", WriteMode::kCreate).status(), OkStatus());
  ASSERT_EQ(files.CreateDirectories(folder_ + "/of-somebody-else"), OkStatus());

  const auto first = NewStateBackend("rocksdb", {.rocksdb_directories = {folder_}}).value();
  EXPECT_FALSE(files.Exists(gone).value());
  EXPECT_EQ(FilesIn(folder_), 3u);
  const auto second = NewStateBackend("rocksdb", {.rocksdb_directories = {folder_}}).value();
  EXPECT_EQ(FilesIn(folder_), 5u) << "the first one lives";
}

}  // namespace
}  // namespace weir
