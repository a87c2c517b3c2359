#include "weir/runtime/network/remote/network_frame.h"

#include <cstring>

#include "weir/base/check.h"
#include "weir/base/coding.h"
#include "weir/base/hash.h"

namespace weir {
namespace {

constexpr uint16_t kMagic = 0x4657;  // "WF"
constexpr uint16_t kChecksumFlag = 1;
constexpr size_t kMagicAt = 0, kVersionAt = 2, kKindAt = 3, kChannelAt = 4, kLengthAt = 8, kArgumentAt = 12,
                 kSequenceAt = 16, kFlagsAt = 20, kReservedAt = 22, kPayloadChecksumAt = 24, kHeaderChecksumAt = 28;

uint32_t HeaderChecksum(const char* bytes) { return static_cast<uint32_t>(HashBytes(bytes, kHeaderChecksumAt)); }

Status Broken(const std::string& what) { return DataLossError("broken frame: " + what); }

void PutId(ByteWriter& out, const Id128& id) {
  out.PutU64(id.high);
  out.PutU64(id.low);
}

Id128 GetId(ByteReader& in) {
  Id128 id;
  id.high = in.GetU64();
  id.low = in.GetU64();
  return id;
}

}  // namespace

void EncodeFrameHeader(const FrameHeader& header, char* to) {
  StoreLittleEndian(to + kMagicAt, kMagic);
  StoreLittleEndian(to + kVersionAt, static_cast<uint8_t>(kDataProtocolVersion));
  StoreLittleEndian(to + kKindAt, static_cast<uint8_t>(header.kind));
  StoreLittleEndian(to + kChannelAt, header.channel);
  StoreLittleEndian(to + kLengthAt, header.length);
  StoreLittleEndian(to + kArgumentAt, header.argument);
  StoreLittleEndian(to + kSequenceAt, header.sequence);
  StoreLittleEndian(to + kFlagsAt, static_cast<uint16_t>(header.has_checksum ? kChecksumFlag : 0));
  StoreLittleEndian(to + kReservedAt, uint16_t{0});
  StoreLittleEndian(to + kPayloadChecksumAt, header.has_checksum ? header.payload_checksum : 0);
  StoreLittleEndian(to + kHeaderChecksumAt, HeaderChecksum(to));
}

StatusOr<FrameHeader> DecodeFrameHeader(const char* bytes) {
  const auto magic = LoadLittleEndian<uint16_t>(bytes + kMagicAt);
  if (magic != kMagic) return Broken("it does not begin as frames of the data plane do");
  // Before the checksum: that is the version's affair too.
  const auto version = LoadLittleEndian<uint8_t>(bytes + kVersionAt);
  if (version != kDataProtocolVersion) {
    return FailedPreconditionError(
        "the peer speaks version " + std::to_string(version) + " of the data plane's protocol, this process version " +
        std::to_string(kDataProtocolVersion) + "; run the same version of Weir on all machines of a cluster");
  }
  if (LoadLittleEndian<uint32_t>(bytes + kHeaderChecksumAt) != HeaderChecksum(bytes))
    return Broken("the checksum of its header is wrong");
  const auto kind = LoadLittleEndian<uint8_t>(bytes + kKindAt);
  const auto flags = LoadLittleEndian<uint16_t>(bytes + kFlagsAt);
  FrameHeader header;
  header.channel = LoadLittleEndian<uint32_t>(bytes + kChannelAt);
  header.length = LoadLittleEndian<uint32_t>(bytes + kLengthAt);
  header.argument = LoadLittleEndian<uint32_t>(bytes + kArgumentAt);
  header.sequence = LoadLittleEndian<uint32_t>(bytes + kSequenceAt);
  header.has_checksum = (flags & kChecksumFlag) != 0;
  header.payload_checksum = LoadLittleEndian<uint32_t>(bytes + kPayloadChecksumAt);
  if (kind < kFirstFrameKind || kind > kLastFrameKind) return Broken("kind " + std::to_string(kind));
  if ((flags & ~kChecksumFlag) != 0) return Broken("flags " + std::to_string(flags));
  if (header.length > kMaxFramePayload) return Broken("a payload of " + std::to_string(header.length) + " bytes");
  header.kind = static_cast<FrameKind>(kind);
  return header;
}

uint32_t PayloadChecksum(std::string_view payload) { return static_cast<uint32_t>(HashBytes(payload)); }

Status CheckPayload(const FrameHeader& header, std::string_view payload) {
  if (!header.has_checksum || header.payload_checksum == PayloadChecksum(payload)) return OkStatus();
  return Broken("the checksum of its " + std::to_string(payload.size()) + " bytes is wrong");
}

std::string EncodeHello(const DataHello& hello) {
  ByteWriter out;
  out.PutU32(hello.protocol);
  PutId(out, hello.job_id.value());
  out.PutString(hello.token);
  out.PutString(hello.from.value());
  out.PutString(hello.to.value());
  return std::move(out).Take();
}

StatusOr<DataHello> DecodeHello(std::string_view payload) {
  ByteReader in(payload, "hello of a data connection");
  DataHello hello;
  hello.protocol = in.GetU32();
  hello.job_id = JobId(GetId(in));
  hello.token = std::string(in.GetString());
  hello.from = TaskManagerId(std::string(in.GetString()));
  hello.to = TaskManagerId(std::string(in.GetString()));
  WEIR_RETURN_IF_ERROR(in.Finish());
  return hello;
}

std::string EncodeRefusal(const Status& why) {
  ByteWriter out;
  out.PutU32(static_cast<uint32_t>(why.code()));
  out.PutString(why.message());
  return std::move(out).Take();
}

Status DecodeRefusal(std::string_view payload) {
  ByteReader in(payload, "refusal of a data connection");
  const uint32_t code = in.GetU32();
  const std::string message(in.GetString());
  WEIR_RETURN_IF_ERROR(in.Finish());
  const bool is_error = code > 0 && code <= static_cast<uint32_t>(StatusCode::kDataLoss);
  return Status(is_error ? static_cast<StatusCode>(code) : StatusCode::kUnknown, message);
}

std::string EncodeOpen(const ChannelId& channel) {
  ByteWriter out;
  PutId(out, channel.producer.value());
  out.PutI32(channel.result);
  out.PutI32(channel.subpartition);
  return std::move(out).Take();
}

StatusOr<ChannelId> DecodeOpen(std::string_view payload) {
  ByteReader in(payload, "name of a channel");
  ChannelId channel;
  channel.producer = ExecutionAttemptId(GetId(in));
  channel.result = in.GetI32();
  channel.subpartition = in.GetI32();
  WEIR_RETURN_IF_ERROR(in.Finish());
  return channel;
}

std::string EncodeEvent(const StreamEvent& event) {
  ByteWriter out;
  out.PutU8(static_cast<uint8_t>(event.kind));
  out.PutBool(event.stops);
  out.PutBool(event.overtakes);
  out.PutI64(event.checkpoint_id);
  return std::move(out).Take();
}

StatusOr<StreamEvent> DecodeEvent(std::string_view payload) {
  ByteReader in(payload, "event of a channel");
  StreamEvent event;
  const uint8_t kind = in.GetU8();
  if (kind > static_cast<uint8_t>(StreamEvent::Kind::kEndOfData)) in.Reject();
  event.kind = static_cast<StreamEvent::Kind>(kind);
  event.stops = in.GetBool();
  event.overtakes = in.GetBool();
  event.checkpoint_id = in.GetI64();
  WEIR_RETURN_IF_ERROR(in.Finish());
  return event;
}

std::string EncodeAnnouncement(int64_t checkpoint_id) {
  ByteWriter out;
  out.PutI64(checkpoint_id);
  return std::move(out).Take();
}

StatusOr<int64_t> DecodeAnnouncement(std::string_view payload) {
  ByteReader in(payload, "announcement of a barrier");
  const int64_t checkpoint_id = in.GetI64();
  WEIR_RETURN_IF_ERROR(in.Finish());
  return checkpoint_id;
}

std::string EncodeFrame(FrameHeader header, std::string_view payload) {
  WEIR_CHECK(payload.size() <= kMaxFramePayload) << payload.size();
  header.length = static_cast<uint32_t>(payload.size());
  if (header.has_checksum) header.payload_checksum = PayloadChecksum(payload);
  std::string frame(kFrameHeaderBytes, '\0');
  EncodeFrameHeader(header, frame.data());
  return frame.append(payload);
}

}  // namespace weir
