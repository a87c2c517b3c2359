// Frames out of the bytes of a connection, and into them; nothing of sockets.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "weir/base/status.h"
#include "weir/base/unique_function.h"
#include "weir/runtime/network/remote/network_frame.h"
#include "weir/runtime/network/wire_buffer.h"

namespace weir {

// Takes what a socket delivers, in whatever pieces. Large payloads are received where they stay; memory for them is taken as they come.
//
//   iovec places[FrameReader::kPlaces];
//   const ssize_t got = readv(socket, places, reader.Places(places));
//   status = reader.Take(got, [&](const FrameHeader& header, Bytes* payload) { ... });
class FrameReader {
 public:
  static constexpr int kPlaces = 2;
  // Gets a frame; `payload` is its own to release, null if there is none.
  using OnFrame = UniqueFunction<Status(const FrameHeader& header, Bytes* payload)>;

  // `first_sequence`: the number of the first frame that comes.
  FrameReader(WireBuffers* buffers, uint32_t first_sequence);
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;
  ~FrameReader();

  // Where the next bytes are to be written; valid until the next Take. Returns how many places there are.
  int Places(iovec* places);
  // `received` bytes have been written there. The first error of a frame, or of `on_frame`, ends it.
  Status Take(size_t received, OnFrame& on_frame);

 private:
  Status Parse(OnFrame& on_frame);
  Status Begin(const FrameHeader& header);
  Status Finish(OnFrame& on_frame);
  // For bytes of the payload that are to come, at least one if any is; returns for how many.
  size_t MakeRoom();
  size_t missing() const { return payload_ == nullptr ? 0 : header_.length - filled_; }

  WireBuffers* const buffers_;
  uint32_t sequence_;
  const std::unique_ptr<char[]> staging_;  // headers, and the beginnings of payloads
  size_t begin_ = 0;                       // of what is not parsed yet
  size_t end_ = 0;
  FrameHeader header_;
  WireBuffer* payload_ = nullptr;  // being received
  size_t filled_ = 0;
};

// Keeps frames until the socket takes them.
class FrameWriter {
 public:
  static constexpr int kMostPlaces = 64;

  // Payloads get checksums if `has_checksums`.
  explicit FrameWriter(bool has_checksums) : has_checksums_(has_checksums) {}
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;
  ~FrameWriter();

  // Takes one reference of `payload`, which may be null.
  void Append(FrameHeader header, Bytes* payload);
  void Append(FrameHeader header, const std::string& payload);

  // Up to kMostPlaces pieces of what is to be sent next; returns how many.
  int Gather(iovec* places) const;
  // The socket has taken `sent` bytes of them.
  void Sent(size_t sent);
  size_t waiting_bytes() const { return waiting_bytes_; }

 private:
  struct Frame {
    char header[kFrameHeaderBytes] = {};
    std::string copied = {};
    Bytes* shared = nullptr;

    std::string_view payload() const { return shared != nullptr ? ViewOf(*shared) : std::string_view(copied); }
  };
  void Queue(FrameHeader header, Frame frame);

  const bool has_checksums_;
  uint32_t sequence_ = 0;
  std::deque<Frame> frames_;
  size_t sent_of_first_ = 0;
  size_t waiting_bytes_ = 0;
};

}  // namespace weir
