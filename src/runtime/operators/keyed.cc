#include "weir/runtime/operators/keyed.h"

#include <algorithm>

#include "weir/base/clock.h"
#include "weir/runtime/operators/process.h"

namespace weir {

KeyedOperatorBase::KeyedOperatorBase() = default;
KeyedOperatorBase::~KeyedOperatorBase() = default;

Status KeyedOperatorBase::OpenState(const OperatorContext& context, StatefulFunction& function, KeyForm key_form,
                                    const std::vector<StateDeclaration>& hidden) {
  WEIR_RETURN_IF_ERROR(function.CheckStates());
  std::vector<StateDeclaration> states = function.keyed_states();
  states.insert(states.end(), hidden.begin(), hidden.end());
  WEIR_ASSIGN_OR_RETURN(rows_, context.keyed_state->Create(states, key_form));
  function.BindStates(*rows_);
  states_ = &function;
  key_context_ = &function.key_context();
  clock_ = context.clock;
  key_context_->now_ms = clock_->WallMillis();
  key_groups_ = KeyGroupRangeOf(context.runtime->subtask_index(), context.runtime->parallelism(),
                                context.runtime->max_parallelism());
  has_ttl_ = std::any_of(states.begin(), states.end(),
                         [](const StateDeclaration& state) { return state.ttl.duration.count() > 0; });
  return OkStatus();
}

void KeyedOperatorBase::BeginBatch() {
  if (!has_ttl_) return;
  key_context_->now_ms = clock_->WallMillis();
  rows_->CleanUp(key_context_->now_ms);
}

Status KeyedOperatorBase::EndStep() {
  rows_->EndStep();
  return OkStatus();
}

Status CollectingKeyedOperator::Open(const OperatorContext& context) {
  parts_.out.Bind(context.outputs.front(), parts_.has_views, parts_.holds_rows);
  WEIR_RETURN_IF_ERROR(OpenState(context, parts_.function, parts_.key_form));
  return parts_.lifecycle.Open(*context.runtime);
}

Status CollectingKeyedOperator::ProcessBatch(int, BatchBase* batch) {
  BatchPtr owner(batch);
  BeginBatch();
  WEIR_RETURN_IF_ERROR(Prepare(*batch));
  parts_.out.BeginInput(*batch);
  Run(*batch);
  parts_.out.EndInput();
  rows_->Finish();
  return OkStatus();
}

Status CollectingKeyedOperator::EndStep() {
  parts_.out.Flush();
  return KeyedOperatorBase::EndStep();
}

Status CollectingKeyedOperator::Close(bool) { return parts_.lifecycle.Close(); }

Status KeyedOperatorBase::Snapshot(OperatorStateWriter& writer) {
  if (key_groups_.size() > 0)
    writer.AddKeyedRows(*rows_, static_cast<uint32_t>(key_groups_.first), static_cast<uint32_t>(key_groups_.last));
  SnapshotOperatorStates(*states_, writer);
  return OkStatus();
}

Status KeyedOperatorBase::Restore(OperatorStateReader& reader) {
  WEIR_RETURN_IF_ERROR(reader.ReadKeyedRows(*rows_));
  return RestoreOperatorStates(*states_, reader);
}

}  // namespace weir
