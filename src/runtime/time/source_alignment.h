// Watermark alignment in one subtask of a source: when the JobMaster is to hear of it, and whether it must wait for others.
#pragma once

#include "weir/base/time.h"
#include "weir/functions/watermark_generator.h"

namespace weir {

// The first report is due at once: from then on the others know of this subtask. Until the JobMaster has answered, nothing is too far ahead.
//
// Threads: the task's thread.
class SourceAlignment {
 public:
  SourceAlignment(const WatermarkAlignment& settings, EventTime now) : settings_(settings), next_report_(now) {}

  const WatermarkAlignment& settings() const { return settings_; }
  EventTime next_report() const { return next_report_; }
  // Whether a report is due; then the next one is due an interval later.
  bool TakeReport(EventTime now) {
    if (now < next_report_) return false;
    next_report_ = now + settings_.update_interval.count();
    return true;
  }

  void SetLimit(EventTime limit) { limit_ = limit; }
  EventTime limit() const { return limit_; }
  bool IsTooFar(EventTime watermark) const { return watermark > limit_; }

 private:
  const WatermarkAlignment settings_;
  EventTime next_report_;
  EventTime limit_ = kMaxWatermark;
};

}  // namespace weir
