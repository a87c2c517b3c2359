#include "weir/runtime/network/remote/network_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "weir/base/random.h"

#include "tests/harness/hex.h"

namespace weir {
namespace {

using testing::HasSubstr;

FrameHeader Sample() {
  return {.kind = FrameKind::kData,
          .channel = 7,
          .length = 3,
          .argument = 0x01020304,
          .sequence = 9,
          .has_checksum = true,
          .payload_checksum = PayloadChecksum("abc")};
}

std::string Encoded(const FrameHeader& header) {
  std::string bytes(kFrameHeaderBytes, '\0');
  EncodeFrameHeader(header, bytes.data());
  return bytes;
}

// docs/formats/network_frame.md
TEST(NetworkFrame, HasTheBytesThatAreWrittenDown) {
  EXPECT_EQ(Hex(EncodeFrame(Sample(), "abc")),
            "57460205"
            "07000000"
            "03000000"
            "04030201"
            "09000000"
            "0100"
            "0000"
            "50392f89"
            "8bf52876"
            "616263");
  const ChannelId channel{.producer = ExecutionAttemptId(Id128{1, 2}), .result = 3, .subpartition = 4};
  EXPECT_EQ(Hex(EncodeOpen(channel)),
            "0100000000000000"
            "0200000000000000"
            "03000000"
            "04000000");
  const StreamEvent barrier{.kind = StreamEvent::Kind::kBarrier, .stops = false, .overtakes = true, .checkpoint_id = 5};
  EXPECT_EQ(Hex(EncodeEvent(barrier)),
            "00"
            "00"
            "01"
            "0500000000000000");
  EXPECT_EQ(Hex(EncodeAnnouncement(6)), "0600000000000000");
  const DataHello hello{
      .job_id = JobId(Id128{1, 2}), .token = "t", .from = TaskManagerId("a"), .to = TaskManagerId("b")};
  EXPECT_EQ(Hex(EncodeHello(hello)),
            "02000000"
            "0100000000000000"
            "0200000000000000"
            "0100000074"
            "0100000061"
            "0100000062");
}

TEST(NetworkFrame, ValuesComeBack) {
  EXPECT_EQ(*DecodeFrameHeader(Encoded(Sample()).data()), Sample());
  const DataHello hello{
      .job_id = JobId(Id128{3, 4}), .token = "secret", .from = TaskManagerId("tm-1"), .to = TaskManagerId("tm-2")};
  EXPECT_EQ(*DecodeHello(EncodeHello(hello)), hello);
  const ChannelId channel{.producer = ExecutionAttemptId(Id128{5, 6}), .result = 1, .subpartition = 2};
  EXPECT_EQ(*DecodeOpen(EncodeOpen(channel)), channel);
  const Status refused = DecodeRefusal(EncodeRefusal(PermissionDeniedError("no")));
  EXPECT_EQ(refused.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(refused.message(), "no");
}

TEST(NetworkFrame, AHeaderWithAnyBitFlippedIsRefused) {
  const std::string good = Encoded(Sample());
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(DecodeFrameHeader(bad.data()).ok()) << "bit " << bit;
  }
}

TEST(NetworkFrame, AnotherVersionIsNamed) {
  std::string other = Encoded(Sample());
  other[2] = 9;
  const Status status = DecodeFrameHeader(other.data()).status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("version 9"));
}

TEST(NetworkFrame, AHeaderThatIsRightAndSaysNonsenseIsRefused) {
  FrameHeader header = Sample();
  header.length = kMaxFramePayload + 1;
  EXPECT_THAT(std::string(DecodeFrameHeader(Encoded(header).data()).status().message()), HasSubstr("payload of"));
  header = Sample();
  header.kind = static_cast<FrameKind>(kLastFrameKind + 1);
  EXPECT_THAT(std::string(DecodeFrameHeader(Encoded(header).data()).status().message()), HasSubstr("kind 10"));
}

TEST(NetworkFrame, APayloadThatIsNotWhatWasSentIsRefused) {
  EXPECT_TRUE(CheckPayload(Sample(), "abc").ok());
  EXPECT_EQ(CheckPayload(Sample(), "abd").code(), StatusCode::kDataLoss);
  FrameHeader unchecked = Sample();
  unchecked.has_checksum = false;
  EXPECT_TRUE(CheckPayload(unchecked, "abd").ok());
}

TEST(NetworkFrame, RandomAndShortenedPayloadsNeverCrashADecoder) {
  SeededRandom random(1);
  const std::string hello = EncodeHello({.token = "token", .from = TaskManagerId("a"), .to = TaskManagerId("b")});
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = hello.substr(0, random.Uniform(hello.size() + 1));
    for (char& byte : bytes) {
      if (random.Uniform(4) == 0) byte = static_cast<char>(random.Uniform(256));
    }
    (void)DecodeHello(bytes);
    (void)DecodeOpen(bytes);
    (void)DecodeEvent(bytes);
    (void)DecodeRefusal(bytes);
  }
  for (size_t size = 0; size < hello.size(); ++size) EXPECT_FALSE(DecodeHello(hello.substr(0, size)).ok()) << size;
}

}  // namespace
}  // namespace weir
