#include "weir/runtime/network/remote/frame_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir {
namespace {

// Many small frames come with one call.
constexpr size_t kStagingBytes = size_t{16} << 10;
// Behind the rest of a large payload: the next header, and no more of its payload than is cheap to copy.
constexpr size_t kBehindPayload = size_t{2} << 10;
// Memory for a payload before any of it has come; more, twice as much each time, comes with its bytes. A header is quickly made up, and would cost a GiB else.
// No batch that is not of one huge record comes near it.
constexpr size_t kRoomAtFirst = size_t{1} << 20;

void AddPlace(iovec* places, int& count, const char* at, size_t size) {
  if (size == 0) return;
  places[count].iov_base = const_cast<char*>(at);
  places[count].iov_len = size;
  ++count;
}

}  // namespace

FrameReader::FrameReader(WireBuffers* buffers, uint32_t first_sequence)
    : buffers_(buffers), sequence_(first_sequence), staging_(new char[kStagingBytes]) {}

FrameReader::~FrameReader() {
  if (payload_ != nullptr) payload_->Release();
}

int FrameReader::Places(iovec* places) {
  // At most a part of a header is left: see Parse.
  std::memmove(staging_.get(), staging_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  int count = 0;
  const size_t rest = missing();
  const size_t room = MakeRoom();
  if (rest > 0) AddPlace(places, count, payload_->data + filled_, room);
  if (room == rest)
    AddPlace(places, count, staging_.get() + end_, rest > kBehindPayload ? kBehindPayload : kStagingBytes - end_);
  return count;
}

size_t FrameReader::MakeRoom() {
  if (payload_ == nullptr) return 0;
  if (filled_ == payload_->used && missing() > 0) {
    payload_->writer.Extend(std::min(missing(), filled_));
    payload_->Seal();
  }
  return payload_->used - filled_;
}

Status FrameReader::Take(size_t received, OnFrame& on_frame) {
  const size_t into_payload = std::min(received, missing());
  filled_ += into_payload;
  end_ += received - into_payload;
  if (payload_ != nullptr && missing() == 0) WEIR_RETURN_IF_ERROR(Finish(on_frame));
  return Parse(on_frame);
}

Status FrameReader::Parse(OnFrame& on_frame) {
  while (end_ - begin_ >= kFrameHeaderBytes) {
    WEIR_ASSIGN_OR_RETURN(const FrameHeader header, DecodeFrameHeader(staging_.get() + begin_));
    begin_ += kFrameHeaderBytes;
    WEIR_RETURN_IF_ERROR(Begin(header));
    filled_ = std::min<size_t>(header.length, end_ - begin_);
    if (filled_ > 0) std::memcpy(payload_->data, staging_.get() + begin_, filled_);
    begin_ += filled_;
    if (missing() > 0) break;
    WEIR_RETURN_IF_ERROR(Finish(on_frame));
  }
  return OkStatus();
}

Status FrameReader::Begin(const FrameHeader& header) {
  if (header.sequence != sequence_) {
    return DataLossError("broken frame: it is number " + std::to_string(header.sequence) + ", expected was number " +
                         std::to_string(sequence_));
  }
  ++sequence_;
  header_ = header;
  if (header.length == 0) return OkStatus();
  payload_ = buffers_->Get();
  payload_->writer.Extend(std::min<size_t>(header.length, kRoomAtFirst));
  payload_->Seal();
  return OkStatus();
}

Status FrameReader::Finish(OnFrame& on_frame) {
  WireBuffer* const payload = std::exchange(payload_, nullptr);
  Status status = payload == nullptr ? OkStatus() : CheckPayload(header_, ViewOf(*payload));
  if (status.ok()) return on_frame(header_, payload);
  payload->Release();
  return status;
}

FrameWriter::~FrameWriter() {
  for (const Frame& frame : frames_) {
    if (frame.shared != nullptr) frame.shared->Release();
  }
}

void FrameWriter::Append(FrameHeader header, Bytes* payload) { Queue(header, Frame{.shared = payload}); }
void FrameWriter::Append(FrameHeader header, const std::string& payload) { Queue(header, Frame{.copied = payload}); }

void FrameWriter::Queue(FrameHeader header, Frame frame) {
  const std::string_view payload = frame.payload();
  header.length = static_cast<uint32_t>(payload.size());
  header.sequence = sequence_++;
  header.has_checksum = has_checksums_ && !payload.empty();
  if (header.has_checksum) header.payload_checksum = PayloadChecksum(payload);
  EncodeFrameHeader(header, frame.header);
  waiting_bytes_ += kFrameHeaderBytes + payload.size();
  frames_.push_back(std::move(frame));
}

int FrameWriter::Gather(iovec* places) const {
  int count = 0;
  size_t skip = sent_of_first_;
  for (const Frame& frame : frames_) {
    if (count + 2 > kMostPlaces) break;
    const std::string_view payload = frame.payload();
    const size_t of_header = std::min(skip, kFrameHeaderBytes);
    AddPlace(places, count, frame.header + of_header, kFrameHeaderBytes - of_header);
    const size_t of_payload = skip - of_header;
    AddPlace(places, count, payload.data() + of_payload, payload.size() - of_payload);
    skip = 0;
  }
  return count;
}

void FrameWriter::Sent(size_t sent) {
  waiting_bytes_ -= sent;
  sent_of_first_ += sent;
  while (!frames_.empty()) {
    const size_t size = kFrameHeaderBytes + frames_.front().payload().size();
    if (sent_of_first_ < size) return;
    sent_of_first_ -= size;
    if (frames_.front().shared != nullptr) frames_.front().shared->Release();
    frames_.pop_front();
  }
}

}  // namespace weir
