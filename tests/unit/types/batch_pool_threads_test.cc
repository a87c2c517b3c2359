#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"

namespace weir {
namespace {

// One producer, two threads that send batches home, one of them after the pool was closed.
TEST(BatchPoolThreads, BatchesComeHomeFromAnyThread) {
  constexpr int kRounds = 2000;
  std::vector<BatchBase*> late;
  {
    BatchPoolHandle pool(&BatchTypeOf<int64_t>(), 16);
    for (int round = 0; round < kRounds; round += 100) {
      std::vector<BatchBase*> out;
      for (int i = 0; i < 100; ++i) {
        BatchBase* const batch = pool->Get();
        ASSERT_EQ(batch->size, 0u);
        AsBatch<int64_t>(*batch).Append() = i;
        batch->readers.store(2);
        out.push_back(batch);
      }
      std::thread one([&out] {
        for (BatchBase* batch : out) Recycle(batch);
      });
      std::thread other([&out] {
        for (BatchBase* batch : out) Recycle(batch);
      });
      late.push_back(pool->Get());  // while the others return
      one.join();
      other.join();
    }
    EXPECT_LE(pool->allocated(), 250u);
  }
  std::thread([&late] {
    for (BatchBase* batch : late) Recycle(batch);
  }).join();
}

}  // namespace
}  // namespace weir
