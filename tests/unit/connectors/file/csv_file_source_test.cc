#include "weir/connectors/file/csv_file_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/random.h"

#include "tests/unit/connectors/source_driver.h"

namespace weir {
namespace {

struct Flight {
  int64_t id;
  int32_t delay;
  std::string_view origin;
};

// Rows as text, so that tests compare lists of strings.
using Rows = std::vector<std::string>;
std::string Show(const Flight& flight) {
  return std::to_string(flight.id) + " " + std::to_string(flight.delay) + " " + std::string(flight.origin);
}

// A side output that keeps what comes.
class BadRecords final : public BatchOutput {
 public:
  void Accept(BatchBase* batch) override {
    AsBatch<MalformedRecord>(*batch).ForEach(
        [&](const MalformedRecord& record, uint32_t) { records.push_back(record); });
    Recycle(batch);
  }
  BatchBase* Fresh() override { return pool_->Get(); }
  bool IsAvailable() const override { return true; }

  std::vector<MalformedRecord> records;

 private:
  BatchPoolHandle pool_{&BatchTypeOf<MalformedRecord>()};
};

class CsvFileSourceTest : public testing::Test {
 protected:
  std::unique_ptr<FileSourceReader<Flight>> Reader(uint32_t block_bytes, CsvOptions options = {}) {
    auto reader = std::make_unique<FileSourceReader<Flight>>(
        files_, std::make_unique<CsvFormat>(CsvRecordTypeOf<Flight>(), std::move(options)), block_bytes);
    BatchOutput* const outputs[] = {&other_, &bad_};
    reader->BindSideOutputs({"other", "bad"}, outputs);
    return reader;
  }
  Rows Read(std::vector<FileSplit> splits, uint32_t block_bytes = 64 * 1024, CsvOptions options = {}) {
    auto reader = Reader(block_bytes, options);
    EXPECT_TRUE(reader->AddSplits(std::move(splits)).ok());
    reader->NoMoreSplits();
    Rows rows;
    const ReadResult end =
        ReadWhileProgress<Flight>(*reader, kMaxBatchRows, [&](const Flight& flight) { rows.push_back(Show(flight)); });
    error_ = end.error;
    bad_count_ = reader->progress().bad_records;
    return rows;
  }
  Rows ReadContent(std::string_view content, CsvOptions options = {}) {
    PutFile(files_, "x.csv", content);
    return Read({{.path = "x.csv"}}, 64 * 1024, options);
  }
  std::string ErrorOf(std::string_view content, CsvOptions options = {}) {
    ReadContent(content, options);
    return std::string(error_.message());
  }

  InMemoryFileSystem files_;
  ManualClock clock_;
  BadRecords bad_;
  BadRecords other_;
  Status error_;
  int64_t bad_count_ = 0;
};

// A file with a header, quoted cells now and then, and its rows.
struct Table {
  std::string content = "origin,id,ignored,delay\n";
  Rows rows;
};

Table RandomTable(SeededRandom& random, int count, bool with_line_ends) {
  Table table;
  for (int i = 0; i < count; ++i) {
    std::string origin(random.Uniform(8), 'A');
    std::string cell = origin;
    if (random.Chance(0.3)) {
      origin += with_line_ends ? "\"x,\ny" : "\"x,y";
      cell = "\"" + cell + (with_line_ends ? "\"\"x,\ny\"" : "\"\"x,y\"");
    }
    const int delay = static_cast<int>(random.Uniform(100)) - 20;
    table.content += cell + "," + std::to_string(i) + ",zz," + std::to_string(delay) + (i % 3 == 0 ? "\r\n" : "\n");
    table.rows.push_back(std::to_string(i) + " " + std::to_string(delay) + " " + origin);
  }
  return table;
}

TEST_F(CsvFileSourceTest, GivesTheSameRowsAtEveryBlockSize) {
  const uint64_t seed = 5;
  SeededRandom random(seed);
  for (int round = 0; round < 20; ++round) {
    const Table table = RandomTable(random, 40, true);
    PutFile(files_, "x.csv", table.content);
    for (const uint32_t block_bytes : {1, 2, 3, 7, 16, 63, 64, 65, 130, 100000}) {
      ASSERT_EQ(Read({{.path = "x.csv"}}, block_bytes), table.rows)
          << "seed " << seed << ", round " << round << ", block " << block_bytes << ": " << error_.ToString();
    }
  }
}

TEST_F(CsvFileSourceTest, SplitsGiveEveryRowOnceWhereverTheyAreCut) {
  const uint64_t seed = 6;
  SeededRandom random(seed);
  for (int round = 0; round < 60; ++round) {
    const Table table = RandomTable(random, 20, false);
    PutFile(files_, "x.csv", table.content);
    const int64_t size = static_cast<int64_t>(table.content.size());
    const int64_t step = 1 + static_cast<int64_t>(random.Uniform(90));
    std::vector<FileSplit> splits;
    for (int64_t begin = 0; begin < size; begin += step) {
      splits.push_back({.path = "x.csv", .begin = begin, .end = std::min(begin + step, size)});
    }
    ASSERT_EQ(Read(splits, 40), table.rows) << "seed " << seed << ", round " << round << ": " << error_.ToString();
  }
}

TEST_F(CsvFileSourceTest, GoesOnExactlyAtTheSnapshot) {
  const uint64_t seed = 7;
  SeededRandom random(seed);
  const Table table = RandomTable(random, 60, true);
  PutFile(files_, "x.csv", table.content);
  std::vector<std::string> state = {EncodeToString(FileSplit{.path = "x.csv"})};
  Rows rows;
  ReadResult result;
  do {
    auto reader = Reader(1 + static_cast<uint32_t>(random.Uniform(100)));
    ASSERT_TRUE(reader->AddEncodedSplits(state).ok());
    reader->NoMoreSplits();
    result = ReadOnce<Flight>(*reader, 1 + static_cast<uint32_t>(random.Uniform(9)),
                              [&](const Flight& flight) { rows.push_back(Show(flight)); });
    state = reader->SnapshotSplits();
  } while (result.kind == ReadResult::Kind::kProgress);
  ASSERT_EQ(result.kind, ReadResult::Kind::kEnd) << result.error.ToString();
  EXPECT_EQ(rows, table.rows) << "seed " << seed;
}

TEST_F(CsvFileSourceTest, ReadsFilesWithoutHeaderByPosition) {
  EXPECT_EQ(ReadContent("1,2,ATL,more\n3,4,LAX,more\n", {.header = false}), (Rows{"1 2 ATL", "3 4 LAX"}));
}

TEST_F(CsvFileSourceTest, SkipsAByteOrderMark) {
  EXPECT_EQ(ReadContent("\xEF\xBB\xBFid,delay,origin\n1,2,ATL\n"), Rows{"1 2 ATL"});
}

TEST_F(CsvFileSourceTest, FilesWithoutRowsAreEmpty) {
  EXPECT_EQ(ReadContent(""), Rows{});
  EXPECT_TRUE(error_.ok());
  EXPECT_EQ(ReadContent("id,delay,origin\n"), Rows{});
  EXPECT_TRUE(error_.ok());
}

TEST_F(CsvFileSourceTest, NamesTheColumnThatIsMissing) {
  EXPECT_THAT(ErrorOf("id,lateness,origin\n1,2,ATL\n"),
              testing::AllOf(testing::StartsWith("x.csv:1: the header has no column \"delay\""),
                             testing::HasSubstr("It has: id, lateness, origin.")));
}

TEST_F(CsvFileSourceTest, NamesFileLineAndColumnOfABadCell) {
  EXPECT_EQ(ErrorOf("id,origin,delay\n1,\"A\nB\",2\n\n3,ATL,soon\n"),
            "x.csv:5: column \"delay\" (3): \"soon\" is no int32. Correct the file, or have such records left out: "
            ".OnBadRecord(weir::BadRecord::kSkip).");
}

TEST_F(CsvFileSourceTest, NamesTheLineInASplitThatBeginsInTheMiddle) {
  PutFile(files_, "x.csv", "id,delay,origin\n1,2,ATL\n3,4,LAX\n5,x,DFW\n");
  Read({{.path = "x.csv", .begin = 26}}, 8);
  EXPECT_THAT(std::string(error_.message()), testing::StartsWith("x.csv:4: column \"delay\" (2): \"x\""));
}

TEST_F(CsvFileSourceTest, SaysWhatIsWrongWithARow) {
  EXPECT_THAT(ErrorOf("id,delay,origin\n1,2\n"), testing::StartsWith("x.csv:2: the row has 2 cells instead of 3"));
  EXPECT_THAT(ErrorOf("id,delay,origin\n1,2,\"A\"B\n"),
              testing::StartsWith("x.csv:2: there is text behind a closing quote"));
  EXPECT_THAT(ErrorOf("id,delay,origin\n1,2,\"A\n3,4,B\n"),
              testing::StartsWith("x.csv:2: a quote is opened and never closed"));
}

TEST_F(CsvFileSourceTest, LeavesBadRecordsOutAndCountsThem) {
  EXPECT_EQ(ReadContent("id,delay,origin\nx,2,A\n3,4,B\n5,6\n7,y,C\n9,1,D\n", {.bad_record = BadRecord::kSkip}),
            (Rows{"3 4 B", "9 1 D"}));
  EXPECT_EQ(bad_count_, 3);
}

TEST_F(CsvFileSourceTest, BadRecordsAmongManyGoodOnesAreLeftOutAtEveryBlockSize) {
  std::string content = "id,delay,origin\n";
  Rows expected;
  for (int i = 0; i < 1500; ++i) {
    const bool bad = i % 7 == 3;
    content += std::to_string(i) + "," + (bad ? "?" : "1") + ",A\n";
    if (!bad) expected.push_back(std::to_string(i) + " 1 A");
  }
  PutFile(files_, "x.csv", content);
  for (const uint32_t block_bytes : {10, 100, 1000, 100000}) {
    ASSERT_EQ(Read({{.path = "x.csv"}}, block_bytes, {.bad_record = BadRecord::kSkip}), expected) << block_bytes;
  }
}

TEST_F(CsvFileSourceTest, SendsBadRecordsToTheSideOutput) {
  ReadContent("id,delay,origin\n1,2,A\n3,soon,B\n", {.bad_record = BadRecord::kSideOutput, .side_output = "bad"});
  EXPECT_EQ(bad_count_, 1);
  ASSERT_EQ(bad_.records.size(), 1u);
  EXPECT_EQ(bad_.records[0].file, "x.csv");
  EXPECT_EQ(bad_.records[0].line, 3);
  EXPECT_EQ(bad_.records[0].column, "delay");
  EXPECT_EQ(bad_.records[0].text, "3,soon,B");
  EXPECT_EQ(bad_.records[0].error, "x.csv:3: column \"delay\" (2): \"soon\" is no int32");
}

TEST_F(CsvFileSourceTest, ReadsAFolderOfFilesWhoseColumnsDiffer) {
  PutFile(files_, "in/a.csv", "id,delay,origin\n1,2,A\n");
  PutFile(files_, "in/b.csv", "origin,delay,extra,id\nB,4,x,3\n");
  Rows rows;
  const TypedSourceFactory<CsvFileSource<Flight>> source(CsvFileSource<Flight>("in"));
  const Status status =
      RunSource<Flight>(source, files_, clock_, 1, [&](int, const Flight& flight) { rows.push_back(Show(flight)); });
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(rows, (Rows{"1 2 A", "3 4 B"}));
}

}  // namespace
}  // namespace weir
