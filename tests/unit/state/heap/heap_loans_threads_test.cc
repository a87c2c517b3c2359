// Pages of a heap that a thread of its own reads while the task goes on.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "weir/base/mutex.h"

#include "tests/unit/state/snapshot_to_memory.h"
#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

struct Count : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
};

// Writes on a thread of its own what it is given.
class WritingThread {
 public:
  WritingThread() : thread_([this] { Run(); }) {}
  ~WritingThread() {
    {
      MutexLock lock(mutex_);
      is_over_ = true;
    }
    changed_.NotifyOne();
    thread_.join();
  }
  void Add(Closure work) {
    {
      MutexLock lock(mutex_);
      queue_.push_back(std::move(work));
    }
    changed_.NotifyOne();
  }

 private:
  void Run() {
    while (true) {
      Closure next;
      {
        MutexLock lock(mutex_);
        while (queue_.empty() && !is_over_) changed_.Wait(mutex_);
        if (queue_.empty()) return;
        next = std::move(queue_.front());
        queue_.pop_front();
      }
      next();
    }
  }

  Mutex mutex_;
  CondVar changed_;
  std::deque<Closure> queue_ WEIR_GUARDED_BY(mutex_);
  bool is_over_ WEIR_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// What it wrote may be looked at once it is done.
class ThreadSink final : public KeyedSnapshotSink {
 public:
  struct Written {
    std::string bytes;
    KeyedSnapshotEnd end;
    std::atomic<bool> is_done{false};
  };
  ThreadSink(WritingThread& thread, std::shared_ptr<Written> written) : thread_(thread), written_(std::move(written)) {}

  void Append(std::string bytes) override {
    thread_.Add([written = written_, bytes = std::move(bytes)] { written->bytes += bytes; });
  }
  void Post(UniqueFunction<void(KeyedSnapshotOutput&)> work) override {
    thread_.Add([written = written_, work = std::move(work)]() mutable {
      Output output(*written);
      work(output);
    });
  }
  bool IsFull() const override { return false; }
  void Finish(KeyedSnapshotEnd end) override {
    thread_.Add([written = written_, end = std::move(end)]() mutable {
      written->end = std::move(end);
      written->is_done = true;
    });
  }
  void Fail(Status reason) override { ADD_FAILURE() << reason.ToString(); }

 private:
  class Output final : public KeyedSnapshotOutput {
   public:
    explicit Output(Written& written) : written_(written) {}
    void Append(std::string bytes) override { written_.bytes += bytes; }

   private:
    Written& written_;
  };

  WritingThread& thread_;
  const std::shared_ptr<Written> written_;
};

class HeapLoans : public testing::Test {
 protected:
  static constexpr uint32_t kBatch = 256;
  static constexpr uint64_t kKeys = 60000;

  HeapLoans() { function_.BindStates(*rows_); }

  // Adds to random keys.
  void Work() {
    for (int64_t& key : keys_) key = static_cast<int64_t>(random_.Uniform(kKeys));
    HashInts(keys_, hashes_);
    rows_->Prepare({.integers = keys_.data()}, hashes_.data(), kBatch, pointers_.data());
    for (uint32_t i = 0; i < kBatch; ++i) {
      function_.key_context().row = pointers_[i];
      const int64_t count = function_.count.ValueOr(0);
      function_.count.Update(count + 1 + (count & 7));
      expected_[static_cast<size_t>(keys_[i])] = count + 1 + (count & 7);
    }
    rows_->Finish();
  }
  void ExpectRestored(const std::vector<std::pair<std::string, std::string>>& files,
                      const std::vector<int64_t>& expected) {
    Count function;
    const std::unique_ptr<KeyedRows> rows = NewRows(function, KeyForm::kInteger, {0, 3}, 4);
    const Status read =
        rows->ReadNative({.format = "heap", .key_groups = {0, 3}, .files = std::make_shared<MemoryFiles>(files)});
    ASSERT_TRUE(read.ok()) << read.ToString();
    function.BindStates(*rows);
    size_t found = 0;
    RowCursor cursor;
    char* some[256];
    while (const uint32_t count = rows->Walk(cursor, 256, some)) {
      for (uint32_t i = 0; i < count; ++i) {
        function.key_context().row = some[i];
        const int64_t key = rows->KeyOf(some[i]).integer;
        ASSERT_EQ(function.count.ValueOr(0), expected[static_cast<size_t>(key)]) << "key " << key;
        ++found;
      }
    }
    EXPECT_EQ(found, expected.size() - static_cast<size_t>(std::ranges::count(expected, 0)));
  }

  WritingThread thread_;
  SeededRandom random_{11};
  Count function_;
  std::unique_ptr<KeyedRows> rows_ = NewRows(function_, KeyForm::kInteger, {0, 3}, 4);
  std::vector<int64_t> keys_ = std::vector<int64_t>(kBatch);
  std::vector<uint64_t> hashes_ = std::vector<uint64_t>(kBatch);
  std::vector<char*> pointers_ = std::vector<char*>(kBatch);
  std::vector<int64_t> expected_ = std::vector<int64_t>(kKeys);
};

TEST_F(HeapLoans, AreReadAsTheyWereThoughRowsChangeMeanwhile) {
  while (std::ranges::count(expected_, 0) > static_cast<int64_t>(kKeys / 50)) Work();
  std::vector<std::pair<std::string, std::string>> chain;
  for (int64_t id = 1; id <= 6; ++id) {
    const auto written = std::make_shared<ThreadSink::Written>();
    const std::vector<int64_t> expected = expected_;
    const std::unique_ptr<KeyedSnapshot> snapshot = rows_->BeginSnapshot();
    snapshot->Start({.checkpoint_id = id, .is_native = true, .may_be_shared = true},
                    std::make_shared<ThreadSink>(thread_, written));
    while (!written->is_done) {
      snapshot->Advance();
      Work();
    }
    snapshot->OnComplete();
    if (written->end.base == 0) chain.clear();
    chain.emplace_back(std::to_string(id), written->bytes);
    ExpectRestored(chain, expected);
  }
}

TEST_F(HeapLoans, MayBeReadWhenTheirTableGoes) {
  while (std::ranges::count(expected_, 0) > static_cast<int64_t>(kKeys / 2)) Work();
  const auto written = std::make_shared<ThreadSink::Written>();
  std::unique_ptr<KeyedSnapshot> snapshot = rows_->BeginSnapshot();
  snapshot->Start({.checkpoint_id = 1, .is_native = true, .may_be_shared = true},
                  std::make_shared<ThreadSink>(thread_, written));
  snapshot->Advance();
  snapshot.reset();
  rows_.reset();
}

}  // namespace
}  // namespace weir
