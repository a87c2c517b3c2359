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
