#include "weir/functions/window/triggers.h"

#include <stdexcept>

#include "weir/functions/runtime_context.h"

namespace weir::internal {

Status CheckAtLeastOne(const std::string& trigger, const char* argument, int64_t value) {
  if (value >= 1) return OkStatus();
  return InvalidArgumentError(trigger + " has " + argument + " of " + std::to_string(value) + "; expected at least 1");
}

void ThrowNoTimestampForTrigger(const RuntimeContext& context, const std::string& trigger) {
  throw std::logic_error("operator \"" + context.operator_name() + "\" has a " + trigger +
                         ", and a record came without a timestamp: give the source a WatermarkStrategy with "
                         "WithTimestamps(...), or put AssignTimestampsAndWatermarks before the window");
}

FireTime FireTime::EarliestOf(std::span<const FireTime> merged) {
  FireTime earliest;
  for (const FireTime& each : merged) {
    if (each.time.has_value() && (!earliest.time.has_value() || *each.time < *earliest.time)) earliest = each;
  }
  return earliest;
}

}  // namespace weir::internal
