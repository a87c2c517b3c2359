// Metrics as messages of proto/weir/v1/metrics.proto.
#pragma once

#include "weir/metrics/metric_snapshot.h"

namespace weir {

namespace v1 {
class MetricReport;
}

void ToProto(const MetricReport& report, v1::MetricReport& message);
MetricReport FromProto(const v1::MetricReport& message);

}  // namespace weir
