#include "weir/functions/async/answer_inbox.h"

namespace weir::internal {

void AnswerInbox::Deliver(std::unique_ptr<AsyncAnswer> answer) {
  MutexLock lock(mutex_);
  if (!open_) return;
  answers_.push_back(std::move(answer));
  if (answers_.size() > 1) return;
  has_answers_.store(true, std::memory_order_release);
  // Under the lock, so that Close can promise that nobody is in here any more.
  notify_();
}

std::vector<std::unique_ptr<AsyncAnswer>> AnswerInbox::Take() {
  MutexLock lock(mutex_);
  has_answers_.store(false, std::memory_order_relaxed);
  return std::exchange(answers_, {});
}

void AnswerInbox::Close() {
  MutexLock lock(mutex_);
  open_ = false;
  has_answers_.store(false, std::memory_order_relaxed);
  answers_.clear();
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
