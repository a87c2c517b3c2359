// How a job is laid out and run: parallelism, chaining, watermarks, mode.
#pragma once

#include "weir/config/config_option.h"

namespace weir {

enum class RuntimeMode { kStreaming, kBatch, kAutomatic };

template <>
struct ConfigEnum<RuntimeMode> {
  static constexpr EnumName<RuntimeMode> kNames[] = {
      {"STREAMING", RuntimeMode::kStreaming}, {"BATCH", RuntimeMode::kBatch}, {"AUTOMATIC", RuntimeMode::kAutomatic}};
};

extern const ConfigOption<std::string> kFixedJobId;
extern const ConfigOption<bool> kIsDetached;
extern const ConfigOption<int> kParallelism;
extern const ConfigOption<int> kMaxParallelism;
extern const ConfigOption<std::string> kJobName;
extern const ConfigOption<Duration> kAutoWatermarkInterval;
extern const ConfigOption<bool> kOperatorChaining;
extern const ConfigOption<bool> kAutoGenerateUids;
extern const ConfigOption<bool> kObjectReuse;
extern const ConfigOption<RuntimeMode> kRuntimeMode;
extern const ConfigOption<bool> kBufferTimeoutEnabled;
extern const ConfigOption<Duration> kBufferTimeout;

}  // namespace weir
