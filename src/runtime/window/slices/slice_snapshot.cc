#include "weir/runtime/window/slices/slice_snapshot.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "weir/runtime/window/slices/slice_column.h"
#include "weir/runtime/window/slices/slice_rows.h"

namespace weir {

namespace {

constexpr uint32_t kBits = 64;
static_assert(kBits == kBlockRows);
// What one call of Advance writes at most: some 100 us.
constexpr size_t kBytesAtATime = 64 << 10;
constexpr uint32_t kNumbersAtATime = 512;
// Enough for a section of its own; of all key groups together, what memory may be spent on that.
constexpr size_t kSectionBytes = 32 << 10;
constexpr size_t kMostGathered = 8 << 20;
constexpr size_t kChunkBytes = 1 << 20;

}  // namespace

SliceSnapshot::SliceSnapshot(SliceRows& rows)
    : rows_(&rows),
      left_((rows.keys_.limit() + kBits - 1) / kBits),
      gathered_(static_cast<size_t>(rows.key_groups_.size())) {
  for (uint32_t number = 0; number < rows.keys_.limit(); ++number)
    left_[number / kBits] |= uint64_t{rows.keys_.IsUsed(number)} << number % kBits;
}

SliceSnapshot::~SliceSnapshot() { LeaveRows(); }

void SliceSnapshot::LeaveRows() {
  if (rows_ == nullptr) return;
  std::erase(rows_->snapshots_, this);
  rows_ = nullptr;
}

void SliceSnapshot::Orphan() {
  rows_ = nullptr;
  sink_.reset();
}

void SliceSnapshot::Start(const KeyedSnapshotRequest&, std::shared_ptr<KeyedSnapshotSink> sink) {
  if (rows_ == nullptr) return;
  sink_ = std::move(sink);
  TakeBuffer();
  writer_.emplace(rows_->shape_, out_);
}

void SliceSnapshot::Take(uint32_t number) {
  if (number / kBits >= left_.size() || (left_[number / kBits] >> number % kBits & 1) == 0) return;
  WriteNumber(number);
}

uint32_t SliceSnapshot::TakeBlock(uint32_t block) {
  if (block >= left_.size()) return 0;
  const uint32_t count = static_cast<uint32_t>(std::popcount(left_[block]));
  while (left_[block] != 0) WriteNumber(block * kBits + static_cast<uint32_t>(std::countr_zero(left_[block])));
  return count;
}

void SliceSnapshot::WriteNumber(uint32_t number) {
  left_[number / kBits] &= ~(uint64_t{1} << number % kBits);
  const uint32_t key_group = rows_->keys_.KeyGroupOf(number);
  Gathered& gathered = gathered_[key_group - static_cast<uint32_t>(rows_->key_groups_.first)];
  const size_t before = gathered.records.size();
  rows_->AppendRecord(number, gathered.records);
  if (gathered.records.size() == before) return;
  ++gathered.count;
  gathered_bytes_ += gathered.records.size() - before;
  // Before Start there is nowhere to put it.
  if (!writer_.has_value()) return;
  if (gathered.records.size() >= kSectionBytes) WriteGathered(key_group);
  if (gathered_bytes_ >= kMostGathered) WriteAllGathered();
}

void SliceSnapshot::WriteGathered(uint32_t key_group) {
  Gathered& gathered = gathered_[key_group - static_cast<uint32_t>(rows_->key_groups_.first)];
  if (gathered.count == 0) return;
  const std::string_view records = gathered.records.bytes();
  std::memcpy(writer_->AddRecords(key_group, gathered.count, records.size()), records.data(), records.size());
  gathered_bytes_ -= records.size();
  gathered.records.Clear();
  gathered.count = 0;
}

void SliceSnapshot::WriteAllGathered() {
  for (int group = rows_->key_groups_.first; group <= rows_->key_groups_.last; ++group)
    WriteGathered(static_cast<uint32_t>(group));
}

bool SliceSnapshot::Advance() {
  if (sink_ == nullptr || sink_->IsFull()) return false;
  uint32_t numbers = 0;
  const size_t before = gathered_bytes_ + out_.size();
  for (; place_ < left_.size() && numbers < kNumbersAtATime; ++place_) {
    numbers += 1 + TakeBlock(static_cast<uint32_t>(place_));
    if (gathered_bytes_ + out_.size() >= before + kBytesAtATime) break;
  }
  if (place_ < left_.size()) {
    PassOn(/*all=*/false);
    return true;
  }
  Finish();
  return false;
}

void SliceSnapshot::Finish() {
  WriteAllGathered();
  writer_->Finish();
  PassOn(/*all=*/true);
  LeaveRows();
  KeyedSnapshotEnd end;
  end.format = "canonical";
  std::exchange(sink_, nullptr)->Finish(std::move(end));
}

void SliceSnapshot::PassOn(bool all) {
  if (out_.size() < kChunkBytes && !all) return;
  writer_->Cut();
  sink_->Append(std::move(out_).Take());
  if (!all) TakeBuffer();
}

void SliceSnapshot::TakeBuffer() {
  out_ = ByteWriter(sink_->NewBuffer());
  out_.Truncate(0);
}

}  // namespace weir
