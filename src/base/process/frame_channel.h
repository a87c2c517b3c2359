// Messages over a connected stream socket: a length of 4 bytes, little-endian, then that many bytes.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "weir/base/execution/thread.h"
#include "weir/base/mutex.h"
#include "weir/base/status.h"

namespace weir {

// Longer frames are damage: no plan comes near it.
constexpr size_t kMaxFrameBytes = size_t{1} << 30;

// Told what comes. On the channel's thread; must not block for long, since nothing is sent meanwhile.
class FrameHandler {
 public:
  virtual ~FrameHandler() = default;
  virtual void OnFrame(std::string_view frame) = 0;
  // A file descriptor has come, before the frame that it was sent with; it is the handler's to close.
  virtual void OnDescriptor(int descriptor);
  // Once, last: OK when the other side has closed, else what is wrong with the connection.
  virtual void OnClosed(Status status) = 0;
};

// Threads: any, the destructor not from the channel's own.
class FrameChannel {
 public:
  // Takes over the socket. `handler` must outlive the channel. `name` shows in tools.
  FrameChannel(int socket, const std::string& name, FrameHandler* handler);
  // Closes the socket, whatever is still to be sent; OnClosed does not come any more after it.
  ~FrameChannel();
  FrameChannel(const FrameChannel&) = delete;
  FrameChannel& operator=(const FrameChannel&) = delete;

  // Queues the frame. Never waits; after the connection has ended it does nothing. With it goes `descriptor`, if there is one, which is closed here; only
  // Unix sockets carry them.
  void Send(std::string_view frame, int descriptor = -1);
  // Waits until all that was queued is with the kernel, or the connection has ended.
  void Flush();

 private:
  // Bytes to send, and what goes with the first of them.
  struct Piece {
    std::string bytes = {};
    int descriptor = -1;
  };
  void Run();
  Status ReadSome();
  ssize_t Receive(char* into, size_t size);
  ssize_t SendPiece();
  Status WriteSome();
  bool HasOutput();
  void Wake() const;
  void EndWith(Status status);

  const int socket_;
  const int wake_fd_;
  FrameHandler* const handler_;
  std::string input_;  // the thread's own: what has come of the next frames
  Piece sending_;      // the thread's own: what is being sent
  size_t sent_ = 0;    // of sending_
  Mutex mutex_;
  CondVar drained_;
  std::deque<Piece> queued_ WEIR_GUARDED_BY(mutex_);
  bool is_sending_ WEIR_GUARDED_BY(mutex_) = false;
  bool ended_ WEIR_GUARDED_BY(mutex_) = false;
  bool stopping_ WEIR_GUARDED_BY(mutex_) = false;
  Thread thread_;
};

}  // namespace weir
