#include "weir/functions/async/answer_inbox.h"

#include "weir/base/mutex.h"

namespace weir::internal {

struct AnswerInbox::Guarded {
  Mutex mutex;
  UniqueFunction<void()> notify WEIR_GUARDED_BY(mutex);
  std::vector<std::unique_ptr<AsyncAnswer>> answers WEIR_GUARDED_BY(mutex);
  bool open WEIR_GUARDED_BY(mutex) = true;
};

AnswerInbox::AnswerInbox(UniqueFunction<void()> notify) : guarded_(new Guarded) {
  MutexLock lock(guarded_->mutex);
  guarded_->notify = std::move(notify);
}

AnswerInbox::~AnswerInbox() { delete guarded_; }

void AnswerInbox::Deliver(std::unique_ptr<AsyncAnswer> answer) {
  Guarded& guarded = *guarded_;
  MutexLock lock(guarded.mutex);
  if (!guarded.open) return;
  guarded.answers.push_back(std::move(answer));
  if (guarded.answers.size() > 1) return;
  has_answers_.store(true, std::memory_order_release);
  // Under the lock, so that Close can promise that nobody is in here any more.
  guarded.notify();
}

std::vector<std::unique_ptr<AsyncAnswer>> AnswerInbox::Take() {
  Guarded& guarded = *guarded_;
  MutexLock lock(guarded.mutex);
  has_answers_.store(false, std::memory_order_relaxed);
  return std::exchange(guarded.answers, {});
}

void AnswerInbox::Close() {
  Guarded& guarded = *guarded_;
  MutexLock lock(guarded.mutex);
  guarded.open = false;
  has_answers_.store(false, std::memory_order_relaxed);
  guarded.answers.clear();
}

AsyncCall::~AsyncCall() {
  if (!answered_.load(std::memory_order_relaxed)) {
    Fail(
        InternalError("the request was dropped without an answer: the function let go of the last copy of its "
                      "ResultFuture before it called Complete or Fail"));
  }
}

void AsyncCall::Fail(Status error) {
  if (Claim()) Deliver(std::make_unique<AsyncAnswer>(number_, std::move(error)));
}

}  // namespace weir::internal
