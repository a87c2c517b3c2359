// The formats of metric scopes, `metrics.scope.*`: text with <variables>; and where metrics are sent, `metrics.reporter.*`.
#pragma once

#include "weir/config/config_option.h"

namespace weir {

extern const ConfigOption<std::string> kScopeJobManager;
extern const ConfigOption<std::string> kScopeJobManagerJob;
extern const ConfigOption<std::string> kScopeTaskManager;
extern const ConfigOption<std::string> kScopeTaskManagerJob;
extern const ConfigOption<std::string> kScopeTask;
extern const ConfigOption<std::string> kScopeOperator;

extern const ConfigOption<bool> kMetricsEnabled;
extern const ConfigOption<std::string> kReporters;
extern const ConfigOption<TextMap> kReporterSettings;
extern const ConfigOption<Duration> kReporterInterval;
extern const ConfigOption<std::string> kStatsdAddress;
extern const ConfigOption<std::string> kGraphiteAddress;

}  // namespace weir
