// Snapshots of heap rows that hold pages as they were: whatever changes meanwhile, and whoever reads them, the rows are those of the snapshot's begin.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "weir/base/random.h"
#include "weir/state/snapshot/keyed_rows_scan.h"
#include "weir/state/snapshot/page_images.h"

#include "tests/unit/state/snapshot_to_memory.h"
#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

struct Count : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
};
struct Numbers {
  int64_t count = 0;
  double last = 0;
};
struct LaterNumbers {
  int64_t added = 5;
  double last = 0;
  int64_t count = 0;
};
template <class T>
struct Two : StatefulFunction {
  ValueState<T> numbers{this, "numbers"};
  ValueState<int64_t> count{this, "count"};
};
// The state of some rows is gone, that of others has fields in another order and one more, and there is a new one.
struct TwoLater : StatefulFunction {
  ValueState<double> more{this, "more"};
  ValueState<LaterNumbers> numbers{this, "numbers"};
};
struct CountAndMore : StatefulFunction {
  ValueState<int64_t> more{this, "more"};
  ValueState<int64_t> count{this, "count"};
};
using Content = std::map<int64_t, int64_t>;

// One subtask whose rows map keys to numbers.
template <class Function = Count>
struct Subtask {
  Subtask(KeyGroupRange groups, int max_parallelism)
      : groups(groups),
        max_parallelism(max_parallelism),
        rows(NewRows(function, KeyForm::kInteger, groups, max_parallelism)) {
    function.BindStates(*rows);
  }
  bool Owns(int64_t key) const {
    return groups.Contains(KeyGroupForHash(Hash64(static_cast<uint64_t>(key)), max_parallelism));
  }
  // 0: the key has none any more.
  void Set(const std::vector<std::pair<int64_t, int64_t>>& changes) {
    std::vector<int64_t> keys;
    for (const auto& change : changes) keys.push_back(change.first);
    std::vector<uint64_t> hashes(keys.size());
    std::vector<char*> pointers(keys.size());
    HashInts(keys, hashes);
    rows->Prepare({.integers = keys.data()}, hashes.data(), static_cast<uint32_t>(keys.size()), pointers.data());
    for (size_t i = 0; i < keys.size(); ++i) {
      function.key_context().row = pointers[i];
      if (changes[i].second == 0) {
        function.count.Clear();
      } else {
        function.count.Update(changes[i].second);
      }
    }
    rows->Finish();
    rows->EndStep();
  }
  Content Read() {
    Content content;
    char* pointers[256];
    for (RowCursor cursor; !cursor.done;) {
      const uint32_t count = rows->Walk(cursor, 256, pointers);
      for (uint32_t i = 0; i < count; ++i) {
        function.key_context().row = pointers[i];
        content[rows->KeyOf(pointers[i]).integer] = function.count.Value();
      }
    }
    return content;
  }

  Function function;
  const KeyGroupRange groups;
  const int max_parallelism;
  std::unique_ptr<KeyedRows> rows;
};

NativeKeyedState Native(const std::vector<std::string>& chain) {
  std::map<std::string, std::string> files;
  for (const std::string& bytes : chain) files[std::to_string(100 + files.size())] = bytes;
  return {.format = "heap",
          .key_groups = {0, kMaxMaxParallelism - 1},
          .files = std::make_shared<MemoryFiles>(std::move(files))};
}

KeyedSnapshotRequest Shared(int64_t id) { return {.checkpoint_id = id, .is_native = true, .may_be_shared = true}; }

// In the table, and in what it should hold. A value of 0: erased.
void SetBoth(const std::vector<std::pair<int64_t, int64_t>>& changes, Subtask<>& task, Content& content) {
  task.Set(changes);
  for (const auto& [key, value] : changes) {
    if (value == 0) {
      content.erase(key);
    } else {
      content[key] = value;
    }
  }
}

// A table of some hundred pages, and one checkpoint after the other of it while it changes.
class HeapPagesTest : public testing::TestWithParam<int> {
 protected:
  HeapPagesTest() {
    std::vector<std::pair<int64_t, int64_t>> all;
    for (int64_t key = 0; key < 60000; ++key) all.emplace_back(key, key + 1);
    Change(all);
  }
  void Change(const std::vector<std::pair<int64_t, int64_t>>& changes) { SetBoth(changes, task_, content_); }
  void ChangeSome() {
    std::vector<std::pair<int64_t, int64_t>> changes;
    for (int i = 0; i < 300; ++i) {
      const int64_t key = static_cast<int64_t>(random_.Uniform(80000));
      changes.emplace_back(key, static_cast<int64_t>(random_.Uniform(4) == 0 ? 0 : random_.Uniform(1000) + 1));
    }
    Change(changes);
  }
  // While it is taken the rows change. Returns the content at its begin.
  Content Take(int64_t id, WrittenToMemory& written) {
    const Content content = content_;
    const std::unique_ptr<KeyedSnapshot> snapshot = task_.rows->BeginSnapshot();
    ChangeSome();
    snapshot->Start(Shared(id), std::make_shared<MemorySink>(written, is_full_));
    while (snapshot->Advance()) ChangeSome();
    EXPECT_TRUE(written.is_done);
    snapshot->OnComplete();
    return content;
  }
  void ExpectRestored(const std::vector<std::string>& chain, int parallelism, const Content& expected) {
    Content restored;
    for (int i = 0; i < parallelism; ++i) {
      Subtask<> part(KeyGroupRangeOf(i, parallelism, GetParam()), GetParam());
      ASSERT_EQ(part.rows->ReadNative(Native(chain)), OkStatus());
      for (const auto& [key, value] : part.Read()) {
        EXPECT_TRUE(part.Owns(key));
        EXPECT_TRUE(restored.emplace(key, value).second) << key << " is in two subtasks";
      }
      // It goes on as any other table does.
      std::vector<std::pair<int64_t, int64_t>> more;
      for (int64_t key = 100000; key < 130000; ++key) {
        if (part.Owns(key)) more.emplace_back(key, 1);
      }
      const uint64_t before = part.rows->row_count();
      part.Set(more);
      EXPECT_EQ(part.rows->row_count(), before + more.size());
    }
    EXPECT_EQ(restored, expected);
  }

  SeededRandom random_{11};
  bool is_full_ = false;
  Subtask<> task_{{0, GetParam() - 1}, GetParam()};
  Content content_;
};

TEST_P(HeapPagesTest, RestoreAtAnyParallelismToWhatWasThereAtTheBegin) {
  WrittenToMemory written;
  const Content expected = Take(1, written);
  EXPECT_EQ(written.format, "heap");
  EXPECT_GE(written.bytes.size(), 60 * 16384u) << "mostly pages";
  for (const int parallelism : {1, 2, 3, 5}) ExpectRestored({written.bytes}, parallelism, expected);
}

TEST_P(HeapPagesTest, AreTheBaseOfIncrements) {
  std::vector<WrittenToMemory> written(3);
  Take(1, written[0]);
  Take(2, written[1]);
  const Content expected = Take(3, written[2]);
  EXPECT_EQ(written[1].base, 1);
  EXPECT_EQ(written[2].base, 2);
  ExpectRestored({written[0].bytes, written[1].bytes, written[2].bytes}, 2, expected);
}

// Tables of several subtasks into one, and on: pages that were restored are written as others are.
TEST_P(HeapPagesTest, ComeTogetherFromSeveralSubtasks) {
  Content expected;
  std::vector<std::string> files;
  for (int i = 0; i < 3; ++i) {
    Subtask<> part(KeyGroupRangeOf(i, 3, GetParam()), GetParam());
    std::vector<std::pair<int64_t, int64_t>> changes;
    for (const auto& [key, value] : content_) {
      if (part.Owns(key)) changes.emplace_back(key, value + 7);
    }
    part.Set(changes);
    expected.insert(changes.begin(), changes.end());
    WrittenToMemory written;
    const std::unique_ptr<KeyedSnapshot> snapshot = part.rows->BeginSnapshot();
    snapshot->Start(Shared(1), std::make_shared<MemorySink>(written, is_full_));
    while (snapshot->Advance()) {
    }
    files.push_back(written.bytes);
  }
  Subtask<> all({0, GetParam() - 1}, GetParam());
  for (const std::string& bytes : files) ASSERT_EQ(all.rows->ReadNative(Native({bytes})), OkStatus());
  EXPECT_EQ(all.Read(), expected);
  WrittenToMemory again;
  const std::unique_ptr<KeyedSnapshot> snapshot = all.rows->BeginSnapshot();
  snapshot->Start(Shared(2), std::make_shared<MemorySink>(again, is_full_));
  while (snapshot->Advance()) {
  }
  ExpectRestored({again.bytes}, 1, expected);
}

// 100: key groups begin elsewhere in the hashes than pages do.
INSTANTIATE_TEST_SUITE_P(MaxParallelism, HeapPagesTest, testing::Values(128, 100));

class HeapPages : public testing::Test {
 protected:
  HeapPages() {
    std::vector<std::pair<int64_t, int64_t>> all;
    for (int64_t key = 0; key < 60000; ++key) all.emplace_back(key, key + 1);
    task_.Set(all);
    content_ = Content(all.begin(), all.end());
    const std::unique_ptr<KeyedSnapshot> snapshot = task_.rows->BeginSnapshot();
    bool is_full = false;
    snapshot->Start(Shared(1), std::make_shared<MemorySink>(written_, is_full));
    while (snapshot->Advance()) {
    }
  }

  Subtask<> task_{{0, 127}, 128};
  Content content_;
  WrittenToMemory written_;
};

TEST_F(HeapPages, AreReadRowByRowWhereStatesHaveChanged) {
  Subtask<CountAndMore> other({0, 63}, 128);
  ASSERT_EQ(other.rows->ReadNative(Native({written_.bytes})), OkStatus());
  Content expected;
  for (const auto& [key, value] : content_) {
    if (other.Owns(key)) expected[key] = value;
  }
  EXPECT_EQ(other.Read(), expected);
}

TEST_F(HeapPages, GiveTheirValuesToRowsWithOtherFieldsAndStates) {
  Two<Numbers> function;
  const auto rows = NewRows(function, KeyForm::kInteger, {0, 127}, 128);
  function.BindStates(*rows);
  const auto at = [](auto& function, KeyedRows& rows, int64_t key) {
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    rows.Prepare({.integers = &key}, &hash, 1, &function.key_context().row);
  };
  for (int64_t key = 0; key < 20000; ++key) {
    at(function, *rows, key);
    if (key % 3 != 0) function.numbers.Update({.count = key, .last = 0.5 * static_cast<double>(key)});
    if (key % 3 != 1) function.count.Update(key);
  }
  WrittenToMemory written;
  bool is_full = false;
  const std::unique_ptr<KeyedSnapshot> snapshot = rows->BeginSnapshot();
  snapshot->Start(Shared(1), std::make_shared<MemorySink>(written, is_full));
  while (snapshot->Advance()) {
  }
  EXPECT_GE(written.bytes.size(), 20 * 16384u) << "mostly pages";

  TwoLater later;
  const auto restored = NewRows(later, KeyForm::kInteger, {0, 127}, 128);
  later.BindStates(*restored);
  at(later, *restored, 1);
  later.more.Update(1.5);  // what was there before is replaced
  ASSERT_EQ(restored->ReadNative(Native({written.bytes})), OkStatus());
  for (int64_t key = 0; key < 20000; ++key) {
    at(later, *restored, key);
    EXPECT_FALSE(later.more.Has()) << key;
    ASSERT_EQ(later.numbers.Has(), key % 3 != 0) << key;
    if (key % 3 == 0) continue;
    EXPECT_EQ(later.numbers.Value().added, 5);
    EXPECT_EQ(later.numbers.Value().last, 0.5 * static_cast<double>(key));
    EXPECT_EQ(later.numbers.Value().count, key);
  }
}

// Two halves of a former task name one file: what each has written since lies behind it.
TEST_F(HeapPages, GiveOnlyWhatTheirHandleIsAbout) {
  for (const std::string backend : {"hashmap", "rocksdb"}) {
    Count function;
    const auto rows = NewRows(function, KeyForm::kInteger, {0, 127}, 128, backend);
    NativeKeyedState half = Native({written_.bytes});
    half.key_groups = {64, 200};
    ASSERT_EQ(rows->ReadNative(half), OkStatus());
    EXPECT_LE(static_cast<const MemoryFiles&>(*half.files).read_bytes(), written_.bytes.size() * 6 / 10);
    const auto in_half = std::count_if(content_.begin(), content_.end(), [](const auto& row) {
      return KeyGroupForHash(Hash64(static_cast<uint64_t>(row.first)), 128) >= 64;
    });
    EXPECT_EQ(rows->row_count(), static_cast<uint64_t>(in_half)) << backend;
  }
}

TEST_F(HeapPages, AreReadByOtherBackends) {
  OperatorStateParts parts;
  parts.native.push_back(Native({written_.bytes}));
  ASSERT_EQ(ConvertNativeState("rocksdb", parts), OkStatus());
  ASSERT_EQ(parts.native.size(), 1u);
  Count function;
  const auto rows = NewRows(function, KeyForm::kInteger, {0, 127}, 128, "rocksdb");
  ASSERT_EQ(rows->ReadNative(parts.native[0]), OkStatus());
  const int64_t key = 4711;
  const uint64_t hash = Hash64(static_cast<uint64_t>(key));
  function.BindStates(*rows);
  rows->Prepare({.integers = &key}, &hash, 1, &function.key_context().row);
  EXPECT_EQ(function.count.Value(), 4712);
}

TEST_F(HeapPages, AreSeenByTools) {
  struct Scanner : RowScanner {
    Status OnHeader(const ScannedHeader& header) override {
      EXPECT_EQ(header.states.at(0).name, "count");
      return OkStatus();
    }
    Status OnRow(const ScannedRow& row) override {
      content[row.key.integer] = LoadLittleEndian<int64_t>(row.values.at(0).bytes.data());
      return OkStatus();
    }
    Content content;
  } scanner;
  ASSERT_EQ(ScanKeyedRows(written_.bytes, 0, 127, scanner), OkStatus());
  EXPECT_EQ(scanner.content, content_);
}

TEST_F(HeapPages, ThatAreCutShortOrOfAnotherPlaceAreDamage) {
  const auto read = [](const std::string& bytes) { return Subtask<>({0, 127}, 128).rows->ReadNative(Native({bytes})); };
  for (const size_t length : {size_t{10}, size_t{60}, size_t{200}, size_t{20000}, written_.bytes.size() - 1})
    EXPECT_EQ(read(written_.bytes.substr(0, length)).code(), StatusCode::kDataLoss) << length;
  // The head of every section is checked, and the header.
  for (size_t at = 12; at < 150; at += 7) {
    std::string bytes = written_.bytes;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    EXPECT_EQ(read(bytes).code(), StatusCode::kDataLoss) << at;
  }
}

// Rows without flags tell 63 epochs apart. Here come many more, with snapshots that are never complete, or take very long.
struct HistoryOf {
  uint64_t keys;
  int max_parallelism;
};
class LongHistory : public testing::TestWithParam<HistoryOf> {
 protected:
  LongHistory() {
    std::vector<std::pair<int64_t, int64_t>> changes;
    for (uint64_t key = 0; key < GetParam().keys; key += 2) changes.emplace_back(static_cast<int64_t>(key), 1);
    SetBoth(changes, task_, content_);
  }
  void ChangeSome() {
    std::vector<std::pair<int64_t, int64_t>> changes;
    for (uint64_t i = 0; i < GetParam().keys / 75; ++i) {
      const int64_t key = static_cast<int64_t>(random_.Uniform(GetParam().keys));
      changes.emplace_back(key, static_cast<int64_t>(random_.Uniform(4) == 0 ? 0 : random_.Uniform(1000) + 1));
    }
    SetBoth(changes, task_, content_);
  }
  struct Taken {
    int64_t id = 0;
    Content content;
    WrittenToMemory written;
    std::unique_ptr<KeyedSnapshot> snapshot;
  };
  std::unique_ptr<Taken> Begin() {
    auto taken = std::make_unique<Taken>();
    taken->id = next_id_++;
    taken->content = content_;
    taken->snapshot = task_.rows->BeginSnapshot();
    ChangeSome();
    return taken;
  }
  void Start(Taken& taken) {
    taken.snapshot->Start(Shared(taken.id), std::make_shared<MemorySink>(taken.written, is_full_));
  }
  // Writes it to its end, and expects that it restores.
  void Finish(Taken& taken) {
    while (taken.snapshot->Advance()) ChangeSome();
    ASSERT_TRUE(taken.written.is_done);
    std::vector<std::string> chain;
    if (taken.written.base != 0) chain = chains_.at(taken.written.base);
    chain.push_back(taken.written.bytes);
    increments_ += taken.written.base != 0 ? 1 : 0;
    Subtask<> restored({0, GetParam().max_parallelism - 1}, GetParam().max_parallelism);
    ASSERT_EQ(restored.rows->ReadNative(Native(chain)), OkStatus());
    const Content now = restored.Read();
    if (now != taken.content) Explain(taken, now);
    chains_[taken.id] = std::move(chain);
  }
  void Explain(const Taken& taken, const Content& now) {
    for (const auto& [key, value] : now) {
      const auto there = taken.content.find(key);
      EXPECT_TRUE(there != taken.content.end()) << key << " should be gone in checkpoint " << taken.id;
      if (there == taken.content.end()) continue;
      EXPECT_EQ(value, there->second) << key << " in checkpoint " << taken.id;
    }
    FAIL() << now.size() << " rows instead of " << taken.content.size() << " in checkpoint " << taken.id << ", base "
           << taken.written.base;
  }
  void TakeSome(int count, bool is_complete) {
    for (int i = 0; i < count && !HasFatalFailure(); ++i) {
      const std::unique_ptr<Taken> taken = Begin();
      Start(*taken);
      Finish(*taken);
      if (is_complete) taken->snapshot->OnComplete();
      // While none is under way, nothing is put aside: what a snapshot has is known by what its walk left behind.
      ChangeSome();
    }
  }

  SeededRandom random_{5};
  bool is_full_ = false;
  Subtask<> task_{{0, GetParam().max_parallelism - 1}, GetParam().max_parallelism};
  Content content_;
  int64_t next_id_ = 1;
  int increments_ = 0;
  std::map<int64_t, std::vector<std::string>> chains_;
};

TEST_P(LongHistory, OfCompleteCheckpointsRestoresEachOfThem) {
  TakeSome(200, /*is_complete=*/true);
  EXPECT_GE(increments_, 150);
}

TEST_P(LongHistory, GoesOnAfterManyCheckpointsThatWereNotComplete) {
  TakeSome(5, true);
  for (const int incomplete : {20, 40, 70, 130}) {
    TakeSome(incomplete, false);
    TakeSome(3, true);
  }
}

TEST_P(LongHistory, MayHaveOneThatTakesLongerThanManyOthers) {
  TakeSome(3, true);
  const std::unique_ptr<Taken> not_started = Begin();
  const std::unique_ptr<Taken> started = Begin();
  Start(*started);
  TakeSome(100, true);
  Finish(*started);
  started->snapshot->OnComplete();
  TakeSome(10, true);
  Start(*not_started);
  Finish(*not_started);
  TakeSome(3, true);
}

// Pages of several key groups each; and pages of one, of which the changed rows are looked for by their marks.
INSTANTIATE_TEST_SUITE_P(All, LongHistory, testing::Values(HistoryOf{3000, 128}, HistoryOf{15000, 2}),
                         [](const auto& info) { return std::to_string(info.param.keys) + "Keys"; });

TEST(BytesAreMemory, OnlyOfNumbersWithoutGaps) {
  struct Gap {
    int32_t a = 0;
    int64_t b = 0;
  };
  EXPECT_TRUE(BytesAreMemory(*ValueOpsOf<int64_t>()));
  EXPECT_TRUE(BytesAreMemory(*ValueOpsOf<float>()));
  EXPECT_TRUE(BytesAreMemory(*ValueOpsOf<Numbers>()));
  EXPECT_FALSE(BytesAreMemory(*ValueOpsOf<Gap>()));
  EXPECT_FALSE(BytesAreMemory(*ValueOpsOf<bool>()));
  EXPECT_FALSE(BytesAreMemory(*ValueOpsOf<std::string>()));
  EXPECT_FALSE((BytesAreMemory(*ValueOpsOf<std::tuple<int32_t, float>>()))) << "a tuple is turned round in memory";
}

}  // namespace
}  // namespace weir
