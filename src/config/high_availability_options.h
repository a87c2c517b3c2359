// What survives the end of a JobManager, and how long others wait for the next one.
#pragma once

#include "weir/config/config_option.h"

namespace weir {

enum class HighAvailabilityType { kNone, kFilesystem };

template <>
struct ConfigEnum<HighAvailabilityType> {
  using enum HighAvailabilityType;
  static constexpr EnumName<HighAvailabilityType> kNames[] = {{"filesystem", kFilesystem}, {"NONE", kNone}};
};

extern const ConfigOption<HighAvailabilityType> kHighAvailability;
extern const ConfigOption<std::string> kHighAvailabilityDir;
extern const ConfigOption<std::string> kHighAvailabilityCluster;
extern const ConfigOption<Duration> kRegistrationTimeout;

}  // namespace weir
