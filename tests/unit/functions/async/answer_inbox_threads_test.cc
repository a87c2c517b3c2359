#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "weir/base/execution/event_count.h"
#include "weir/base/execution/thread.h"
#include "weir/functions/async/answer_inbox.h"
#include "weir/functions/async/async_function.h"

namespace weir {
namespace {

using internal::AnswerInbox;
using internal::AsyncCall;

TEST(AnswerInbox, LosesNoAnswerOfManyThreads) {
  constexpr int kThreads = 4;
  constexpr uint64_t kAnswers = 2'000;
  EventCount ready;
  auto inbox = std::make_shared<AnswerInbox>([&ready] { ready.Notify(); });
  std::vector<Thread> threads;
  for (uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back("answers", [inbox, thread] {
      for (uint64_t i = 0; i < kAnswers; ++i) {
        ResultFuture<int>(std::make_shared<AsyncCall>(inbox, thread * kAnswers + i)).Complete(1);
      }
    });
  }
  std::vector<int> answered(kThreads * kAnswers, 0);
  for (size_t taken = 0; taken < answered.size();) {
    ready.PrepareWait();
    if (!inbox->HasAnswers()) {
      ready.Wait();
    } else {
      ready.CancelWait();
    }
    for (const auto& answer : inbox->Take()) {
      ++answered[answer->call()];
      ++taken;
    }
  }
  EXPECT_EQ(answered, std::vector<int>(answered.size(), 1));
}

TEST(AnswerInbox, NotifiesNobodyOnceItIsClosed) {
  for (int round = 0; round < 200; ++round) {
    auto notified = std::make_unique<int>(0);
    auto inbox = std::make_shared<AnswerInbox>([&notified] { ++*notified; });
    Thread late("late", [inbox] { ResultFuture<int>(std::make_shared<AsyncCall>(inbox, 1)).Complete(1); });
    inbox->Close();
    notified.reset();  // used after this, it would show under a sanitizer
    late.Join();
    EXPECT_FALSE(inbox->HasAnswers());
  }
}

}  // namespace
}  // namespace weir
