// What goes wrong below RocksDB fails the task with an error that says where and what to do; no state is silently lost.
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/status_exception.h"
#include "weir/state/rocksdb/rocksdb_keyed_rows.h"

#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

// A disk in memory that gets full, or whose files are damaged when they are read.
class FaultyDisk final : public rocksdb::EnvWrapper {
 public:
  FaultyDisk() : FaultyDisk(std::unique_ptr<rocksdb::Env>(rocksdb::NewMemEnv(rocksdb::Env::Default()))) {}

  rocksdb::Status NewWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override {
    rocksdb::Status status = EnvWrapper::NewWritableFile(name, file, options);
    if (status.ok()) *file = std::make_unique<File>(std::move(*file), is_full);
    return status;
  }
  rocksdb::Status NewRandomAccessFile(const std::string& name, std::unique_ptr<rocksdb::RandomAccessFile>* file,
                                      const rocksdb::EnvOptions& options) override {
    rocksdb::Status status = EnvWrapper::NewRandomAccessFile(name, file, options);
    if (status.ok() && name.ends_with(".sst")) *file = std::make_unique<ReadFile>(std::move(*file), is_damaged);
    return status;
  }

  std::atomic<bool> is_full{false};
  std::atomic<bool> is_damaged{false};

 private:
  struct File final : rocksdb::WritableFileWrapper {
    File(std::unique_ptr<rocksdb::WritableFile> target, std::atomic<bool>& is_full)
        : WritableFileWrapper(target.get()), owned(std::move(target)), is_full(is_full) {}
    rocksdb::Status Append(const rocksdb::Slice& bytes) override {
      if (is_full) return rocksdb::Status::NoSpace("the disk of the test");
      return WritableFileWrapper::Append(bytes);
    }
    std::unique_ptr<rocksdb::WritableFile> owned;
    std::atomic<bool>& is_full;
  };
  struct ReadFile final : rocksdb::RandomAccessFile {
    ReadFile(std::unique_ptr<rocksdb::RandomAccessFile> target, std::atomic<bool>& is_damaged)
        : target(std::move(target)), is_damaged(is_damaged) {}
    rocksdb::Status Read(uint64_t offset, size_t size, rocksdb::Slice* result, char* scratch) const override {
      rocksdb::Status status = target->Read(offset, size, result, scratch);
      if (!status.ok() || !is_damaged || result->empty()) return status;
      copy.assign(result->data(), result->size());
      copy[copy.size() / 2] = static_cast<char>(copy[copy.size() / 2] ^ 1);
      std::copy(copy.begin(), copy.end(), scratch);
      *result = rocksdb::Slice(scratch, copy.size());
      return status;
    }
    std::unique_ptr<rocksdb::RandomAccessFile> target;
    std::atomic<bool>& is_damaged;
    mutable std::string copy;
  };

  explicit FaultyDisk(std::unique_ptr<rocksdb::Env> memory) : EnvWrapper(memory.get()), memory_(std::move(memory)) {}
  const std::unique_ptr<rocksdb::Env> memory_;
};

struct Texts : StatefulFunction {
  ValueState<std::string> text{this, "text"};
};

class RocksDbFaults : public testing::Test {
 protected:
  RocksDbFaults() {
    auto resources =
        RocksDbResources::New({.directories = {}, .memory_bytes = 8 << 20, .most_cached_rows = 100, .test_env = &disk_})
            .value();
    rows_ = NewRocksDbKeyedRows({.states = function_.keyed_states(),
                                 .layout = {},
                                 .key_form = KeyForm::kInteger,
                                 .key_groups = {0, 127},
                                 .max_parallelism = 128},
                                std::move(resources))
                .value();
    function_.BindStates(*rows_);
  }

  // Writes kilobytes per key, so that files come to be.
  void WriteKeys(int64_t from, int64_t to) {
    for (int64_t key = from; key < to; ++key) {
      At(key);
      function_.text.Update(std::string(1000, static_cast<char>('a' + key % 26)));
      rows_->Finish();
      rows_->EndStep();
    }
  }
  void At(int64_t key) {
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    rows_->Prepare({.integers = &key}, &hash, 1, &function_.key_context().row);
  }
  template <class F>
  Status StatusOfThrown(F&& f) {
    try {
      f();
    } catch (const StatusException& thrown) {
      return thrown.status();
    }
    return OkStatus();
  }

  FaultyDisk disk_;
  Texts function_;
  std::unique_ptr<KeyedRows> rows_;
};

TEST_F(RocksDbFaults, KeepsMoreThanFitsIntoMemory) {
  WriteKeys(0, 12000);
  for (int64_t key : {0, 1, 5000, 11999}) {
    At(key);
    EXPECT_EQ(function_.text.ValueOr("").substr(0, 1), std::string(1, static_cast<char>('a' + key % 26)));
  }
}

TEST_F(RocksDbFaults, SaysThatTheDiskIsFullAndWhatToDo) {
  WriteKeys(0, 1000);
  disk_.is_full = true;
  const Status status = StatusOfThrown([this] { WriteKeys(1000, 30000); });
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status.ToString();
  EXPECT_NE(status.message().find("/weir/0"), std::string_view::npos) << status.ToString();
  EXPECT_NE(status.message().find("state.backend.rocksdb.localdir"), std::string_view::npos) << status.ToString();
}

TEST_F(RocksDbFaults, SaysThatFilesAreDamagedAndGivesNoWrongValue) {
  WriteKeys(0, 12000);
  disk_.is_damaged = true;
  const Status status = StatusOfThrown([this] {
    for (int64_t key = 0; key < 11000; ++key) {
      At(key);
      ASSERT_EQ(function_.text.ValueOr("").substr(0, 1), std::string(1, static_cast<char>('a' + key % 26)));
      rows_->Finish();
    }
  });
  EXPECT_EQ(status.code(), StatusCode::kDataLoss) << status.ToString();
  EXPECT_NE(status.message().find("/weir/0"), std::string_view::npos) << status.ToString();
  EXPECT_NE(status.message().find("last checkpoint"), std::string_view::npos) << status.ToString();
}

TEST(RocksDbResources, RefusesAFolderThatCannotBeMade) {
  const Status status = RocksDbResources::New({.directories = {"/proc/nowhere"}}).status();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("/proc/nowhere"), std::string_view::npos) << status.ToString();
  EXPECT_NE(status.message().find("state.backend.rocksdb.localdir"), std::string_view::npos) << status.ToString();
}

}  // namespace
}  // namespace weir
