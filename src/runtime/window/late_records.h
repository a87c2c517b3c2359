// What becomes of records whose windows are gone.
#pragma once

#include <cstdint>
#include <optional>

#include "weir/base/time.h"
#include "weir/functions/output_tag.h"
#include "weir/functions/process_context.h"

namespace weir {

// What is to become of records that come after their window has fired.
template <class T>
struct Lateness {
  Duration allowed{0};
  std::optional<OutputTag<T>> side_output = {};  // none: records that are too late are dropped and counted
};

// Counts dropped records in the metric and the accumulator numLateRecordsDropped. Threads: the task's thread.
class DroppedRecords {
 public:
  void Open(const RuntimeContext& context);
  void Add(int64_t records = 1);

 private:
  Accumulator* accumulator_ = nullptr;
  class Counter* metric_ = nullptr;
};

// Throws: event-time windows need timestamps.
[[noreturn]] void ThrowNoTimestampForWindow(const RuntimeContext& context);

}  // namespace weir
