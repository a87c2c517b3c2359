#include "weir/runtime/network/remote/frame_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "weir/base/random.h"

namespace weir {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;

// All that the writer has to send.
std::string Drain(FrameWriter& writer) {
  std::string bytes;
  while (writer.waiting_bytes() > 0) {
    iovec places[FrameWriter::kMostPlaces];
    const int count = writer.Gather(places);
    size_t sent = 0;
    for (int i = 0; i < count; ++i) {
      bytes.append(static_cast<const char*>(places[i].iov_base), places[i].iov_len);
      sent += places[i].iov_len;
    }
    writer.Sent(sent);
  }
  return bytes;
}

// Gives `bytes` to the reader in pieces of at most `most`, and collects the payloads.
Status Feed(FrameReader& reader, std::string_view bytes, size_t most, std::vector<std::string>& payloads) {
  FrameReader::OnFrame on_frame = [&payloads](const FrameHeader&, Bytes* payload) {
    payloads.emplace_back(payload == nullptr ? "" : ViewOf(*payload));
    if (payload != nullptr) payload->Release();
    return OkStatus();
  };
  while (!bytes.empty()) {
    iovec places[FrameReader::kPlaces];
    const int count = reader.Places(places);
    size_t left = std::min(most, bytes.size()), given = 0;
    for (int i = 0; i < count && left > 0; ++i) {
      const size_t here = std::min(left, places[i].iov_len);
      std::memcpy(places[i].iov_base, bytes.data(), here);
      bytes.remove_prefix(here);
      left -= here;
      given += here;
    }
    WEIR_RETURN_IF_ERROR(reader.Take(given, on_frame));
  }
  return OkStatus();
}

std::vector<std::string> RandomPayloads(SeededRandom& random, int count) {
  std::vector<std::string> payloads;
  for (int i = 0; i < count; ++i) {
    const size_t most = random.Uniform(4) == 0 ? 60'000 : 40;
    payloads.emplace_back(random.Uniform(most), static_cast<char>('a' + i % 26));
  }
  return payloads;
}

// What comes out of a reader that takes at most so many bytes at a time.
std::vector<std::string> SentAndReceived(const std::vector<std::string>& payloads, size_t most) {
  FrameWriter writer(true);
  for (const std::string& payload : payloads) writer.Append({.kind = FrameKind::kData}, payload);
  WireBuffers buffers;
  FrameReader reader(&buffers, 0);
  std::vector<std::string> got;
  EXPECT_TRUE(Feed(reader, Drain(writer), most, got).ok()) << most;
  return got;
}

TEST(FrameStream, FramesComeOutAsTheyWentInHoweverTheBytesAreCut) {
  SeededRandom random(7);
  for (size_t most : {size_t{1}, size_t{31}, size_t{33}, size_t{5'000}, size_t{1} << 20}) {
    const std::vector<std::string> sent = RandomPayloads(random, most == 1 ? 20 : 200);
    EXPECT_THAT(SentAndReceived(sent, most), ElementsAreArray(sent)) << most;
  }
}

TEST(FrameStream, LargePayloadsComeOutAsTheyWentIn) {
  SeededRandom random(11);
  std::vector<std::string> sent;
  for (const size_t size : {size_t{5'000'000}, size_t{1} << 20, (size_t{2} << 20) + 1, size_t{3}}) {
    sent.emplace_back(size, 'x');
    for (size_t at = 0; at < size; at += 1'000) sent.back()[at] = static_cast<char>(random.Uniform(256));
  }
  for (const size_t most : {size_t{3'333}, size_t{1} << 19, size_t{1} << 30}) {
    EXPECT_TRUE(SentAndReceived(sent, most) == sent) << most;
  }
}

TEST(FrameStream, AHeaderReservesNoMemoryForWhatDoesNotCome) {
  const FrameHeader header{.kind = FrameKind::kData, .length = kMaxFramePayload};
  std::string bytes(kFrameHeaderBytes, 0);
  EncodeFrameHeader(header, bytes.data());
  bytes.append(3 << 20, 'x');
  WireBuffers buffers;
  FrameReader reader(&buffers, 0);
  std::vector<std::string> got;
  ASSERT_TRUE(Feed(reader, bytes, size_t{1} << 30, got).ok());
  iovec places[FrameReader::kPlaces];
  ASSERT_EQ(reader.Places(places), 1);
  EXPECT_LE(places[0].iov_len, size_t{8} << 20);
}

TEST(FrameStream, AWriterGoesOnInTheMiddleOfAFrame) {
  FrameWriter writer(false);
  writer.Append({.kind = FrameKind::kData}, std::string("hello"));
  writer.Append({.kind = FrameKind::kData}, std::string("world"));
  std::string bytes;
  while (writer.waiting_bytes() > 0) {
    iovec places[FrameWriter::kMostPlaces];
    writer.Gather(places);
    bytes.push_back(*static_cast<const char*>(places[0].iov_base));
    writer.Sent(1);
  }
  WireBuffers buffers;
  FrameReader reader(&buffers, 0);
  std::vector<std::string> got;
  EXPECT_TRUE(Feed(reader, bytes, bytes.size(), got).ok());
  EXPECT_THAT(got, ElementsAreArray({"hello", "world"}));
}

TEST(FrameStream, AFrameThatIsMissingOrDoubledIsNoticed) {
  FrameWriter writer(false);
  for (int i = 0; i < 3; ++i) writer.Append({.kind = FrameKind::kCredit}, nullptr);
  const std::string bytes = Drain(writer);
  for (const std::string& damaged : {bytes.substr(0, kFrameHeaderBytes) + bytes.substr(2 * kFrameHeaderBytes),
                                     bytes.substr(0, kFrameHeaderBytes) + bytes, bytes.substr(kFrameHeaderBytes)}) {
    WireBuffers buffers;
    FrameReader reader(&buffers, 0);
    std::vector<std::string> got;
    const Status status = Feed(reader, damaged, damaged.size(), got);
    EXPECT_EQ(status.code(), StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), HasSubstr("expected was number"));
  }
}

TEST(FrameStream, AnyByteThatIsDamagedIsNoticedWhenPayloadsHaveChecksums) {
  FrameWriter writer(true);
  writer.Append({.kind = FrameKind::kData}, std::string(100, 'x'));
  const std::string good = Drain(writer);
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x20);
    WireBuffers buffers;
    FrameReader reader(&buffers, 0);
    std::vector<std::string> got;
    EXPECT_FALSE(Feed(reader, bad, bad.size(), got).ok()) << at;
    EXPECT_TRUE(got.empty());
  }
}

}  // namespace
}  // namespace weir
