#include "weir/runtime/window/event_time_windows.h"

#include <stdexcept>

namespace weir {

void ThrowNoTimestampForWindow(const RuntimeContext& context) {
  throw std::logic_error("operator \"" + context.operator_name() +
                         "\" has windows of event time, and a record came without a timestamp: give the source a "
                         "WatermarkStrategy with WithTimestamps(...), or put AssignTimestampsAndWatermarks before the "
                         "window");
}

}  // namespace weir
