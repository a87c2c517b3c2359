#include "weir/state/state_backend.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "weir/base/status_exception.h"

#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

TEST(StateBackend, NamesTheBackendsThereAre) {
  const Status status = NewStateBackend("rocksdbb").status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("\"rocksdbb\"; expected \"hashmap\", which is the default, or \"rocksdb\""),
            std::string_view::npos)
      << status.ToString();
}

TEST(StateBackend, RefusesKeyGroupsBeyondTheMaxParallelism) {
  for (std::string_view name : {"hashmap", "rocksdb"}) {
    EXPECT_EQ(NewStateBackend(name)
                  .value()
                  ->CreateKeyedRows({.states = {}, .key_groups = {0, 128}, .max_parallelism = 128})
                  .status()
                  .code(),
              StatusCode::kInvalidArgument);
  }
}

struct CountAndText : StatefulFunction {
  ValueState<int64_t> count{this, "count"};
  ValueState<std::string> text{this, "text"};
};

// Fills `rows` with keys until there is no memory, or `keys` of them.
void Fill(KeyedRows& rows, int64_t keys) {
  for (int64_t key = 0; key < keys; ++key) {
    const uint64_t hash = Hash64(static_cast<uint64_t>(key));
    char* row = nullptr;
    rows.Prepare({.integers = &key}, &hash, 1, &row);
    RowFlags(row) |= rows.layout().slots[0].present;
  }
}

TEST(StateBackend, WhatOperatorsKeepBesideTheirRowsComesOutOfTheSameMemory) {
  for (std::string_view name : {"hashmap", "rocksdb"}) {
    SCOPED_TRACE(name);
    const auto backend =
        NewStateBackend(name, {.heap_memory_bytes = 16 << 20, .rocksdb_memory_bytes = 16 << 20}).value();
    EXPECT_TRUE(backend->TakeBeside(12 << 20).ok());
    const Status refused = backend->TakeBeside(5 << 20);
    EXPECT_EQ(refused.code(), StatusCode::kResourceExhausted);
    EXPECT_NE(refused.message().find("taskmanager.memory.managed.size"), std::string_view::npos);
    // What was refused was not taken, and what goes makes room.
    EXPECT_TRUE(backend->TakeBeside(4 << 20).ok());
    EXPECT_TRUE(backend->TakeBeside(-(16 << 20)).ok());
    EXPECT_TRUE(backend->TakeBeside(16 << 20).ok());
  }
}

TEST(StateBackend, TheTablesOfTheHeapHaveLessWhereOperatorsKeepSomethingBeside) {
  const auto backend = NewStateBackend("hashmap", {.heap_memory_bytes = 4 << 20}).value();
  CountAndText function;
  const auto rows = backend->CreateKeyedRows({.states = function.keyed_states(), .key_groups = {0, 127}}).value();
  ASSERT_TRUE(backend->TakeBeside(3 << 20).ok());
  EXPECT_THROW(Fill(*rows, 50000), StatusException);
}

TEST(HeapMemory, IsSharedByAllTablesOfAProcessAndSaysWhatToDoWhenItIsUsedUp) {
  const auto backend = NewStateBackend("hashmap", {.heap_memory_bytes = 4 << 20}).value();
  CountAndText function;
  const KeyedRowsOptions options{.states = function.keyed_states(), .key_groups = {0, 127}};
  auto first = backend->CreateKeyedRows(options).value();
  auto second = backend->CreateKeyedRows(options).value();
  Fill(*first, 50000);
  try {
    Fill(*second, 1000000);
    FAIL() << "there was memory for all";
  } catch (const StatusException& e) {
    EXPECT_EQ(e.status().code(), StatusCode::kResourceExhausted);
    EXPECT_NE(e.status().message().find("taskmanager.memory.managed.size"), std::string_view::npos);
  }
  // What goes makes room.
  second.reset();
  first.reset();
  const auto third = backend->CreateKeyedRows(options).value();
  Fill(*third, 50000);
  EXPECT_EQ(third->row_count(), 50000u);
}

// Keys with a text of `bytes` each.
struct Texts {
  explicit Texts(StateBackend& backend)
      : rows(backend.CreateKeyedRows({.states = function.keyed_states(), .key_groups = {0, 127}}).value()) {
    function.BindStates(*rows);
  }
  void Put(int64_t keys, size_t bytes) {
    for (int64_t key = 0; key < keys; ++key) {
      const uint64_t hash = Hash64(static_cast<uint64_t>(key));
      rows->Prepare({.integers = &key}, &hash, 1, &function.key_context().row);
      function.text.Update(std::string(bytes, 'x'));
    }
    rows->Finish();
  }
  CountAndText function;
  std::unique_ptr<KeyedRows> rows;
};

TEST(HeapMemory, HasTheStringsListsAndMapsOfRowsToo) {
  const auto backend = NewStateBackend("hashmap", {.heap_memory_bytes = 16 << 20}).value();
  Texts texts(*backend);
  texts.Put(1000, 1000);
  EXPECT_GT(texts.rows->memory_bytes(), 1000u << 10);
  EXPECT_LT(texts.rows->memory_bytes(), 4000u << 10);
  EXPECT_THROW(texts.Put(1000, 30000), StatusException);
  // What goes makes room.
  texts.rows->Clear();
  EXPECT_TRUE(backend->TakeBeside(14 << 20).ok());
}

TEST(HeapMemory, HasWhatIsRestored) {
  const auto from = NewStateBackend("hashmap").value();
  Texts texts(*from);
  texts.Put(1000, 30000);
  ByteWriter out;
  texts.rows->Write(0, 127, out);
  const auto backend = NewStateBackend("hashmap", {.heap_memory_bytes = 16 << 20}).value();
  Texts restored(*backend);
  ByteReader in(out.bytes(), "rows");
  EXPECT_EQ(restored.rows->Read(in).code(), StatusCode::kResourceExhausted);
}

TEST(HeapMemory, FailsARestoreThatDoesNotFit) {
  CountAndText function;
  const auto rows = NewRows(function, KeyForm::kInteger, {0, 127}, 128);
  Fill(*rows, 100000);
  ByteWriter out;
  rows->Finish();
  rows->Write(0, 127, out);
  const auto backend = NewStateBackend("hashmap", {.heap_memory_bytes = 1 << 20}).value();
  const auto restored = backend->CreateKeyedRows({.states = function.keyed_states(), .key_groups = {0, 127}}).value();
  ByteReader in(out.bytes(), "rows");
  EXPECT_EQ(restored->Read(in).code(), StatusCode::kResourceExhausted);
}

// Backend, key form, max parallelism, seed.
class StateBackendModel : public testing::TestWithParam<std::tuple<std::string_view, KeyForm, int, uint64_t>> {
 protected:
  StateModel NewModel(int parallelism) const {
    const auto& [backend, form, max_parallelism, seed] = GetParam();
    return StateModel(backend, form, max_parallelism, parallelism, seed);
  }
};

TEST_P(StateBackendModel, AgreesWhileItGrows) {
  StateModel model = NewModel(1);
  uint64_t keys = 10;
  for (int batch = 0; batch < 120; ++batch) {
    model.ChangeBatch(keys, 1 + batch * 10);
    keys += keys / 16 + 10;
    if (batch % 20 == 19) model.ExpectAgreement();
  }
  EXPECT_GT(model.size(), 5000u);
}

TEST_P(StateBackendModel, AgreesAfterEveryBatchOverFewKeys) {
  StateModel model = NewModel(2);
  for (int batch = 0; batch < 150; ++batch) {
    model.ChangeBatch(40, 100);
    model.ExpectAgreement();
    if (batch == 100) model.ClearAll();
  }
}

TEST_P(StateBackendModel, AgreesThroughWritingReadingAndRescaling) {
  StateModel model = NewModel(1);
  for (int parallelism : {2, 3, 7, 1, 5}) {
    for (int batch = 0; batch < 6; ++batch) model.ChangeBatch(3000, 700);
    model.Rescale(parallelism);
    model.ExpectAgreement();
  }
}

TEST_P(StateBackendModel, AgreesWhenTheBackendIsSwitched) {
  StateModel model = NewModel(2);
  for (std::string_view backend : {"rocksdb", "hashmap", "rocksdb"}) {
    for (int batch = 0; batch < 4; ++batch) model.ChangeBatch(2000, 700);
    model.SwitchTo(backend, 3);
    model.ExpectAgreement();
  }
}

INSTANTIATE_TEST_SUITE_P(Hashmap, StateBackendModel,
                         testing::Combine(testing::Values("hashmap"),
                                          testing::Values(KeyForm::kInteger, KeyForm::kBytes),
                                          testing::Values(128, 1000, 32768), testing::Values(1, 2)));
INSTANTIATE_TEST_SUITE_P(RocksDb, StateBackendModel,
                         testing::Combine(testing::Values("rocksdb"),
                                          testing::Values(KeyForm::kInteger, KeyForm::kBytes),
                                          testing::Values(128, 32768), testing::Values(1, 2)));

}  // namespace
}  // namespace weir
