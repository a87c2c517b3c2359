// Whether and when a job is restarted after a failure: a pure function of the policy, of what has happened before, and of now.
//
//   RestartDecision decision = DecideRestart(policy, history, now, random.UniformDouble());
//   history = decision.history;
//   if (!decision.restarts) Fail(decision.reason);
//
// Flink's strategies, keys and defaults, with one difference: the first restart after a quiet time is immediate, whatever the strategy. Most failures
// are single events, and a job that waits for nothing helps nobody; the wait is for those that come back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/config/restart_options.h"

namespace weir {

class Configuration;

struct RestartPolicy {
  RestartStrategyType type = RestartStrategyType::kNone;
  // fixed-delay: restarts in the job's whole life.
  // exponential-delay: restarts without a quiet time in between.
  int max_restarts = 0;
  // fixed-delay, failure-rate: the wait before a restart.
  Duration delay{1000};
  // failure-rate: with more failures than `max_failures` within `interval` the job fails.
  int max_failures = 1;
  Duration interval{60'000};
  // exponential-delay.
  Duration initial_backoff{1000};
  Duration max_backoff{60'000};
  double backoff_multiplier = 1.5;
  double jitter = 0.1;
  Duration reset_threshold{3'600'000};
};

// The policy that `configuration` asks for. Without restart-strategy.type: exponential-delay with checkpointing; none without it, since a restart
// from the beginning repeats all output.
RestartPolicy RestartPolicyFrom(const Configuration& configuration, bool checkpointing);

// Whether its settings fit each other, as far as its strategy uses them: an error names the keys and what to do.
Status CheckRestartPolicy(const RestartPolicy& policy);

// What earlier failures have left behind. A value; starts empty.
struct RestartHistory {
  int restarts = 0;               // fixed-delay: ever; exponential-delay: since the last quiet time
  std::vector<int64_t> failures;  // failure-rate: times within the interval, in ms, ascending
  int64_t last_failure_ms = 0;    // meaningless while `has_failed` is false
  bool has_failed = false;
  double backoff_ms = 0;  // exponential-delay: the last wait before jitter; 0: none yet
  int64_t last_delay_ms = 0;
};

struct RestartDecision {
  bool restarts = false;
  Duration delay{0};
  // Why there is no restart, for the job's result: "restart strategy fixed-delay: all 3 restarts are used up".
  std::string reason = {};
  RestartHistory history;
};

// Decides about a failure at `now_ms` of a clock that never goes back. `random` in [0, 1) chooses the jitter.
RestartDecision DecideRestart(const RestartPolicy& policy, RestartHistory history, int64_t now_ms, double random);

}  // namespace weir
