// Metrics as lines of text for servers that know names only: StatsD and Graphite.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/metrics/metric_snapshot.h"

namespace weir {

// "<name>:<value>|g" each, put together into packets of at most `most_bytes` (a datagram that is not cut up on the way). All are gauges, as from Flink's
// StatsD reporter: a counter may go down, and a server adds counters up.
std::vector<std::string> StatsdPackets(const std::vector<MetricSnapshot>& snapshots, size_t most_bytes = 1400);

// "<name> <value> <time>\n" each.
std::string GraphiteLines(const std::vector<MetricSnapshot>& snapshots, int64_t now_seconds);

}  // namespace weir
