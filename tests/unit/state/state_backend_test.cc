#include "weir/state/state_backend.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

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
