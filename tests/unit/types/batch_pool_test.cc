#include "weir/types/batch_pool.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "weir/types/batch_type.h"

namespace weir {
namespace {

struct Wide {
  std::array<int64_t, 1024> numbers;
};

TEST(BatchPool, GivesBackTheBatchThatCameHome) {
  BatchPoolHandle pool(&BatchTypeOf<int64_t>(), 8);
  BatchBase* const first = pool->Get();
  Recycle(first);
  EXPECT_EQ(pool->Get(), first);
  EXPECT_EQ(pool->allocated(), 1u);
  Recycle(first);
}

TEST(BatchPool, EmptiesWhatComesHome) {
  BatchPoolHandle pool(&BatchTypeOf<int64_t>(), 8);
  BatchBase* const batch = pool->Get();
  AsBatch<int64_t>(*batch).Append() = 1;
  batch->UseTimes();
  batch->UseHashes();
  batch->marks.push_back({0, 1});
  batch->Keep("text");
  batch->has_selection = true;
  batch->selected = 1;
  Recycle(batch);
  BatchBase* const again = pool->Get();
  ASSERT_EQ(again, batch);
  EXPECT_TRUE(again->empty());
  EXPECT_FALSE(again->has_times || again->has_hashes || again->has_selection);
  EXPECT_TRUE(again->owners.empty());
  EXPECT_EQ(again->arena, nullptr);
  Recycle(again);
}

TEST(BatchPool, RowsStayConstructedAcrossUses) {
  BatchPoolHandle pool(&BatchTypeOf<std::string>(), 1);
  BatchBase* batch = pool->Get();
  AsBatch<std::string>(*batch).Append().assign(1000, 'x');
  Recycle(batch);
  batch = pool->Get();
  EXPECT_GE(AsBatch<std::string>(*batch).data()[0].capacity(), 1000u);
  Recycle(batch);
}

TEST(BatchPool, RowsPerBatchFollowTheirSize) {
  const auto capacity = [](const BatchType& type) {
    BatchPoolHandle pool(&type);
    return BatchPtr(pool->Get())->capacity;
  };
  EXPECT_EQ(capacity(BatchTypeOf<int64_t>()), kMaxBatchRows);
  EXPECT_EQ(capacity(BatchTypeOf<Wide>()), kMaxBatchBytes / sizeof(Wide));
}

TEST(BatchPool, EmptyBatchesCarryMarksOnly) {
  BatchPoolHandle pool(&BatchTypeOf<int64_t>());
  BatchPtr batch(pool->GetEmpty());
  batch->marks.push_back({0, 5});
  EXPECT_EQ(batch->count(), 0u);
  EXPECT_FALSE(batch->empty());
}

TEST(BatchPool, LastReaderSendsASharedBatchHome) {
  BatchPoolHandle pool(&BatchTypeOf<int64_t>(), 8);
  BatchBase* const batch = pool->Get();
  batch->readers.store(2);
  Recycle(batch);
  BatchBase* const other = pool->Get();
  EXPECT_NE(other, batch);
  Recycle(batch);
  EXPECT_EQ(pool->Get(), batch);
  Recycle(batch);
  Recycle(other);
}

TEST(BatchPool, BatchesMayComeHomeAfterThePoolWasClosed) {
  BatchBase* batch;
  {
    BatchPoolHandle pool(&BatchTypeOf<std::string>(), 8);
    batch = pool->Get();
    AsBatch<std::string>(*batch).Append() = "still there";
  }
  EXPECT_EQ(AsBatch<std::string>(*batch).data()[0], "still there");
  Recycle(batch);
}

TEST(BatchPool, ViewsShareRowsButNotSelections) {
  BatchPoolHandle pool(&BatchTypeOf<int64_t>(), 8);
  BatchPoolHandle views(&BatchTypeOf<int64_t>());
  BatchBase* const batch = pool->Get();
  for (int64_t i = 0; i < 4; ++i) AsBatch<int64_t>(*batch).Append() = i;
  batch->UseTimes();
  batch->UseRoutes();
  batch->routes[0] = 1;
  batch->routes[1] = 0;
  batch->routes[2] = 2;
  batch->readers.store(2);
  BatchBase* const one = views->GetView(batch, batch->routes, 1);
  BatchBase* const other = views->GetView(batch, batch->routes + 1, 2);
  EXPECT_EQ(one->count(), 1u);
  EXPECT_EQ(other->count(), 2u);
  EXPECT_EQ(&AsBatch<int64_t>(*one).data()[1], &AsBatch<int64_t>(*batch).data()[1]);
  EXPECT_TRUE(one->has_times);
  Recycle(one);
  EXPECT_EQ(batch->size, 4u);
  Recycle(other);
  EXPECT_EQ(batch->size, 0u);
}

}  // namespace
}  // namespace weir
