// Calls that wait (a database driver, a file, a lock), made on threads of their own so that the task does not.
//
//   class Lookup : public weir::AsyncFunction<Flight, Enriched> {
//     void AsyncInvoke(const Flight& flight, weir::ResultFuture<Enriched> result) {
//       calls_.Run(result, [this, flight] { return Enriched{flight.id, database_.Query(flight.origin)}; });
//     }
//     weir::BlockingCalls calls_{16};                // declared last: it ends before what its calls use
//   };
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "weir/base/status.h"
#include "weir/base/unique_function.h"
#include "weir/functions/async/async_function.h"

namespace weir {

class ThreadExecutor;

namespace internal {

// The error that the exception at hand stands for. In a catch block.
Status StatusOfException();

template <class T>
struct IsStatusOr : std::false_type {};
template <class T>
struct IsStatusOr<StatusOr<T>> : std::true_type {};

}  // namespace internal

// A pool of `threads` threads, which start with the first call. Calls start in order. The destructor waits for calls that run and fails those that have not
// begun: give clients a timeout of their own, or a cancelled job must wait for them.
//
// Threads: Run on the task's thread; calls on the pool's.
class BlockingCalls {
 public:
  explicit BlockingCalls(int threads);
  ~BlockingCalls();
  BlockingCalls(const BlockingCalls&) = delete;
  BlockingCalls& operator=(const BlockingCalls&) = delete;

  // Answers `result` with what `call` returns: an Out, a std::vector<Out>, or a StatusOr of either. What it throws is an error.
  template <class Out, class F>
  void Run(ResultFuture<Out> result, F call) {
    Post([result = std::move(result), call = std::move(call)]() mutable {
      try {
        Answer(result, call());
      } catch (...) {
        result.Fail(internal::StatusOfException());
      }
    });
  }

 private:
  template <class Out, class Returned>
  static void Answer(const ResultFuture<Out>& result, Returned returned) {
    if constexpr (internal::IsStatusOr<Returned>::value) {
      if (!returned.ok()) return result.Fail(returned.status());
      Answer(result, std::move(returned).value());
    } else if constexpr (std::is_convertible_v<Returned, Out>) {
      result.Complete(std::move(returned));
    } else {
      result.CompleteAll(std::move(returned));
    }
  }
  void Post(Closure call);

  const int threads_;
  std::unique_ptr<ThreadExecutor> pool_;
};

}  // namespace weir
