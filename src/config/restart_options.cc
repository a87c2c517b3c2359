#include "weir/config/restart_options.h"

#include <limits>

namespace weir {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const ConfigOption<RestartStrategyType> kRestartStrategy{
    {.key = "restart-strategy.type",
     .doc = "When a failed job is restarted. Not set: exponential-delay with checkpointing, none without it.",
     .deprecated_keys = {"restart-strategy"}}};

const ConfigOption<int> kFixedDelayAttempts{
    {.key = "restart-strategy.fixed-delay.attempts", .doc = "Restarts after which the job fails for good."},
    1,
    {.at_least = 0}};

const ConfigOption<Duration> kFixedDelay{
    {.key = "restart-strategy.fixed-delay.delay", .doc = "Wait before each restart."}, 1s, {.at_least = 0ms}};

const ConfigOption<int> kFailureRateMaxFailures{
    {.key = "restart-strategy.failure-rate.max-failures-per-interval",
     .doc = "More failures than this within the interval, and the job fails for good."},
    1,
    {.at_least = 0}};

const ConfigOption<Duration> kFailureRateInterval{{.key = "restart-strategy.failure-rate.failure-rate-interval",
                                                   .doc = "The interval over which failures are counted."},
                                                  1min,
                                                  {.at_least = 1ms}};

const ConfigOption<Duration> kFailureRateDelay{
    {.key = "restart-strategy.failure-rate.delay", .doc = "Wait before each restart."}, 1s, {.at_least = 0ms}};

const ConfigOption<Duration> kExponentialInitialBackoff{
    {.key = "restart-strategy.exponential-delay.initial-backoff",
     .doc = "The first wait. The first restart after a quiet time is immediate; this is the wait before the second."},
    1s,
    {.at_least = 1ms}};

const ConfigOption<Duration> kExponentialMaxBackoff{
    {.key = "restart-strategy.exponential-delay.max-backoff", .doc = "The longest wait."}, 1min, {.at_least = 1ms}};

const ConfigOption<double> kExponentialMultiplier{
    {.key = "restart-strategy.exponential-delay.backoff-multiplier", .doc = "Each wait is the one before times this."},
    1.5,
    {.at_least = 1.0}};

const ConfigOption<Duration> kExponentialResetThreshold{
    {.key = "restart-strategy.exponential-delay.reset-backoff-threshold",
     .doc = "After this long without a failure the waits begin anew."},
    1h,
    {.at_least = 1ms}};

const ConfigOption<double> kExponentialJitter{
    {.key = "restart-strategy.exponential-delay.jitter-factor",
     .doc = "Each wait is changed at random by up to this share, so that jobs that failed together do not come back "
            "together."},
    0.1,
    {.at_least = 0.0, .at_most = 1.0}};

const ConfigOption<int> kExponentialAttempts{
    {.key = "restart-strategy.exponential-delay.attempts-before-reset-backoff",
     .doc = "Restarts without a quiet time in between after which the job fails for good."},
    std::numeric_limits<int>::max(),
    {.at_least = 0}};

}  // namespace weir
