// What happens after a job has failed: whether, when and how often it is restarted.
#pragma once

#include "weir/config/config_option.h"

namespace weir {

enum class RestartStrategyType { kNone, kFixedDelay, kFailureRate, kExponentialDelay };

template <>
struct ConfigEnum<RestartStrategyType> {
  using enum RestartStrategyType;
  static constexpr EnumName<RestartStrategyType> kNames[] = {
      {"none", kNone},
      {"fixed-delay", kFixedDelay},
      {"failure-rate", kFailureRate},
      {"exponential-delay", kExponentialDelay},
      // Further spellings that Flink takes.
      {"off", kNone},
      {"disable", kNone},
      {"fixeddelay", kFixedDelay},
      {"failurerate", kFailureRate},
      {"exponentialdelay", kExponentialDelay},
  };
};

extern const ConfigOption<RestartStrategyType> kRestartStrategy;
extern const ConfigOption<int> kFixedDelayAttempts;
extern const ConfigOption<Duration> kFixedDelay;
extern const ConfigOption<int> kFailureRateMaxFailures;
extern const ConfigOption<Duration> kFailureRateInterval;
extern const ConfigOption<Duration> kFailureRateDelay;
extern const ConfigOption<Duration> kExponentialInitialBackoff;
extern const ConfigOption<Duration> kExponentialMaxBackoff;
extern const ConfigOption<double> kExponentialMultiplier;
extern const ConfigOption<Duration> kExponentialResetThreshold;
extern const ConfigOption<double> kExponentialJitter;
extern const ConfigOption<int> kExponentialAttempts;

}  // namespace weir
