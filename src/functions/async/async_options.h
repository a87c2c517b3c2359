// How an asynchronous map waits: how long, for how many requests at once, in which order, and which requests it makes again.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"

namespace weir {

namespace internal {

// A user's question about an answer; a class of our own, since std::function costs every program that names it.
class AnswerPredicate {
 public:
  virtual ~AnswerPredicate() = default;
  // `answer`: a Status, or a std::vector of the results' type.
  virtual bool Holds(const void* answer) const = 0;
};
template <class Answer, class P>
class TypedAnswerPredicate final : public AnswerPredicate {
 public:
  explicit TypedAnswerPredicate(P predicate) : predicate_(std::move(predicate)) {}
  bool Holds(const void* answer) const override { return predicate_(*static_cast<const Answer*>(answer)); }

 private:
  const P predicate_;
};
template <class Answer, class P>
std::shared_ptr<const AnswerPredicate> NewPredicate(P predicate) {
  static_assert(std::is_invocable_r_v<bool, const P&, const Answer&>,
                "weir: a retry predicate is a const function that takes const weir::Status& (IfError) or const "
                "std::vector<Out>& (IfResult) and returns bool");
  return std::shared_ptr<const AnswerPredicate>(new TypedAnswerPredicate<Answer, P>(std::move(predicate)));
}

// The Out of a function that takes const std::vector<Out>&.
template <class F>
struct ResultsArgument : ResultsArgument<decltype(&F::operator())> {};
template <class R, class C, class Out>
struct ResultsArgument<R (C::*)(const std::vector<Out>&) const> {
  using Type = Out;
};
template <class R, class Out>
struct ResultsArgument<R (*)(const std::vector<Out>&)> {
  using Type = Out;
};

}  // namespace internal

template <class Out>
class AsyncRetryOf;

// Which requests are made again, when, and how often. Without predicates: those that failed.
class AsyncRetry {
 public:
  // Never again.
  AsyncRetry() = default;
  // At most `retries` times after the first, `delay` after each failure.
  static AsyncRetry FixedDelay(int retries, Duration delay) { return ExponentialDelay(retries, delay, delay, 1); }
  // Waits `initial` before the first retry and `factor` times as long before each further one, but at most `longest`.
  static AsyncRetry ExponentialDelay(int retries, Duration initial, Duration longest, double factor = 2);

  // predicate: bool(const Status&); only errors for which it says true are worth another try.
  template <class P>
  AsyncRetry IfError(P predicate) const {
    AsyncRetry changed = *this;
    changed.if_error_ = internal::NewPredicate<Status>(std::move(predicate));
    return changed;
  }
  // predicate: bool(const std::vector<Out>&); results for which it says true count as a failure (not there yet, say). When no retry is left they are taken.
  template <class P, class Out = typename internal::ResultsArgument<P>::Type>
  AsyncRetryOf<Out> IfResult(P predicate) const;

  // For the operator. `retries_made`: of this request so far.
  bool MayRetry(int retries_made) const { return retries_made < retries_; }
  Duration DelayBefore(int retry) const;
  bool WantsRetry(const Status& error) const { return if_error_ == nullptr || if_error_->Holds(&error); }
  const internal::AnswerPredicate* if_result() const { return if_result_.get(); }
  Status Check() const;

 protected:
  int retries_ = 0;
  Duration initial_{0};
  Duration longest_{0};
  double factor_ = 1;
  std::shared_ptr<const internal::AnswerPredicate> if_error_;   // null: every error
  std::shared_ptr<const internal::AnswerPredicate> if_result_;  // null: no result
};

// The same for a function whose results are of type Out.
template <class Out>
class AsyncRetryOf : public AsyncRetry {
 public:
  AsyncRetryOf() = default;
  AsyncRetryOf(const AsyncRetry& retry) : AsyncRetry(retry) {}  // NOLINT: what knows no results fits all

  template <class P>
  AsyncRetryOf IfError(P predicate) const {
    return WithResult(AsyncRetry::IfError(std::move(predicate)), if_result_);
  }

 private:
  friend class AsyncRetry;
  static AsyncRetryOf WithResult(const AsyncRetry& retry, std::shared_ptr<const internal::AnswerPredicate> if_result) {
    AsyncRetryOf changed(retry);
    changed.if_result_ = std::move(if_result);
    return changed;
  }
};

template <class P, class Out>
AsyncRetryOf<Out> AsyncRetry::IfResult(P predicate) const {
  return AsyncRetryOf<Out>::WithResult(*this, internal::NewPredicate<std::vector<Out>>(std::move(predicate)));
}

template <class Out>
struct AsyncOptions {
  // From the moment a record's request is first made, over all retries. Then the function's Timeout answers, or the job fails. Zero: never.
  Duration timeout{0};
  // Requests that are under way, or answered and not yet passed on, at a time; then the input waits.
  int capacity = 100;
  AsyncRetryOf<Out> retry = {};
  // Results leave in the order of the input; else as they come, though never across a watermark.
  bool ordered = true;
};

// AsyncOptions without the results' type: what the operator works with.
struct AsyncSettings {
  Duration timeout{0};
  int capacity = 100;
  AsyncRetry retry = {};
  bool ordered = true;

  // What is wrong with them, with what is allowed.
  Status Check() const;
};

}  // namespace weir
