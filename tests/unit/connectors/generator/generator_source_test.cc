#include "weir/connectors/generator/generator_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "weir/connectors/generator/collection_source.h"
#include "weir/connectors/generator/sequence_source.h"

#include "tests/unit/connectors/source_driver.h"

namespace weir {
namespace {

using Numbers = std::vector<int64_t>;

class GeneratorTest : public testing::Test {
 protected:
  template <class T, class S>
  std::vector<T> Run(S source, int parallelism = 1) {
    std::vector<T> records;
    const Status status = RunSource<T>(TypedSourceFactory<S>(std::move(source)), files_, clock_, parallelism,
                                       [&](int, const T& record) { records.push_back(record); });
    EXPECT_TRUE(status.ok()) << status.ToString();
    return records;
  }

  InMemoryFileSystem files_;
  ManualClock clock_;
};

TEST_F(GeneratorTest, ASequenceHasBothItsEnds) {
  EXPECT_EQ(Run<int64_t>(SequenceSource(3, 6)), (Numbers{3, 4, 5, 6}));
  EXPECT_EQ(Run<int64_t>(SequenceSource(3, 3)), Numbers{3});
  EXPECT_EQ(Run<int64_t>(SequenceSource(3, 2)), Numbers{});
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(Run<int64_t>(SequenceSource(kMost - 1, kMost)), (Numbers{kMost - 1, kMost}));
}

TEST_F(GeneratorTest, SubtasksShareASequence) {
  Numbers numbers = Run<int64_t>(SequenceSource(1, 10000), 3);
  std::sort(numbers.begin(), numbers.end());
  ASSERT_EQ(numbers.size(), 10000u);
  for (int64_t i = 0; i < 10000; ++i) ASSERT_EQ(numbers[static_cast<size_t>(i)], i + 1);
}

TEST_F(GeneratorTest, GoesOnExactlyAtTheSnapshot) {
  const SequenceSource source(1, 5000);
  std::vector<std::string> state = {EncodeToString(NumberRange{1, 5000})};
  Numbers numbers;
  ReadResult result;
  uint32_t rows = 1;
  do {
    auto reader = source.CreateReader(ContextOf(files_, clock_)).value();
    ASSERT_TRUE(reader->AddEncodedSplits(state).ok());
    reader->NoMoreSplits();
    result = ReadOnce<int64_t>(*reader, rows++, [&](int64_t number) { numbers.push_back(number); });
    state = reader->SnapshotSplits();
  } while (result.kind == ReadResult::Kind::kProgress);
  ASSERT_EQ(numbers.size(), 5000u);
  for (int64_t i = 0; i < 5000; ++i) ASSERT_EQ(numbers[static_cast<size_t>(i)], i + 1);
}

TEST_F(GeneratorTest, AFunctionMakesRecordsWithTheirBytes) {
  auto source = GeneratorSource<std::string_view>(
      [](int64_t n, Batch<std::string_view>& batch) { return batch.Keep("record " + std::to_string(n)); }, 3);
  std::vector<std::string> records;
  const Status status =
      RunSource<std::string_view>(TypedSourceFactory<decltype(source)>(source), files_, clock_, 1,
                                  [&](int, std::string_view record) { records.emplace_back(record); });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(records, (std::vector<std::string>{"record 0", "record 1", "record 2"}));
}

TEST_F(GeneratorTest, OnlyASourceWithACountIsBounded) {
  auto identity = [](int64_t n) { return n; };
  EXPECT_EQ(GeneratorSource<int64_t>(identity).boundedness(), Boundedness::kContinuousUnbounded);
  EXPECT_EQ(GeneratorSource<int64_t>(identity, 5).boundedness(), Boundedness::kBounded);
}

TEST_F(GeneratorTest, KeepsToItsRate) {
  auto source = GeneratorSource<int64_t>([](int64_t n) { return n; }).RatePerSecond(200);
  auto reader = source.CreateReader(ContextOf(files_, clock_, 0, 2)).value();  // 100 of them are this subtask's
  ASSERT_TRUE(reader->AddSplits({{0, 1000000}}).ok());
  int64_t records = 0;
  const Timestamp begin = clock_.WallTime();
  while (clock_.WallTime() - begin < std::chrono::seconds(10)) {
    const ReadResult result = ReadWhileProgress<int64_t>(*reader, kMaxBatchRows, [&](int64_t) { ++records; });
    ASSERT_EQ(result.kind, ReadResult::Kind::kIdle);
    ASSERT_GT(FromEventTime(result.wake_up), clock_.WallTime());
    clock_.Advance(FromEventTime(result.wake_up) - clock_.WallTime());
  }
  EXPECT_NEAR(static_cast<double>(records), 1000, 2);
}

TEST_F(GeneratorTest, ASlowReaderCatchesUpASecondAtMost) {
  RateLimiter limiter(100, clock_);
  EXPECT_EQ(limiter.Take(1000), 1u);
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(limiter.Take(1000), 100u);
  EXPECT_EQ(limiter.Take(1000), 0u);
}

TEST_F(GeneratorTest, GivesOutWhatAMillisecondBringsAtOnce) {
  RateLimiter limiter(500'000, clock_);
  EXPECT_EQ(limiter.Take(1000), 1u);
  clock_.Advance(std::chrono::microseconds(100));
  EXPECT_EQ(limiter.Take(1000), 0u) << "50 are due, but not worth a step";
  clock_.Advance(std::chrono::microseconds(900));
  EXPECT_EQ(limiter.Take(300), 300u);
  EXPECT_EQ(limiter.Take(1000), 200u) << "more was due than was asked for";
  clock_.Advance(std::chrono::microseconds(1500));
  EXPECT_EQ(limiter.Take(1000), 750u);
}

TEST_F(GeneratorTest, ACollectionKeepsItsRecordsInOrder) {
  Numbers given;
  for (int64_t i = 0; i < 20000; ++i) given.push_back(i * i);
  EXPECT_EQ(Run<int64_t>(CollectionSource<int64_t>(given)), given);
  EXPECT_EQ(Run<bool>(CollectionSource<bool>({true, false, true})), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(Run<std::string>(CollectionSource<std::string>({"a", "b"})), (std::vector<std::string>{"a", "b"}));
}

TEST_F(GeneratorTest, ACollectionOwnsTheBytesOfItsViews) {
  std::unique_ptr<CollectionSource<std::string_view>> source;
  {
    const std::string text = "a text that is longer than any small buffer";
    source = std::make_unique<CollectionSource<std::string_view>>(
        std::vector<std::string_view>{text, std::string_view(text).substr(2, 4)});
  }
  std::vector<std::string> records;
  const Status status =
      RunSource<std::string_view>(TypedSourceFactory<CollectionSource<std::string_view>>(*source), files_, clock_, 1,
                                  [&](int, std::string_view record) { records.emplace_back(record); });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(records, (std::vector<std::string>{"a text that is longer than any small buffer", "text"}));
}

TEST_F(GeneratorTest, RestoringAShorterCollectionIsAnError) {
  auto reader = CollectionSource<int64_t>({1, 2}).CreateReader(ContextOf(files_, clock_)).value();
  ASSERT_TRUE(reader->AddSplits({{5, 3}}).ok());
  const ReadResult result = ReadOnce<int64_t>(*reader, 10, [](int64_t) {});
  EXPECT_EQ(result.kind, ReadResult::Kind::kError);
}

}  // namespace
}  // namespace weir
