// Functions that keep state, and what their state handles have in common.
//
//   class Visits : public KeyedProcessFunction<int64_t, Click, Alert> {
//     ...
//     ValueState<int64_t> seen_{this, "seen", Ttl(24h)};   // declared by construction
//   };
//
// A function is built once when the graph is planned, to read its declarations, and once per subtask. The operator that runs it makes the backend from
// the declarations, binds the handles to the rows' layout and then moves `key_context().row` from key to key: user code loads and stores through it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/functions/state/keyed_rows.h"

namespace weir {

class OperatorStateHandle;
class StateHandle;

// Base of every function that declares state. Neither copyable nor movable, for handles point into it.
class StatefulFunction {
 public:
  StatefulFunction();
  StatefulFunction(const StatefulFunction&) = delete;
  StatefulFunction& operator=(const StatefulFunction&) = delete;

  // For the engine. The keyed states in the order in which they were declared.
  const std::vector<StateDeclaration>& keyed_states() const { return keyed_states_; }
  // The operator and broadcast states, likewise.
  const std::vector<OperatorStateHandle*>& operator_states() const { return operator_states_; }
  // Names that are empty or used twice; too many states.
  Status CheckStates() const;
  // Makes the handles stand for rows of `rows`, which was created from keyed_states() and must outlive every use of them.
  void BindStates(KeyedRows& rows);
  KeyContext& key_context() { return key_context_; }

 protected:
  ~StatefulFunction();

 private:
  friend class OperatorStateHandle;
  friend class StateHandle;

  std::vector<StateDeclaration> keyed_states_;
  std::vector<StateHandle*> handles_;  // parallel to keyed_states_
  std::vector<OperatorStateHandle*> operator_states_;
  KeyContext key_context_;
};

// One keyed state of a function: where its value stands in the current row. Base of ValueState, ListState, MapState, ...
//
// Threads: the task's thread, inside calls for one key (an element, a timer).
class StateHandle {
 public:
  StateHandle(const StateHandle&) = delete;
  StateHandle& operator=(const StateHandle&) = delete;

 protected:
  // Declares the state; `ops` is a static table.
  StateHandle(StatefulFunction* function, std::string_view name, StateKind kind, const ValueOps* ops, Ttl ttl);
  ~StateHandle() = default;

  // The current key has a value that may be returned. Removes one that has expired and may not be.
  bool Present() const {
    if (!has_flags_) {
      if (IsMarked()) return true;
    } else if ((RowFlags(context_->row) & known_) == known_) [[likely]] {
      return time_offset_ == 0 || IsFresh();
    }
    RequireKey();
    return loaded_ != 0 && LoadAndLook();
  }
  // Throws a StatusException if no key is at hand. Whoever has found a value need not ask.
  void RequireKey() const {
    if (context_->row == kNoKeyRow) [[unlikely]]
      FailWithoutKey();
  }
  // The slot holds a value, be it expired: it must be assigned or destroyed, not overwritten.
  bool Occupied() const { return has_flags_ ? (RowFlags(context_->row) & present_) != 0 : IsMarked(); }
  void* slot() const { return context_->row + offset_; }
  int64_t now_ms() const { return context_->now_ms; }
  int64_t ttl_ms() const { return ttl_ms_; }
  const Ttl& ttl() const { return ttl_; }

  // Says that the slot now holds a value, written now.
  void SetPresent() const {
    if (!has_flags_) {
      if (IsMarked()) return;
      RequireKey();
      *marks_.Of(context_->row) |= kPresentMark;
      return;
    }
    // Tested first: in the steady state this is a load that is needed anyway, and no store.
    uint64_t& flags = RowFlags(context_->row);
    if ((flags & known_) != known_) {
      RequireKey();
      flags |= known_;
    }
    if (time_offset_ != 0) *reinterpret_cast<int64_t*>(context_->row + time_offset_) = context_->now_ms;
  }
  // Says that the slot holds nothing; what it held has been destroyed.
  void SetAbsent() const {
    if (!has_flags_) {
      *marks_.Of(context_->row) &= static_cast<uint8_t>(~kPresentMark);
      return context_->rows->NoteEmptied(context_->row);
    }
    uint64_t& flags = RowFlags(context_->row);
    flags = (flags & ~present_) | loaded_;
    if ((flags & kPresentFlags) == 0) context_->rows->NoteEmptied(context_->row);
  }
  // Destroys what the slot holds, if anything.
  void Discard() const;

  // Of a map or list in pieces: the rows of `count` of them. False: the backend has none.
  bool PreparePieces(uint32_t first, uint32_t count, PieceUse use, char** rows) const {
    return context_->rows->PreparePieces(context_->row, number_, first, count, use, rows);
  }
  // Where the values of at most kPiecesAtATime pieces are that lie behind pointers in their rows; null: the piece has none. They stay there until the call for
  // this key returns, or they are discarded.
  void FindPieces(uint32_t first, uint32_t count, PieceUse use, void** values) const;
  void DiscardPieces(uint32_t first, uint32_t count) const;
  // The place of this state in such a row; nullptr: it has no value.
  void* ValueIn(char* piece) const { return (RowFlags(piece) & present_) != 0 ? piece + offset_ : nullptr; }
  // Says that it has one now, and returns its place.
  void* SetValueIn(char* piece) const {
    RowFlags(piece) |= known_;
    return piece + offset_;
  }
  // Destroys it, if there is one.
  void DiscardIn(char* piece) const {
    if (ValueIn(piece) == nullptr) return;
    ops_->destroy(piece + offset_);
    RowFlags(piece) &= ~present_;
    context_->rows->pieces()->NoteEmptied(piece);
  }

 private:
  friend class StatefulFunction;

  void Bind(const RowLayout& layout);
  // Of a row without flags: its state has a value.
  bool IsMarked() const {
    return context_->rows->every_row_has_state() || (*marks_.Of(context_->row) & kPresentMark) != 0;
  }
  bool IsFresh() const;
  bool LoadAndLook() const;
  [[noreturn]] void FailWithoutKey() const;

  const StatefulFunction* const function_;
  KeyContext* const context_;
  const ValueOps* const ops_;
  const int64_t ttl_ms_;
  const Ttl ttl_;
  const uint32_t number_;
  // From the layout.
  bool has_flags_ = true;
  RowMarks marks_;
  uint32_t offset_ = 0;
  uint32_t time_offset_ = 0;
  uint64_t present_ = 0;
  uint64_t loaded_ = 0;
  uint64_t known_ = ~uint64_t{0};  // present_ | loaded_; before Bind nothing has a value
};

}  // namespace weir
