// Snapshots of keyed rows that go on while the rows change: whatever comes in between, each restores to what was there when it began, alone or with those
// that it builds on (state.md, sections 2 and 7).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/state/snapshot/native_keyed_state.h"

#include "tests/unit/state/snapshot_to_memory.h"
#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

// A checkpoint of all subtasks, with the content that it should restore to.
struct Checkpoint {
  int64_t id = 0;
  bool is_native = true;
  bool is_started = false;
  bool is_complete = false;
  StateModel::Content content;
  std::vector<std::unique_ptr<KeyedSnapshot>> snapshots;
  std::vector<std::unique_ptr<WrittenToMemory>> written;

  bool IsDone() const {
    return std::all_of(written.begin(), written.end(), [](const auto& part) { return part->is_done; });
  }
};

// Takes checkpoints of a StateModel at random moments, several at a time, and does with them what coordinators do.
class RandomHistory {
 public:
  RandomHistory(std::string_view backend, KeyForm form, int max_parallelism, int parallelism, uint64_t seed)
      : backend_(backend), random_(seed), model_(backend, form, max_parallelism, parallelism, seed + 1) {}

  void Step() {
    model_.ChangeBatch(keys_, static_cast<uint32_t>(1 + random_.Uniform(400)));
    sink_is_full_ = random_.Uniform(4) == 0;
    switch (random_.Uniform(8)) {
      case 0:
        if (open_.size() < 3) Begin();
        break;
      case 1:
        if (!open_.empty()) Start(*open_[random_.Uniform(open_.size())]);
        break;
      case 2:
        if (!open_.empty() && random_.Uniform(4) == 0) Abort();
        break;
      case 3:
        if (random_.Uniform(200) == 0) model_.ClearAll();
        break;
      default:
        for (const auto& checkpoint : open_) Advance(*checkpoint);
    }
    while (!open_.empty() && open_.front()->is_started && open_.front()->IsDone()) Complete();
  }
  // Ends what is open.
  void Drain() {
    sink_is_full_ = false;
    while (!open_.empty()) {
      Start(*open_.front());
      while (!open_.front()->IsDone()) Advance(*open_.front());
      Complete();
    }
  }
  void SetKeys(uint64_t keys) { keys_ = keys; }
  int increments() const { return increments_; }

 private:
  void Begin() {
    auto checkpoint = std::make_unique<Checkpoint>();
    checkpoint->id = next_id_++;
    checkpoint->content = model_.content();
    for (int i = 0; i < model_.parallelism(); ++i) {
      checkpoint->snapshots.push_back(model_.rows(i).BeginSnapshot());
      checkpoint->written.push_back(std::make_unique<WrittenToMemory>());
    }
    open_.push_back(std::move(checkpoint));
  }
  void Start(Checkpoint& checkpoint) {
    if (checkpoint.is_started) return;
    checkpoint.is_started = true;
    checkpoint.is_native = random_.Uniform(4) != 0;
    KeyedSnapshotRequest request;
    request.checkpoint_id = checkpoint.id;
    request.is_native = checkpoint.is_native;
    request.may_be_shared = checkpoint.is_native;
    request.is_full = random_.Uniform(8) == 0;
    for (size_t i = 0; i < checkpoint.snapshots.size(); ++i)
      checkpoint.snapshots[i]->Start(request, SinkFor(checkpoint, i));
  }
  std::shared_ptr<KeyedSnapshotSink> SinkFor(Checkpoint& checkpoint, size_t subtask) {
    return std::make_shared<MemorySink>(*checkpoint.written[subtask], sink_is_full_,
                                        [this, subtask](int64_t base, const std::string& name) {
                                          return complete_.at(base)->written[subtask]->Names(name);
                                        });
  }
  void Advance(Checkpoint& checkpoint) {
    for (const auto& snapshot : checkpoint.snapshots) snapshot->Advance();
  }
  // Whether it was announced as complete, or is subsumed by a later one.
  void Complete() {
    std::unique_ptr<Checkpoint> checkpoint = std::move(open_.front());
    open_.erase(open_.begin());
    ExpectRestores(*checkpoint);
    if (random_.Uniform(4) == 0) return;
    for (const auto& snapshot : checkpoint->snapshots) snapshot->OnComplete();
    checkpoint->snapshots.clear();
    complete_[checkpoint->id] = std::move(checkpoint);
  }
  void Abort() { open_.erase(open_.begin() + static_cast<int64_t>(random_.Uniform(open_.size()))); }

  // All that the snapshot of a subtask names, the newest first.
  std::vector<const WrittenToMemory*> ChainOf(const Checkpoint& checkpoint, size_t subtask) {
    std::vector<const WrittenToMemory*> chain = {checkpoint.written[subtask].get()};
    while (chain.back()->base != 0) {
      const auto base = complete_.find(chain.back()->base);
      EXPECT_TRUE(base != complete_.end()) << "checkpoint " << checkpoint.id << " builds on one that is not complete";
      if (base == complete_.end()) break;
      chain.push_back(base->second->written[subtask].get());
      ++increments_;
    }
    return chain;
  }

  void ExpectRestores(const Checkpoint& checkpoint) {
    SCOPED_TRACE("checkpoint " + std::to_string(checkpoint.id));
    std::vector<std::string> rows;
    std::vector<NativeKeyedState> native;
    for (size_t i = 0; i < checkpoint.written.size(); ++i) {
      const std::vector<const WrittenToMemory*> chain = ChainOf(checkpoint, i);
      const WrittenToMemory& newest = *chain.front();
      const std::string own_format = backend_ == "rocksdb" ? "rocksdb" : "heap";
      EXPECT_EQ(newest.format, checkpoint.is_native ? own_format : "canonical");
      if (newest.format != "rocksdb") {
        for (auto part = chain.rbegin(); part != chain.rend(); ++part) rows.push_back((*part)->bytes);
        continue;
      }
      std::map<std::string, std::string> files;
      for (const std::string& name : newest.file_names) {
        for (const WrittenToMemory* part : chain) {
          if (part->files.contains(name)) files.emplace(name, part->files.at(name));
        }
      }
      EXPECT_EQ(files.size(), newest.file_names.size());
      native.push_back({.format = "rocksdb",
                        .key_groups = {0, model_.max_parallelism() - 1},
                        .state = newest.bytes,
                        .files = std::make_shared<MemoryFiles>(files)});
    }
    model_.ExpectRestored(rows, native, checkpoint.content, static_cast<int>(1 + random_.Uniform(3)));
  }

  const std::string_view backend_;
  SeededRandom random_;
  StateModel model_;
  uint64_t keys_ = 3000;
  bool sink_is_full_ = false;
  int64_t next_id_ = 1;
  int increments_ = 0;
  std::vector<std::unique_ptr<Checkpoint>> open_;  // begun, neither complete nor aborted
  std::map<int64_t, std::unique_ptr<Checkpoint>> complete_;
};

struct HistoryCase {
  const char* backend;
  KeyForm form;
  int max_parallelism;
  int parallelism;
};

class SnapshotHistory : public testing::TestWithParam<HistoryCase> {};

TEST_P(SnapshotHistory, EverySnapshotRestoresToTheMomentInWhichItBegan) {
  int increments = 0;
  // Every snapshot of RocksDB takes some milliseconds.
  const uint64_t seeds = GetParam().backend == std::string("rocksdb") ? 1 : 3;
  for (uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomHistory history(GetParam().backend, GetParam().form, GetParam().max_parallelism, GetParam().parallelism,
                          seed);
    for (int step = 0; step < 250 && !HasFailure(); ++step) {
      // Pages split when keys come, and go when they are left alone.
      if (step == 100) history.SetKeys(20000);
      if (step == 160) history.SetKeys(500);
      history.Step();
    }
    history.Drain();
    increments += history.increments();
  }
  EXPECT_GE(increments, 3 * static_cast<int>(seeds)) << "the test is to be about chains";
}

INSTANTIATE_TEST_SUITE_P(
    All, SnapshotHistory,
    testing::Values(HistoryCase{"hashmap", KeyForm::kInteger, 128, 1}, HistoryCase{"hashmap", KeyForm::kBytes, 128, 1},
                    HistoryCase{"hashmap", KeyForm::kInteger, 5, 2}, HistoryCase{"hashmap", KeyForm::kBytes, 1024, 3},
                    HistoryCase{"rocksdb", KeyForm::kInteger, 128, 1}, HistoryCase{"rocksdb", KeyForm::kBytes, 5, 2}),
    [](const auto& info) {
      return std::string(info.param.backend) +
             std::string(info.param.form == KeyForm::kInteger ? "Integers" : "Bytes") +
             std::to_string(info.param.max_parallelism);
    });

}  // namespace
}  // namespace weir
