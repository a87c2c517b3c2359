#include "weir/connectors/collect/collect_sink.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/connectors/sink_driver.h"

namespace weir {
namespace {

struct Row {
  int64_t number;
  std::string_view text;
};

class CollectSinkTest : public testing::Test {
 protected:
  std::unique_ptr<SinkWriterBase> Writer() { return OpenWriter(CollectSink<Row>(buffer_), ContextOf(files_, clock_)); }

  InMemoryFileSystem files_;
  ManualClock clock_;
  std::shared_ptr<CollectBuffer> buffer_ = std::make_shared<CollectBuffer>();
};

TEST_F(CollectSinkTest, RowsArriveWithTheirBytes) {
  {
    const std::string text = "a text that goes before its row is read";
    ASSERT_TRUE(WriteRows<Row>(*Writer(), {{1, text}, {2, ""}}).ok());
    ASSERT_TRUE(WriteRows<Row>(*Writer(), {{3, std::string_view(text).substr(2, 4)}}).ok());
  }
  buffer_->End();
  std::vector<Row> rows;
  ASSERT_TRUE(CollectedRows<Row>(buffer_).TakeAll(rows).ok());
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].text, "a text that goes before its row is read");
  EXPECT_EQ(rows[1].number, 2);
  EXPECT_EQ(rows[2].text, "text");
}

TEST_F(CollectSinkTest, OnlyRowsThatCountArrive) {
  BatchPoolHandle pool(&BatchTypeOf<Row>());
  BatchBase* const batch = pool->Get();
  for (int64_t i = 0; i < 3; ++i) AsBatch<Row>(*batch).Append() = {i, ""};
  batch->selection[0] = 1;
  batch->selected = 1;
  batch->has_selection = true;
  ASSERT_TRUE(Writer()->WriteBatch(*batch).ok());
  Recycle(batch);
  buffer_->End();
  CollectedRows<Row> rows(buffer_);
  const Row* const row = rows.Next();
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->number, 1);
  EXPECT_EQ(rows.Next(), nullptr);
}

TEST_F(CollectSinkTest, AfterTheReaderIsGoneRowsAreForgotten) {
  {
    CollectedRows<Row> rows(buffer_);
  }
  EXPECT_TRUE(WriteRows<Row>(*Writer(), {{1, "x"}}).ok());
  EXPECT_EQ(buffer_->Take(), nullptr);
}

}  // namespace
}  // namespace weir
