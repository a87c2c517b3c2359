#include "weir/state/snapshot/row_expiry.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/unit/state/state_model.h"

namespace weir {
namespace {

struct Some : StatefulFunction {
  ValueState<int64_t> forever{this, "forever"};
  ValueState<std::string> text{this, "text", Ttl(Duration(100))};
  ListState<int64_t> list{this, "list", Ttl(Duration(100))};
};

class RowExpiryTest : public testing::Test {
 protected:
  RowExpiryTest() : rows_(NewRows(function_, KeyForm::kInteger, {0, 127}, 128)) {
    function_.BindStates(*rows_);
    shape_.states = function_.keyed_states();
    shape_.layout = RowLayout::Of(shape_.states).value();
    const int64_t key = 1;
    const uint64_t hash = Hash64(1);
    rows_->Prepare({.integers = &key}, &hash, 1, &function_.key_context().row);
  }
  char* row() { return function_.key_context().row; }
  void SetTime(int64_t now) { function_.key_context().now_ms = now; }
  std::string Written() {
    ByteWriter out;
    WriteRowStates(shape_, row(), out);
    return std::move(out).Take();
  }

  Some function_;
  std::unique_ptr<KeyedRows> rows_;
  KeyedRowsShape shape_;
};

TEST_F(RowExpiryTest, CleansRowsAndRecordsAlike) {
  SetTime(1000);
  function_.forever.Update(1);
  function_.text.Update("a");
  function_.list.Add(1);
  SetTime(1050);
  function_.list.Add(2);
  const RowExpiry expiry(shape_);
  for (int64_t now : {1000, 1099, 1100, 1149, 1150, 5000}) {
    ByteWriter left;
    const std::string before = Written();
    const RowExpiry::Verdict verdict = expiry.CleanWritten(before, now, left);
    const bool changed = expiry.Clean(row(), now);
    EXPECT_EQ(changed, verdict == RowExpiry::Verdict::kChange) << now;
    EXPECT_EQ(verdict == RowExpiry::Verdict::kKeep ? before : std::string(left.bytes()), Written()) << now;
  }
  EXPECT_EQ(function_.forever.Value(), 1);
}

TEST_F(RowExpiryTest, RemovesARecordOfWhichNothingIsLeft) {
  SetTime(1000);
  function_.text.Update("a");
  ByteWriter left;
  const RowExpiry expiry(shape_);
  EXPECT_EQ(expiry.CleanWritten(Written(), 1099, left), RowExpiry::Verdict::kKeep);
  EXPECT_EQ(expiry.CleanWritten(Written(), 1100, left), RowExpiry::Verdict::kRemove);
}

TEST_F(RowExpiryTest, KeepsWhatItCannotRead) {
  ByteWriter left;
  EXPECT_EQ(RowExpiry(shape_).CleanWritten("\x02", 1 << 20, left), RowExpiry::Verdict::kKeep);
}

}  // namespace
}  // namespace weir
