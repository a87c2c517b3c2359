#include "weir/state/storage/checkpoint_metadata_format.h"

#include <gtest/gtest.h>

#include <string>

#include "weir/base/coding.h"
#include "weir/base/hash.h"
#include "weir/base/random.h"

#include "tests/harness/hex.h"
#include "tests/harness/status_matchers.h"
#include "tests/unit/state/storage/snapshot_fixture.h"

namespace weir {
namespace {

constexpr char kFolder[] = "/ck/job/chk-7";

CheckpointMetadata Expected(const std::string& folder, const std::string& shared) {
  CheckpointMetadata metadata = TestMetadata(folder);
  metadata.operators[1].subtasks[1].keyed[0].files[0].file.path = shared + "/b-6-0";
  return metadata;
}

TEST(CheckpointMetadataFormat, ComesBack) {
  const StatusOr<CheckpointMetadata> back =
      DecodeCheckpointMetadata(EncodeCheckpointMetadata(TestMetadata(kFolder), kFolder), kFolder);
  ASSERT_OK(back);
  EXPECT_EQ(*back, Expected(kFolder, "/ck/job/shared"));
}

// docs/formats/checkpoint_metadata.md explains these bytes; they may never change.
TEST(CheckpointMetadataFormat, HasTheGoldenBytes) {
  EXPECT_EQ(HexLines(EncodeCheckpointMetadata(TestMetadata(kFolder), kFolder)),
            "574549524d4554410100000068020000000000000200000005000000612d372d\n"
            "300000640000000000000005000000000000000f0000002e2e2f736861726564\n"
            "2f622d362d3001012c0100000000000006000000000000000700000000000000\n"
            "1111111111111111222222222222222207000000666c6967687473d204000000\n"
            "00000000010100000009000000756e616c69676e656404000000747275650200\n"
            "000001000000000000000100000000000000000000000d000000536f75726365\n"
            "3a206c696e65730100000080000000000000000000000001ffffffff04000000\n"
            "6c65667401000000010000000000000001000000000000000000000000000000\n"
            "ffffffff0100000000010000000600000073706c6974730000000000ffffffff\n"
            "0100000073000000000100000000000000020000000000000002000000000000\n"
            "0005000000636f756e7405000000436f756e7402000000040000000200000001\n"
            "0c0100000005000000636f756e7400020000000105e803000000000000000200\n"
            "0000020000000000000002000000000000000000000000000000010000000001\n"
            "00000000000000010000000900000063616e6f6e6963616c000000000a000000\n"
            "000000005a000000000000000000000000000000000000000200000000000000\n"
            "0200000000000000010000000200000003000000000100000002000000030000\n"
            "0007000000726f636b736462ffffffff080000006d616e696665737401000000\n"
            "0a0000003030303031322e73737401000000010000000500000072756c657302\n"
            "02000000010c0000000000000000000000000a00000000000000000000000100\n"
            "000001000000010000000003000000ffffffff050000006261746368c478ab91\n"
            "29fa74aa");
}

TEST(CheckpointMetadataFormat, FindsTheFilesOfAFolderThatWasMoved) {
  const StatusOr<CheckpointMetadata> back =
      DecodeCheckpointMetadata(EncodeCheckpointMetadata(TestMetadata(kFolder), kFolder), "elsewhere/of/chk-7");
  ASSERT_OK(back);
  EXPECT_EQ(*back, Expected("elsewhere/of/chk-7", "elsewhere/of/shared"));
}

TEST(CheckpointMetadataFormat, KeepsThePathsOfForeignFiles) {
  CheckpointMetadata metadata = TestMetadata(kFolder);
  metadata.operators[1].subtasks[1].keyed[0].files[0].file.path = "/savepoints/s1/b";
  const StatusOr<CheckpointMetadata> back =
      DecodeCheckpointMetadata(EncodeCheckpointMetadata(metadata, kFolder), "/moved/chk-7");
  ASSERT_OK(back);
  EXPECT_EQ(back->operators[1].subtasks[1].keyed[0].files[0].file.path, "/savepoints/s1/b");
}

TEST(CheckpointMetadataFormat, ReportsEveryTruncationAndNamesTheFile) {
  const std::string bytes = EncodeCheckpointMetadata(TestMetadata(kFolder), kFolder);
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto back = DecodeCheckpointMetadata(std::string_view(bytes).substr(0, length), kFolder);
    EXPECT_TRUE(IsError(back.status(), StatusCode::kDataLoss, "/ck/job/chk-7/_metadata")) << length;
  }
}

TEST(CheckpointMetadataFormat, ReportsEveryFlippedBit) {
  const std::string bytes = EncodeCheckpointMetadata(TestMetadata(kFolder), kFolder);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const auto back = DecodeCheckpointMetadata(damaged, kFolder);
    EXPECT_TRUE(IsError(back.status(), StatusCode::kDataLoss, "Restore from another")) << bit;
  }
}

TEST(CheckpointMetadataFormat, SaysWhichVersionCanReadANewerOne) {
  std::string bytes = EncodeCheckpointMetadata(TestMetadata(kFolder), kFolder);
  StoreLittleEndian<uint32_t>(bytes.data() + 8, 99);
  StoreLittleEndian(bytes.data() + bytes.size() - 8, HashBytes(std::string_view(bytes).substr(0, bytes.size() - 8)));
  EXPECT_TRUE(IsError(DecodeCheckpointMetadata(bytes, kFolder).status(), StatusCode::kFailedPrecondition,
                      "has format version 99; this build reads versions up to 1"));
}

TEST(CheckpointMetadataFormat, SubtaskStateComesBackWithItsPaths) {
  const OperatorSubtaskState state = TestMetadata(kFolder).operators[1].subtasks[1];
  const StatusOr<OperatorSubtaskState> back = DecodeSubtaskState(EncodeSubtaskState(state));
  ASSERT_OK(back);
  EXPECT_EQ(*back, state);
}

TEST(CheckpointMetadataFormat, ReportsEveryTruncationOfASubtaskState) {
  const std::string bytes = EncodeSubtaskState(TestMetadata(kFolder).operators[1].subtasks[1]);
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(DecodeSubtaskState(std::string_view(bytes).substr(0, length)).ok()) << length;
}

// With its checksums a file of 2^64 - 16 + n bytes would have n bytes on the disk.
TEST(CheckpointMetadataFormat, RefusesAFileThatIsLongerThanAnyDisk) {
  OperatorSubtaskState state = TestMetadata(kFolder).operators[1].subtasks[1];
  state.keyed[0].files[0].file.length = ~uint64_t{0} - 8;
  EXPECT_EQ(DecodeSubtaskState(EncodeSubtaskState(state)).status().code(), StatusCode::kDataLoss);
}

// The state that a task acknowledges comes over the network, without a checksum of its own.
TEST(CheckpointMetadataFormat, ADamagedSubtaskStateIsAnErrorOrOneThatComesBack) {
  const std::string whole = EncodeSubtaskState(TestMetadata(kFolder).operators[1].subtasks[1]);
  SeededRandom random(1);
  int refused = 0;
  for (int round = 0; round < 5000; ++round) {
    SCOPED_TRACE(round);
    std::string damaged = whole;
    for (uint64_t left = random.Uniform(3) + 1; left > 0; --left)
      damaged[random.Uniform(damaged.size())] = static_cast<char>(random.Uniform(256));
    const StatusOr<OperatorSubtaskState> read = DecodeSubtaskState(damaged);
    refused += read.ok() ? 0 : 1;
    if (!read.ok()) continue;
    const StatusOr<OperatorSubtaskState> again = DecodeSubtaskState(EncodeSubtaskState(*read));
    ASSERT_OK(again);
    EXPECT_EQ(*again, *read);
  }
  EXPECT_GT(refused, 1000);
  EXPECT_LT(refused, 5000);
}

TEST(CheckpointMetadata, PutsSubtasksInOrderWhateverOrderTheyComeIn) {
  CheckpointMetadata metadata = TestMetadata(kFolder);
  std::vector<OperatorSubtaskState> subtasks = std::move(metadata.operators[1].subtasks);
  metadata.operators[1].subtasks.clear();
  AddSubtaskState(metadata, subtasks[1]);
  AddSubtaskState(metadata, subtasks[0]);
  EXPECT_EQ(metadata, TestMetadata(kFolder));
}

TEST(CheckpointMetadata, CountsTheBytesOfState) {
  EXPECT_EQ(StateBytes(TestMetadata(kFolder)), 4u + 1u + 90u + 8u + 300u + 10u + 5u);
}

}  // namespace
}  // namespace weir
