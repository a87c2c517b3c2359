// AssignTimestampsAndWatermarks: event time for a stream that has none, or another one than it had.
#pragma once

#include <memory>
#include <optional>

#include "weir/runtime/operators/operator.h"
#include "weir/runtime/time/event_timeline.h"
#include "weir/types/batch_pool.h"

namespace weir {

// Watermarks from upstream end here, but for the one at the end of the stream; so does idleness.
class AssignTimestampsOperator final : public Operator {
 public:
  // `type`: of the records.
  AssignTimestampsOperator(const EventTimeStrategy& strategy, const BatchType* type);

  Status Open(const OperatorContext& context) override;
  Status ProcessBatch(int input, BatchBase* batch) override;
  EventTime NextProcessingTime() const override { return has_ended_ ? kNoEventTime : timeline_->next_time(); }
  Status OnProcessingTime(EventTime now) override;
  bool IsIdle(bool inputs_are_idle) const override { return !has_ended_ && timeline_->is_idle(); }

 private:
  const EventTimeStrategy strategy_;
  BatchPoolHandle marks_;
  BatchOutput* output_ = nullptr;
  std::unique_ptr<EventTimeline> timeline_;
  bool has_ended_ = false;
};

}  // namespace weir
