#include "weir/functions/async/blocking_calls.h"

#include <algorithm>
#include <exception>
#include <string>

#include "weir/base/execution/thread_executor.h"

namespace weir {

namespace internal {

Status StatusOfException() {
  try {
    throw;
  } catch (const std::exception& exception) {
    return UnknownError(std::string("the call threw an exception: ") + exception.what());
  } catch (...) {
    return UnknownError("the call threw something that is no std::exception");
  }
}

}  // namespace internal

BlockingCalls::BlockingCalls(int threads) : threads_(std::max(threads, 1)) {}

BlockingCalls::~BlockingCalls() = default;

void BlockingCalls::Post(Closure call) {
  if (pool_ == nullptr) pool_ = std::make_unique<ThreadExecutor>("weir-blocking", threads_);
  pool_->Post(std::move(call));
}

}  // namespace weir
