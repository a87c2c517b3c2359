#include "weir/state/heap/heap_keyed_rows.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/base/hash.h"
#include "weir/base/status_exception.h"
#include "weir/state/heap/heap_snapshots.h"
#include "weir/state/heap/heap_table.h"
#include "weir/state/heap/object_memory.h"
#include "weir/state/snapshot/piece_names.h"
#include "weir/state/snapshot/row_expiry.h"
#include "weir/types/key_group.h"

namespace weir {

namespace {

template <class Keys>
class HeapKeyedRows final : public KeyedRows, private KeyedRowsSink {
 public:
  HeapKeyedRows(KeyedRowsShape shape, std::shared_ptr<HeapMemory> memory)
      : shape_(std::move(shape)),
        memory_(std::move(memory)),
        table_(shape_.layout.row_bytes, FirstHashOf(shape_.key_groups.first, shape_.max_parallelism),
               FirstHashOf(shape_.key_groups.last + 1, shape_.max_parallelism) - 1, memory_) {
    if (ObjectMemory::IsNeeded(shape_)) objects_.emplace(shape_, memory_);
  }
  ~HeapKeyedRows() override { DestroyAllValues(); }

  const RowLayout& layout() const override { return shape_.layout; }

  void Prepare(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) override {
    Finish();  // its lists point to rows, which may move now
    if (objects_.has_value() && objects_->IsDue()) MeasureObjects();
    if (!snapshots_.is_tracking()) {
      table_.Prepare(keys, hashes, count, rows, inserted_);
    } else {
      snapshots_.NoteBatch();
      table_.PrepareInEpoch(snapshots_.epoch(), keys, hashes, count, rows, inserted_, snapshots_);
    }
    every_row_has_state_ = inserted_.empty();
  }
  // For rows that are only looked at: a snapshot under way and the next one need not know.
  void PrepareToLook(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) {
    Finish();
    table_.Prepare(keys, hashes, count, rows, inserted_);
    every_row_has_state_ = inserted_.empty();
  }
  bool PreparePieces(const char* row, uint32_t state, uint32_t first, uint32_t count, PieceUse use,
                     char** rows) override {
    if constexpr (kIsPieces) return false;
    MakePieces();
    piece_names_.Set(shape_, state, table_.KeyOf(row), table_.HashOf(row), first, count);
    if (use == PieceUse::kChange) {
      pieces_->Prepare(piece_names_.keys(), piece_names_.hashes(), count, rows);
    } else {
      static_cast<HeapKeyedRows<PieceKeys>&>(*pieces_).PrepareToLook(piece_names_.keys(), piece_names_.hashes(), count,
                                                                     rows);
    }
    return true;
  }
  void Load(char*, uint32_t) override {}
  void Finish() override {
    if (!inserted_.empty()) DropEmpty(inserted_);
    if (!emptied_.empty()) DropEmpty(emptied_);
    if (pieces_ != nullptr) pieces_->Finish();
  }
  void CleanUp(int64_t now_ms) override;
  void EndStep() override {}

  uint32_t Walk(RowCursor& cursor, uint32_t capacity, char** rows) override {
    Finish();  // its lists point to rows, which may move now
    const uint32_t count = table_.Walk(cursor, capacity, rows);
    if (!snapshots_.is_tracking()) return count;
    snapshots_.NoteBatch();
    for (uint32_t i = 0; i < count; ++i) rows[i] = snapshots_.Touch(rows[i], table_.HashOf(rows[i]));
    table_.GoToCopies(count, rows);
    return count;
  }
  StoredKey KeyOf(const char* row) const override { return table_.KeyOf(row); }
  void Clear() override {
    snapshots_.NoteCleared();
    DestroyAllValues();
    inserted_.clear();
    emptied_.clear();
    table_.Clear();
    if (objects_.has_value()) objects_->Clear();
    if (pieces_ != nullptr) pieces_->Clear();
  }
  uint64_t row_count() const override { return table_.row_count(); }
  uint64_t memory_bytes() const override {
    return table_.memory_bytes() + (objects_.has_value() ? objects_->bytes() : 0) +
           (pieces_ == nullptr ? 0 : pieces_->memory_bytes());
  }

  void Write(uint32_t first_key_group, uint32_t last_key_group, ByteWriter& out) override;
  Status Read(ByteReader& in) override {
    if (!kIsPieces && HoldsPieces(in)) return WithinMemory([&] { return MakePieces().Read(in); });
    return WithinMemory([&] { return ReadKeyedRows(shape_, in, *this); });
  }
  Status ReadNative(const NativeKeyedState& state) override;
  std::unique_ptr<KeyedSnapshot> BeginSnapshot() override {
    Finish();
    return snapshots_.Begin();
  }

 private:
  template <class>
  friend class HeapKeyedRows;
  static constexpr bool kIsPieces = std::is_same_v<Keys, PieceKeys>;

  KeyedRows& MakePieces() {
    if (pieces_ == nullptr) pieces_ = std::make_unique<HeapKeyedRows<PieceKeys>>(PiecesShapeOf(shape_), memory_);
    return *pieces_;
  }
  void PrepareRows(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) override {
    Prepare(keys, hashes, count, rows);
  }
  void Reserve(uint64_t rows) override { table_.Reserve(rows); }
  void OnEmptied(char* row) override { NoteEmptied(row); }
  bool TakesPages(const PageImageShape& shape) const override {
    return snapshots_.pages() == shape && !snapshots_.is_tracking();
  }
  char* NewPage() override { return reinterpret_cast<char*>(table_.NewForeignPage()); }
  Status AddPage(char* page, uint64_t first_hash, uint32_t hash_bits) override;
  // Whether the rows, which have just been read from `state`, are those of a checkpoint that the next one may build on.
  StatusOr<bool> MayBuildOn(const NativeKeyedState& state) const;
  // Reads; there may be no room for all of it.
  template <class Reading>
  Status WithinMemory(Reading&& reading) {
    try {
      const Status status = reading();
      Finish();
      if (objects_.has_value()) MeasureObjects();
      return status;
    } catch (const StatusException& e) {
      return e.status();
    }
  }
  // Drops those of `rows` that have no state.
  void DropEmpty(std::vector<char*>& rows) {
    for (char* row : rows) {
      // A row may be listed twice.
      if (table_.Contains(row) && table_.PresentIn(row) == 0) Drop(row);
    }
    rows.clear();
  }
  void Drop(char* row) {
    if (snapshots_.is_tracking()) snapshots_.NoteDropped(row);
    table_.Drop(row);
  }
  // Looks at the values of some rows, and takes the memory that all of them are likely to have.
  void MeasureObjects();
  void DestroyValues(char* row);
  void DestroyAllValues();

  const KeyedRowsShape shape_;
  const std::shared_ptr<HeapMemory> memory_;
  const RowExpiry expiry_{shape_};
  HeapTable<Keys> table_;
  HeapSnapshots<Keys> snapshots_{shape_, expiry_, table_, *this};
  std::vector<char*> inserted_;  // by the last Prepare
  PieceNames piece_names_;
  std::optional<ObjectMemory> objects_;  // if some values have memory of their own
  uint64_t measured_place_ = 0;
  // Of CleanUp: the time, and how far it is.
  int64_t now_ms_ = 0;
  uint64_t place_ = 0;
  std::vector<char*> page_;
};

template <class Keys>
void HeapKeyedRows<Keys>::CleanUp(int64_t now_ms) {
  if (!expiry_.any()) return;
  Finish();  // its lists name rows that may go
  now_ms_ = now_ms;
  snapshots_.SetNow(now_ms);
  page_.clear();
  table_.AppendPage(place_, page_);
  for (char* row : page_) {
    if (!expiry_.Clean(row, now_ms)) continue;
    // What has expired need not be in a snapshot that is under way.
    if (snapshots_.is_tracking()) snapshots_.TouchExpired(row, table_.HashOf(row));
    if (!RowHasState(row)) Drop(row);
  }
  if (pieces_ != nullptr) pieces_->CleanUp(now_ms);
}

template <class Keys>
Status HeapKeyedRows<Keys>::ReadNative(const NativeKeyedState& state) {
  if (state.format != "heap") return KeyedRows::ReadNative(state);
  if (!kIsPieces && HoldsPieces(state)) {
    WEIR_RETURN_IF_ERROR(WithinMemory([this] {
      MakePieces();
      return OkStatus();
    }));
    return pieces_->ReadNative(state);
  }
  WEIR_RETURN_IF_ERROR(WithinMemory([&] { return ReadHeapState(shape_, state, *this); }));
  WEIR_ASSIGN_OR_RETURN(const bool may_be_base, MayBuildOn(state));
  if (may_be_base) snapshots_.BuildOn(state.base, state.files->files());
  return OkStatus();
}

template <class Keys>
StatusOr<bool> HeapKeyedRows<Keys>::MayBuildOn(const NativeKeyedState& state) const {
  if (state.base == 0 || state.files == nullptr || state.files->files().empty() || !state.state.empty()) return false;
  if (snapshots_.is_tracking()) return false;
  // Files of a chain are of the same states and types.
  for (size_t i = 0; i < state.files->files().size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(const std::string header, ReadKeyedRowsHeader(*state.files, i));
    if (header != EncodeKeyedRowsHeader(shape_)) return false;
  }
  return true;
}

template <class Keys>
Status HeapKeyedRows<Keys>::AddPage(char* bytes, uint64_t first_hash, uint32_t hash_bits) {
  HeapPage* const page = reinterpret_cast<HeapPage*>(bytes);
  if constexpr (Keys::kForm == KeyForm::kInteger) {
    const char* const any = table_.AnySlotOf(page);
    if (hash_bits >= 64 || (any != nullptr && (Keys::HashOf(any) - first_hash) >> hash_bits != 0))
      return DataLossError("keyed rows: a page has keys of another one");
    if (table_.AdoptPage(page, first_hash, hash_bits)) return OkStatus();
    // There is no such page here: the max parallelism is no power of two, and the key groups begin elsewhere.
    std::vector<int64_t> keys;
    std::vector<const char*> from;
    table_.ForEachSlotOf(page, [&](char* slot) {
      keys.push_back(Keys::Read(slot).integer);
      from.push_back(slot + Keys::kBytes);
    });
    std::vector<uint64_t> hashes(keys.size());
    std::vector<char*> rows(keys.size());
    HashInts(keys, hashes);
    Prepare({.integers = keys.data()}, hashes.data(), static_cast<uint32_t>(keys.size()), rows.data());
    for (size_t i = 0; i < rows.size(); ++i) {
      std::memcpy(rows[i], from[i], shape_.layout.row_bytes);
      if constexpr (Keys::kHasMarks) table_.MarkOf(rows[i]) |= kPresentMark;
    }
  }
  table_.FreeForeignPage(page);
  return OkStatus();
}

template <class Keys>
void HeapKeyedRows<Keys>::MeasureObjects() {
  page_.clear();
  table_.AppendPage(measured_place_, page_);
  objects_->Measure(page_, table_.row_count());
}

template <class Keys>
void HeapKeyedRows<Keys>::DestroyValues(char* row) {
  for (size_t i = 0; i < shape_.states.size(); ++i) {
    const RowLayout::Slot& slot = shape_.layout.slots[i];
    if (!shape_.states[i].ops->flat && (RowFlags(row) & slot.present) != 0)
      shape_.states[i].ops->destroy(row + slot.offset);
  }
}

template <class Keys>
void HeapKeyedRows<Keys>::DestroyAllValues() {
  if (std::all_of(shape_.states.begin(), shape_.states.end(),
                  [](const StateDeclaration& state) { return state.ops->flat; }))
    return;
  std::vector<char*> rows;
  for (uint64_t position = 0; position < table_.directory_size();) {
    rows.clear();
    position = table_.AppendRowsAt(position, rows);
    for (char* row : rows) DestroyValues(row);
  }
}

template <class Keys>
void HeapKeyedRows<Keys>::Write(uint32_t first_key_group, uint32_t last_key_group, ByteWriter& out) {
  KeyedRowsWriter writer(shape_, out);
  std::vector<char*> rows;
  std::vector<std::pair<uint32_t, const char*>> waiting;  // key group and row
  const auto write_before = [&](uint32_t key_group) {
    const auto by_key_group = [](const auto& a, const auto& b) { return a.first < b.first; };
    // In large tables a page has the rows of one key group.
    if (!std::is_sorted(waiting.begin(), waiting.end(), by_key_group)) {
      std::stable_sort(waiting.begin(), waiting.end(), by_key_group);
    }
    auto next = waiting.begin();
    for (; next != waiting.end() && next->first < key_group; ++next)
      writer.Add(next->first, table_.KeyOf(next->second), next->second);
    waiting.erase(waiting.begin(), next);
  };
  for (uint64_t position = 0; position < table_.directory_size();) {
    rows.clear();
    position = table_.AppendRowsAt(position, rows);
    uint32_t highest = 0;
    for (char* row : rows) {
      // What has expired but was not come by yet is not written.
      if (expiry_.any() && expiry_.Clean(row, now_ms_) && !RowHasState(row)) NoteEmptied(row);
      const uint32_t key_group = static_cast<uint32_t>(KeyGroupForHash(table_.HashOf(row), shape_.max_parallelism));
      highest = std::max(highest, key_group);
      if (key_group >= first_key_group && key_group <= last_key_group) waiting.emplace_back(key_group, row);
    }
    // Pages come in the order of hashes, and so of key groups; only the page's last key group may go on in the next.
    write_before(highest);
  }
  write_before(last_key_group + 1);
  writer.Finish();
}

}  // namespace

StatusOr<std::unique_ptr<KeyedRows>> NewHeapKeyedRows(KeyedRowsShape shape, std::shared_ptr<HeapMemory> memory) {
  WEIR_ASSIGN_OR_RETURN(shape.layout, RowLayout::Of(shape.states));
  try {
    if (shape.key_form == KeyForm::kInteger && RowLayout::MayLackFlags(shape.states)) {
      shape.layout = RowLayout::WithoutFlags(shape.states);
      const auto slots = HeapSlots<true>::Of(MarkedIntegerKeys::kBytes, shape.layout.row_bytes);
      shape.layout.marks = {.first_row = slots.first + MarkedIntegerKeys::kBytes, .inverse = slots.inverse};
      return std::unique_ptr<KeyedRows>(new HeapKeyedRows<MarkedIntegerKeys>(std::move(shape), std::move(memory)));
    }
    if (shape.key_form == KeyForm::kInteger)
      return std::unique_ptr<KeyedRows>(new HeapKeyedRows<IntegerKeys>(std::move(shape), std::move(memory)));
    return std::unique_ptr<KeyedRows>(new HeapKeyedRows<ByteKeys>(std::move(shape), std::move(memory)));
  } catch (const StatusException& e) {
    return e.status();
  }
}

}  // namespace weir
