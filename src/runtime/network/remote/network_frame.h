// Frames of the data plane, as bytes: docs/formats/network_frame.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/rpc/task_deployment.h"
#include "weir/runtime/network/stream_event.h"

namespace weir {

// Rises when a peer that ignores what it does not know would do the wrong thing.
inline constexpr uint32_t kDataProtocolVersion = 2;
inline constexpr size_t kFrameHeaderBytes = 32;
// Longer payloads are damage: a batch is at most some buffers' worth of views.
inline constexpr uint32_t kMaxFramePayload = 1u << 30;
// A hello names two TaskManagers; longer ones are none.
inline constexpr uint32_t kMaxHelloPayload = 4096;

enum class FrameKind : uint8_t {
  kHello = 1,     // first, from who connected
  kWelcome = 2,   // the answer
  kRefused = 3,   // or this, and the connection ends
  kOpen = 4,      // consumer: send me this channel, under this number
  kData = 5,      // producer: one batch
  kEvent = 6,     // producer: barrier, idle, active, end of data
  kCredit = 7,    // consumer: so many bytes more
  kClose = 8,     // consumer: nobody reads this channel any more
  kAnnounce = 9,  // producer: a barrier that overtakes waits behind what is to come
};
inline constexpr uint8_t kFirstFrameKind = 1;
inline constexpr uint8_t kLastFrameKind = 9;

struct FrameHeader {
  FrameKind kind = FrameKind::kHello;
  // The consumer's number of the channel; 0 in frames that are about none.
  uint32_t channel = 0;
  uint32_t length = 0;    // of the payload
  uint32_t argument = 0;  // kData: bytes that wait behind it. kOpen, kCredit: bytes granted
  // Of this kind of sender on this connection, from 0: a frame that is lost or doubled is noticed.
  uint32_t sequence = 0;
  bool has_checksum = false;  // of the payload
  uint32_t payload_checksum = 0;

  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

// Writes kFrameHeaderBytes.
void EncodeFrameHeader(const FrameHeader& header, char* to);
// kDataLoss, saying what is wrong, if these bytes are no header. kFailedPrecondition: they are one of another version.
StatusOr<FrameHeader> DecodeFrameHeader(const char* bytes);
// Of a payload: the low half of its XXH3.
uint32_t PayloadChecksum(std::string_view payload);
// kDataLoss if the payload is not what was sent.
Status CheckPayload(const FrameHeader& header, std::string_view payload);

// Who connects, to whom, and why that is allowed.
struct DataHello {
  uint32_t protocol = kDataProtocolVersion;
  JobId job_id = {};
  std::string token = {};  // of the job: what its workers have from their TaskManagers
  TaskManagerId from = {};
  TaskManagerId to = {};

  friend bool operator==(const DataHello&, const DataHello&) = default;
};
std::string EncodeHello(const DataHello& hello);
StatusOr<DataHello> DecodeHello(std::string_view payload);

std::string EncodeRefusal(const Status& why);
// What the other side said, or kDataLoss.
Status DecodeRefusal(std::string_view payload);

std::string EncodeOpen(const ChannelId& channel);
StatusOr<ChannelId> DecodeOpen(std::string_view payload);

std::string EncodeEvent(const StreamEvent& event);
StatusOr<StreamEvent> DecodeEvent(std::string_view payload);

// Of a checkpoint, or LocalChannel::kEndAnnounced.
std::string EncodeAnnouncement(int64_t checkpoint_id);
StatusOr<int64_t> DecodeAnnouncement(std::string_view payload);

// A whole frame, for those that are sent before anything else on a connection.
std::string EncodeFrame(FrameHeader header, std::string_view payload);

}  // namespace weir
