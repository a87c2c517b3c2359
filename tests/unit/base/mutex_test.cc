#include "weir/base/mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(Mutex, KeepsOthersOut) {
  Mutex mutex;
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        MutexLock lock(mutex);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 4000);
}

TEST(MutexLock, LetsGoEarly) {
  Mutex mutex;
  MutexLock lock(mutex);
  lock.Unlock();
  bool is_free = false;
  if (mutex.TryLock()) {
    is_free = true;
    mutex.Unlock();
  }
  EXPECT_TRUE(is_free);
}

TEST(CondVar, WakesTheWaiter) {
  Mutex mutex;
  CondVar changed;
  bool ready = false;
  std::thread setter([&] {
    MutexLock lock(mutex);
    ready = true;
    changed.NotifyAll();
  });
  {
    MutexLock lock(mutex);
    while (!ready) changed.Wait(mutex);
  }
  setter.join();
}

TEST(CondVar, TimesOut) {
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  while (never.WaitFor(mutex, 1ms)) continue;  // a wake-up without reason is allowed
}

}  // namespace
}  // namespace weir
