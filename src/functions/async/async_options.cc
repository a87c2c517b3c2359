#include "weir/functions/async/async_options.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace weir {

AsyncRetry AsyncRetry::ExponentialDelay(int retries, Duration initial, Duration longest, double factor) {
  AsyncRetry retry;
  retry.retries_ = retries;
  retry.initial_ = initial;
  retry.longest_ = longest;
  retry.factor_ = factor;
  return retry;
}

Duration AsyncRetry::DelayBefore(int retry) const {
  const double delay = static_cast<double>(initial_.count()) * std::pow(factor_, retry - 1);
  return Duration(static_cast<int64_t>(std::min(delay, static_cast<double>(longest_.count()))));
}

Status AsyncRetry::Check() const {
  if (retries_ < 0)
    return InvalidArgumentError("AsyncRetry: the number of retries is " + std::to_string(retries_) +
                                "; expected 0 or more");
  if (initial_.count() < 0 || longest_ < initial_) {
    return InvalidArgumentError("AsyncRetry: the delay is " + std::to_string(initial_.count()) +
                                " ms and the longest " + std::to_string(longest_.count()) +
                                " ms; expected 0 <= delay <= longest");
  }
  if (!(factor_ >= 1))
    return InvalidArgumentError("AsyncRetry: the factor is " + std::to_string(factor_) + "; expected 1 or more");
  return OkStatus();
}

Status AsyncSettings::Check() const {
  // A slot's number has 32 bits, and far fewer requests make any service busy.
  constexpr int kMostRequests = 1 << 20;
  if (timeout.count() < 0) {
    return InvalidArgumentError("AsyncOptions::timeout is " + std::to_string(timeout.count()) +
                                " ms; expected 0 (no timeout) or more");
  }
  if (capacity < 1 || capacity > kMostRequests) {
    return InvalidArgumentError("AsyncOptions::capacity is " + std::to_string(capacity) + "; expected 1 to " +
                                std::to_string(kMostRequests));
  }
  return retry.Check();
}

}  // namespace weir
