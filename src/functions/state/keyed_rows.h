// The record-path side of a keyed state backend: one row per key holds all value states of an operator.
//
//   row:  [ flags: 8 bytes ][ state 0 ][ state 1 ] ...      (offsets in RowLayout)
//
//   flags: bits 0..30   the state of that number has a value (31 states at most)
//          bits 32..    the backend's: loaded states, marks of its table, when the row was last touched
//   Rows of a single small state may go without (row_marks.h).
//
// Per input batch: Prepare finds or inserts the rows of all keys with prefetching; user code then loads and stores through row pointers; Finish ends
// the batch. A key that was only looked at leaves no row behind. Figures: docs/performance.md.
//
// Threads: the task's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/functions/state/keyed_snapshot.h"
#include "weir/functions/state/row_marks.h"

namespace weir {

class ByteReader;
class ByteWriter;
class HotKeys;
class Schema;
// state/snapshot/native_keyed_state.h
struct NativeKeyedState;

// What has run out of time in a list or map.
enum class Expired : uint8_t { kNothing, kSome, kAll };

// Everything a backend may do with the values of one type. One static table per type: `ValueOpsOf<V>()` in functions/state/value_ops.h.
// Values that are not trivially copyable live behind an owning pointer in the row, so that rows may always be moved as bytes.
struct ValueOps {
  uint32_t size;                                      // bytes in the row: sizeof(V), or of the pointer
  uint32_t alignment;                                 // at most 8
  bool flat;                                          // trivially copyable: the bytes in the row are the value
  void (*destroy)(void* slot);                        // not for flat values
  void (*copy)(const void* from, void* to);           // pre-images; not for flat values
  void (*encode)(const void* slot, ByteWriter& out);  // the value's serialized form
  Status (*decode)(ByteReader& in, void* slot);       // constructs the value in an empty slot; nothing if it fails
  const Schema& (*schema)();
  // Lists and maps: removes the elements that were written at `time` or before. kAll: nothing is left, and the value is still to be destroyed.
  // nullptr: the value has no times of its own.
  Expired (*expire)(void* slot, int64_t time) = nullptr;
  // What a value is before anybody sets it, as encode would write it: where fields that a snapshot does not have come from. Of a list: an element; of a
  // map: a key and a value. Null: nothing of it can be converted.
  void (*encode_default)(ByteWriter& out) = nullptr;
};

enum class StateKind : uint8_t { kValue, kList, kMap, kReducing, kAggregating };

// How long a state lives, by processing time. Zero: for ever.
//
//   Ttl(24h)                                                  a day after it was last written; not returned any more from then on
//   Ttl(24h).UpdateOnReadAndWrite()                           ... or read
//   Ttl(24h).ReturnExpiredIfNotCleanedUp()                    what has expired may be returned until it has been removed
struct Ttl {
  Ttl() = default;
  explicit Ttl(Duration duration) : duration(duration) {}
  Ttl UpdateOnReadAndWrite() const {
    Ttl ttl = *this;
    ttl.updates_on_read = true;
    return ttl;
  }
  Ttl ReturnExpiredIfNotCleanedUp() const {
    Ttl ttl = *this;
    ttl.returns_expired = true;
    return ttl;
  }
  Duration duration{0};
  bool updates_on_read = false;
  bool returns_expired = false;
};

// One state as its function declared it.
struct StateDeclaration {
  std::string name;
  StateKind kind = StateKind::kValue;
  const ValueOps* ops = nullptr;
  Ttl ttl;
  // Nobody but its StateHandle touches it in rows: it may lie in rows without flags.
  bool is_of_handle = false;
};

// Refuses more than kMaxStatesPerRow states, and names that are empty or used twice: part of the graph's validation.
Status CheckStateDeclarations(const std::vector<StateDeclaration>& states);

// Most states of one operator.
inline constexpr uint32_t kMaxStatesPerRow = 31;
// Bits of a row's flags that say which states have a value. None of them set: the row is dropped by Finish.
inline constexpr uint64_t kPresentFlags = (uint64_t{1} << kMaxStatesPerRow) - 1;

// The flags of a row that has them.
inline uint64_t& RowFlags(char* row) { return *reinterpret_cast<uint64_t*>(row); }
inline uint64_t RowFlags(const char* row) { return *reinterpret_cast<const uint64_t*>(row); }
// Whether some state of the row has a value.
inline bool RowHasState(const char* row) { return (RowFlags(row) & kPresentFlags) != 0; }

// Where the states of one operator stand in a row.
struct RowLayout {
  struct Slot {
    uint32_t offset = 0;       // of the value, from the row's start
    uint32_t time_offset = 0;  // of the time of the last write (int64_t, ms), for values with a time to live; 0: none
    uint64_t present = 0;      // bit of `flags`: the state has a value
    uint64_t loaded = 0;       // bit of `flags`: the row knows the state; 0 with backends that never read lazily
  };
  std::vector<Slot> slots;  // parallel to the declarations
  uint32_t row_bytes = 0;   // a multiple of 8
  RowMarks marks = {};      // of rows without flags; whose pages they are fills it in

  // Fails as CheckStateDeclarations does.
  static StatusOr<RowLayout> Of(const std::vector<StateDeclaration>& states);
  // Of rows without flags, but for their marks. Only if the states may lie in such.
  static RowLayout WithoutFlags(const std::vector<StateDeclaration>& states);
  static bool MayLackFlags(const std::vector<StateDeclaration>& states);

  // Of rows of either kind.
  bool has_flags() const { return marks.first_row == 0; }
  // A bit for each state that has a value.
  uint32_t PresentIn(const char* row) const {
    return has_flags() ? static_cast<uint32_t>(RowFlags(row) & kPresentFlags) : *marks.Of(row) >> 7;
  }
  void SetPresent(char* row, const Slot& slot) const {
    if (has_flags()) {
      RowFlags(row) |= slot.present | slot.loaded;
    } else {
      *marks.Of(row) |= kPresentMark;
    }
  }
  // `states`: bits of flags.
  void SetAbsent(char* row, uint64_t states) const {
    if (has_flags()) {
      RowFlags(row) &= ~states;
    } else if ((states & 1) != 0) {
      *marks.Of(row) &= static_cast<uint8_t>(~kPresentMark);
    }
  }
};

// Keys of one batch: 64-bit integers (whose hashes are Hash64 of them), or byte strings (strings as they are, composite keys serialized; HashBytes).
struct KeyColumn {
  const int64_t* integers = nullptr;
  const std::string_view* bytes = nullptr;
};

// kPieces: byte strings that name pieces of large maps and lists (map_pieces.h, list_pieces.h); no operator asks for them.
enum class KeyForm : uint8_t { kInteger, kBytes, kPieces };

// What is done with pieces that are asked for: only those that may change are written again.
enum class PieceUse : uint8_t { kLook, kChange };

// One key as the backend stores it; `bytes` point into the backend until the row goes.
struct StoredKey {
  int64_t integer = 0;
  std::string_view bytes;
};

// A place in the walk over all rows; value-initialised: the start.
struct RowCursor {
  uint64_t position = 0;
  bool done = false;
};

// A backend that keeps rows on disk throws StatusException where a call that returns nothing cannot read or write them: the task fails with that status.
class KeyedRows {
 public:
  virtual ~KeyedRows() = default;

  virtual const RowLayout& layout() const = 0;

  // rows[i] becomes the row of the i-th key, inserted if new (no state present, values zeroed). Pointers stay valid until Finish or the next Prepare.
  // `count` may be any number; keys may repeat.
  virtual void Prepare(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) = 0;
  // Reads state number `state` of `row` if the backend had not (its loaded bit is clear). The heap never needs it.
  virtual void Load(char* row, uint32_t state) = 0;
  // The rows of the pieces [first, first + count) of the map or list that state number `state` of `row` has (map_pieces.h), made if they are new. They have the
  // states and the layout of these rows. What hangs on pointers in them stays where it is until Finish, the rows themselves until the next call. False: these rows
  // keep maps and lists in one piece, however large.
  virtual bool PreparePieces(const char* row, uint32_t state, uint32_t first, uint32_t count, PieceUse use,
                             char** rows) {
    return false;
  }
  // The rows of all pieces; nullptr: there have been none yet. They go with the rows that they are of, but have snapshots of their own.
  KeyedRows* pieces() const { return pieces_.get(); }
  // Ends the batch: drops its rows that have no state.
  virtual void Finish() = 0;
  // Removes a bounded piece of what has expired by `now_ms`; called between batches if some state has a time to live. The next call goes on with other rows.
  virtual void CleanUp(int64_t now_ms) {}
  // Ends a step: the only place where a running snapshot may take pages over.
  virtual void EndStep() = 0;

  // Up to `capacity` rows from `cursor` on, in no particular order; returns how many, 0 at the end. The walk sees every row once if no Prepare comes in
  // between. Rows may be changed; those whose states are cleared go at the next Finish, which does not disturb the walk.
  virtual uint32_t Walk(RowCursor& cursor, uint32_t capacity, char** rows) = 0;
  // The key of a row that Prepare or Walk returned.
  virtual StoredKey KeyOf(const char* row) const = 0;
  // Removes every row and its values (clearing a window that fired).
  virtual void Clear() = 0;
  virtual uint64_t row_count() const = 0;
  // Bytes of memory held, for metrics and the budget.
  virtual uint64_t memory_bytes() const = 0;

  // Writes all rows of the key groups [first, last] in the canonical form, between batches; reads what Write wrote, skipping key groups that are not this
  // backend's.
  virtual void Write(uint32_t first_key_group, uint32_t last_key_group, ByteWriter& out) = 0;
  virtual Status Read(ByteReader& in) = 0;

  // A snapshot of the rows as they are now, between batches; it may outlive the rows. nullptr: this backend has only Write.
  virtual std::unique_ptr<KeyedSnapshot> BeginSnapshot() { return nullptr; }
  // Reads what such a snapshot has in the form of this backend. Other backends cannot.
  virtual Status ReadNative(const NativeKeyedState& state);
  // Where a sample of the keys that are prepared goes; null: nowhere. It must outlive the rows' use.
  void set_hot_keys(HotKeys* hot_keys) { hot_keys_ = hot_keys; }
  HotKeys* hot_keys() const { return hot_keys_; }

  // Called by a state handle that took the last value out of `row`, so that Finish need not look at every row of the batch.
  void NoteEmptied(char* row) {
    every_row_has_state_ = false;
    emptied_.push_back(row);
  }
  // With rows without flags: all of the last Prepare, and of a Walk behind it, have their state, so that nobody need look at their marks.
  bool every_row_has_state() const { return every_row_has_state_; }
  // Marks are looked at again.
  void ForgetThatEveryRowHasState() { every_row_has_state_ = false; }

 protected:
  bool every_row_has_state_ = false;
  std::vector<char*> emptied_;  // since the last Finish; a row may have been filled again, or be listed twice
  std::unique_ptr<KeyedRows> pieces_;

 private:
  HotKeys* hot_keys_ = nullptr;
};

// The row while no key is at hand: neither flags nor marks say that it has a state, and nothing is written to it. So handles look for a missing key only
// where there is no value.
extern char* const kNoKeyRow;

// What a state handle needs while user code runs: the current row.
struct KeyContext {
  // No key is at hand any more: whoever touches keyed state now is told so, and gets nothing of some earlier key.
  void LeaveKey() {
    row = kNoKeyRow;
    if (rows != nullptr) rows->ForgetThatEveryRowHasState();
  }

  char* row = kNoKeyRow;
  KeyedRows* rows = nullptr;
  int64_t now_ms = 0;  // processing time of this step, for time to live
};

}  // namespace weir
