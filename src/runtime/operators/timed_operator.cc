#include "weir/runtime/operators/timed_operator.h"

#include <utility>

namespace weir {

namespace {

// Timers that one call fires at most, as many as one piece of other work has results.
constexpr uint32_t kTimersPerBatch = 1024;

}  // namespace

Status TimedOperator::OpenStateAndTimers(const OperatorContext& context, StatefulFunction& function, KeyForm key_form,
                                         bool with_timers) {
  std::vector<StateDeclaration> hidden;
  if (with_timers) hidden.push_back(KeyedTimers::Declaration());
  WEIR_RETURN_IF_ERROR(OpenState(context, function, key_form, hidden));
  if (!with_timers) return OkStatus();
  const uint32_t state = static_cast<uint32_t>(function.keyed_states().size());
  timers_ = std::make_unique<KeyedTimers>(*rows_, key_form, state, *key_context_);
  return OkStatus();
}

Status TimedOperator::BeginBatch(int input, BatchBase* batch) {
  progress_.Begin(input, batch);
  return Continue(kTimersPerBatch);
}

Status TimedOperator::Continue(uint32_t budget) {
  if (rows_ == nullptr) return WorkOn(budget);
  KeyedOperatorBase::BeginBatch();
  WEIR_RETURN_IF_ERROR(WorkOn(budget));
  // What comes next may be a snapshot or the end, of which the function is told.
  key_context_->LeaveKey();
  return OkStatus();
}

Status TimedOperator::WorkOn(uint32_t budget) {
  while (HasWork()) {
    if (IsFiring()) {
      if (budget == 0) return OkStatus();
      Fire(budget);
      continue;
    }
    WEIR_RETURN_IF_ERROR(ProcessEntries(progress_.EntriesBeforeMark()));
    if (progress_.HasMark()) {
      OnMark(progress_.input(), progress_.TakeMark());
      continue;
    }
    progress_.Finish();
    if (rows_ != nullptr) rows_->Finish();
  }
  return OkStatus();
}

void TimedOperator::Fire(uint32_t& budget) {
  const TimeDomain domain = timers_->firing_domain();
  const bool is_done = FirePiece(budget);
  progress_.RowsMoved();
  if (!is_done) {
    budget = 0;
  } else if (domain == TimeDomain::kEvent) {
    EmitWatermark(watermark_);
  }
}

void TimedOperator::AdvanceWatermark(EventTime watermark) {
  if (watermark < watermark_) return;  // event time never goes back
  watermark_ = watermark;
  SetWatermark(watermark);
  if (timers_ == nullptr || !timers_->BeginEventTime(watermark)) EmitWatermark(watermark);
}

Status TimedOperator::EndInput(int) {
  if (--open_inputs_ == 0 && timers_ != nullptr) timers_->Stop();
  return OkStatus();
}

Status TimedOperator::Restore(OperatorStateReader& reader) {
  WEIR_RETURN_IF_ERROR(KeyedOperatorBase::Restore(reader));
  if (timers_ != nullptr) timers_->Rebuild();
  return OkStatus();
}

Status TimedOperator::EndStep() {
  if (rows_ == nullptr) return OkStatus();
  if (timers_ != nullptr && !HasWork()) timers_->Tidy();
  return KeyedOperatorBase::EndStep();
}

}  // namespace weir
