#include "weir/connectors/file/csv_scanner.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weir/base/random.h"
#include "weir/types/batch_pool.h"
#include "weir/types/batch_type.h"

namespace weir {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// Cuts whole texts, the last row with or without its line end.
class CsvScannerTest : public testing::Test {
 protected:
  Rows Scan(const std::string& text, uint32_t columns, char delimiter = ',') {
    const std::string padded = text + std::string(kByteFinderPadding, '"');
    CsvScanner scanner(delimiter);
    scanner.SetShape(columns);
    BatchBase* const batch = pool_->Get();
    Rows rows;
    flaws_.clear();
    lines_ = 0;
    const char* at = padded.data();
    const char* const limit = padded.data() + text.size();
    while (at < limit) {
      at = scanner.Scan(at, limit, limit, true, CsvScanner::kRows, *batch);
      lines_ += scanner.lines();
      for (uint32_t row = 0; row < scanner.rows(); ++row) {
        rows.emplace_back();
        for (uint32_t c = 0; c < columns; ++c) rows.back().emplace_back(scanner.cells()[row * columns + c]);
        flaws_.push_back(scanner.flaw(row));
      }
    }
    Recycle(batch);
    return rows;
  }

  std::vector<CsvFlaw> flaws_;
  uint32_t lines_ = 0;
  BatchPoolHandle pool_{&BatchTypeOf<int64_t>()};
};

TEST_F(CsvScannerTest, CutsRowsAndCells) {
  EXPECT_EQ(Scan("a,b\n,\r\nc,d", 2), (Rows{{"a", "b"}, {"", ""}, {"c", "d"}}));
  EXPECT_EQ(Scan("a;b\n", 2, ';'), (Rows{{"a", "b"}}));
}

TEST_F(CsvScannerTest, LeavesRowsWithoutTextOut) {
  EXPECT_EQ(Scan("\na\n\r\n\nb\n\n", 1), (Rows{{"a"}, {"b"}}));
  EXPECT_EQ(lines_, 6u);
}

TEST_F(CsvScannerTest, QuotedCellsMayContainAnything) {
  EXPECT_EQ(Scan("\"a,b\",\"c\nd\"\r\n\"e\"\"f\",\"\"\n", 2), (Rows{{"a,b", "c\nd"}, {"e\"f", ""}}));
  EXPECT_EQ(lines_, 3u);
  EXPECT_EQ(Scan("\"\"\"\"\n", 1), (Rows{{"\""}}));
}

TEST_F(CsvScannerTest, AQuoteInsideAnUnquotedCellIsTakenAsItIs) {
  EXPECT_EQ(Scan("5\" disk,x\n", 2), (Rows{{"5\" disk", "x"}}));
}

TEST_F(CsvScannerTest, MarksRowsOfTheWrongShape) {
  EXPECT_EQ(Scan("a\na,b\na,b,c\n\"a\"x,b\n\"a,b\n", 2),
            (Rows{{"a", ""}, {"a", "b"}, {"a", "b"}, {"a", "b"}, {"a,b\n", ""}}));
  EXPECT_EQ(flaws_, (std::vector<CsvFlaw>{CsvFlaw::kWrongCellCount, CsvFlaw::kNone, CsvFlaw::kWrongCellCount,
                                          CsvFlaw::kTextAfterQuote, CsvFlaw::kUnclosedQuote}));
}

TEST_F(CsvScannerTest, StopsBeforeARowThatIsNotComplete) {
  for (const std::string text : {"a,b\nc,d", "a,b\n\"c\",", "a,b\n\"c", "a,b\n\"c\"", "a,b\n\"c\"\""}) {
    const std::string padded = text + std::string(kByteFinderPadding, '\n');
    CsvScanner scanner(',');
    scanner.SetShape(2);
    BatchBase* const batch = pool_->Get();
    const char* const limit = padded.data() + text.size();
    EXPECT_EQ(scanner.Scan(padded.data(), limit, limit, false, 10, *batch), padded.data() + 4) << text;
    EXPECT_EQ(scanner.rows(), 1u);
    Recycle(batch);
  }
}

// Writes cells as any CSV writer might, so that the scanner must give them back.
std::string Write(SeededRandom& random, const Rows& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      const bool must = row[i].find_first_of(",\"\r\n") != std::string::npos || (row.size() == 1 && row[i].empty());
      if (!must && !random.Chance(0.2)) {
        text += row[i];
        continue;
      }
      text += '"';
      for (const char c : row[i]) text.append(c == '"' ? 2 : 1, c);
      text += '"';
    }
    text += random.Chance(0.3) ? "\r\n" : "\n";
  }
  return text;
}

TEST_F(CsvScannerTest, GivesBackWhateverCellsWereWritten) {
  const uint64_t seed = 31;
  SeededRandom random(seed);
  for (int round = 0; round < 300; ++round) {
    const uint32_t columns = 1 + static_cast<uint32_t>(random.Uniform(4));
    Rows rows(random.Uniform(200));
    for (auto& row : rows) {
      row.resize(columns);
      for (auto& cell : row) {
        cell.resize(random.Uniform(12));
        for (char& c : cell) c = "abcdefgh,\"\r\n"[random.Uniform(12)];
      }
    }
    ASSERT_EQ(Scan(Write(random, rows), columns), rows) << "seed " << seed << ", round " << round;
  }
}

}  // namespace
}  // namespace weir
