#include "weir/base/crash/thread_stacks.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "weir/base/crash/crash_report.h"
#include "weir/base/execution/thread.h"
#include "weir/base/mutex.h"

namespace weir {
namespace {

constexpr Duration kPatience{10000};

// A thread that waits in a function of its own until the test is over.
class Parked {
 public:
  explicit Parked(bool blocks_signals = false)
      : thread_("parked", [this, blocks_signals] {
          if (blocks_signals) {
            sigset_t all;
            sigfillset(&all);
            pthread_sigmask(SIG_SETMASK, &all, nullptr);
          }
          WaitForTheTestsEnd();
        }) {
    MutexLock lock(mutex_);
    while (id_ == 0) changed_.Wait(mutex_);
  }
  ~Parked() {
    MutexLock lock(mutex_);
    is_over_ = true;
    changed_.NotifyAll();
  }
  int id() {
    MutexLock lock(mutex_);
    return id_;
  }

 private:
  [[gnu::noinline]] void WaitForTheTestsEnd() {
    MutexLock lock(mutex_);
    id_ = gettid();
    changed_.NotifyAll();
    while (!is_over_) changed_.Wait(mutex_);
  }

  Mutex mutex_;
  CondVar changed_;
  int id_ WEIR_GUARDED_BY(mutex_) = 0;
  bool is_over_ WEIR_GUARDED_BY(mutex_) = false;
  Thread thread_;
};

class ThreadStacks : public testing::Test {
 protected:
  void SetUp() override {
    if (!CanReportCrashes()) GTEST_SKIP() << "no stacks under a sanitizer";
  }
  static ThreadStack StackOf(const std::vector<ThreadStack>& threads, int id) {
    const auto found = std::ranges::find(threads, id, &ThreadStack::id);
    return found == threads.end() ? ThreadStack{.note = "there is no such thread"} : *found;
  }
  static bool Names(const ThreadStack& thread, const std::string& function) {
    return std::ranges::any_of(thread.frames,
                               [&](const std::string& frame) { return frame.find(function) != std::string::npos; });
  }
};

TEST_F(ThreadStacks, AThreadThatWaitsShowsWhereWithFileAndLine) {
  Parked parked;
  const ThreadStack thread = StackOf(TakeThreadStacks("a test", kPatience), parked.id());
  EXPECT_EQ(thread.name, "parked");
  EXPECT_EQ(thread.program, "a test");
  EXPECT_EQ(thread.note, "");
  EXPECT_TRUE(Names(thread, "WaitForTheTestsEnd")) << ThreadStacksText({thread});
  EXPECT_TRUE(Names(thread, "(thread_stacks_test.cc:")) << ThreadStacksText({thread});
}

[[gnu::noinline]] std::vector<ThreadStack> AskFromHere() {
  std::vector<ThreadStack> threads = TakeThreadStacks("a test", kPatience);
  threads.shrink_to_fit();  // so that this is no tail call
  return threads;
}

TEST_F(ThreadStacks, TheThreadThatAsksIsAmongThem) {
  const ThreadStack thread = StackOf(AskFromHere(), gettid());
  EXPECT_TRUE(Names(thread, "AskFromHere")) << ThreadStacksText({thread});
}

TEST_F(ThreadStacks, AThreadThatBlocksSignalsIsListedWithTheReason) {
  Parked parked(true);
  const ThreadStack thread = StackOf(TakeThreadStacks("a test", kPatience), parked.id());
  EXPECT_TRUE(thread.frames.empty());
  EXPECT_EQ(thread.note, "it blocks signals, and cannot be asked for its stack");
}

TEST_F(ThreadStacks, MayBeTakenAgainAndAgain) {
  Parked parked;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Names(StackOf(TakeThreadStacks("a test", kPatience), parked.id()), "WaitForTheTestsEnd"));
  }
}

TEST_F(ThreadStacks, ASignalThatTheProgramHasTakenBackIsReplacedByAnother) {
  Parked parked;
  TakeThreadStacks("a test", kPatience);
  // The program resets every signal: had ours been sent without a look, it would end the process.
  for (int each = SIGRTMIN; each <= SIGRTMAX; ++each) signal(each, SIG_DFL);
  EXPECT_TRUE(Names(StackOf(TakeThreadStacks("a test", kPatience), parked.id()), "WaitForTheTestsEnd"));
}

TEST(ThreadStacksText, ComesBackAsItWas) {
  const std::vector<ThreadStack> threads = {
      {.process = 7,
       .program = "worker 1 of job \"a b\"",
       .id = 8,
       .name = "x (y) z",
       .state = "S",
       .frames = {"f()", "g()"}},
      {.process = 7, .program = "p", .id = 9, .name = "", .state = "R", .note = "it did not answer"}};
  const std::vector<ThreadStack> back = ParseThreadStacks(ThreadStacksText(threads));
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].program, "worker 1 of job \"a b\"");
  EXPECT_EQ(back[0].name, "x (y) z");
  EXPECT_EQ(back[0].frames, (std::vector<std::string>{"f()", "g()"}));
  EXPECT_EQ(back[1].id, 9);
  EXPECT_EQ(back[1].note, "it did not answer");
}

TEST(ThreadStacksText, TakesAnyTextWithoutHarm) {
  EXPECT_TRUE(ParseThreadStacks("").empty());
  EXPECT_EQ(ParseThreadStacks("\tframe of nobody\n").size(), 1U);
  EXPECT_EQ(ParseThreadStacks("1").size(), 1U);
}

}  // namespace
}  // namespace weir
