#include "weir/jobmanager/rest/rest_threads.h"

#include <httplib.h>

#include <chrono>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "weir/base/execution/thread.h"
#include "weir/base/execution/thread_turns.h"
#include "weir/base/mutex.h"

namespace weir {

namespace {

// A hundred people with a page open each, and tools besides; beyond that connections wait for the end of others.
constexpr size_t kMostThreads = 128;
// An answer takes less than a millisecond.
constexpr std::chrono::microseconds kTurn{500};

class RestThreads final : public httplib::TaskQueue {
 public:
  ~RestThreads() override { Stop(); }

  void enqueue(std::function<void()> connection) override {
    MutexLock lock(mutex_);
    waiting_.push_back(std::move(connection));
    if (idle_ < waiting_.size() && threads_.size() < kMostThreads) {
      threads_.emplace_back("weir-rest-" + std::to_string(threads_.size()), [this] { Serve(); });
    } else {
      changed_.NotifyOne();
    }
  }

  void shutdown() override { Stop(); }

 private:
  void Serve() {
    AskForShortTurns(kTurn);
    while (std::function<void()> connection = Next()) connection();
  }

  // Empty: no more will come.
  std::function<void()> Next() {
    MutexLock lock(mutex_);
    ++idle_;
    while (waiting_.empty() && !is_stopping_) changed_.Wait(mutex_);
    --idle_;
    if (waiting_.empty()) return nullptr;
    std::function<void()> connection = std::move(waiting_.front());
    waiting_.pop_front();
    return connection;
  }

  void Stop() {
    std::vector<Thread> threads;
    {
      MutexLock lock(mutex_);
      is_stopping_ = true;
      threads.swap(threads_);
      changed_.NotifyAll();
    }
    for (Thread& thread : threads) thread.Join();
  }

  Mutex mutex_;
  CondVar changed_;
  std::deque<std::function<void()>> waiting_ WEIR_GUARDED_BY(mutex_);
  std::vector<Thread> threads_ WEIR_GUARDED_BY(mutex_);
  size_t idle_ WEIR_GUARDED_BY(mutex_) = 0;
  bool is_stopping_ WEIR_GUARDED_BY(mutex_) = false;
};

}  // namespace

httplib::TaskQueue* NewRestThreads() { return new RestThreads(); }

}  // namespace weir
