#include "weir/runtime/window/slices/slice_rows.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "weir/runtime/window/slices/slice_snapshot.h"

namespace weir {

StatusOr<std::unique_ptr<SliceRows>> SliceRows::New(std::vector<StateDeclaration> states, KeyGroupRange key_groups,
                                                    int max_parallelism, SliceKeys& keys, SliceContents& contents) {
  WEIR_ASSIGN_OR_RETURN(RowLayout layout, RowLayout::Of(states));
  return std::unique_ptr<SliceRows>(
      new SliceRows(std::move(states), std::move(layout), key_groups, max_parallelism, keys, contents));
}

SliceRows::SliceRows(std::vector<StateDeclaration> states, RowLayout layout, KeyGroupRange key_groups,
                     int max_parallelism, SliceKeys& keys, SliceContents& contents)
    : states_(std::move(states)),
      layout_(std::move(layout)),
      key_groups_(key_groups),
      max_parallelism_(max_parallelism),
      keys_(keys),
      contents_(contents),
      shape_{states_, layout_, keys_.form(), key_groups_, max_parallelism_},
      row_(layout_.row_bytes / sizeof(uint64_t)) {}

SliceRows::~SliceRows() {
  for (SliceSnapshot* snapshot : snapshots_) snapshot->Orphan();
}

std::unique_ptr<KeyedSnapshot> SliceRows::BeginSnapshot() {
  auto snapshot = std::make_unique<SliceSnapshot>(*this);
  snapshots_.push_back(snapshot.get());
  return snapshot;
}

void SliceRows::PutAside(uint32_t number) {
  for (SliceSnapshot* snapshot : snapshots_) snapshot->Take(number);
}

uint32_t SliceRows::BeforeBlockChange(uint32_t block) {
  uint32_t taken = 0;
  for (SliceSnapshot* snapshot : snapshots_) taken += snapshot->TakeBlock(block);
  return taken;
}

void SliceRows::AppendRecord(uint32_t number, ByteWriter& out) {
  char* const row = reinterpret_cast<char*>(row_.data());
  contents_.Compose(number, layout_, row);
  if (RowHasState(row)) {
    const StoredKey key = keys_.KeyOf(number);
    if (keys_.form() == KeyForm::kInteger) {
      out.PutI64(key.integer);
    } else {
      out.PutString(key.bytes);
    }
    WriteRowStates(shape_, row, out);
  }
  Empty(row);
}

void SliceRows::Empty(char* row) const {
  for (size_t i = 0; i < states_.size(); ++i) {
    if (!states_[i].ops->flat && (RowFlags(row) & layout_.slots[i].present) != 0)
      states_[i].ops->destroy(row + layout_.slots[i].offset);
  }
  std::memset(row, 0, layout_.row_bytes);
}

void SliceRows::Write(uint32_t first_key_group, uint32_t last_key_group, ByteWriter& out) {
  std::vector<std::pair<uint32_t, uint32_t>> order;  // key group and number
  for (uint32_t number = 0; number < keys_.limit(); ++number) {
    if (!keys_.IsUsed(number)) continue;
    const uint32_t key_group = keys_.KeyGroupOf(number);
    if (key_group >= first_key_group && key_group <= last_key_group) order.emplace_back(key_group, number);
  }
  std::sort(order.begin(), order.end());
  KeyedRowsWriter writer(shape_, out);
  char* const bytes = reinterpret_cast<char*>(row_.data());
  for (const auto& [key_group, number] : order) {
    contents_.Compose(number, layout_, bytes);
    writer.Add(key_group, keys_.KeyOf(number), bytes);
    Empty(bytes);
  }
  writer.Finish();
}

// Rows stand here from when their keys were read until the next keys come.
class SliceRows::Reader final : public KeyedRowsSink {
 public:
  explicit Reader(SliceRows& rows) : rows_(rows) {}
  ~Reader() override {
    for (uint32_t i = 0; i < count_; ++i) rows_.Empty(RowAt(i));
  }

  void PrepareRows(const KeyColumn& keys, const uint64_t* hashes, uint32_t count, char** rows) override {
    status_.Update(TakeOver());
    memory_.assign(size_t{count} * rows_.layout_.row_bytes / sizeof(uint64_t), 0);
    count_ = count;
    std::vector<char*> table_rows(count);
    SliceKeys& own = rows_.keys_;
    own.table().Prepare(keys, hashes, count, table_rows.data());
    numbers_.resize(count);
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t number = own.NumberIn(table_rows[i]);
      numbers_[i] = number != SliceKeys::kNone ? number : own.Assign(table_rows[i]);
      rows[i] = RowAt(i);
    }
    own.table().Finish();
  }
  Status Finish() {
    status_.Update(TakeOver());
    return status_;
  }

 private:
  char* RowAt(uint32_t i) { return reinterpret_cast<char*>(memory_.data()) + size_t{i} * rows_.layout_.row_bytes; }
  Status TakeOver() {
    Status status;
    for (uint32_t i = 0; i < count_; ++i) {
      status.Update(rows_.contents_.Absorb(numbers_[i], rows_.layout_, RowAt(i)));
      rows_.Empty(RowAt(i));
    }
    count_ = 0;
    return status;
  }

  SliceRows& rows_;
  Status status_;
  std::vector<uint64_t> memory_;
  std::vector<uint32_t> numbers_;
  uint32_t count_ = 0;
};

Status SliceRows::Read(ByteReader& in) {
  Reader reader(*this);
  WEIR_RETURN_IF_ERROR(ReadKeyedRows(shape_, in, reader));
  return reader.Finish();
}

}  // namespace weir
