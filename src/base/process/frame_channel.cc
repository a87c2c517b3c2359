#include "weir/base/process/frame_channel.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "weir/base/check.h"
#include "weir/base/coding.h"
#include "weir/base/errno_status.h"

namespace weir {
namespace {

constexpr size_t kHeaderBytes = sizeof(uint32_t);
// Two pages' worth of small messages per call; plans take several.
constexpr size_t kReadBytes = size_t{64} << 10;
// Descriptors that come with one read: the kernel gives those of one write at a time, and one goes with a write.
constexpr int kMostDescriptors = 4;

constexpr char kTakenAway[] =
    "a file descriptor of Weir's own has been closed, or taken for something else: the program may close only those "
    "that it has opened itself";

Status SocketError(int error, std::string_view what) {
  if (error == EBADF || error == ENOTSOCK) return FailedPreconditionError(kTakenAway);
  return ErrnoError(error, std::string(what));
}

}  // namespace

FrameChannel::FrameChannel(int socket, const std::string& name, FrameHandler* handler)
    : socket_(socket), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), handler_(handler) {
  thread_ = Thread(name, [this] { Run(); });
}

FrameChannel::~FrameChannel() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.Join();
  close(socket_);
  close(wake_fd_);
  if (sending_.descriptor >= 0) close(sending_.descriptor);
  MutexLock lock(mutex_);
  for (const Piece& piece : queued_) {
    if (piece.descriptor >= 0) close(piece.descriptor);
  }
}

void FrameHandler::OnDescriptor(int descriptor) { close(descriptor); }

void FrameChannel::Wake() const {
  const uint64_t one = 1;
  // A counter that is full has woken the thread already.
  const ssize_t written = write(wake_fd_, &one, sizeof(one));
  // The thread would sleep on, and nobody hear of this process any more.
  WEIR_CHECK(written >= 0 || errno != EBADF) << kTakenAway;
}

void FrameChannel::Send(std::string_view frame, int descriptor) {
  {
    MutexLock lock(mutex_);
    if (ended_) {
      if (descriptor >= 0) close(descriptor);
      return;
    }
    char header[kHeaderBytes];
    StoreLittleEndian(header, static_cast<uint32_t>(frame.size()));
    // A descriptor goes with the first byte of a piece.
    if (queued_.empty() || descriptor >= 0) queued_.push_back({.descriptor = descriptor});
    queued_.back().bytes.append(header, sizeof(header));
    queued_.back().bytes.append(frame);
  }
  Wake();
}

void FrameChannel::Flush() {
  MutexLock lock(mutex_);
  while (!ended_ && (!queued_.empty() || is_sending_)) drained_.Wait(mutex_);
}

bool FrameChannel::HasOutput() {
  if (sent_ < sending_.bytes.size()) return true;
  sent_ = 0;
  sending_ = {};
  MutexLock lock(mutex_);
  is_sending_ = !queued_.empty();
  if (is_sending_) {
    sending_ = std::move(queued_.front());
    queued_.pop_front();
  } else {
    drained_.NotifyAll();
  }
  return is_sending_;
}

void FrameChannel::EndWith(Status status) {
  {
    MutexLock lock(mutex_);
    ended_ = true;
    drained_.NotifyAll();
    if (stopping_) return;
  }
  handler_->OnClosed(std::move(status));
}

void FrameChannel::Run() {
  for (;;) {
    const short wanted = HasOutput() ? POLLIN | POLLOUT : POLLIN;
    pollfd events[2] = {{.fd = socket_, .events = wanted, .revents = 0},
                        {.fd = wake_fd_, .events = POLLIN, .revents = 0}};
    if (poll(events, 2, -1) < 0 && errno != EINTR) return EndWith(ErrnoError(errno, "cannot wait for a socket"));
    if ((events[1].revents & POLLNVAL) != 0) return EndWith(FailedPreconditionError(kTakenAway));
    if (events[1].revents != 0) {
      uint64_t count = 0;
      [[maybe_unused]] const ssize_t got = read(wake_fd_, &count, sizeof(count));
    }
    {
      MutexLock lock(mutex_);
      if (stopping_) break;
    }
    Status status;
    if ((events[0].revents & POLLOUT) != 0) status = WriteSome();
    // What has come is read even when the other side does not take anything any more.
    if ((events[0].revents & ~POLLOUT) != 0) status = ReadSome();
    if (!status.ok()) return EndWith(status.code() == StatusCode::kOutOfRange ? OkStatus() : std::move(status));
  }
  EndWith(OkStatus());
}

ssize_t FrameChannel::SendPiece() {
  iovec bytes = {.iov_base = sending_.bytes.data() + sent_, .iov_len = sending_.bytes.size() - sent_};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  if (sending_.descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &sending_.descriptor, sizeof(int));
  }
  const ssize_t written = sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  // The other process has its own now.
  if (written > 0 && sending_.descriptor >= 0) close(std::exchange(sending_.descriptor, -1));
  return written;
}

Status FrameChannel::WriteSome() {
  const ssize_t written = SendPiece();
  if (written >= 0) {
    sent_ += static_cast<size_t>(written);
    return OkStatus();
  }
  // A reader that is gone is noticed by the end of what it sent.
  if (errno == EAGAIN || errno == EINTR) return OkStatus();
  if (errno == EPIPE || errno == ECONNRESET) return OutOfRangeError("closed");
  return SocketError(errno, "cannot send");
}

ssize_t FrameChannel::Receive(char* into, size_t size) {
  iovec bytes = {.iov_base = into, .iov_len = size};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))];
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  const ssize_t got = recvmsg(socket_, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return got;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    for (size_t at = 0; at + CMSG_LEN(sizeof(int)) <= header->cmsg_len; at += sizeof(int)) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(header) + at, sizeof(int));
      handler_->OnDescriptor(descriptor);
    }
  }
  return got;
}

// kOutOfRange: the other side has closed.
Status FrameChannel::ReadSome() {
  const size_t before = input_.size();
  input_.resize(before + kReadBytes);
  const ssize_t got = Receive(input_.data() + before, kReadBytes);
  input_.resize(before + (got > 0 ? static_cast<size_t>(got) : 0));
  if (got == 0 || (got < 0 && errno == ECONNRESET)) return OutOfRangeError("closed");
  if (got < 0) return errno == EAGAIN || errno == EINTR ? OkStatus() : SocketError(errno, "cannot receive");
  size_t offset = 0;
  while (input_.size() - offset >= kHeaderBytes) {
    const size_t length = LoadLittleEndian<uint32_t>(input_.data() + offset);
    if (length > kMaxFrameBytes) return DataLossError("a frame of " + std::to_string(length) + " bytes");
    if (input_.size() - offset - kHeaderBytes < length) break;
    handler_->OnFrame(std::string_view(input_).substr(offset + kHeaderBytes, length));
    offset += kHeaderBytes + length;
  }
  input_.erase(0, offset);
  return OkStatus();
}

}  // namespace weir
