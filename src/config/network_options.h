// The data plane: ports and addresses of TaskManagers, buffers, and how jobs are spread over TaskManagers.
#pragma once

#include "weir/config/config_option.h"
#include "weir/config/memory_size.h"

namespace weir {

// Which TaskManager's slot is next when several have free ones.
enum class LoadBalanceMode { kNone, kSlots, kTasks, kTogether };

template <>
struct ConfigEnum<LoadBalanceMode> {
  static constexpr EnumName<LoadBalanceMode> kNames[] = {{"NONE", LoadBalanceMode::kNone},
                                                         {"SLOTS", LoadBalanceMode::kSlots},
                                                         {"TASKS", LoadBalanceMode::kTasks},
                                                         {"TOGETHER", LoadBalanceMode::kTogether}};
};

extern const ConfigOption<std::string> kTaskManagerBindHost;
extern const ConfigOption<int> kDataPort;
extern const ConfigOption<int> kDataBindPort;
extern const ConfigOption<MemorySize> kSegmentSize;
extern const ConfigOption<double> kNetworkMemoryFraction;
extern const ConfigOption<MemorySize> kNetworkMemoryMin;
extern const ConfigOption<MemorySize> kNetworkMemoryMax;
extern const ConfigOption<int> kBuffersPerChannel;
extern const ConfigOption<int> kFloatingBuffersPerGate;
extern const ConfigOption<bool> kBufferDebloat;
extern const ConfigOption<Duration> kBufferDebloatTarget;
extern const ConfigOption<Duration> kBufferDebloatPeriod;
extern const ConfigOption<bool> kPayloadChecksum;
extern const ConfigOption<Duration> kRequestBackoffMax;
extern const ConfigOption<LoadBalanceMode> kLoadBalanceMode;
extern const ConfigOption<bool> kEvenlySpreadOutSlots;

}  // namespace weir
