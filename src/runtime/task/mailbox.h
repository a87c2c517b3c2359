// How other threads reach a task.
#pragma once

#include <atomic>
#include <vector>

#include "weir/base/execution/event_count.h"
#include "weir/base/mutex.h"
#include "weir/runtime/operators/operator.h"

namespace weir {

// Letters from any thread, run by the task between two steps, in order.
class Mailbox final : public OperatorMailbox {
 public:
  // `owner` parks the task's executor.
  explicit Mailbox(EventCount* owner) : owner_(owner) {}

  // Any thread.
  void Post(UniqueFunction<void()> letter) override {
    {
      MutexLock lock(mutex_);
      letters_.push_back(std::move(letter));
    }
    // Release: pairs with the acquire in Run; the letter itself is published by the mutex.
    has_mail_.store(true, std::memory_order_release);
    owner_->Notify();
  }

  // The task's thread: runs what has come; one load if nothing has. True if something ran.
  bool Run() {
    if (!has_mail_.load(std::memory_order_acquire)) [[likely]]
      return false;
    std::vector<UniqueFunction<void()>> letters;
    {
      MutexLock lock(mutex_);
      has_mail_.store(false, std::memory_order_relaxed);
      letters.swap(letters_);
    }
    for (auto& letter : letters) letter();
    return true;
  }

 private:
  EventCount* const owner_;
  std::atomic<bool> has_mail_{false};
  Mutex mutex_;
  std::vector<UniqueFunction<void()>> letters_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
