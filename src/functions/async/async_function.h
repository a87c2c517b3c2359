// Functions that ask somebody else and do not wait for the answer.
//
//   class Lookup : public weir::AsyncFunction<Flight, Enriched> {
//    public:
//     void Open(weir::RuntimeContext&) { ... }                                              // optional, as is Close()
//     void AsyncInvoke(const Flight& flight, weir::ResultFuture<Enriched> result) {
//       client_.Get(flight.origin, [flight, result](Reply reply) { result.Complete({flight.id, reply.name}); });
//     }
//     void Timeout(const Flight& flight, weir::ResultFuture<Enriched> result) { ... }       // optional: answers in the service's place
//   };
//
//   flights.AsyncMap<Lookup>({.timeout = 1s, .capacity = 100, .retry = weir::AsyncRetry::FixedDelay(3, 100ms)})
//
// AsyncInvoke and Timeout run on the task's thread and must not wait; calls that do wait go to a pool (functions/async/blocking_calls.h). Requests that are
// under way when a checkpoint is taken are part of it and are asked again after a restore: the service may see a request more than once.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "weir/functions/async/answer_inbox.h"

namespace weir {

// The promise to answer one request: with results (none, one, several) or with an error. Copies stand for the same promise; the first answer counts and later
// ones are ignored, also those that come after the job has ended. If the last copy goes without an answer, the request has failed.
//
// Threads: any.
template <class Out>
class ResultFuture {
 public:
  using Result = Out;
  explicit ResultFuture(std::shared_ptr<internal::AsyncCall> call) : call_(std::move(call)) {}

  void Complete(Out result) const {
    std::vector<Out> results;
    results.push_back(std::move(result));
    CompleteAll(std::move(results));
  }
  void CompleteAll(std::vector<Out> results) const {
    if (!call_->Claim()) return;
    std::unique_ptr<internal::AsyncAnswer> answer(
        new internal::TypedAsyncAnswer<Out>(call_->number(), std::move(results)));
    call_->Deliver(std::move(answer));
  }
  // The request failed: it is made again if the options say so, else the job fails. `error` is not OK.
  void Fail(Status error) const {
    call_->Fail(error.ok() ? InternalError("ResultFuture::Fail was called with an OK status") : std::move(error));
  }

 private:
  std::shared_ptr<internal::AsyncCall> call_;
};

// Base of asynchronous functions. One per subtask, built from copies of AsyncMap's arguments; constructors have no side effects.
template <class In, class Out>
class AsyncFunction {
 public:
  using Input = In;
  using Result = Out;

  AsyncFunction() = default;
  AsyncFunction(const AsyncFunction&) = delete;
  AsyncFunction& operator=(const AsyncFunction&) = delete;

 protected:
  ~AsyncFunction() = default;
};

}  // namespace weir
