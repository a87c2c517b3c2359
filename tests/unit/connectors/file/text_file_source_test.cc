#include "weir/connectors/file/text_file_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/random.h"
#include "weir/connectors/file/file_split_reader.h"
#include "weir/connectors/file/text_line_format.h"

#include "tests/unit/connectors/source_driver.h"

namespace weir {
namespace {

using Lines = std::vector<std::string>;

struct Text {
  std::string content;
  Lines lines;
};

// Random lines of 0 to `longest` bytes, with random line ends; the last one may lack its end.
Text RandomText(SeededRandom& random, int count, uint64_t longest) {
  Text text;
  for (int i = 0; i < count; ++i) {
    std::string line(random.Uniform(longest + 1), ' ');
    for (char& c : line) c = static_cast<char>('a' + random.Uniform(26));
    const bool open_end = i + 1 == count && !line.empty() && random.Chance(0.5);
    text.content += line + (open_end ? "" : random.Chance(0.3) ? "\r\n" : "\n");
    text.lines.push_back(std::move(line));
  }
  return text;
}

class TextFileSourceTest : public testing::Test {
 protected:
  std::unique_ptr<FileSourceReader<std::string_view>> Reader(uint32_t block_bytes) {
    return std::make_unique<FileSourceReader<std::string_view>>(files_, std::make_unique<TextLineFormat>(),
                                                                block_bytes);
  }
  Lines Read(std::vector<FileSplit> splits, uint32_t block_bytes, uint32_t rows = kMaxBatchRows) {
    auto reader = Reader(block_bytes);
    EXPECT_TRUE(reader->AddSplits(std::move(splits)).ok());
    reader->NoMoreSplits();
    Lines lines;
    const ReadResult end =
        ReadWhileProgress<std::string_view>(*reader, rows, [&](std::string_view line) { lines.emplace_back(line); });
    EXPECT_EQ(end.kind, ReadResult::Kind::kEnd) << end.error.ToString();
    return lines;
  }
  Lines ReadContent(std::string_view content, uint32_t block_bytes = 64) {
    PutFile(files_, "x", content);
    return Read({{.path = "x"}}, block_bytes);
  }

  InMemoryFileSystem files_;
  ManualClock clock_;
};

TEST_F(TextFileSourceTest, GivesTheSameLinesAtEveryBlockSize) {
  const uint64_t seed = 7;
  SeededRandom random(seed);
  for (int round = 0; round < 40; ++round) {
    const Text text = RandomText(random, 30, 40);
    for (const uint32_t block_bytes : {1, 2, 3, 5, 7, 16, 63, 64, 65, 200, 100000}) {
      ASSERT_EQ(ReadContent(text.content, block_bytes), text.lines)
          << "seed " << seed << ", round " << round << ", block " << block_bytes;
    }
  }
}

TEST_F(TextFileSourceTest, SplitsGiveEveryLineOnceWhereverTheyAreCut) {
  const uint64_t seed = 8;
  SeededRandom random(seed);
  for (int round = 0; round < 100; ++round) {
    const Text text = RandomText(random, 20, 15);
    PutFile(files_, "x", text.content);
    const int64_t size = static_cast<int64_t>(text.content.size());
    const int64_t step = 1 + static_cast<int64_t>(random.Uniform(40));
    std::vector<FileSplit> splits;
    for (int64_t begin = 0; begin < size; begin += step) {
      splits.push_back({.path = "x", .begin = begin, .end = std::min(begin + step, size)});
    }
    ASSERT_EQ(Read(splits, 1 + static_cast<uint32_t>(random.Uniform(30))), text.lines)
        << "seed " << seed << ", round " << round;
  }
}

TEST_F(TextFileSourceTest, GoesOnExactlyAtTheSnapshot) {
  const uint64_t seed = 9;
  SeededRandom random(seed);
  for (int round = 0; round < 60; ++round) {
    const Text text = RandomText(random, 25, 20);
    PutFile(files_, "x", text.content);
    const int64_t middle = static_cast<int64_t>(text.content.size() / 2);
    std::vector<std::string> state;
    {
      auto first = Reader(16);
      ASSERT_TRUE(first->AddSplits({{.path = "x", .end = middle}, {.path = "x", .begin = middle}}).ok());
      state = first->SnapshotSplits();
    }
    Lines lines;
    ReadResult result;
    do {  // a new reader for every few lines
      auto reader = Reader(1 + static_cast<uint32_t>(random.Uniform(50)));
      ASSERT_TRUE(reader->AddEncodedSplits(state).ok());
      reader->NoMoreSplits();
      result = ReadOnce<std::string_view>(*reader, 1 + static_cast<uint32_t>(random.Uniform(5)),
                                          [&](std::string_view line) { lines.emplace_back(line); });
      state = reader->SnapshotSplits();
    } while (result.kind == ReadResult::Kind::kProgress);
    ASSERT_EQ(result.kind, ReadResult::Kind::kEnd);
    ASSERT_EQ(lines, text.lines) << "seed " << seed << ", round " << round;
  }
}

TEST_F(TextFileSourceTest, ReadsEmptyFilesAndLastLinesWithoutEnd) {
  EXPECT_EQ(ReadContent(""), Lines{});
  EXPECT_EQ(ReadContent("\n"), Lines{""});
  EXPECT_EQ(ReadContent("a"), Lines{"a"});
  EXPECT_EQ(ReadContent("a\r\n\r\nb\r"), (Lines{"a", "", "b"}));
}

TEST_F(TextFileSourceTest, LinesOutliveTheReader) {
  PutFile(files_, "x", "one\ntwo\n");
  BatchPoolHandle pool(&BatchTypeOf<std::string_view>());
  BatchBase* const batch = pool->Get();
  {
    auto reader = Reader(5);
    ASSERT_TRUE(reader->AddSplits({{.path = "x"}}).ok());
    while (batch->size < 2) reader->ReadBatch(*batch, {});
  }
  EXPECT_EQ(AsBatch<std::string_view>(*batch).data()[0], "one");
  EXPECT_EQ(AsBatch<std::string_view>(*batch).data()[1], "two");
  Recycle(batch);
}

TEST_F(TextFileSourceTest, ABatchEndsBeforeItHoldsManyBlocks) {
  const std::string line(40 * 1024, 'x');
  PutFile(files_, "x", line + "\n" + line + "\n" + line + "\n" + line + "\n");
  auto reader = Reader(64 * 1024);
  ASSERT_TRUE(reader->AddSplits({{.path = "x"}}).ok());
  int lines = 0;
  ReadOnce<std::string_view>(*reader, kMaxBatchRows, [&](std::string_view) { ++lines; });
  EXPECT_EQ(lines, 2);
}

TEST_F(TextFileSourceTest, SaysWhichLinesItReadLast) {
  PutFile(files_, "x", "a\nb\nc\nd\ne\n");
  auto reader = Reader(4);
  EXPECT_EQ(reader->Position(), "");
  ASSERT_TRUE(reader->AddSplits({{.path = "x"}}).ok());
  ReadOnce<std::string_view>(*reader, 1, [](std::string_view) {});
  EXPECT_EQ(reader->Position(), "x:1");
  ReadOnce<std::string_view>(*reader, 3, [](std::string_view) {});
  EXPECT_EQ(reader->Position(), "x, lines 2 to 4");
}

TEST_F(TextFileSourceTest, ReadsAFolderInParallel) {
  const uint64_t seed = 11;
  SeededRandom random(seed);
  Lines expected;
  for (const char* name : {"in/a", "in/b", "in/deep/c"}) {
    const Text text = RandomText(random, 50, 30);
    PutFile(files_, name, text.content);
    expected.insert(expected.end(), text.lines.begin(), text.lines.end());
  }
  Lines lines;
  const TypedSourceFactory<TextFileSource> source(TextFileSource("in"));
  const Status status = RunSource<std::string_view>(source, files_, clock_, 3,
                                                    [&](int, std::string_view line) { lines.emplace_back(line); });
  EXPECT_TRUE(status.ok()) << status.ToString();
  std::sort(lines.begin(), lines.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(lines, expected);
}

TEST_F(TextFileSourceTest, AMissingFileIsAnErrorAtTheStart) {
  const TypedSourceFactory<TextFileSource> source(TextFileSource("in/x.txt"));
  const Status status = RunSource<std::string_view>(source, files_, clock_, 1, [](int, std::string_view) { FAIL(); });
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(status.message(),
            "cannot read \"in/x.txt\": No such file or directory. Expected a file, a folder or a glob such as "
            "\"data/*.csv\"; it must be reachable on every machine that runs the job.");
}

}  // namespace
}  // namespace weir
