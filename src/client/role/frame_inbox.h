// What comes from a socket, for a thread that waits for it.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "weir/base/mutex.h"
#include "weir/base/net/descriptor.h"
#include "weir/base/process/frame_channel.h"
#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

// Threads: the channel's puts, one other takes.
class FrameInbox final : public FrameHandler {
 public:
  enum class Kind : uint8_t { kFrame, kTimeout, kClosed };
  struct Item {
    Kind kind = Kind::kTimeout;
    std::string frame = {};
  };

  // Waits at most `timeout`; none: as long as it takes.
  Item Take(std::optional<Duration> timeout) {
    MutexLock lock(mutex_);
    while (frames_.empty() && !is_closed_) {
      if (!timeout.has_value()) {
        changed_.Wait(mutex_);
        continue;
      }
      changed_.WaitFor(mutex_, *timeout);
      break;  // a wake-up without reason only makes the wait shorter
    }
    if (frames_.empty()) return {is_closed_ ? Kind::kClosed : Kind::kTimeout};
    Item item{Kind::kFrame, std::move(frames_.front())};
    frames_.pop_front();
    return item;
  }

  // Once it is closed: OK if the other side has closed it, else what is wrong with what it has sent.
  Status end() {
    MutexLock lock(mutex_);
    return end_;
  }

  // The next descriptor that came, in the order of the frames that it came with; not open if there is none.
  Descriptor TakeDescriptor() {
    MutexLock lock(mutex_);
    if (descriptors_.empty()) return Descriptor();
    Descriptor first = std::move(descriptors_.front());
    descriptors_.pop_front();
    return first;
  }

  void OnDescriptor(int descriptor) override {
    MutexLock lock(mutex_);
    descriptors_.emplace_back(descriptor);
  }
  void OnFrame(std::string_view frame) override {
    MutexLock lock(mutex_);
    frames_.emplace_back(frame);
    changed_.NotifyAll();
  }
  void OnClosed(Status status) override {
    MutexLock lock(mutex_);
    is_closed_ = true;
    end_ = std::move(status);
    changed_.NotifyAll();
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::deque<std::string> frames_ WEIR_GUARDED_BY(mutex_);
  std::deque<Descriptor> descriptors_ WEIR_GUARDED_BY(mutex_);
  bool is_closed_ WEIR_GUARDED_BY(mutex_) = false;
  Status end_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
