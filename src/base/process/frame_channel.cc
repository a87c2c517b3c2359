#include "weir/base/process/frame_channel.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "weir/base/coding.h"
#include "weir/base/errno_status.h"

namespace weir {
namespace {

constexpr size_t kHeaderBytes = sizeof(uint32_t);
// Two pages' worth of small messages per call; plans take several.
constexpr size_t kReadBytes = size_t{64} << 10;

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
}

void FrameChannel::Wake() const {
  const uint64_t one = 1;
  // A counter that is full has woken the thread already.
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
}

void FrameChannel::Send(std::string_view frame) {
  {
    MutexLock lock(mutex_);
    if (ended_) return;
    char header[kHeaderBytes];
    StoreLittleEndian(header, static_cast<uint32_t>(frame.size()));
    queued_.append(header, sizeof(header));
    queued_.append(frame);
  }
  Wake();
}

void FrameChannel::Flush() {
  MutexLock lock(mutex_);
  while (!ended_ && (!queued_.empty() || is_sending_)) drained_.Wait(mutex_);
}

bool FrameChannel::HasOutput() {
  if (sent_ < sending_.size()) return true;
  sent_ = 0;
  sending_.clear();
  MutexLock lock(mutex_);
  sending_.swap(queued_);
  is_sending_ = !sending_.empty();
  if (!is_sending_) drained_.NotifyAll();
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

Status FrameChannel::WriteSome() {
  const ssize_t written = send(socket_, sending_.data() + sent_, sending_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (written >= 0) {
    sent_ += static_cast<size_t>(written);
    return OkStatus();
  }
  // A reader that is gone is noticed by the end of what it sent.
  if (errno == EAGAIN || errno == EINTR) return OkStatus();
  if (errno == EPIPE || errno == ECONNRESET) return OutOfRangeError("closed");
  return ErrnoError(errno, "cannot send");
}

// kOutOfRange: the other side has closed.
Status FrameChannel::ReadSome() {
  const size_t before = input_.size();
  input_.resize(before + kReadBytes);
  const ssize_t got = recv(socket_, input_.data() + before, kReadBytes, MSG_DONTWAIT);
  input_.resize(before + (got > 0 ? static_cast<size_t>(got) : 0));
  if (got == 0 || (got < 0 && errno == ECONNRESET)) return OutOfRangeError("closed");
  if (got < 0) return errno == EAGAIN || errno == EINTR ? OkStatus() : ErrnoError(errno, "cannot receive");
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
