#include "weir/state/processor/savepoint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/hash.h"
#include "weir/state/state_backend.h"
#include "weir/state/storage/checkpoint_storage.h"
#include "weir/state/storage/operator_state_files.h"
#include "weir/state/timers/timer_store.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

struct Counter : StatefulFunction {
  ValueState<int64_t> seen{this, "seen"};
  MapState<std::string, int32_t> pages{this, "pages"};
};
struct LaterCounter : StatefulFunction {
  ValueState<int64_t> seen{this, "seen"};
  MapState<std::string, int64_t> pages{this, "pages"};
};
struct Series : StatefulFunction {
  ListState<int64_t> numbers{this, "numbers"};
};
struct Visitor : StatefulFunction {
  ListState<int64_t> visits{this, "visits", Ttl(std::chrono::hours(1))};
};

struct Processor : ::testing::Test {
  // A savepoint made from nothing: two keys of "count", a list of "source".
  std::string Made() {
    Savepoint savepoint(files);
    KeyedStateTable<Counter, std::string> counts(8);
    counts.At("ZRH").seen.Update(3);
    counts.At("OSL").pages.Put("home", 1);
    EXPECT_OK(savepoint.PutKeyed("count", counts));
    EXPECT_OK(savepoint.PutList<int32_t>("source", "offsets", {4, 5, 6}));
    StatusOr<std::string> path = savepoint.Write("/sp");
    EXPECT_OK(path);
    return path.ok() ? *path : "";
  }
  Savepoint Loaded(const std::string& path) { return Savepoint::Load(files, path).value(); }

  InMemoryFileSystem files;
};

TEST_F(Processor, WritesWhatItReadsAgain) {
  const Savepoint savepoint = Loaded(Made());
  EXPECT_EQ(savepoint.Operators().size(), 2u);
  auto counts = savepoint.Keyed<Counter, std::string>("count");
  ASSERT_OK(counts);
  EXPECT_EQ(counts->size(), 2u);
  EXPECT_EQ(counts->At("ZRH").seen.ValueOr(0), 3);
  EXPECT_EQ(*counts->At("OSL").pages.Get("home"), 1);
  EXPECT_EQ(savepoint.List<int32_t>("source", "offsets").value(), (std::vector<int32_t>{4, 5, 6}));
}

TEST_F(Processor, ReadsAndChangesLargeLists) {
  Savepoint made(files);
  KeyedStateTable<Series, std::string> lists(8);
  for (int64_t i = 0; i < 5000; ++i) lists.At("ZRH").numbers.Add(i);
  ASSERT_OK(made.PutKeyed("collect", lists));
  Savepoint savepoint = Loaded(made.Write("/sp").value());
  auto loaded = savepoint.Keyed<Series, std::string>("collect");
  ASSERT_OK(loaded);
  loaded->At("ZRH").numbers.Add(5000);
  loaded->ForEach([](std::string_view, Series& series) { EXPECT_EQ(series.numbers.size(), 5001u); });
  ASSERT_OK(savepoint.PutKeyed("collect", *loaded));
  auto changed = Loaded(savepoint.Write("/sp").value()).Keyed<Series, std::string>("collect");
  ASSERT_OK(changed);
  const std::span<const int64_t> numbers = changed->At("ZRH").numbers.Get();
  ASSERT_EQ(numbers.size(), 5001u);
  for (int64_t i = 0; i <= 5000; ++i) EXPECT_EQ(numbers[static_cast<size_t>(i)], i);
}

TEST_F(Processor, VisitsEveryKey) {
  auto counts = Loaded(Made()).Keyed<Counter, std::string>("count").value();
  std::map<std::string, int64_t> all;
  counts.ForEach([&](std::string_view key, Counter& counter) { all[std::string(key)] = counter.seen.ValueOr(-1); });
  EXPECT_EQ(all, (std::map<std::string, int64_t>{{"OSL", -1}, {"ZRH", 3}}));
  counts.ForEach([](std::string_view, Counter& counter) { counter.seen.Clear(); });
  EXPECT_EQ(counts.size(), 1u) << "a key without state is gone";
}

TEST_F(Processor, ChangesStateAndLeavesTheOldSavepointAsItWas) {
  const std::string before = Made();
  Savepoint savepoint = Loaded(before);
  auto counts = savepoint.Keyed<Counter, std::string>("count").value();
  counts.At("ZRH").seen.Update(100);
  counts.At("FRA").seen.Update(1);
  ASSERT_OK(savepoint.PutKeyed("count", counts));
  ASSERT_OK(savepoint.PutList<int32_t>("source", "offsets", {7}));
  const std::string after = savepoint.Write("/sp").value();
  auto changed = Loaded(after).Keyed<Counter, std::string>("count").value();
  EXPECT_EQ(changed.size(), 3u);
  EXPECT_EQ(changed.At("ZRH").seen.ValueOr(0), 100);
  EXPECT_EQ(Loaded(after).List<int32_t>("source", "offsets").value(), std::vector<int32_t>{7});
  auto old = Loaded(before).Keyed<Counter, std::string>("count").value();
  EXPECT_EQ(old.At("ZRH").seen.ValueOr(0), 3);
}

TEST_F(Processor, WritesTheTimesOfStateWithATimeToLive) {
  constexpr int64_t kHour = 3'600'000;
  Savepoint savepoint(files);
  KeyedStateTable<Visitor, int64_t> visitors(8);
  visitors.SetProcessingTime(10 * kHour);
  visitors.At(1).visits.Add(7);
  visitors.SetProcessingTime(10 * kHour + kHour / 2);
  visitors.At(1).visits.Add(8);
  ASSERT_OK(savepoint.PutKeyed("visitors", visitors));
  auto read = Loaded(savepoint.Write("/sp").value()).Keyed<Visitor, int64_t>("visitors").value();
  read.SetProcessingTime(11 * kHour - 1);
  EXPECT_EQ(read.At(1).visits.size(), 2u);
  read.SetProcessingTime(11 * kHour);
  EXPECT_EQ(read.At(1).visits.size(), 1u);
  EXPECT_TRUE((Loaded(savepoint.Write("/sp").value()).Keyed<Visitor, int64_t>("visitors")->At(1).visits.empty()))
      << "by the time of this machine, which is long after";
}

TEST_F(Processor, ChangesUidsAndLeavesOperatorsOut) {
  Savepoint savepoint = Loaded(Made());
  ASSERT_OK(savepoint.ChangeUid("count", "count per origin"));
  EXPECT_EQ(savepoint.ChangeUid("source", "count per origin").code(), StatusCode::kAlreadyExists);
  ASSERT_OK(savepoint.Remove("source"));
  const Savepoint after = Loaded(savepoint.Write("/sp").value());
  EXPECT_EQ(after.Operators(), std::vector<std::string>{"count per origin"});
  EXPECT_EQ(after.metadata().operators[0].id, OperatorId::FromName("count per origin")) << "as the job's graph has it";
  EXPECT_EQ((after.Keyed<Counter, std::string>("count per origin")->size()), 2u);
  EXPECT_TRUE(
      IsError(after.Keyed<Counter, std::string>("source").status(), StatusCode::kNotFound, "it has count per origin"));
}

TEST_F(Processor, ReadsTypesThatHaveChangedAsARestoreDoes) {
  auto counts = Loaded(Made()).Keyed<LaterCounter, std::string>("count");
  ASSERT_OK(counts);
  EXPECT_EQ(*counts->At("OSL").pages.Get("home"), 1);
  const auto wide = Loaded(Made()).List<int64_t>("source", "offsets");
  ASSERT_OK(wide);
  EXPECT_EQ(*wide, (std::vector<int64_t>{4, 5, 6}));
  EXPECT_EQ(Loaded(Made()).List<std::string>("source", "offsets").status().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(IsError((Loaded(Made()).Keyed<Counter, int64_t>("count").status()), StatusCode::kFailedPrecondition,
                      "its key was string"));
}

TEST_F(Processor, RefusesAnotherMaximumParallelism) {
  Savepoint savepoint = Loaded(Made());
  KeyedStateTable<Counter, std::string> other(16);
  EXPECT_TRUE(IsError(savepoint.PutKeyed("count", other), StatusCode::kFailedPrecondition,
                      "has the maximum parallelism 8, the state to be put 16"));
}

TEST_F(Processor, TakesAUidForTheOperatorThatHasItAndANameOnlyIfItIsUnique) {
  // Whichever comes first by its id.
  for (const std::string uid : {"a", "b", "c", "d"}) {
    CheckpointMetadata metadata{.id = CheckpointId(7), .job_name = "names", .kind = SnapshotKind::kSavepoint};
    for (const std::string other : {"a", "b", "c", "d"})
      metadata.operators.push_back(
          {.id = OperatorId::FromName(other), .uid = other, .name = other == uid ? "map" : uid});
    std::sort(metadata.operators.begin(), metadata.operators.end(),
              [](const OperatorSnapshot& one, const OperatorSnapshot& two) { return one.id < two.id; });
    ASSERT_OK(files.CreateDirectories("/" + uid));
    auto storage = CheckpointStorage::Of(files, JobId(), {.in_memory = true}).value();
    ASSERT_EQ(storage.Finalize({.directory = "/" + uid}, metadata).write, MetadataWrite::kWritten);
    Savepoint savepoint = Loaded("/" + uid);
    ASSERT_OK(savepoint.Remove(uid));
    EXPECT_EQ(savepoint.metadata().Find(OperatorId::FromName(uid)), nullptr) << uid;
    EXPECT_TRUE(IsError(savepoint.Remove(uid), StatusCode::kInvalidArgument, "say which by uid or id"));
  }
}

TEST_F(Processor, RefusesToLoseStatesThatATableDoesNotDeclare) {
  struct Seen : StatefulFunction {
    ValueState<int64_t> seen{this, "seen"};
  };
  Savepoint savepoint = Loaded(Made());
  auto counts = savepoint.Keyed<Seen, std::string>("count").value();
  EXPECT_TRUE(IsError(savepoint.PutKeyed("count", counts), StatusCode::kFailedPrecondition, "the state \"pages\""));
  ASSERT_OK(savepoint.Remove("count"));
  EXPECT_OK(savepoint.PutKeyed("count", counts));
}

TEST_F(Processor, KeepsTheTimersOfKeys) {
  // As an operator with timers writes its rows.
  Counter function;
  std::vector<StateDeclaration> states = function.keyed_states();
  states.push_back(TimerStore::Declaration());
  const auto rows_of = [&] {
    return NewStateBackend("hashmap")
        .value()
        ->CreateKeyedRows({.states = states, .key_groups = {0, 7}, .max_parallelism = 8})
        .value();
  };
  std::unique_ptr<KeyedRows> rows = rows_of();
  TimerStore timers(*rows, KeyForm::kInteger, 2);
  for (const int64_t key : {1, 2}) {
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    char* row = nullptr;
    rows->Prepare({.integers = &key}, &hash, 1, &row);
    timers.SetKey(row);
    timers.Register(TimeDomain::kEvent, 100 * key);
    rows->Finish();
  }
  ByteWriter written;
  rows->Write(0, 7, written);
  OperatorSnapshot op{.id = OperatorId::FromName("count"), .uid = "count", .name = "count", .max_parallelism = 8};
  op.key_schema = SchemaOf<int64_t>().Encode();
  op.subtasks = {{.operator_id = op.id, .key_groups = {0, 7}}};
  op.subtasks[0].keyed = {
      {.key_groups = {0, 7}, .format = "canonical", .state = StreamStateHandle::Inline(std::move(written).Take())}};
  CheckpointMetadata metadata{.id = CheckpointId(7), .job_name = "timers", .kind = SnapshotKind::kSavepoint};
  metadata.operators = {op};
  ASSERT_OK(files.CreateDirectories("/timers"));
  auto storage = CheckpointStorage::Of(files, JobId(), {.in_memory = true}).value();
  ASSERT_EQ(storage.Finalize({.directory = "/timers"}, metadata).write, MetadataWrite::kWritten);

  Savepoint savepoint = Loaded("/timers");
  auto counts = savepoint.Keyed<Counter, int64_t>("count").value();
  counts.At(1).seen.Update(5);
  int visited = 0;
  counts.ForEach([&](int64_t, Counter&) { ++visited; });
  EXPECT_EQ(visited, 1) << "the other key has a timer alone";
  ASSERT_OK(savepoint.PutKeyed("count", counts));
  const Savepoint changed = Loaded(savepoint.Write("/sp").value());
  const OperatorSubtaskState& subtask = changed.metadata().operators[0].subtasks[0];
  std::unique_ptr<KeyedRows> restored = rows_of();
  const OperatorStateParts parts = ReadOperatorState(files, subtask).value();
  for (const std::string& bytes : parts.keyed) {
    ByteReader in(bytes, "rows");
    ASSERT_OK(restored->Read(in));
  }
  TimerStore later(*restored, KeyForm::kInteger, 2);
  later.Rebuild();
  EXPECT_TRUE(later.HasDue(TimeDomain::kEvent, 100));
  EXPECT_EQ(restored->row_count(), 2u);
}

TEST_F(Processor, WritesMuchStateIntoFiles) {
  Savepoint savepoint(files);
  KeyedStateTable<Series, int64_t> table(8);
  for (int64_t key = 0; key < 10'000; ++key) table.At(key).numbers.Add(key);
  ASSERT_OK(savepoint.PutKeyed("collect", table));
  ASSERT_OK(savepoint.PutList<int64_t>("source", "offsets", std::vector<int64_t>(100'000)));
  const std::string path = savepoint.Write("/sp").value();
  EXPECT_LT(ReadWholeFile(files, path + "/_metadata").value().size(), 20'000u);
  const Savepoint loaded = Loaded(path);
  EXPECT_EQ((loaded.Keyed<Series, int64_t>("collect")->size()), 10'000u);
  EXPECT_EQ(loaded.List<int64_t>("source", "offsets")->size(), 100'000u);
}

// A backend's own files: nobody else understands them, but they can be copied.
TEST_F(Processor, CopiesTheFilesOfABackendAsTheyAre) {
  ASSERT_OK(files.CreateDirectories("/native"));
  const std::string content(3000000, 'r');
  const auto write = [&] {
    const std::unique_ptr<WritableFile> out = files.OpenForWrite("/native/sst", WriteMode::kTruncate).value();
    return out->Append(content);
  };
  ASSERT_OK(write());
  const StateFile file{.path = "/native/sst",
                       .scope = StateScope::kExclusive,
                       .form = StateFileForm::kRaw,
                       .length = content.size(),
                       .checksum = HashBytes(content)};
  KeyedStateHandle keyed{.key_groups = {0, 7}, .format = "rocksdb", .files = {{"000001.sst", file}}};
  OperatorSnapshot op{.id = OperatorId(Id128{1, 2}), .uid = "count", .name = "count", .max_parallelism = 8};
  op.subtasks = {{.operator_id = op.id, .subtask_index = 0, .key_groups = {0, 7}, .keyed = {keyed}}};
  CheckpointMetadata metadata{.id = CheckpointId(7), .job_name = "native", .kind = SnapshotKind::kSavepoint};
  metadata.operators = {op};
  auto storage = CheckpointStorage::Of(files, JobId(), {.in_memory = true}).value();
  ASSERT_EQ(storage.Finalize({.directory = "/native"}, metadata).write, MetadataWrite::kWritten);

  Savepoint savepoint = Loaded("/native");
  const StatusOr<std::string> path = savepoint.Write("/copied");
  ASSERT_OK(path);
  ASSERT_OK(files.DeleteRecursively("/native"));
  const StatusOr<CompletedSnapshot> copied = LoadSnapshot(files, *path, SnapshotCheck::kContents);
  ASSERT_OK(copied);
  const NamedStateFile& named = copied->metadata.operators[0].subtasks[0].keyed[0].files[0];
  EXPECT_EQ(named.name, "000001.sst");
  EXPECT_EQ(*ReadWholeFile(files, named.file.path), content);
}

}  // namespace
}  // namespace weir
