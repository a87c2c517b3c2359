#include "weir/jobmanager/scheduler/restart_strategy.h"

#include <gtest/gtest.h>

#include <vector>

#include "weir/base/random.h"
#include "weir/config/configuration.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

constexpr double kNoJitter = 0.5;

// Fails at the given times and tells the delays; -1: no restart.
std::vector<int64_t> DelaysAt(const RestartPolicy& policy, const std::vector<int64_t>& times) {
  std::vector<int64_t> delays;
  RestartHistory history;
  for (int64_t time : times) {
    RestartDecision decision = DecideRestart(policy, history, time, kNoJitter);
    history = decision.history;
    delays.push_back(decision.restarts ? decision.delay.count() : -1);
  }
  return delays;
}

TEST(RestartStrategy, NoneNeverRestarts) { EXPECT_EQ(DelaysAt({}, {0, 1'000'000}), (std::vector<int64_t>{-1, -1})); }

TEST(RestartStrategy, FixedDelayRestartsAtOnceThenWaitsUntilItsAttemptsAreUsedUp) {
  const RestartPolicy policy{.type = RestartStrategyType::kFixedDelay, .max_restarts = 3, .delay = Duration(500)};
  EXPECT_EQ(DelaysAt(policy, {10, 20, 1000, 2000}), (std::vector<int64_t>{0, 500, 500, -1}));
}

TEST(RestartStrategy, FixedDelayIsImmediateAgainAfterAQuietTimeButCountsOn) {
  const RestartPolicy policy{.type = RestartStrategyType::kFixedDelay, .max_restarts = 3, .delay = Duration(10'000)};
  EXPECT_EQ(DelaysAt(policy, {0, 1000, 1'000'000, 9'000'000}), (std::vector<int64_t>{0, 10'000, 0, -1}));
}

TEST(RestartStrategy, RefusalSaysWhy) {
  const RestartPolicy policy{.type = RestartStrategyType::kFixedDelay, .max_restarts = 2};
  RestartHistory history;
  history.restarts = 2;
  EXPECT_EQ(DecideRestart(policy, history, 0, kNoJitter).reason,
            "restart strategy fixed-delay: all 2 restarts are used up");
}

TEST(RestartStrategy, FailureRateToleratesItsNumberWithinTheInterval) {
  const RestartPolicy policy{
      .type = RestartStrategyType::kFailureRate, .delay = Duration(100), .max_failures = 2, .interval = Duration(1000)};
  EXPECT_EQ(DelaysAt(policy, {0, 500, 900}), (std::vector<int64_t>{0, 100, -1}));
  // The first has left the interval by then.
  EXPECT_EQ(DelaysAt(policy, {0, 500, 1001}), (std::vector<int64_t>{0, 100, 100}));
}

TEST(RestartStrategy, ExponentialDelayGrowsToItsLimitAndBeginsAnewAfterAQuietTime) {
  const RestartPolicy policy{.type = RestartStrategyType::kExponentialDelay,
                             .max_restarts = 100,
                             .initial_backoff = Duration(1000),
                             .max_backoff = Duration(3000),
                             .backoff_multiplier = 2,
                             .reset_threshold = Duration(60'000)};
  EXPECT_EQ(DelaysAt(policy, {0, 10, 2000, 6000, 10'000, 80'000, 80'001}),
            (std::vector<int64_t>{0, 1000, 2000, 3000, 3000, 0, 1000}));
}

TEST(RestartStrategy, TheWaitItselfIsNoQuietTime) {
  const RestartPolicy policy{.type = RestartStrategyType::kExponentialDelay,
                             .max_restarts = 100,
                             .initial_backoff = Duration(5000),
                             .max_backoff = Duration(50'000),
                             .backoff_multiplier = 2,
                             .reset_threshold = Duration(6000)};
  // 7 s after the second failure, of which 5 s were its wait.
  EXPECT_EQ(DelaysAt(policy, {0, 1000, 8000}), (std::vector<int64_t>{0, 5000, 10'000}));
}

TEST(RestartStrategy, ExponentialDelayGivesUpAfterItsAttempts) {
  const RestartPolicy policy{.type = RestartStrategyType::kExponentialDelay, .max_restarts = 2};
  EXPECT_EQ(DelaysAt(policy, {0, 1, 2}), (std::vector<int64_t>{0, 1000, -1}));
}

TEST(RestartStrategy, JitterStaysWithinItsShareAndWithinTheLimits) {
  const uint64_t seed = 7;
  SCOPED_TRACE(seed);
  SeededRandom random(seed);
  const RestartPolicy policy{.type = RestartStrategyType::kExponentialDelay,
                             .max_restarts = 1000,
                             .initial_backoff = Duration(1000),
                             .max_backoff = Duration(10'000),
                             .jitter = 0.1};
  RestartHistory history;
  for (int i = 0; i < 500; ++i) {
    const RestartDecision decision = DecideRestart(policy, history, i, random.UniformDouble());
    ASSERT_TRUE(decision.restarts);
    if (i > 0) {
      EXPECT_GE(static_cast<double>(decision.delay.count()), std::max(1000.0, decision.history.backoff_ms * 0.9) - 1);
      EXPECT_LE(static_cast<double>(decision.delay.count()), std::min(10'000.0, decision.history.backoff_ms * 1.1) + 1);
    }
    history = decision.history;
  }
}

TEST(RestartStrategy, WithoutAKeyCheckpointingDecides) {
  const Configuration empty;
  EXPECT_EQ(RestartPolicyFrom(empty, false).type, RestartStrategyType::kNone);
  EXPECT_EQ(RestartPolicyFrom(empty, true).type, RestartStrategyType::kExponentialDelay);
}

TEST(RestartStrategy, KeysAreRead) {
  Configuration configuration;
  configuration.Set(kRestartStrategy, RestartStrategyType::kFixedDelay);
  configuration.Set(kFixedDelayAttempts, 7);
  configuration.Set(kFixedDelay, Duration(20));
  const RestartPolicy policy = RestartPolicyFrom(configuration, true);
  EXPECT_EQ(policy.type, RestartStrategyType::kFixedDelay);
  EXPECT_EQ(policy.max_restarts, 7);
  EXPECT_EQ(policy.delay, Duration(20));
}

TEST(RestartStrategy, AFirstWaitAboveTheLongestIsRefused) {
  Configuration configuration;
  configuration.Set(kRestartStrategy, RestartStrategyType::kExponentialDelay);
  configuration.Set(kExponentialInitialBackoff, Duration(10'000));
  configuration.Set(kExponentialMaxBackoff, Duration(1000));
  EXPECT_TRUE(IsError(CheckRestartPolicy(RestartPolicyFrom(configuration, true)), StatusCode::kInvalidArgument,
                      "initial-backoff is 10 s and restart-strategy.exponential-delay.max-backoff is 1 s"));
  configuration.Set(kExponentialMaxBackoff, Duration(10'000));
  EXPECT_OK(CheckRestartPolicy(RestartPolicyFrom(configuration, true)));
}

TEST(RestartStrategy, WaitsOfAStrategyThatIsNotInUseAreNotLookedAt) {
  Configuration configuration;
  configuration.Set(kExponentialInitialBackoff, Duration(10'000));
  configuration.Set(kExponentialMaxBackoff, Duration(1000));
  EXPECT_OK(CheckRestartPolicy(RestartPolicyFrom(configuration, /*checkpointing=*/false)));         // none
  EXPECT_FALSE(CheckRestartPolicy(RestartPolicyFrom(configuration, /*checkpointing=*/true)).ok());  // exponential-delay
  configuration.Set(kRestartStrategy, RestartStrategyType::kFixedDelay);
  EXPECT_OK(CheckRestartPolicy(RestartPolicyFrom(configuration, /*checkpointing=*/true)));
}

}  // namespace
}  // namespace weir
