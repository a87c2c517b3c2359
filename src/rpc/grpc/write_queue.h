// Messages that leave by a gRPC stream, which takes one at a time.
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "weir/base/mutex.h"
#include "weir/rpc/wire/message_sequence.h"
#include "weir/rpc/wire/task_manager_messages.h"

namespace weir {

// Threads: any. Outlives its stream: what is sent after Close is dropped.
template <class Message>
class WriteQueue final : public MessageSink<Message> {
 public:
  // `start_write` begins to write one message, which stays where it is until Written; not called any more after Close.
  explicit WriteQueue(std::function<void(const Message*)> start_write) : start_write_(std::move(start_write)) {}

  void Send(const Message& message) override {
    MutexLock lock(mutex_);
    if (is_closed_) return;
    queue_.push_back(message);
    queue_.back().set_sequence(numbers_.Next());
    if (queue_.size() == 1) start_write_(&queue_.front());
  }

  // The stream has taken the message. False: the queue is closed and nothing is being written any more.
  bool Written(bool ok) {
    MutexLock lock(mutex_);
    if (!queue_.empty()) queue_.pop_front();
    if (!ok) is_closed_ = true;
    if (is_closed_) {
      queue_.clear();
      return false;
    }
    if (!queue_.empty()) start_write_(&queue_.front());
    return true;
  }

  // Nothing more is written but what the stream has now. True: that is nothing.
  bool Close() {
    MutexLock lock(mutex_);
    is_closed_ = true;
    return queue_.empty();
  }

 private:
  const std::function<void(const Message*)> start_write_;
  Mutex mutex_;
  SequenceNumbers numbers_ WEIR_GUARDED_BY(mutex_);
  std::deque<Message> queue_ WEIR_GUARDED_BY(mutex_);  // the first is being written
  bool is_closed_ WEIR_GUARDED_BY(mutex_) = false;
};

}  // namespace weir
