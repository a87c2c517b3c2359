#include <string>

#include "weir/functions/state/keyed_rows.h"

namespace weir {

namespace {

// Page and row lie as those of a table do, for RowMarks.
alignas(RowMarks::kPageBytes) char page_without_keys[RowMarks::kPageBytes];

uint32_t RoundUp(uint32_t offset, uint32_t alignment) { return (offset + alignment - 1) / alignment * alignment; }

// Lists and maps keep a time per element, inside the value.
bool HasTimeInRow(const StateDeclaration& state) {
  return state.ttl.duration.count() > 0 && state.kind != StateKind::kList && state.kind != StateKind::kMap;
}

}  // namespace

char* const kNoKeyRow = page_without_keys + RowMarks::kPageBytes / 2;

Status CheckStateDeclarations(const std::vector<StateDeclaration>& states) {
  if (states.size() > kMaxStatesPerRow) {
    return InvalidArgumentError("the function declares " + std::to_string(states.size()) + " keyed states; at most " +
                                std::to_string(kMaxStatesPerRow) + " are possible. Put some of them into one struct");
  }
  for (size_t i = 0; i < states.size(); ++i) {
    if (states[i].name.empty())
      return InvalidArgumentError("keyed state number " + std::to_string(i + 1) + " has an empty name");
    for (size_t j = 0; j < i; ++j) {
      if (states[i].name != states[j].name) continue;
      return InvalidArgumentError("two keyed states are called \"" + states[i].name +
                                  "\"; snapshots find states by name, so give each its own");
    }
  }
  return OkStatus();
}

StatusOr<RowLayout> RowLayout::Of(const std::vector<StateDeclaration>& states) {
  WEIR_RETURN_IF_ERROR(CheckStateDeclarations(states));
  RowLayout layout;
  uint32_t offset = sizeof(uint64_t);  // the flags
  for (const StateDeclaration& state : states) {
    Slot slot;
    slot.offset = RoundUp(offset, state.ops->alignment);
    slot.present = uint64_t{1} << layout.slots.size();
    offset = slot.offset + state.ops->size;
    if (HasTimeInRow(state)) {
      slot.time_offset = RoundUp(offset, sizeof(int64_t));
      offset = slot.time_offset + sizeof(int64_t);
    }
    layout.slots.push_back(slot);
  }
  layout.row_bytes = RoundUp(offset, sizeof(uint64_t));
  return layout;
}

bool RowLayout::MayLackFlags(const std::vector<StateDeclaration>& states) {
  // Of larger rows flags are a small part.
  constexpr uint32_t kMostBytes = 32;
  if (states.size() != 1 || !states[0].is_of_handle) return false;
  const bool is_value = states[0].kind != StateKind::kList && states[0].kind != StateKind::kMap;
  return is_value && states[0].ops->flat && states[0].ops->size <= kMostBytes && states[0].ttl.duration.count() == 0;
}

RowLayout RowLayout::WithoutFlags(const std::vector<StateDeclaration>& states) {
  RowLayout layout;
  layout.slots.push_back({.offset = 0, .present = 1});
  layout.row_bytes = RoundUp(states[0].ops->size, sizeof(uint64_t));
  return layout;
}

Status KeyedRows::ReadNative(const NativeKeyedState&) {
  return FailedPreconditionError(
      "the keyed state is in the form of another backend; take a canonical savepoint to change the backend");
}

}  // namespace weir
