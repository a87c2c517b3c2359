// Every partitioner against what it promises, on random batches: every row arrives once (or once per channel) with its time and hash, in order,
// behind the watermarks that it was behind.
#include <gtest/gtest.h>

#include <algorithm>

#include "weir/base/random.h"

#include "tests/unit/runtime/network/partition_writer_fixture.h"

namespace weir {
namespace {

// Rows as their writer knew them.
struct Sent {
  int64_t number;  // unique, ascending
  int64_t key;
  EventTime time;
  EventTime watermark;  // that stands before the row
};

template <class T>
T RowOf(int64_t number, int64_t key, std::vector<std::string>& texts) {
  if constexpr (std::is_same_v<T, SmallRow>) {
    return {.key = key, .value = number};
  } else {
    texts.push_back(std::to_string(number));
    return {.key = key, .text = texts.back()};
  }
}
int64_t NumberOf(const SmallRow& row) { return row.value; }
int64_t NumberOf(const TextRow& row) { return std::stoll(std::string(row.text)); }
int64_t NumberOf(const OwningRow& row) { return std::stoll(row.text); }

template <class T>
class RandomRun {
 public:
  RandomRun(uint64_t seed, Partitioner kind)
      : random_(seed),
        kind_(kind),
        channels_(1 + static_cast<uint32_t>(random_.Uniform(kind == Partitioner::kForward ? 1 : 6))),
        capacity_(Capacity()),
        batches_(capacity_),
        under_test_(kind, channels_, random_.Next()),
        received_(channels_) {
    with_times_ = random_.Chance(0.5);
  }

  void Run() {
    for (int i = 0; i < 40; ++i) {
      SendBatch();
      if (random_.Chance(0.3)) under_test_.writer().EndStep();
      ReceiveAll();
      under_test_.writer().Drain();
    }
    under_test_.writer().Emit({.kind = StreamEvent::Kind::kEndOfData});
    for (int i = 0; i < 5; ++i) {
      ReceiveAll();
      under_test_.writer().Drain();
    }
    Check();
  }

 private:
  uint32_t Capacity() {
    constexpr uint32_t kCapacities[] = {1, 2, 7, 64, 1000, 1024};
    return kCapacities[random_.Uniform(6)];
  }
  void SendBatch() {
    const uint32_t size = static_cast<uint32_t>(random_.Uniform(std::min(capacity_, 200u) + 1));
    std::vector<std::string> texts;
    texts.reserve(size);  // views point into them
    std::vector<T> rows;
    std::vector<int64_t> keys;
    for (uint32_t i = 0; i < size; ++i) {
      keys.push_back(static_cast<int64_t>(random_.Uniform(50)));
      rows.push_back(RowOf<T>(next_number_ + i, keys.back(), texts));
    }
    BatchBase* const batch = batches_.Make(rows);
    if (with_times_) {
      batch->UseTimes();
      for (uint32_t i = 0; i < size; ++i) batch->times[i] = next_number_ + i + 1000;
    }
    const std::vector<bool> counts = SelectSome(*batch);
    for (uint32_t row = 0; row <= size; ++row) {
      if (random_.Chance(0.02)) batch->marks.push_back({row, watermark_ += 1 + random_.Uniform(10)});
      if (row == size) break;
      if (counts[row])
        sent_.push_back({next_number_, keys[row], with_times_ ? next_number_ + 1000 : kNoEventTime, watermark_});
      ++next_number_;
    }
    under_test_.writer().Accept(batch);
  }
  std::vector<bool> SelectSome(BatchBase& batch) {
    std::vector<bool> counts(batch.size, true);
    if (random_.Chance(0.5)) return counts;
    std::vector<uint16_t> selection;
    for (uint32_t row = 0; row < batch.size; ++row) {
      counts[row] = random_.Chance(0.6);
      if (counts[row]) selection.push_back(static_cast<uint16_t>(row));
    }
    BatchMaker<T>::Select(batch, selection);
    return counts;
  }
  void ReceiveAll() {
    for (uint32_t channel = 0; channel < channels_; ++channel) under_test_.Receive(channel, received_[channel]);
  }

  void Check() {
    std::vector<int> times_seen(static_cast<size_t>(next_number_), 0);
    for (uint32_t channel = 0; channel < channels_; ++channel) CheckChannel(received_[channel], times_seen);
    const int expected = kind_ == Partitioner::kBroadcast ? static_cast<int>(channels_) : 1;
    for (const Sent& sent : sent_) ASSERT_EQ(times_seen[sent.number], expected) << "row " << sent.number;
    ASSERT_EQ(under_test_.writer().records(), static_cast<int64_t>(sent_.size()));
  }
  void CheckChannel(const Received<T>& received, std::vector<int>& times_seen) {
    ASSERT_EQ(received.events.size(), 1u);
    size_t mark = 0;
    EventTime watermark = kMinWatermark;
    auto sent = sent_.begin();
    for (size_t i = 0; i < received.rows.size(); ++i) {
      for (; mark < received.marks.size() && received.marks[mark].first <= i; ++mark)
        watermark = received.marks[mark].second;
      const int64_t number = NumberOf(received.rows[i]);
      // In order: each is found behind the last.
      sent = std::find_if(sent, sent_.end(), [&](const Sent& candidate) { return candidate.number == number; });
      ASSERT_NE(sent, sent_.end()) << "row " << number << " is out of order, or was never sent";
      ++times_seen[number];
      ASSERT_EQ(received.rows[i].key, sent->key);
      ASSERT_EQ(received.times[i], sent->time);
      ASSERT_EQ(watermark, sent->watermark) << "row " << number << " stands at another place between the watermarks";
      const uint64_t hash = kind_ == Partitioner::kHash ? Hash64(static_cast<uint64_t>(sent->key)) : 0;
      ASSERT_EQ(received.hashes[i], hash);
    }
    ASSERT_EQ(received.marks.empty() ? kMinWatermark : received.marks.back().second, watermark_);
  }

  SeededRandom random_;
  const Partitioner kind_;
  const uint32_t channels_;
  const uint32_t capacity_;
  bool with_times_ = false;
  int64_t next_number_ = 0;
  EventTime watermark_ = kMinWatermark;
  std::vector<Sent> sent_;
  BatchMaker<T> batches_;
  WriterUnderTest<T> under_test_;
  std::vector<Received<T>> received_;
};

template <class T>
void RunManySeeds(Partitioner kind) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(std::string(PartitionerName(kind)) + " of " + BatchTypeOf<T>().name + ", seed " +
                 std::to_string(seed));
    RandomRun<T>(seed, kind).Run();
    if (::testing::Test::HasFatalFailure()) return;
  }
}

class EveryPartitioner : public ::testing::TestWithParam<Partitioner> {};

TEST_P(EveryPartitioner, DeliversSmallRowsOnceInOrderWithTimesHashesAndWatermarks) {
  RunManySeeds<SmallRow>(GetParam());
}
TEST_P(EveryPartitioner, DeliversViewsOnceInOrderWithTimesHashesAndWatermarks) { RunManySeeds<TextRow>(GetParam()); }
TEST_P(EveryPartitioner, DeliversOwningRowsOnceInOrderWithTimesHashesAndWatermarks) {
  RunManySeeds<OwningRow>(GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, EveryPartitioner,
                         ::testing::Values(Partitioner::kForward, Partitioner::kGlobal, Partitioner::kRebalance,
                                           Partitioner::kRescale, Partitioner::kShuffle, Partitioner::kBroadcast,
                                           Partitioner::kHash),
                         [](const auto& info) { return std::string(PartitionerName(info.param)); });

}  // namespace
}  // namespace weir
