#include "weir/jobmanager/scheduler/restart_strategy.h"

#include <algorithm>
#include <utility>

#include "weir/config/configuration.h"
#include "weir/config/value_text.h"

namespace weir {
namespace {

// Fixed delay has no key for it; ten delays without a failure mean that the last one has nothing to do with the next. A minute at least, so that a short
// delay still spaces out the restarts of a job that fails whenever it has read its first records.
Duration QuietTimeOfFixedDelay(Duration delay) { return std::max<Duration>(delay * 10, Duration(60'000)); }

Duration QuietTime(const RestartPolicy& policy) {
  switch (policy.type) {
    case RestartStrategyType::kFailureRate:
      return policy.interval;
    case RestartStrategyType::kExponentialDelay:
      return policy.reset_threshold;
    case RestartStrategyType::kFixedDelay:
    case RestartStrategyType::kNone:
      break;
  }
  return QuietTimeOfFixedDelay(policy.delay);
}

// The wait itself is no quiet time: nothing could fail in it.
bool IsAfterQuietTime(const RestartPolicy& policy, const RestartHistory& history, int64_t now_ms) {
  return !history.has_failed || now_ms - history.last_failure_ms - history.last_delay_ms >= QuietTime(policy).count();
}

RestartDecision Refuse(RestartHistory history, std::string reason) {
  return {.reason = std::move(reason), .history = std::move(history)};
}

RestartDecision RestartAfter(Duration delay, RestartHistory history) {
  history.last_delay_ms = delay.count();
  return {.restarts = true, .delay = delay, .history = std::move(history)};
}

std::string UsedUp(std::string_view strategy, int restarts) {
  return "restart strategy " + std::string(strategy) + ": " +
         (restarts == 1 ? std::string("its one restart is used up")
                        : "all " + std::to_string(restarts) + " restarts are used up");
}

RestartDecision DecideFixedDelay(const RestartPolicy& policy, RestartHistory history, bool quiet) {
  if (history.restarts >= policy.max_restarts)
    return Refuse(std::move(history), UsedUp("fixed-delay", policy.max_restarts));
  ++history.restarts;
  return RestartAfter(quiet ? Duration(0) : policy.delay, std::move(history));
}

RestartDecision DecideFailureRate(const RestartPolicy& policy, RestartHistory history, int64_t now_ms, bool quiet) {
  std::erase_if(history.failures, [&](int64_t time) { return now_ms - time > policy.interval.count(); });
  history.failures.push_back(now_ms);
  const int failures = static_cast<int>(history.failures.size());
  if (failures > policy.max_failures) {
    return Refuse(std::move(history), "restart strategy failure-rate: " + std::to_string(failures) +
                                          " failures within " + std::to_string(policy.interval.count()) + " ms, " +
                                          std::to_string(policy.max_failures) + " are tolerated");
  }
  return RestartAfter(quiet ? Duration(0) : policy.delay, std::move(history));
}

RestartDecision DecideExponentialDelay(const RestartPolicy& policy, RestartHistory history, bool quiet, double random) {
  if (quiet) {
    history.restarts = 0;
    history.backoff_ms = 0;
  }
  if (history.restarts >= policy.max_restarts)
    return Refuse(std::move(history), UsedUp("exponential-delay", policy.max_restarts));
  ++history.restarts;
  if (quiet) return RestartAfter(Duration(0), std::move(history));

  const double initial = static_cast<double>(policy.initial_backoff.count());
  const double longest = std::max(initial, static_cast<double>(policy.max_backoff.count()));
  history.backoff_ms =
      history.backoff_ms == 0 ? initial : std::min(history.backoff_ms * policy.backoff_multiplier, longest);
  const double jitter = history.backoff_ms * policy.jitter * (2 * random - 1);
  const double delay = std::clamp(history.backoff_ms + jitter, initial, longest);
  return RestartAfter(Duration(static_cast<int64_t>(delay)), std::move(history));
}

}  // namespace

RestartPolicy RestartPolicyFrom(const Configuration& configuration, bool checkpointing) {
  const RestartStrategyType unset = checkpointing ? RestartStrategyType::kExponentialDelay : RestartStrategyType::kNone;
  RestartPolicy policy;
  policy.type = configuration.Find(kRestartStrategy).value_or(unset);
  const bool fixed = policy.type == RestartStrategyType::kFixedDelay;
  policy.max_restarts = configuration.Get(fixed ? kFixedDelayAttempts : kExponentialAttempts);
  policy.delay = configuration.Get(fixed ? kFixedDelay : kFailureRateDelay);
  policy.max_failures = configuration.Get(kFailureRateMaxFailures);
  policy.interval = configuration.Get(kFailureRateInterval);
  policy.initial_backoff = configuration.Get(kExponentialInitialBackoff);
  policy.max_backoff = configuration.Get(kExponentialMaxBackoff);
  policy.backoff_multiplier = configuration.Get(kExponentialMultiplier);
  policy.jitter = configuration.Get(kExponentialJitter);
  policy.reset_threshold = configuration.Get(kExponentialResetThreshold);
  return policy;
}

Status CheckRestartPolicy(const RestartPolicy& policy) {
  if (policy.type != RestartStrategyType::kExponentialDelay) return OkStatus();
  if (policy.initial_backoff <= policy.max_backoff) return OkStatus();
  return InvalidArgumentError(
      std::string(kExponentialInitialBackoff.key()) + " is " + FormatDuration(policy.initial_backoff) + " and " +
      std::string(kExponentialMaxBackoff.key()) + " is " + FormatDuration(policy.max_backoff) +
      ": the first wait cannot be longer than the longest. Lower the first, or raise the second");
}

RestartDecision DecideRestart(const RestartPolicy& policy, RestartHistory history, int64_t now_ms, double random) {
  const bool quiet = IsAfterQuietTime(policy, history, now_ms);
  history.has_failed = true;
  history.last_failure_ms = now_ms;
  switch (policy.type) {
    case RestartStrategyType::kNone:
      break;
    case RestartStrategyType::kFixedDelay:
      return DecideFixedDelay(policy, std::move(history), quiet);
    case RestartStrategyType::kFailureRate:
      return DecideFailureRate(policy, std::move(history), now_ms, quiet);
    case RestartStrategyType::kExponentialDelay:
      return DecideExponentialDelay(policy, std::move(history), quiet, random);
  }
  return Refuse(std::move(history), "");
}

}  // namespace weir
