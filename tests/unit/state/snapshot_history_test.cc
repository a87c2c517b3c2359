// Snapshots of keyed rows that go on while the rows change: whatever comes in between, each restores to what was there when it began, alone or with those
// that it builds on.
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

// What the metadata says of the keyed state of one subtask.
struct Handle {
  KeyGroupRange key_groups = {};
  std::string format = {};
  std::string state = {};
  std::vector<std::pair<std::string, std::string>> files = {};  // by name, the oldest first
  bool may_be_base = false;

  NativeKeyedState Native() const {
    return {.format = format, .key_groups = key_groups, .state = state, .files = std::make_shared<MemoryFiles>(files)};
  }
};

// What a snapshot is of: the rows of a subtask, or the pieces of their maps.
struct Part {
  size_t subtask = 0;
  bool is_pieces = false;
  friend auto operator<=>(const Part&, const Part&) = default;
};

// A checkpoint of all subtasks, with the content that it should restore to.
struct Checkpoint {
  int64_t id = 0;
  bool is_native = true;
  bool is_started = false;
  StateModel::Content content;
  std::vector<Part> parts;
  std::vector<std::unique_ptr<KeyedSnapshot>> snapshots;  // by part
  std::vector<std::unique_ptr<WrittenToMemory>> written;  // likewise
  std::vector<Handle> handles;                            // likewise, once it is done

  bool IsDone() const {
    return std::all_of(written.begin(), written.end(), [](const auto& part) { return part->is_done; });
  }
};

struct HistoryCase {
  const char* backend;
  KeyForm form;
  int max_parallelism;
  int parallelism;
  ModelStates states = ModelStates::kEachKind;
};

// Takes checkpoints of a StateModel at random moments, several at a time, and does with them what coordinators do.
class RandomHistory {
 public:
  RandomHistory(const HistoryCase& of, uint64_t seed)
      : backend_(of.backend),
        random_(seed),
        model_(of.backend, of.form, of.max_parallelism, of.parallelism, seed + 1, of.states) {}

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
    for (uint64_t work = random_.Uniform(8); work > 0 && !posted_.empty(); --work) posted_.RunNext();
    while (!open_.empty() && open_.front()->is_started && open_.front()->IsDone()) Complete();
  }
  // Ends what is open.
  void Drain() {
    sink_is_full_ = false;
    while (!open_.empty()) {
      Start(*open_.front());
      while (!open_.front()->IsDone()) {
        Advance(*open_.front());
        while (!posted_.empty()) posted_.RunNext();
      }
      Complete();
    }
  }
  void SetKeys(uint64_t keys) { keys_ = keys; }
  int increments() const { return increments_; }
  int restarts() const { return restarts_; }
  int increments_on_parts() const { return increments_on_parts_; }
  int pieces() const { return pieces_; }

 private:
  void Begin() {
    auto checkpoint = std::make_unique<Checkpoint>();
    checkpoint->id = next_id_++;
    checkpoint->content = model_.content();
    for (int i = 0; i < model_.parallelism(); ++i) {
      AddPart(*checkpoint, {static_cast<size_t>(i), false}, model_.rows(i));
      if (model_.rows(i).pieces() != nullptr)
        AddPart(*checkpoint, {static_cast<size_t>(i), true}, *model_.rows(i).pieces());
    }
    open_.push_back(std::move(checkpoint));
  }
  static void AddPart(Checkpoint& checkpoint, const Part& part, KeyedRows& rows) {
    checkpoint.parts.push_back(part);
    checkpoint.snapshots.push_back(rows.BeginSnapshot());
    checkpoint.written.push_back(std::make_unique<WrittenToMemory>());
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
  std::shared_ptr<KeyedSnapshotSink> SinkFor(Checkpoint& checkpoint, size_t number) {
    return std::make_shared<MemorySink>(
        *checkpoint.written[number], sink_is_full_,
        [this, part = checkpoint.parts[number]](int64_t base, const std::string& name) {
          const auto& files = FilesOfBase(part, base);
          return std::any_of(files.begin(), files.end(), [&](const auto& file) { return file.first == name; });
        },
        // RocksDB's sinks have their end on another thread.
        backend_ == "rocksdb" ? nullptr : &posted_);
  }
  void Advance(Checkpoint& checkpoint) {
    for (const auto& snapshot : checkpoint.snapshots) snapshot->Advance();
  }
  // Whether it was announced as complete, or is subsumed by a later one.
  void Complete() {
    std::unique_ptr<Checkpoint> checkpoint = std::move(open_.front());
    open_.erase(open_.begin());
    for (size_t i = 0; i < checkpoint->written.size(); ++i) checkpoint->handles.push_back(HandleOf(*checkpoint, i));
    ExpectRestores(*checkpoint);
    if (random_.Uniform(4) == 0) return;
    for (const auto& snapshot : checkpoint->snapshots) snapshot->OnComplete();
    checkpoint->snapshots.clear();
    for (size_t i = 0; i < checkpoint->handles.size(); ++i) {
      if (checkpoint->handles[i].may_be_base)
        bases_[{checkpoint->parts[i], checkpoint->id}] = checkpoint->handles[i].files;
      pieces_ += checkpoint->parts[i].is_pieces ? 1 : 0;
    }
    if (random_.Uniform(3) == 0) Restart(*checkpoint);
  }
  // The job fails, and goes on from there, at another parallelism or the same: the next checkpoint may build on that one.
  void Restart(const Checkpoint& checkpoint) {
    while (!open_.empty()) Abort();
    bases_.clear();
    const int before = model_.parallelism();
    const int parallelism = static_cast<int>(1 + random_.Uniform(3));
    std::vector<std::vector<NativeKeyedState>> states;
    std::vector<std::string> rows;
    for (int i = 0; i < parallelism; ++i) {
      states.emplace_back();
      for (const bool is_pieces : {false, true}) {
        const std::vector<Handle> own =
            PartOf(checkpoint, is_pieces, KeyGroupRangeOf(i, parallelism, model_.max_parallelism()));
        for (const Handle& handle : own) {
          if (handle.format != "canonical") states.back().push_back(handle.Native());
        }
        // As RestoredBase decides it.
        if (own.size() != 1 || !own[0].may_be_base) continue;
        states.back().back().base = checkpoint.id;
        bases_[{{static_cast<size_t>(i), is_pieces}, checkpoint.id}] = own[0].files;
      }
    }
    is_part_ = parallelism > before;
    restored_id_ = checkpoint.id;
    for (const Handle& handle : checkpoint.handles) {
      if (handle.format == "canonical") rows.push_back(handle.state);
    }
    model_.Restart(rows, states, checkpoint.content);
    ++restarts_;
  }
  void Abort() {
    const auto aborted = open_.begin() + static_cast<int64_t>(random_.Uniform(open_.size()));
    for (const auto& written : (*aborted)->written) posted_.GiveUp(written.get(), random_.Uniform(2) == 0);
    open_.erase(aborted);
  }

  const std::vector<std::pair<std::string, std::string>>& FilesOfBase(const Part& part, int64_t id) const {
    static const std::vector<std::pair<std::string, std::string>> kNone;
    const auto found = bases_.find({part, id});
    EXPECT_TRUE(found != bases_.end()) << "subtask " << part.subtask << " builds on " << id << ", which is no base";
    return found == bases_.end() ? kNone : found->second;
  }
  // As TaskSnapshots makes it.
  Handle HandleOf(const Checkpoint& checkpoint, size_t number) {
    const WrittenToMemory& written = *checkpoint.written[number];
    const Part& part = checkpoint.parts[number];
    EXPECT_EQ(written.format, !checkpoint.is_native ? "canonical" : backend_ == "rocksdb" ? "rocksdb" : "heap");
    Handle handle{
        .key_groups = KeyGroupRangeOf(static_cast<int>(part.subtask), model_.parallelism(), model_.max_parallelism()),
        .format = written.format,
        .may_be_base = written.may_be_base};
    std::vector<std::pair<std::string, std::string>> before;
    if (written.base != 0) {
      before = FilesOfBase(part, written.base);
      ++increments_;
      increments_on_parts_ += is_part_ && written.base == restored_id_ ? 1 : 0;
    }
    if (backend_ != "rocksdb" && written.may_be_base) {
      handle.files = before;
      handle.files.emplace_back(std::to_string(before.size()), written.bytes);
      return handle;
    }
    handle.state = written.bytes;
    for (const std::string& name : written.file_names) {
      const auto own = written.files.find(name);
      const auto known =
          std::find_if(before.begin(), before.end(), [&](const auto& file) { return file.first == name; });
      EXPECT_TRUE(own != written.files.end() || known != before.end()) << name;
      handle.files.emplace_back(name, own != written.files.end() ? own->second : known->second);
    }
    return handle;
  }
  // What a subtask with these key groups is restored from (state/restore/redistribution.h).
  static std::vector<Handle> PartOf(const Checkpoint& checkpoint, bool is_pieces, KeyGroupRange key_groups) {
    std::vector<Handle> part;
    for (size_t i = 0; i < checkpoint.handles.size(); ++i) {
      if (checkpoint.parts[i].is_pieces != is_pieces) continue;
      Handle handle = checkpoint.handles[i];
      handle.key_groups = {std::max(handle.key_groups.first, key_groups.first),
                           std::min(handle.key_groups.last, key_groups.last)};
      if (handle.key_groups.size() > 0) part.push_back(std::move(handle));
    }
    return part;
  }

  void ExpectRestores(const Checkpoint& checkpoint) {
    SCOPED_TRACE("checkpoint " + std::to_string(checkpoint.id));
    std::vector<std::string> rows;
    std::vector<NativeKeyedState> native;
    for (const Handle& handle : checkpoint.handles) {
      if (handle.format == "canonical") {
        rows.push_back(handle.state);
      } else {
        native.push_back(handle.Native());
      }
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
  int restarts_ = 0;
  int pieces_ = 0;  // snapshots of them
  // Increments on files that other subtasks were restored from, too.
  int increments_on_parts_ = 0;
  bool is_part_ = false;  // the last restart was into more subtasks
  int64_t restored_id_ = 0;
  // Of all of them; some is done at each step.
  PostedWork posted_;
  std::vector<std::unique_ptr<Checkpoint>> open_;  // begun, neither complete nor aborted
  // The files of complete checkpoints on which others may build, by part and the checkpoint's id.
  std::map<std::pair<Part, int64_t>, std::vector<std::pair<std::string, std::string>>> bases_;
};

class SnapshotHistory : public testing::TestWithParam<HistoryCase> {};

TEST_P(SnapshotHistory, EverySnapshotRestoresToTheMomentInWhichItBegan) {
  int increments = 0;
  int restarts = 0;
  int increments_on_parts = 0;
  // Every snapshot of RocksDB takes some milliseconds.
  const uint64_t seeds = GetParam().backend == std::string("rocksdb") ? 1 : 3;
  // Seeds of which each case has some of all that is asked for below.
  constexpr uint64_t kFirst = 3;
  for (uint64_t seed = kFirst; seed < kFirst + seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomHistory history(GetParam(), seed);
    for (int step = 0; step < 500 && !HasFailure(); ++step) {
      // Pages split when keys come, and go when they are left alone.
      if (step == 100) history.SetKeys(20000);
      if (step == 200) history.SetKeys(500);
      if (step == 300) history.SetKeys(5000);
      history.Step();
    }
    history.Drain();
    increments += history.increments();
    restarts += history.restarts();
    increments_on_parts += history.increments_on_parts();
    EXPECT_TRUE(history.pieces() > 0 || GetParam().states == ModelStates::kOneNumber);
  }
  EXPECT_GE(increments, static_cast<int>(seeds)) << "the test is to be about chains";
  EXPECT_GT(restarts, 0);
  EXPECT_TRUE(increments_on_parts > 0 || GetParam().backend == std::string("rocksdb"));
}

INSTANTIATE_TEST_SUITE_P(
    All, SnapshotHistory,
    testing::Values(HistoryCase{"hashmap", KeyForm::kInteger, 128, 1}, HistoryCase{"hashmap", KeyForm::kBytes, 128, 1},
                    HistoryCase{"hashmap", KeyForm::kInteger, 5, 2}, HistoryCase{"hashmap", KeyForm::kBytes, 1024, 3},
                    HistoryCase{"hashmap", KeyForm::kInteger, 64, 2, ModelStates::kOneNumber},
                    HistoryCase{"hashmap", KeyForm::kInteger, 4, 1, ModelStates::kOneNumber},
                    HistoryCase{"rocksdb", KeyForm::kInteger, 128, 1}, HistoryCase{"rocksdb", KeyForm::kBytes, 5, 2}),
    [](const auto& info) {
      return std::string(info.param.backend) +
             std::string(info.param.form == KeyForm::kInteger ? "Integers" : "Bytes") +
             std::to_string(info.param.max_parallelism);
    });

}  // namespace
}  // namespace weir
