#include "weir/state/rocksdb/rocksdb_store.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir {
namespace {

using Records = std::map<std::string, std::string>;

class RocksDbStoreTest : public testing::Test {
 protected:
  void Open(const RecordFilter* filter) {
    store_ = RocksDbStore::Open(RocksDbResources::New({}).value(), filter).value();
  }
  void Put(const Records& records) {
    RocksDbBatch batch;
    for (const auto& [key, value] : records) batch.Put(key, value);
    ASSERT_EQ(store_->Write(batch), OkStatus());
  }
  Records Scan(std::string_view from, std::string_view to) {
    Records found;
    const auto scan = store_->Scan(from, to);
    for (; scan->Valid(); scan->Next()) found.emplace(scan->key(), scan->value());
    EXPECT_EQ(scan->status(), OkStatus());
    return found;
  }

  std::unique_ptr<RocksDbStore> store_;
};

TEST_F(RocksDbStoreTest, FindsTheKeysThatHaveARecord) {
  Open(nullptr);
  Put({{"a", "1"}, {"c", "3"}});
  const std::vector<std::string_view> keys = {"c", "b", "a"};
  std::map<size_t, std::string> found;
  EXPECT_EQ(store_->Read(keys,
                         [&](size_t i, std::string_view value) {
                           found[i] = value;
                           return OkStatus();
                         }),
            OkStatus());
  EXPECT_EQ(found, (std::map<size_t, std::string>{{0, "3"}, {2, "1"}}));
}

TEST_F(RocksDbStoreTest, FindsManyKeysInWhateverOrderTheyAreAskedFor) {
  Open(nullptr);
  Records all;
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) {
    // Many are alike in their first sixteen bytes.
    names.push_back(std::string(i % 3 * 9, 'k') + std::to_string(i * 7919 % 1000));
    if (i % 5 != 0) all[names.back()] = "of " + names.back();
  }
  Put(all);
  const std::vector<std::string_view> keys(names.begin(), names.end());
  Records found;
  EXPECT_EQ(store_->Read(keys,
                         [&](size_t i, std::string_view value) {
                           EXPECT_TRUE(found.emplace(names[i], value).second) << names[i];
                           return OkStatus();
                         }),
            OkStatus());
  EXPECT_EQ(found, all);
}

TEST_F(RocksDbStoreTest, ReadsNothingMoreAfterTheFirstError) {
  Open(nullptr);
  Put({{"a", "1"}, {"b", "2"}});
  const std::vector<std::string_view> keys = {"a", "b"};
  int calls = 0;
  const Status status = store_->Read(keys, [&](size_t, std::string_view) {
    ++calls;
    return DataLossError("no such value");
  });
  EXPECT_EQ(status, DataLossError("no such value"));
  EXPECT_EQ(calls, 1);
}

TEST_F(RocksDbStoreTest, ScansWhatWasThereWhenTheScanBegan) {
  Open(nullptr);
  Put({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  const auto scan = store_->Scan("b", "z");
  Put({{"c", "4"}, {"d", "5"}});
  EXPECT_EQ(scan->key(), "b");
  scan->Next();
  EXPECT_EQ(scan->value(), "3");
  scan->Next();
  EXPECT_FALSE(scan->Valid());
  EXPECT_EQ(Scan("b", "d"), (Records{{"b", "2"}, {"c", "4"}}));
}

TEST_F(RocksDbStoreTest, IsEmptyAfterClear) {
  Open(nullptr);
  Put({{"a", "1"}, {std::string("\x7f\xff\xff", 3), "2"}});
  EXPECT_EQ(store_->Clear(), OkStatus());
  EXPECT_EQ(Scan("", "\xff"), Records());
}

TEST_F(RocksDbStoreTest, KeepsOnlyARangeOfWhatIsInItsBuffers) {
  Open(nullptr);
  // Keys as records have them: a key group, two bytes, and more.
  const auto key = [](int key_group, int number) {
    return std::string(
        {'\0', static_cast<char>(key_group), static_cast<char>(number / 256), static_cast<char>(number)});
  };
  Records kept;
  Records all;
  for (int key_group = 1; key_group <= 5; ++key_group) {
    for (int number = 0; number < 300; ++number) all[key(key_group, number)] = "1";
  }
  Put(all);
  EXPECT_EQ(store_->KeepOnly(std::string("\0\2", 2), std::string("\0\4", 2)), OkStatus());
  for (const auto& [name, value] : all) {
    if (name[1] >= 2 && name[1] < 4) kept[name] = value;
  }
  EXPECT_EQ(Scan("", "\xff"), kept);
  // What is written afterwards counts, wherever it is.
  Put({{key(1, 7), "2"}, {key(2, 7), "2"}, {key(4, 0), "2"}, {key(5, 299), "2"}});
  EXPECT_EQ(store_->KeepOnly(std::string("\0\1", 2), std::string("\0\5", 2)), OkStatus());
  kept[key(1, 7)] = kept[key(2, 7)] = kept[key(4, 0)] = "2";
  EXPECT_EQ(Scan("", "\xff"), kept);
}

TEST_F(RocksDbStoreTest, LetsTheFilterChangeAndRemoveRecordsWhenFilesAreRewritten) {
  struct Filter final : RecordFilter {
    Verdict Look(std::string_view value, std::string& changed) const override {
      if (value == "gone") return Verdict::kRemove;
      if (value != "old") return Verdict::kKeep;
      changed = "new";
      return Verdict::kChange;
    }
  } filter;
  Open(&filter);
  Put({{"a", "kept"}, {"b", "old"}, {"c", "gone"}});
  EXPECT_EQ(store_->Compact(), OkStatus());
  EXPECT_EQ(Scan("", "\xff"), (Records{{"a", "kept"}, {"b", "new"}}));
  store_.reset();
}

}  // namespace
}  // namespace weir
