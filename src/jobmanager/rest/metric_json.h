// Lists of metrics, as Flink answers them: bare arrays.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "weir/jobmanager/rest/rest_message.h"
#include "weir/metrics/gauge.h"

namespace weir {

using MetricValues = std::vector<std::pair<std::string, GaugeValue>>;

// [{"id"}] of all if none is wanted, else [{"id", "value"}] of those that are.
nlohmann::json MetricList(const MetricValues& metrics, const std::vector<std::string>& wanted);
// The same with "min", "max", "avg", "sum" and "skew" over several values of each, or those of them that the query's "agg" names.
nlohmann::json AggregatedMetricList(const std::map<std::string, std::vector<double>>& metrics,
                                    const RestRequest& request);

// Adds the numbers of `values` to those of other subjects.
void Collect(const MetricValues& values, std::map<std::string, std::vector<double>>& into);

}  // namespace weir
