// A partition writer with both sides of its channels in the test's hands.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/execution/event_count.h"
#include "weir/runtime/network/partition_writer.h"
#include "weir/runtime/operators/custom_partitioner.h"
#include "weir/runtime/operators/key_resolver.h"
#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"

#include "tests/harness/test_batches.h"

namespace weir {

// What came out of one channel.
template <class T>
struct Received {
  std::vector<T> rows;
  std::vector<EventTime> times;                     // of the rows, kNoEventTime where the batch had none
  std::vector<uint64_t> hashes;                     // of the rows, 0 where the batch had none
  std::vector<std::pair<size_t, EventTime>> marks;  // how many rows stood before the watermark
  std::vector<StreamEvent::Kind> events;
  size_t elements = 0;
};

// T: without views, or with views whose batches stay with the fixture.
template <class T>
class WriterUnderTest {
 public:
  WriterUnderTest(Partitioner kind, uint32_t channels, uint64_t seed = 0) { Open(kind, channels, seed, nullptr); }
  // PartitionCustom: channel = partition(key).
  template <class F>
  WriterUnderTest(uint32_t channels, F partition) {
    auto key = [](const T& row) { return row.key; };
    Open(
        Partitioner::kCustom, channels, 0,
        std::make_unique<CustomRowPartitioner<T, F, decltype(key)>>(CustomPartition<F, decltype(key)>{partition, key}));
  }
  ~WriterUnderTest() {
    writer_.reset();
    read_.clear();
  }

  PartitionWriter& writer() { return *writer_; }
  BatchMaker<T>& batches() { return batches_; }
  LocalChannel& channel(uint32_t i) { return *channels_[i]; }

  WriterUnderTest& Accept(const std::vector<T>& rows, const std::vector<Mark>& marks = {}) {
    writer_->Accept(batches_.Make(rows, marks));
    return *this;
  }

  // Takes what waits in channel `i`, as its consumer would.
  void Receive(uint32_t i, Received<T>& into) {
    ChannelElement element;
    while (channels_[i]->Pop(element)) {
      ++into.elements;
      if (element.batch == nullptr) {
        into.events.push_back(element.event.kind);
      } else {
        BatchBase* const batch = element.selection == nullptr
                                     ? element.batch
                                     : views_->GetView(element.batch, element.selection, element.count);
        Note(*batch, into);
        read_.emplace_back(batch);
      }
    }
  }
  Received<T> Receive(uint32_t i) {
    Received<T> received;
    Receive(i, received);
    return received;
  }

 private:
  void Open(Partitioner kind, uint32_t channels, uint64_t seed, std::unique_ptr<RowPartitioner> partitioner) {
    for (uint32_t i = 0; i < channels; ++i) channels_.push_back(std::make_shared<LocalChannel>());
    PartitionWriterOptions options;
    options.kind = kind;
    options.type = &BatchTypeOf<T>();
    options.channels = channels_;
    options.seed = seed;
    options.self = &self_;
    auto key = [](const T& row) { return row.key; };
    if (kind == Partitioner::kHash) options.hasher = std::make_unique<SelectorKeyHasher<T, decltype(key)>>(key);
    options.partitioner = std::move(partitioner);
    writer_ = PartitionWriter::New(std::move(options));
  }
  static void Note(BatchBase& batch, Received<T>& into) {
    const size_t before = into.rows.size();
    std::vector<uint32_t> numbers;
    AsBatch<T>(batch).ForEach([&](const T& row, uint32_t number) {
      into.rows.push_back(row);
      into.times.push_back(batch.has_times ? batch.times[number] : kNoEventTime);
      into.hashes.push_back(batch.has_hashes ? batch.hashes[number] : 0);
      numbers.push_back(number);
    });
    for (const Mark& mark : batch.marks) {
      const auto at = std::lower_bound(numbers.begin(), numbers.end(), mark.row);
      into.marks.emplace_back(before + static_cast<size_t>(at - numbers.begin()), mark.watermark);
    }
  }

  BatchMaker<T> batches_;
  BatchPoolHandle views_{&BatchTypeOf<T>()};
  EventCount self_;
  std::vector<std::shared_ptr<LocalChannel>> channels_;
  std::vector<BatchPtr> read_;
  std::unique_ptr<PartitionWriter> writer_;
};

}  // namespace weir
