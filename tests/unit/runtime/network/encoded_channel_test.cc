#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/execution/event_count.h"
#include "weir/runtime/network/input_gate.h"
#include "weir/runtime/network/partition_writer.h"
#include "weir/types/batch_type.h"

namespace weir {
namespace {

struct Named {
  int64_t number;
  std::string_view name;
};

// A writer whose channels carry bytes, unless another form is asked for, and a gate behind each.
struct Exchange {
  explicit Exchange(Partitioner kind, int channels, LocalChannel::Form form = LocalChannel::Form::kBytes) {
    PartitionWriterOptions options;
    options.kind = kind;
    options.type = &BatchTypeOf<Named>();
    options.self = &producer;
    for (int i = 0; i < channels; ++i) {
      queues.push_back(std::make_shared<LocalChannel>(form));
      options.channels.push_back(queues.back());
      gates.push_back(std::make_unique<InputGate>(&BatchTypeOf<Named>(), std::vector{queues.back()}, &consumer));
    }
    writer = PartitionWriter::New(std::move(options));
  }
  void Write(int rows, EventTime watermark) {
    BatchBase* const batch = writer->Fresh();
    batch->UseTimes();
    for (int i = 0; i < rows; ++i) {
      batch->times[batch->size] = 100 + i;
      AsBatch<Named>(*batch).Append() = {i, batch->Keep("name " + std::to_string(i))};
    }
    batch->marks.push_back({batch->size, watermark});
    writer->Accept(batch);
    writer->EndStep();
  }
  // "<number> <name>@<time>" of every row that has come, and the last watermark.
  std::vector<std::string> Read(size_t gate, EventTime& watermark) {
    std::vector<std::string> rows;
    BatchBase* batch = nullptr;
    while (gates[gate]->Poll(batch) == InputGate::Polled::kBatch) {
      AsBatch<Named>(*batch).ForEach([&](const Named& named, uint32_t row) {
        rows.push_back(std::to_string(named.number) + " " + std::string(named.name) + "@" +
                       std::to_string(batch->times[row]));
      });
      Recycle(batch);
    }
    watermark = gates[gate]->watermark();
    return rows;
  }

  EventCount producer, consumer;
  std::vector<std::shared_ptr<LocalChannel>> queues;
  std::unique_ptr<PartitionWriter> writer;
  std::vector<std::unique_ptr<InputGate>> gates;
};

TEST(EncodedChannel, BothSidesCountTheBytesThatWereSent) {
  Exchange exchange(Partitioner::kForward, 1);
  exchange.Write(100, 7);
  EventTime watermark = 0;
  EXPECT_EQ(exchange.Read(0, watermark).size(), 100u);
  EXPECT_GT(exchange.writer->bytes(), 100 * static_cast<int64_t>(sizeof("name")));
  EXPECT_EQ(exchange.writer->bytes(), exchange.writer->remote_bytes());
  EXPECT_EQ(exchange.gates[0]->bytes(), exchange.writer->bytes());
}

TEST(EncodedChannel, InsideOneProcessRowsCountWithTheirSizeForEachChannel) {
  Exchange exchange(Partitioner::kBroadcast, 2, LocalChannel::Form::kBatches);
  exchange.Write(10, 7);
  EventTime watermark = 0;
  for (size_t gate : {0u, 1u}) {
    EXPECT_EQ(exchange.Read(gate, watermark).size(), 10u);
    EXPECT_EQ(exchange.gates[gate]->bytes(), static_cast<int64_t>(10 * sizeof(Named)));
  }
  EXPECT_EQ(exchange.writer->bytes(), static_cast<int64_t>(2 * 10 * sizeof(Named)));
  EXPECT_EQ(exchange.writer->remote_bytes(), 0);
}

TEST(EncodedChannel, RowsTimesAndWatermarksComeOutAsTheyWentInWhateverThePartitioner) {
  for (Partitioner kind : {Partitioner::kForward, Partitioner::kRebalance, Partitioner::kShuffle}) {
    const int channels = kind == Partitioner::kForward ? 1 : 3;
    Exchange exchange(kind, channels);
    exchange.Write(100, 7);
    std::vector<std::string> got;
    for (int gate = 0; gate < channels; ++gate) {
      EventTime watermark = 0;
      for (std::string& row : exchange.Read(static_cast<size_t>(gate), watermark)) got.push_back(std::move(row));
      EXPECT_EQ(watermark, 7) << PartitionerName(kind);
    }
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i) {
      expected.push_back(std::to_string(i) + " name " + std::to_string(i) + "@" + std::to_string(100 + i));
    }
    std::sort(got.begin(), got.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(got, expected) << PartitionerName(kind);
  }
}

TEST(EncodedChannel, EveryChannelOfABroadcastGetsAllRows) {
  Exchange exchange(Partitioner::kBroadcast, 2);
  exchange.Write(5, 1);
  EventTime watermark = 0;
  EXPECT_EQ(exchange.Read(0, watermark), exchange.Read(1, watermark));
  EXPECT_EQ(exchange.queues[0]->popped(), 1u);
}

TEST(EncodedChannel, BytesThatAreNoBatchFailTheGate) {
  Exchange exchange(Partitioner::kForward, 1);
  WireBuffers wires;
  WireBuffer* const wire = wires.Get();
  wire->writer.PutBytes("no batch");
  wire->Seal();
  exchange.queues[0]->Push({.wire = wire});
  BatchBase* batch = nullptr;
  EXPECT_EQ(exchange.gates[0]->Poll(batch), InputGate::Polled::kFailed);
  EXPECT_FALSE(exchange.gates[0]->status().ok());
}

}  // namespace
}  // namespace weir
