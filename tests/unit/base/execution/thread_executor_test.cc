#include "weir/base/execution/thread_executor.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <memory>
#include <vector>

#include "weir/base/execution/event_count.h"
#include "weir/base/execution/strand.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Lets the test's thread wait for one signal. It may be gone as soon as the flag is set.
class Signal {
 public:
  void Set() {
    const std::shared_ptr<State> state = state_;
    state->set.store(true, std::memory_order_release);
    state->ready.Notify();
  }
  void Wait() {
    while (!state_->set.load(std::memory_order_acquire)) {
      state_->ready.PrepareWait();
      if (state_->set.load(std::memory_order_acquire)) return state_->ready.CancelWait();
      state_->ready.Wait();
    }
  }

 private:
  struct State {
    std::atomic<bool> set{false};
    EventCount ready;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

TEST(Thread, HasItsNameAndIsJoined) {
  std::string name;
  {
    Thread thread("weir-a-long-name-of-a-thread", [&] {
      char buffer[16];
      pthread_getname_np(pthread_self(), buffer, sizeof(buffer));
      name = buffer;
    });
    EXPECT_TRUE(thread.joinable());
    EXPECT_FALSE(thread.IsCurrent());
  }
  EXPECT_EQ(name, "weir-a-long-nam");
}

TEST(Thread, KnowsThatThereIsACpu) { EXPECT_GE(AvailableCpus(), 1); }

TEST(ThreadExecutor, RunsInOrderOnOneThread) {
  ThreadExecutor executor("loop");
  std::vector<int> order;
  Signal done;
  for (int i = 0; i < 100; ++i) {
    executor.Post([&, i] {
      EXPECT_TRUE(executor.IsCurrent());
      order.push_back(i);
    });
  }
  executor.Post([&] { done.Set(); });
  done.Wait();
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[i], i);
  EXPECT_FALSE(executor.IsCurrent());
}

TEST(ThreadExecutor, TimersRunInOrderOfTheirTimeAndNotBeforeIt) {
  ThreadExecutor executor("loop");
  const int64_t start = executor.clock().MonotonicNanos();
  std::string order;
  int64_t late_at = 0;
  Signal done;
  executor.PostAfter(20ms, [&] {
    order += 'b';
    late_at = executor.clock().MonotonicNanos();
    done.Set();
  });
  executor.PostAfter(5ms, [&] { order += 'a'; });
  done.Wait();
  EXPECT_EQ(order, "ab");
  EXPECT_GE(late_at - start, 20'000'000);
}

TEST(ThreadExecutor, ShutdownDestroysWhatHasNotBegun) {
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> alive = owned;
  Signal begun;
  Signal go;
  ThreadExecutor executor("loop");
  TimerHandle handle = executor.PostAfter(1h, [owned = std::move(owned)] { FAIL(); });
  executor.Post([&] {
    begun.Set();
    go.Wait();
  });
  begun.Wait();
  Thread shutdown("shutdown", [&] { executor.Shutdown(); });
  go.Set();
  shutdown.Join();
  EXPECT_TRUE(alive.expired());
  executor.Post([] { FAIL(); });
  executor.Shutdown();
}

TEST(ThreadExecutor, PoolRunsBlockingClosuresSideBySide) {
  ThreadExecutor pool("pool", 2);
  Signal first;
  Signal second;
  Signal both;
  pool.Post([&] {
    first.Set();
    second.Wait();  // would hang with one thread
    both.Set();
  });
  pool.Post([&] {
    first.Wait();
    second.Set();
  });
  both.Wait();
}

TEST(Strand, OnAPoolRunsOneClosureAtATimeInOrder) {
  ThreadExecutor pool("pool", 3);
  Strand strand(pool);
  std::vector<int> order;  // not guarded: TSan and the values prove the strand does it
  Signal done;
  for (int i = 0; i < 2000; ++i) {
    strand.Post([&, i] { order.push_back(i); });
  }
  strand.Post([&] { done.Set(); });
  done.Wait();
  strand.Stop();
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(order[i], i);
}

TEST(Strand, StopWaitsForTheClosureThatRuns) {
  for (int round = 0; round < 50; ++round) {
    ThreadExecutor pool("pool", 2);
    Strand strand(pool);
    std::atomic<bool> running{false};
    Signal begun;
    strand.Post([&] {
      running.store(true);
      begun.Set();
      for (int i = 0; i < 1000; ++i) strand.stopped();
      running.store(false);
    });
    begun.Wait();
    strand.Stop();
    EXPECT_FALSE(running.load());
  }
}

}  // namespace
}  // namespace weir
