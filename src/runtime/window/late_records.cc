#include "weir/runtime/window/late_records.h"

#include <stdexcept>
#include <string_view>

#include "weir/metrics/metric_group.h"

namespace weir {

namespace {
constexpr std::string_view kNumLateRecordsDropped = "numLateRecordsDropped";
}  // namespace

void DroppedRecords::Open(const RuntimeContext& context) {
  accumulator_ = &context.accumulator(kNumLateRecordsDropped);
  metric_ = &context.metrics().GetCounter(kNumLateRecordsDropped);
}

void DroppedRecords::Add(int64_t records) {
  accumulator_->Add(records);
  metric_->Inc(records);
}

void ThrowNoTimestampForWindow(const RuntimeContext& context) {
  throw std::logic_error("operator \"" + context.operator_name() +
                         "\" has windows of event time, and a record came without a timestamp: give the source a "
                         "WatermarkStrategy with WithTimestamps(...), or put AssignTimestampsAndWatermarks before the "
                         "window");
}

}  // namespace weir
