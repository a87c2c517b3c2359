// Where the answers to asynchronous requests arrive, from any thread, and how the one who answers knows which request it was.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/unique_function.h"

namespace weir::internal {

// The answer to one call: an error, or the results that the class for their type adds.
class AsyncAnswer {
 public:
  AsyncAnswer(uint64_t call, Status error) : call_(call), error_(std::move(error)) {}
  virtual ~AsyncAnswer() = default;

  uint64_t call() const { return call_; }
  const Status& error() const { return error_; }

 private:
  const uint64_t call_;
  const Status error_;
};

template <class Out>
class TypedAsyncAnswer final : public AsyncAnswer {
 public:
  TypedAsyncAnswer(uint64_t call, std::vector<Out> given) : AsyncAnswer(call, OkStatus()), results(std::move(given)) {}
  std::vector<Out> results;
};

// Threads: Deliver from any; the others from the operator's. Shared by the operator and the calls that are not answered yet, which may outlive it.
class AnswerInbox {
 public:
  // `notify` is called for the first answer after each Take, on the thread of whoever answers; not any more once Close has returned.
  explicit AnswerInbox(UniqueFunction<void()> notify);
  AnswerInbox(const AnswerInbox&) = delete;
  AnswerInbox& operator=(const AnswerInbox&) = delete;
  ~AnswerInbox();

  // Dropped if the inbox is closed.
  void Deliver(std::unique_ptr<AsyncAnswer> answer);
  bool HasAnswers() const { return has_answers_.load(std::memory_order_acquire); }
  std::vector<std::unique_ptr<AsyncAnswer>> Take();
  void Close();

 private:
  // Set and cleared under the mutex; read without it, to spare the lock when nothing has come.
  std::atomic<bool> has_answers_{false};
  // Behind a pointer: a mutex would cost every user program 50 ms of compile time.
  struct Guarded;
  Guarded* const guarded_;
};

// One call of a user's function. Answered once: the first answer counts. Fails by itself if it goes unanswered.
//
// Threads: any.
class AsyncCall {
 public:
  AsyncCall(std::shared_ptr<AnswerInbox> inbox, uint64_t number) : inbox_(std::move(inbox)), number_(number) {}
  AsyncCall(const AsyncCall&) = delete;
  AsyncCall& operator=(const AsyncCall&) = delete;
  ~AsyncCall();

  // True for the one who may answer.
  bool Claim() { return !answered_.exchange(true, std::memory_order_relaxed); }
  void Deliver(std::unique_ptr<AsyncAnswer> answer) { inbox_->Deliver(std::move(answer)); }
  void Fail(Status error);
  uint64_t number() const { return number_; }

 private:
  const std::shared_ptr<AnswerInbox> inbox_;
  const uint64_t number_;
  std::atomic<bool> answered_{false};  // relaxed: only decides who is first, what they say goes through the inbox
};

}  // namespace weir::internal
