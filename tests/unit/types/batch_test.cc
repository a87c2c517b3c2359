#include "weir/types/batch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"

namespace weir {
namespace {

// A pool of numbers and one batch of it with the rows 0, 1, 2, ...
struct Numbers {
  explicit Numbers(uint32_t rows, uint32_t capacity = 16)
      : pool(&BatchTypeOf<int64_t>(), capacity), batch(pool->Get()) {
    for (uint32_t row = 0; row < rows; ++row) AsBatch<int64_t>(*batch).Append() = row;
  }
  BatchPoolHandle pool;
  BatchPtr batch;
};

std::vector<int64_t> Visited(BatchBase& batch) {
  std::vector<int64_t> rows;
  AsBatch<int64_t>(batch).ForEach([&rows](int64_t& value, uint32_t row) {
    EXPECT_EQ(value, row);
    rows.push_back(value);
  });
  return rows;
}

TEST(Batch, VisitsAllRowsWithoutASelection) {
  Numbers numbers(3);
  EXPECT_EQ(Visited(*numbers.batch), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(numbers.batch->count(), 3u);
}

TEST(Batch, VisitsOnlySelectedRows) {
  Numbers numbers(4);
  numbers.batch->has_selection = true;
  numbers.batch->selection[0] = 1;
  numbers.batch->selection[1] = 3;
  numbers.batch->selected = 2;
  EXPECT_EQ(Visited(*numbers.batch), (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(numbers.batch->count(), 2u);
}

TEST(Batch, IsEmptyOnlyWithoutRowsAndMarks) {
  Numbers numbers(0);
  EXPECT_TRUE(numbers.batch->empty());
  EXPECT_EQ(numbers.batch->LastWatermark(), kMinWatermark);
  numbers.batch->marks.push_back({0, 7});
  EXPECT_FALSE(numbers.batch->empty());
  EXPECT_EQ(numbers.batch->LastWatermark(), 7);
}

TEST(Batch, IsFullAtItsCapacity) {
  Numbers numbers(2, 2);
  EXPECT_TRUE(numbers.batch->full());
}

TEST(Batch, KeepCopiesBytesThatLiveWithTheBatch) {
  Numbers numbers(0);
  std::string text = "some text";
  const std::string_view kept = numbers.batch->Keep(text);
  text.assign("another..");
  EXPECT_EQ(kept, "some text");
  EXPECT_EQ(numbers.batch->owners.size(), 1u);
  EXPECT_EQ(numbers.batch->Keep("more").data(), kept.data() + kept.size());
  EXPECT_EQ(numbers.batch->Keep(std::string_view()), "");
}

TEST(Batch, KeepTakesTextsThatAreLargerThanAChunk) {
  Numbers numbers(0);
  const std::string large(300'000, 'x');
  const std::string_view first = numbers.batch->Keep("first");
  EXPECT_EQ(numbers.batch->Keep(large), large);
  const std::string_view second = numbers.batch->Keep("second");
  EXPECT_EQ(second.data(), first.data() + first.size());  // the chunk goes on being filled
}

TEST(Batch, OwnsEachBufferOnce) {
  Numbers numbers(0);
  Bytes* const bytes = Bytes::New(10);
  numbers.batch->AddOwner(bytes);
  numbers.batch->AddOwner(bytes);
  EXPECT_EQ(bytes->references.load(), 2u);
  bytes->Release();
}

TEST(Batch, SharesTheOwnersOfAnother) {
  Numbers from(1);
  Numbers to(1);
  const std::string_view kept = from.batch->Keep("kept");
  to.batch->ShareOwners(*from.batch, false);
  from.batch.reset();
  EXPECT_EQ(kept, "kept");
}

TEST(Batch, HoldsRowsThatItsViewsPointInto) {
  BatchPoolHandle pool(&BatchTypeOf<std::string>(), 4);
  Numbers to(1);
  BatchPtr from(pool->Get());
  AsBatch<std::string>(*from).Append() = "a string in a row";
  const std::string_view view = AsBatch<std::string>(*from).data()[0];
  to.batch->ShareOwners(*from, true);
  from.reset();
  EXPECT_EQ(pool->allocated(), 1u);
  BatchPtr other(pool->Get());
  EXPECT_EQ(pool->allocated(), 2u);  // the first is still held
  EXPECT_EQ(view, "a string in a row");
}

}  // namespace
}  // namespace weir
