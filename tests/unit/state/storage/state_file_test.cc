#include "weir/state/storage/state_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "weir/base/file/fault_injecting_file_system.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/random.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/state/storage/snapshot_fixture.h"

namespace weir {
namespace {

std::string RandomText(size_t length) {
  SeededRandom random(7);
  std::string text;
  while (text.size() < length) text += static_cast<char>(random.Uniform(256));
  return text;
}

struct StateFiles : ::testing::Test {
  StreamStateHandle Write(std::string_view content) {
    files.Delete("/f").ok();
    return WrittenFile(files, "/f", content, StateScope::kExclusive);
  }
  Status Check(const StreamStateHandle& handle) { return CheckStateFile(files, handle.file, true); }

  InMemoryFileSystem files;
};

TEST_F(StateFiles, ComeBackWhateverTheirLength) {
  for (const size_t length : {0ul, 1ul, 65535ul, 65536ul, 65537ul, 200000ul}) {
    const std::string content = RandomText(length);
    const StreamStateHandle handle = Write(content);
    const StatusOr<std::string> back = ReadState(files, handle);
    ASSERT_OK(back);
    EXPECT_EQ(*back, content) << length;
    EXPECT_OK(Check(handle));
    EXPECT_EQ(files.Stat("/f")->size, StateFileBytes(length));
  }
}

TEST_F(StateFiles, AnyPieceCanBeRead) {
  const std::string content = RandomText(200000);
  StreamStateHandle handle = Write(content);
  SeededRandom random(3);
  for (int i = 0; i < 100; ++i) {
    handle.offset = random.Uniform(content.size());
    handle.length = random.Uniform(content.size() - handle.offset + 1);
    const StatusOr<std::string> back = ReadState(files, handle);
    ASSERT_OK(back);
    EXPECT_EQ(*back, content.substr(handle.offset, handle.length));
  }
}

TEST_F(StateFiles, ArePiecewiseReadToMemoryOfTheCaller) {
  const std::string content = RandomText(1500000);
  const StreamStateHandle handle = Write(content);
  const auto reader = StateFileReader::Open(files, handle.file);
  ASSERT_OK(reader);
  std::string back(content.size(), ' ');
  SeededRandom random(3);
  for (size_t at = 0; at < content.size();) {
    const size_t piece = std::min<size_t>(content.size() - at, random.Uniform(100000));
    if (random.Uniform(4) == 0) {
      back.replace(at, piece, content, at, piece);  // left out
    } else {
      ASSERT_OK((*reader)->ReadTo(at, piece, back.data() + at));
    }
    at += piece;
  }
  EXPECT_EQ(back, content);
}

TEST_F(StateFiles, DamageIsSeenByPiecewiseReading) {
  const StreamStateHandle handle = Write(RandomText(700000));
  std::string bytes = *ReadWholeFile(files, "/f");
  bytes[600000] ^= 1;
  {
    auto out = files.OpenForWrite("/f", WriteMode::kTruncate);
    ASSERT_OK(out);
    ASSERT_OK((*out)->Append(bytes));
    ASSERT_OK((*out)->Close());
  }
  const auto reader = StateFileReader::Open(files, handle.file);
  ASSERT_OK(reader);
  std::string back(700000, ' ');
  ASSERT_OK((*reader)->ReadTo(0, 100000, back.data()));
  EXPECT_EQ((*reader)->ReadTo(100000, 600000, back.data()).code(), StatusCode::kDataLoss);
}

// docs/formats/state_file.md explains these bytes; they may never change.
TEST_F(StateFiles, HaveTheGoldenBytes) {
  const StreamStateHandle handle = Write("weir");
  EXPECT_EQ(ReadWholeFile(files, "/f").value(),
            std::string("WEIRSTAT\x01\0\0\0\0\0\0\0weir", 20) + "\xB9\xA0\xD5\x13T\xAC>b");
  EXPECT_EQ(handle.file.checksum, 17749013555100237523u);
}

TEST_F(StateFiles, ReportEveryFlippedBit) {
  const StreamStateHandle handle = Write("weir");
  for (uint64_t byte = 0; byte < StateFileBytes(4); ++byte) {
    files.FlipBit("/f", byte);
    EXPECT_FALSE(ReadState(files, handle).ok()) << byte;
    EXPECT_FALSE(Check(handle).ok()) << byte;
    files.FlipBit("/f", byte);
  }
}

TEST_F(StateFiles, NameTheDamagedBlock) {
  StreamStateHandle handle = Write(RandomText(200000));
  files.FlipBit("/f", 16 + 65544 + 5);
  EXPECT_TRUE(IsError(ReadState(files, handle).status(), StatusCode::kDataLoss, "snapshot file /f: block 1, at byte"));
  handle.offset = 131072;
  handle.length = 10;
  EXPECT_OK(ReadState(files, handle)) << "a piece in a whole block";
}

TEST_F(StateFiles, NoticeBlocksInEachOthersPlace) {
  const StreamStateHandle handle = Write(RandomText(131072));
  std::string bytes = ReadWholeFile(files, "/f").value();
  const std::string first = bytes.substr(16, 65544);
  bytes.replace(16, 65544, bytes.substr(16 + 65544, 65544));
  bytes.replace(16 + 65544, 65544, first);
  ASSERT_OK(WriteFileAtomically(files, "/f", bytes));
  EXPECT_TRUE(IsError(ReadState(files, handle).status(), StatusCode::kDataLoss, "block 0"));
}

TEST_F(StateFiles, NoticeAnotherFileUnderTheirName) {
  const StreamStateHandle handle = Write("weir");
  Write("moor");
  EXPECT_TRUE(IsError(Check(handle), StatusCode::kDataLoss, "its content is not what the snapshot wrote"));
}

TEST_F(StateFiles, SayThatTheyAreMissingOrCutShort) {
  const StreamStateHandle handle = Write("weir");
  ASSERT_OK(WriteFileAtomically(files, "/f", ReadWholeFile(files, "/f").value().substr(0, 27)));
  EXPECT_TRUE(IsError(CheckStateFile(files, handle.file, false), StatusCode::kDataLoss,
                      "snapshot file /f: it has 27 bytes and should have 28: it is cut short"));
  ASSERT_OK(files.Delete("/f"));
  EXPECT_TRUE(IsError(ReadState(files, handle).status(), StatusCode::kDataLoss, "snapshot file /f is missing"));
}

TEST_F(StateFiles, OfRawFormAreCheckedByTheirChecksum) {
  ASSERT_OK(WriteFileAtomically(files, "/f", "weir"));
  StateFile raw{.path = "/f", .form = StateFileForm::kRaw, .length = 4, .checksum = HashBytes("weir")};
  EXPECT_OK(CheckStateFile(files, raw, true));
  files.FlipBit("/f", 2);
  EXPECT_OK(CheckStateFile(files, raw, false));
  EXPECT_TRUE(IsError(CheckStateFile(files, raw, true), StatusCode::kDataLoss, "its checksum is wrong"));
}

TEST_F(StateFiles, AreDeletedUnlessFinished) {
  {
    const auto writer = StateFileWriter::Create(files, "/g", StateScope::kExclusive);
    ASSERT_OK(writer);
    ASSERT_OK((*writer)->Append("half"));
  }
  EXPECT_FALSE(files.Exists("/g").value());
}

TEST_F(StateFiles, FailAtEachStepOfWritingAndLeaveNothing) {
  using Operation = FileOperation;
  for (const auto operation : {Operation::kOpenForWrite, Operation::kAppend, Operation::kSync, Operation::kClose}) {
    FaultInjectingFileSystem faulty(files);
    faulty.Add({.operation = operation, .times = kEveryTime, .status = ResourceExhaustedError("no space left")});
    const Status status = [&]() -> Status {
      WEIR_ASSIGN_OR_RETURN(const auto writer, StateFileWriter::Create(faulty, "/h", StateScope::kExclusive));
      WEIR_RETURN_IF_ERROR(writer->Append("weir"));
      return writer->Finish().status();
    }();
    EXPECT_TRUE(IsError(status, StatusCode::kResourceExhausted, "no space left"));
    EXPECT_FALSE(files.Exists("/h").value());
  }
}

TEST_F(StateFiles, AreNeverOverwritten) {
  Write("weir");
  EXPECT_EQ(StateFileWriter::Create(files, "/f", StateScope::kShared).status().code(), StatusCode::kAlreadyExists);
}

}  // namespace
}  // namespace weir
