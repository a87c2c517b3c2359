#include "weir/types/batch_type.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <vector>

#include "weir/types/batch_pool.h"

#include "tests/harness/hex.h"

namespace app {

struct Point {
  int64_t x;
  double y;
  friend bool operator==(const Point&, const Point&) = default;
};

struct Padded {
  int8_t small;
  int64_t large;
  bool flag;
  friend bool operator==(const Padded&, const Padded&) = default;
};

struct Bid {
  int64_t auction;
  weir::Timestamp time;
  std::string_view channel;
  Point at;
  std::string_view url;
  friend bool operator==(const Bid&, const Bid&) = default;
};

struct Mixed {
  std::string name;
  std::optional<int32_t> number;
  std::optional<std::string_view> maybe;
  std::vector<std::string_view> tags;
  std::variant<int, std::string_view> either;
  std::array<std::string_view, 2> both;
  std::map<std::string, int> counts;
  std::chrono::duration<int32_t> seconds;
  std::pair<std::string_view, int64_t> pair;
  friend bool operator==(const Mixed&, const Mixed&) = default;
};

}  // namespace app

namespace weir {
namespace {

// A pool and one batch of it.
template <class T>
class BatchOf {
 public:
  explicit BatchOf(uint32_t rows = 64) : pool_(&BatchTypeOf<T>(), rows), batch_(pool_->Get()) {}
  ~BatchOf() { Recycle(batch_); }
  Batch<T>& operator*() { return AsBatch<T>(*batch_); }
  Batch<T>* operator->() { return &AsBatch<T>(*batch_); }

  std::vector<T> Rows() {
    std::vector<T> rows;
    AsBatch<T>(*batch_).ForEach([&rows](T& row, uint32_t) { rows.push_back(row); });
    return rows;
  }
  std::string Encode() {
    ByteWriter out;
    batch_->type->encode(*batch_, out);
    return std::move(out).Take();
  }
  // Decodes from memory of exactly the size of `bytes`, which the batch then owns, so that asan sees reads behind it.
  Status Decode(std::string_view bytes) {
    Bytes* const wire = Bytes::New(static_cast<uint32_t>(bytes.size()));
    std::memcpy(wire->data, bytes.data(), bytes.size());
    ByteReader in(std::string_view(wire->data, bytes.size()), "batch");
    Status status = batch_->type->decode(wire, in, *batch_);
    if (status.ok()) status = in.Finish();
    wire->Release();
    return status;
  }

 private:
  BatchPoolHandle pool_;
  BatchBase* const batch_;
};

app::Bid RandomBid(std::mt19937& random, BatchBase& home) {
  const auto text = [&](size_t most) {
    return home.Keep(std::string(random() % most, static_cast<char>('a' + random() % 26)));
  };
  return {static_cast<int64_t>(random()),
          FromEventTime(random()),
          text(40),
          {static_cast<int64_t>(random()), 0.5},
          text(100)};
}

app::Mixed RandomMixed(std::mt19937& random, BatchBase& home) {
  const auto text = [&] { return home.Keep(std::string(random() % 30, static_cast<char>('a' + random() % 26))); };
  app::Mixed row{};
  row.name = text();
  if (random() % 2) row.number = static_cast<int32_t>(random());
  if (random() % 2) row.maybe = text();
  for (unsigned i = random() % 4; i > 0; --i) row.tags.push_back(text());
  if (random() % 2) row.either = text();
  row.both = {text(), text()};
  row.counts[std::string(text())] = static_cast<int>(random());
  row.seconds = std::chrono::duration<int32_t>(random() % 1000);
  row.pair = {text(), random()};
  return row;
}

template <class T, class Make>
void FillRandomly(Batch<T>& batch, std::mt19937& random, Make make) {
  const uint32_t rows = random() % (batch.capacity + 1);
  for (uint32_t row = 0; row < rows; ++row) batch.Append() = make(random, batch);
  if (random() % 2) {
    batch.UseTimes();
    for (uint32_t row = 0; row < rows; ++row) batch.times[row] = row * 10;
  }
  if (random() % 2) {
    batch.UseHashes();
    for (uint32_t row = 0; row < rows; ++row) batch.hashes[row] = row * 0x9e3779b97f4a7c15;
  }
  if (random() % 2) {
    batch.has_selection = true;
    for (uint32_t row = 0; row < rows; ++row) {
      if (random() % 2) batch.selection[batch.selected++] = static_cast<uint16_t>(row);
    }
  }
}

template <class T, class Make>
void ExpectRandomRoundTrips(Make make) {
  const unsigned seed = 42;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 100; ++round) {
    BatchOf<T> in;
    BatchOf<T> out;
    FillRandomly(*in, random, make);
    ASSERT_TRUE(out.Decode(in.Encode()).ok());
    ASSERT_EQ(out.Rows(), in.Rows());
    ASSERT_EQ(out->has_times, in->has_times);
    ASSERT_EQ(out->has_hashes, in->has_hashes);
    in->ForEach([&, at = 0](T&, uint32_t row) mutable {
      EXPECT_TRUE(!in->has_times || out->times[at] == in->times[row]);
      EXPECT_TRUE(!in->has_hashes || out->hashes[at] == in->hashes[row]);
      ++at;
    });
  }
}

TEST(BatchType, DescribesItsRows) {
  const BatchType& type = BatchTypeOf<app::Bid>();
  EXPECT_STREQ(type.name, "app::Bid");
  EXPECT_EQ(type.row_bytes, sizeof(app::Bid));
  EXPECT_TRUE(type.trivial);
  EXPECT_TRUE(type.has_views);
  EXPECT_EQ(type.schema().ToString(),
            "Bid{auction: int64, time: timestamp, channel: string, at: Point{x: int64, y: double}, url: string}");
  EXPECT_FALSE(BatchTypeOf<app::Mixed>().trivial);
  EXPECT_FALSE(BatchTypeOf<app::Point>().has_views);
  EXPECT_EQ(&BatchTypeOf<int64_t>(), &BatchTypeOf<int64_t>());
}

TEST(BatchType, DecodesWhatItEncoded) {
  ExpectRandomRoundTrips<app::Bid>(RandomBid);
  ExpectRandomRoundTrips<app::Mixed>(RandomMixed);
  ExpectRandomRoundTrips<app::Point>(
      [](std::mt19937& random, BatchBase&) { return app::Point{static_cast<int64_t>(random()), 1.5}; });
  ExpectRandomRoundTrips<app::Padded>([](std::mt19937& random, BatchBase&) {
    return app::Padded{static_cast<int8_t>(random()), static_cast<int64_t>(random()), random() % 2 == 0};
  });
  ExpectRandomRoundTrips<std::string>(
      [](std::mt19937& random, BatchBase&) { return std::string(random() % 100, 'x'); });
  ExpectRandomRoundTrips<int32_t>([](std::mt19937& random, BatchBase&) { return static_cast<int32_t>(random()); });
}

TEST(BatchType, HasTheBytesOfTheFormat) {  // docs/formats/batch.md
  BatchOf<std::pair<std::string_view, int32_t>> batch;
  batch->Append() = {"ab", 1};
  batch->Append() = {"dropped", 2};
  batch->Append() = {"c", 3};
  batch->has_selection = true;
  batch->selection[0] = 0;
  batch->selection[1] = 2;
  batch->selected = 2;
  batch->UseTimes();
  batch->times[0] = 5;
  batch->times[2] = 6;
  batch->marks = {{2, 7}};
  EXPECT_EQ(Hex(batch.Encode()),
            "02000000"
            "08000000"
            "03000000"
            "01000000"
            "01000000"  // rows, row bytes, heap bytes, marks, flags
            "0500000000000000"
            "0600000000000000"  // times
            "01000000"
            "0700000000000000"  // a mark before the second row
            "02000000"
            "01000000"
            "01000000"
            "03000000"  // fixed part
            "616263");  // heap
}

TEST(BatchType, WritesNumbersWithoutPadding) {
  BatchOf<app::Padded> batch;
  batch->Append() = {1, 2, true};
  EXPECT_EQ(Hex(batch.Encode()),
            "01000000"
            "0a000000"
            "00000000"
            "00000000"
            "00000000"
            "01"
            "0200000000000000"
            "01");
}

TEST(BatchType, KeepsMarksBetweenTheRowsThatCount) {
  BatchOf<int32_t> in;
  BatchOf<int32_t> out;
  for (int i = 0; i < 4; ++i) in->Append() = i;
  in->marks = {{0, 1}, {3, 2}, {4, 3}};
  ASSERT_TRUE(out.Decode(in.Encode()).ok());
  ASSERT_EQ(out->marks.size(), 3u);
  EXPECT_EQ(out->marks[1].row, 3u);
  EXPECT_EQ(out->marks[2].watermark, 3);
}

TEST(BatchType, DecodedViewsPointIntoTheWireBytesAndKeepThem) {
  BatchOf<app::Bid> in;
  in->Append() = {1, {}, "channel", {}, "url"};
  const std::string bytes = in.Encode();
  Bytes* const wire = Bytes::New(static_cast<uint32_t>(bytes.size()));
  std::memcpy(wire->data, bytes.data(), bytes.size());
  ByteReader reader(std::string_view(wire->data, bytes.size()), "batch");
  BatchOf<app::Bid> out;
  ASSERT_TRUE(out->type->decode(wire, reader, *out).ok());
  EXPECT_EQ(out->data()[0].url.data(), wire->data + bytes.size() - 3);
  EXPECT_EQ(wire->references.load(), 2u);
  wire->Release();
  EXPECT_EQ(out->data()[0].channel, "channel");
}

template <class T, class Make>
void ExpectTruncationIsFound(Make make) {
  std::mt19937 random(3);
  BatchOf<T> in(8);
  while (!in->full()) in->Append() = make(random, *in);
  in->UseTimes();
  for (uint32_t row = 0; row < in->size; ++row) in->times[row] = 0;
  in->marks = {{1, 1}, {2, 2}};
  const std::string bytes = in.Encode();
  for (size_t length = 0; length < bytes.size(); ++length) {
    BatchOf<T> out(8);
    ASSERT_FALSE(out.Decode(bytes.substr(0, length)).ok()) << length;
    ASSERT_EQ(out->size, 0u);
    ASSERT_TRUE(out->marks.empty());
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(~damaged[at]);
    BatchOf<T> out(8);
    if (out.Decode(damaged).ok()) (void)out.Encode();  // what passes can be read
  }
}

TEST(BatchType, RefusesBytesThatEndTooEarlyAndSurvivesDamage) {
  ExpectTruncationIsFound<app::Bid>(RandomBid);
  ExpectTruncationIsFound<app::Mixed>(RandomMixed);
  ExpectTruncationIsFound<int64_t>([](std::mt19937& random, BatchBase&) { return static_cast<int64_t>(random()); });
}

TEST(BatchType, RefusesRowsOfAnotherShapeOrTooManyOfThem) {
  BatchOf<int64_t> in(8);
  while (!in->full()) in->Append() = 1;
  BatchOf<int32_t> other(8);
  EXPECT_EQ(other.Decode(in.Encode()).code(), StatusCode::kFailedPrecondition);
  BatchOf<int64_t> small(7);
  const Status status = small.Decode(in.Encode());
  EXPECT_NE(status.message().find("8 rows of 8 bytes came, but at most 7 of 8 are expected here"),
            std::string_view::npos);
}

TEST(BatchType, ScatterCopiesRowsWithTheirViewBytesTimesAndHashes) {
  std::mt19937 random(5);
  BatchOf<app::Mixed> out;
  std::vector<std::string> expected;
  {
    BatchOf<app::Mixed> in;
    for (int i = 0; i < 10; ++i) in->Append() = RandomMixed(random, *in);
    in->UseTimes();
    in->UseHashes();
    for (int i = 0; i < 10; ++i) in->times[i] = in->hashes[i] = i;
    const uint16_t rows[] = {7, 2};
    in->type->scatter(*in, rows, 2, *out);
    for (const uint16_t row : rows) expected.push_back(EncodeToString(in->data()[row]));
  }  // the memory that the views of `in` pointed into is gone
  ASSERT_EQ(out->size, 2u);
  EXPECT_EQ(EncodeToString(out->data()[0]), expected[0]);
  EXPECT_EQ(EncodeToString(out->data()[1]), expected[1]);
  EXPECT_EQ(out->times[0], 7);
  EXPECT_EQ(out->hashes[1], 2u);
}

TEST(BatchType, ScatterOfRowsWithoutTimesLeavesThemUnset) {
  BatchOf<int32_t> in;
  BatchOf<int32_t> out;
  in->Append() = 1;
  out->Append() = 9;
  out->UseTimes();
  out->times[0] = 100;
  const uint16_t rows[] = {0};
  in->type->scatter(*in, rows, 1, *out);
  EXPECT_EQ(out->times[0], 100);
  EXPECT_EQ(out->times[1], kNoEventTime);
}

}  // namespace
}  // namespace weir
