#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

#include "weir/base/random.h"
#include "weir/connectors/file/byte_input.h"
#include "weir/connectors/file/file_split_reader.h"
#include "weir/connectors/file/text_line_format.h"

#include "tests/unit/connectors/source_driver.h"

namespace weir {
namespace {

std::string Gzip(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

class DecompressorTest : public testing::TestWithParam<const char*> {
 protected:
  std::string Compress(const std::string& text) { return GetParam() == std::string(".gz") ? Gzip(text) : Zstd(text); }
  std::string Path() { return std::string("x") + GetParam(); }
  // All of the file from `offset` on, read in pieces of `size`.
  StatusOr<std::string> Read(int64_t offset, size_t size) {
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ByteInput> input, OpenByteInput(files_, Path(), offset));
    std::string text;
    std::string piece(size, '\0');
    while (true) {
      WEIR_ASSIGN_OR_RETURN(const size_t read, input->Read(piece.data(), size));
      if (read == 0) return text;
      text.append(piece, 0, read);
    }
  }

  InMemoryFileSystem files_;
};

std::string RandomText(uint64_t seed, size_t size) {
  SeededRandom random(seed);
  std::string text(size, '\0');
  for (char& c : text) c = random.Uniform(20) == 0 ? '\n' : static_cast<char>('a' + random.Uniform(8));
  return text;
}

TEST_P(DecompressorTest, GivesBackWhatWasCompressed) {
  for (const size_t size : {0, 1, 100, 300'000}) {
    const std::string text = RandomText(size, size);
    PutFile(files_, Path(), Compress(text));
    for (const size_t piece : {1, 7, 100'000}) ASSERT_EQ(Read(0, piece).value(), text) << size << " " << piece;
  }
}

TEST_P(DecompressorTest, ReadsPartsThatFollowEachOther) {
  PutFile(files_, Path(), Compress("one\n") + Compress("") + Compress("two\n"));
  EXPECT_EQ(Read(0, 3).value(), "one\ntwo\n");
}

TEST_P(DecompressorTest, BeginsInTheMiddle) {
  PutFile(files_, Path(), Compress("0123456789"));
  EXPECT_EQ(Read(4, 3).value(), "456789");
  EXPECT_EQ(Read(11, 3).status().code(), StatusCode::kDataLoss);
}

TEST_P(DecompressorTest, DamageIsAnErrorThatNamesTheFile) {
  const std::string whole = Compress(RandomText(1, 5000));
  PutFile(files_, Path(), whole.substr(0, whole.size() / 2));
  EXPECT_THAT(std::string(Read(0, 1000).status().message()), testing::HasSubstr("ends too early"));
  PutFile(files_, Path(), "this is no compressed file at all");
  EXPECT_THAT(std::string(Read(0, 1000).status().message()), testing::StartsWith("cannot read \"" + Path() + "\""));
}

TEST_P(DecompressorTest, LinesGoOnExactlyAtTheSnapshot) {
  const std::string text = RandomText(2, 20'000);
  PutFile(files_, Path(), Compress(text));
  std::vector<std::string> state = {EncodeToString(FileSplit{.path = Path()})};
  std::string read;
  ReadResult result;
  do {
    FileSourceReader<std::string_view> reader(files_, std::make_unique<TextLineFormat>(), 1000);
    ASSERT_TRUE(reader.AddEncodedSplits(state).ok());
    reader.NoMoreSplits();
    result = ReadOnce<std::string_view>(reader, 37, [&](std::string_view line) { read.append(line).append("\n"); });
    state = reader.SnapshotSplits();
  } while (result.kind == ReadResult::Kind::kProgress);
  EXPECT_EQ(read, text.back() == '\n' ? text : text + "\n");
}

INSTANTIATE_TEST_SUITE_P(Formats, DecompressorTest, testing::Values(".gz", ".zst"),
                         [](const auto& info) { return std::string(info.param).substr(1); });

}  // namespace
}  // namespace weir
