#include <gtest/gtest.h>

#include <thread>

#include "weir/runtime/network/local_channel.h"

#include "tests/harness/test_batches.h"

namespace weir {
namespace {

TEST(BatchPool, TakesBatchesBackFromAnotherThread) {
  constexpr int kBatches = 20'000;
  BatchMaker<OwningRow> batches;
  LocalChannel channel;
  int64_t sum = 0;
  std::thread consumer([&] {
    ChannelElement element;
    for (int taken = 0; taken < kBatches;) {
      if (!channel.Pop(element)) {
        std::this_thread::yield();
        continue;
      }
      ++taken;
      sum += RowsOf<OwningRow>(*element.batch)[0].key;
      Recycle(element.batch);
    }
  });
  for (int64_t i = 0; i < kBatches; ++i) {
    while (!channel.HasSpace()) std::this_thread::yield();
    channel.Push({.batch = batches.Make({{.key = i, .text = "text of its own, longer than fits inline"}})});
  }
  consumer.join();
  EXPECT_EQ(sum, int64_t{kBatches} * (kBatches - 1) / 2);
  // One more than fits the channel may be at each end.
  EXPECT_LE(batches.pool().allocated(), LocalChannel::kCapacity + 2) << "batches come home and are used again";
}

TEST(BatchPool, OutlivesItsOwnerUntilTheLastBatchIsHome) {
  BatchBase* last = nullptr;
  {
    BatchMaker<SmallRow> batches;
    last = batches.Make({{.value = 7}});
  }
  std::thread([last] {
    EXPECT_EQ(RowsOf<SmallRow>(*last)[0].value, 7);
    Recycle(last);
  }).join();
}

TEST(BatchPool, TheLastOfManyReadersOnManyThreadsSendsASharedBatchHome) {
  BatchMaker<TextRow> batches;
  for (int round = 0; round < 200; ++round) {
    BatchBase* const shared = batches.Make({{.key = 1, .text = "shared"}});
    shared->readers.store(4, std::memory_order_relaxed);
    std::vector<std::thread> readers;
    for (int i = 0; i < 4; ++i) {
      readers.emplace_back([shared] {
        EXPECT_EQ(AsBatch<TextRow>(*shared).data()[0].text, "shared");
        Recycle(shared);
      });
    }
    for (std::thread& reader : readers) reader.join();
  }
  EXPECT_EQ(batches.pool().allocated(), 1u);
}

}  // namespace
}  // namespace weir
