#include <gtest/gtest.h>

#include <thread>

#include "weir/runtime/network/local_channel.h"

#include "tests/harness/test_batches.h"

namespace weir {
namespace {

TEST(LocalChannel, WakesAConsumerThatParksWheneverItFindsNothing) {
  constexpr int64_t kBatches = 5'000;
  BatchMaker<SmallRow> batches;
  LocalChannel channel;
  EventCount consumer_ready, producer_ready;
  channel.SetConsumer(&consumer_ready);
  channel.SetProducer(&producer_ready);
  std::vector<int64_t> received;
  std::thread consumer([&] {
    ChannelElement element;
    while (received.size() < kBatches) {
      consumer_ready.PrepareWait();
      if (channel.IsEmpty()) {
        consumer_ready.Wait();
      } else {
        consumer_ready.CancelWait();
      }
      while (channel.Pop(element)) received.push_back(TakeRows<SmallRow>(element.batch)[0].value);
      channel.NotifyProducer();
    }
  });
  for (int64_t i = 0; i < kBatches; ++i) {
    channel.Push({.batch = batches.Make({{.value = i}})});
    channel.NotifyConsumer();
    while (!channel.Drain() || !channel.HasSpace()) {
      producer_ready.PrepareWait();
      if (channel.Drain() && channel.HasSpace()) {
        producer_ready.CancelWait();
      } else {
        producer_ready.Wait();
      }
      channel.NotifyConsumer();
    }
  }
  consumer.join();
  for (int64_t i = 0; i < kBatches; ++i) ASSERT_EQ(received[i], i);
}

}  // namespace
}  // namespace weir
