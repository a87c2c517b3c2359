#include "weir/base/execution/signal.h"

#include <gtest/gtest.h>

#include <vector>

#include "weir/base/mutex.h"

namespace weir {
namespace {

// What arrived, for a test's thread to wait for.
class Arrivals {
 public:
  void Add(int signal) {
    MutexLock lock(mutex_);
    signals_.push_back(signal);
    changed_.NotifyAll();
  }
  std::vector<int> WaitFor(size_t count) {
    MutexLock lock(mutex_);
    while (signals_.size() < count) changed_.Wait(mutex_);
    return signals_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<int> signals_ WEIR_GUARDED_BY(mutex_);
};

TEST(SignalListener, CallsBackInsteadOfEndingTheProcess) {
  Arrivals arrivals;
  SignalListener listener({SIGTERM, SIGINT}, [&](int signal) { arrivals.Add(signal); });
  raise(SIGTERM);
  arrivals.WaitFor(1);
  raise(SIGINT);
  EXPECT_EQ(arrivals.WaitFor(2), (std::vector<int>{SIGTERM, SIGINT}));
}

int calls_of_old_handler = 0;

TEST(SignalListener, PutsBackWhatWasSetBefore) {
  std::signal(SIGUSR1, [](int) { ++calls_of_old_handler; });
  Arrivals arrivals;
  {
    SignalListener listener({SIGUSR1}, [&](int signal) { arrivals.Add(signal); });
    raise(SIGUSR1);
    arrivals.WaitFor(1);
    EXPECT_EQ(calls_of_old_handler, 0);
  }
  raise(SIGUSR1);
  EXPECT_EQ(calls_of_old_handler, 1);
  std::signal(SIGUSR1, SIG_DFL);
}

TEST(SignalListener, CanBeMadeAgain) {
  for (int round = 0; round < 20; ++round) {
    Arrivals arrivals;
    SignalListener listener({SIGUSR2}, [&](int signal) { arrivals.Add(signal); });
    raise(SIGUSR2);
    arrivals.WaitFor(1);
  }
}

TEST(SignalListenerDeathTest, ThereIsOnlyOne) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        SignalListener first({SIGUSR1}, [](int) {});
        SignalListener second({SIGUSR1}, [](int) {});
      },
      "there is a SignalListener already");
}

}  // namespace
}  // namespace weir
