#include "weir/functions/state/stateful_function.h"

#include <algorithm>
#include <string>

#include "weir/base/status_exception.h"
#include "weir/functions/state/map_pieces.h"
#include "weir/functions/state/operator_state_handle.h"

namespace weir {

StatefulFunction::StatefulFunction() = default;
StatefulFunction::~StatefulFunction() = default;

Status StatefulFunction::CheckStates() const {
  WEIR_RETURN_IF_ERROR(CheckStateDeclarations(keyed_states_));
  for (size_t i = 0; i < operator_states_.size(); ++i) {
    const std::string& name = operator_states_[i]->name();
    if (name.empty())
      return InvalidArgumentError("operator state number " + std::to_string(i + 1) + " has an empty name");
    for (size_t j = 0; j < i; ++j) {
      if (name != operator_states_[j]->name()) continue;
      return InvalidArgumentError("two operator states are called \"" + name +
                                  "\"; snapshots find states by name, so give each its own");
    }
  }
  return OkStatus();
}

void StatefulFunction::BindStates(KeyedRows& rows) {
  key_context_.rows = &rows;
  for (StateHandle* handle : handles_) handle->Bind(rows.layout());
}

StateHandle::StateHandle(StatefulFunction* function, std::string_view name, StateKind kind, const ValueOps* ops,
                         Ttl ttl)
    : function_(function),
      context_(&function->key_context_),
      ops_(ops),
      ttl_ms_(ttl.duration.count()),
      ttl_(ttl),
      number_(static_cast<uint32_t>(function->keyed_states_.size())) {
  function->keyed_states_.push_back({std::string(name), kind, ops, ttl, /*is_of_handle=*/true});
  function->handles_.push_back(this);
}

void StateHandle::Bind(const RowLayout& layout) {
  const RowLayout::Slot& slot = layout.slots[number_];
  has_flags_ = layout.has_flags();
  marks_ = layout.marks;
  offset_ = slot.offset;
  time_offset_ = slot.time_offset;
  present_ = slot.present;
  loaded_ = slot.loaded;
  known_ = present_ | loaded_;
}

void StateHandle::Discard() const {
  if (!Occupied()) return RequireKey();
  if (!ops_->flat) ops_->destroy(slot());
  SetAbsent();
}

void StateHandle::FindPieces(uint32_t first, uint32_t count, PieceUse use, void** values) const {
  char* rows[internal::kPiecesAtATime];
  PreparePieces(first, count, use, rows);
  for (uint32_t i = 0; i < count; ++i) {
    void* const at = ValueIn(rows[i]);
    values[i] = at == nullptr ? nullptr : *static_cast<void**>(at);
  }
}

void StateHandle::DiscardPieces(uint32_t first, uint32_t count) const {
  char* rows[internal::kPiecesAtATime];
  for (uint32_t at = 0; at < count; at += internal::kPiecesAtATime) {
    const uint32_t ready = std::min(internal::kPiecesAtATime, count - at);
    PreparePieces(first + at, ready, PieceUse::kChange, rows);
    for (uint32_t i = 0; i < ready; ++i) DiscardIn(rows[i]);
  }
}

bool StateHandle::IsFresh() const {
  int64_t& written = *reinterpret_cast<int64_t*>(context_->row + time_offset_);
  if (context_->now_ms - written < ttl_ms_) {
    if (ttl_.updates_on_read) written = context_->now_ms;
    return true;
  }
  if (ttl_.returns_expired) return true;
  Discard();
  return false;
}

void StateHandle::FailWithoutKey() const {
  throw StatusException(FailedPreconditionError(
      "state \"" + function_->keyed_states_[number_].name +
      "\" was used where there is no key: it belongs to the key of an element or of a timer, and there is none in "
      "constructors, Open, InitializeState, SnapshotState, Close and the notifications of checkpoints. In "
      "ProcessBroadcastElement visit the keys with ApplyToKeyedState; use operator state for what belongs to no key"));
}

bool StateHandle::LoadAndLook() const {
  if ((RowFlags(context_->row) & loaded_) == 0) context_->rows->Load(context_->row, number_);
  return Occupied() && (time_offset_ == 0 || IsFresh());
}

}  // namespace weir
