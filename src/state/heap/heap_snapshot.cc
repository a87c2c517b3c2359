#include "weir/state/heap/heap_snapshot.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "weir/state/heap/lent_pages_writer.h"
#include "weir/state/heap/number_records.h"

namespace weir {

namespace {

constexpr uint64_t kPagesAgedAtATime = 16;
// What one call of Advance writes at most.
constexpr size_t kBytesAtATime = 64 << 10;
// Few enough that memory is used again, enough for a write.
constexpr size_t kChunkBytes = 1 << 20;
// What comes on top before a chunk is passed on. Of a string that is used again, nothing is cleared then.
constexpr size_t kChunkRoom = kChunkBytes + 2 * kBytesAtATime;
// A restore reads the whole chain: when what has changed is more than what there was at first, or the files are too many, a full snapshot is cheaper.
constexpr uint32_t kLongestChain = 64;

// The entries of a piece of a large map are about so many bytes, and mostly more (functions/state/map_pieces.h).
constexpr uint32_t kLeastPiece = 256;

// Smaller tables are records: a page takes 16 KiB however few rows it has.
constexpr uint64_t kFewestPages = 64;
// Smaller ones are written in no time.
constexpr uint64_t kFewestLentPages = 8;

template <class T>
void Remove(std::vector<T*>& from, const T* what) {
  from.erase(std::remove(from.begin(), from.end(), what), from.end());
}

}  // namespace

template <class Keys>
HeapSnapshot<Keys>::HeapSnapshot(HeapSnapshots<Keys>& owner, uint32_t epoch)
    : owner_(&owner),
      epoch_(epoch),
      record_bytes_(Keys::kHasMarks && owner.pages().has_value() ? kRecordHead + owner.pages()->states[0].bytes : 0) {}

template <class Keys>
HeapSnapshot<Keys>::~HeapSnapshot() {
  if (owner_ == nullptr) return;
  DropKept();
  StopRunning();
  Remove(owner_->alive_, this);
}

template <class Keys>
void HeapSnapshot<Keys>::StopRunning() {
  Remove(owner_->running_, this);
}

template <class Keys>
void HeapSnapshot<Keys>::Orphan() {
  owner_ = nullptr;
  sink_.reset();
}

template <class Keys>
void HeapSnapshot<Keys>::OnEpoch() {
  if constexpr (Keys::kHasMarks) {
    marks_ = EpochMarkSet(owner_->epoch(), [this](uint32_t epoch) { return IsIn(epoch); });
  }
}

template <class Keys>
void HeapSnapshot<Keys>::Start(const KeyedSnapshotRequest& request, std::shared_ptr<KeyedSnapshotSink> sink) {
  if (owner_ == nullptr) return;
  is_started_ = true;
  request_ = request;
  sink_ = std::move(sink);
  const uint32_t least_value = owner_->shape_.key_form == KeyForm::kPieces ? kLeastPiece : 0;
  const uint64_t least_bytes =
      owner_->table_.row_count() * (sizeof(uint32_t) + owner_->shape_.layout.row_bytes + least_value);
  if (request_.may_be_shared && least_bytes > request_.max_inline_bytes) {
    next_ = Base{.checkpoint_id = request_.checkpoint_id, .epoch = epoch_};
    const std::optional<Base>& base = owner_->base_;
    if (!request_.is_full && owner_->MayBuildOnBase(*this) && base->length < kLongestChain &&
        base->changes_bytes <= base->full_bytes) {
      base_ = base;
      first_epoch_ = base->epoch + 1;
      OnEpoch();
    }
  }
  const uint64_t pages = owner_->table_.page_count();
  writes_pages_ = request_.is_native && !base_.has_value() && owner_->pages().has_value() && pages >= kFewestPages;
  if (record_bytes_ != 0 && pages >= kFewestLentPages) {
    StartLending();
    SiftKept();
    return;
  }
  TakeBuffer();
  if (writes_pages_) {
    const PageImageHeader header{.rows = owner_->table_.row_count(),
                                 .first_key_group = static_cast<uint32_t>(owner_->shape_.key_groups.first),
                                 .last_key_group = static_cast<uint32_t>(owner_->shape_.key_groups.last),
                                 .shape = *owner_->pages()};
    writer_.emplace(owner_->shape_, header, out_);
  } else {
    writer_.emplace(owner_->shape_, out_, request_.is_native ? KeyedRowsVersion::kChanges : KeyedRowsVersion::kAll);
  }
  if (request_.is_native) writer_->KeepIndex();
  if (base_.has_value()) WriteErased(*writer_);
  SiftKept();
}

template <class Keys>
void HeapSnapshot<Keys>::WriteErased(KeyedRowsWriter& writer) {
  for (const auto& erased : owner_->erased_) {
    if (!IsIn(erased.epoch)) continue;
    StoredKey key;
    if (Keys::kForm == KeyForm::kInteger) {
      key.integer = LoadLittleEndian<int64_t>(erased.key.data());
    } else {
      key.bytes = erased.key;
    }
    writer.AddErased(erased.key_group, key);
  }
}

template <class Keys>
KeptRows& HeapSnapshot<Keys>::KeptOf(uint32_t key_group) {
  if (kept_.empty()) kept_.resize(static_cast<size_t>(owner_->shape_.key_groups.size()));
  return kept_[key_group - static_cast<uint32_t>(owner_->shape_.key_groups.first)];
}

template <class Keys>
void HeapSnapshot<Keys>::DropKept() {
  for (KeptRows& kept : kept_) kept.Drain(owner_->kept_pool_, [](uint32_t, std::string_view) {});
  kept_.clear();
}

namespace {

// Before a record that may have to be left out: its epoch and length.
constexpr uint32_t kKeptHead = 2 * sizeof(uint32_t);

}  // namespace

template <class Keys>
void HeapSnapshot<Keys>::Keep(const char* row, uint64_t hash) {
  if (walked_ || owner_->table_.PlaceOf(hash) < place_) return;
  if (is_started_ && record_bytes_ != 0) {
    const uint8_t mark = owner_->table_.MarkOf(row);
    if ((mark & kPresentMark) != 0 && marks_.Has(mark))
      PutNumberRecord(row - Keys::kBytes, record_bytes_ - kRecordHead,
                      KeptOf(owner_->KeyGroupOf(hash)).Extend(owner_->kept_pool_, record_bytes_));
    return;
  }
  const uint32_t epoch = owner_->EpochOf(row);
  const uint32_t present = owner_->table_.PresentIn(row);
  if (present == 0 || !IsIn(epoch)) return;
  const StoredKey key = owner_->table_.KeyOf(row);
  const bool are_numbers = owner_->pages().has_value();
  uint32_t bytes = sizeof(int64_t) + (are_numbers ? StatesBytes(*owner_->pages(), present) : 0);
  if (!are_numbers) {
    record_.Clear();
    if (Keys::kForm == KeyForm::kInteger) {
      record_.PutI64(key.integer);
    } else {
      record_.PutString(key.bytes);
    }
    WriteRowStates(owner_->shape_, row, record_);
    bytes = static_cast<uint32_t>(record_.size());
  }
  const uint32_t head = is_started_ ? 0 : kKeptHead;
  char* at = KeptOf(owner_->KeyGroupOf(hash)).Extend(owner_->kept_pool_, head + bytes);
  if (head != 0) {
    StoreLittleEndian(at, epoch);
    StoreLittleEndian(at + sizeof(epoch), bytes);
    at += head;
  }
  if (are_numbers) {
    StoreLittleEndian(at, key.integer);
    PutStates(*owner_->pages(), row - Keys::kBytes, present, at + sizeof(key.integer));
  } else {
    std::memcpy(at, record_.bytes().data(), bytes);
  }
}

template <class Keys>
void HeapSnapshot<Keys>::SiftKept() {
  for (KeptRows& kept : kept_) {
    KeptRows before = std::exchange(kept, KeptRows());
    before.Drain(owner_->kept_pool_, [&](uint32_t, std::string_view records) {
      while (!records.empty()) {
        const uint32_t epoch = LoadLittleEndian<uint32_t>(records.data());
        const uint32_t bytes = LoadLittleEndian<uint32_t>(records.data() + sizeof(epoch));
        if (IsIn(epoch)) std::memcpy(kept.Extend(owner_->kept_pool_, bytes), records.data() + kKeptHead, bytes);
        records.remove_prefix(kKeptHead + bytes);
      }
    });
  }
}

template <class Keys>
void HeapSnapshot<Keys>::KeepRest() {
  while (!walked_) {
    page_.clear();
    uint64_t behind = place_;
    owner_->table_.AppendPage(behind, page_);
    for (const char* row : page_) Keep(row, owner_->table_.HashOf(row));
    place_ = behind;
    walked_ = behind == 0;
  }
}

template <class Keys>
bool HeapSnapshot<Keys>::Advance() {
  if (sink_ == nullptr || sink_->IsFull()) return false;
  owner_->AgeMarks(kPagesAgedAtATime);
  if (lent_writer_ != nullptr) return Lend();
  const uint64_t bytes = written_bytes_ + out_.size();
  size_t rows = 0;
  for (size_t pages = 0; !walked_ && pages < kPagesLookedAt && rows < kRowsAtATime; ++pages) {
    rows += WritePage();
    if (written_bytes_ + out_.size() - bytes >= kBytesAtATime) break;
  }
  if (!walked_) {
    PassOn(/*all=*/false);
    return true;
  }
  Finish();
  return false;
}

template <class Keys>
size_t HeapSnapshot<Keys>::WritePage() {
  const HeapTable<Keys>& table = owner_->table_;
  const typename HeapTable<Keys>::PageSpan span = table.SpanAt(place_);
  const bool is_looked_at = writes_pages_ || span.touched >= first_epoch_;
  // Mostly so is the next one.
  if (is_looked_at) table.AskForPage(table.PlaceBehind(place_));
  page_.clear();
  uint64_t behind = place_;
  size_t rows = 0;
  const uint32_t key_group = owner_->KeyGroupOf(span.first);
  const bool is_of_one = key_group == owner_->KeyGroupOf(span.last);
  HeapPage* const page = writes_pages_ && is_of_one ? table.PageAt(place_) : nullptr;
  if (page != nullptr && WriteAsPage(page, key_group, span.first, span.last)) {
    behind = table.PlaceBehind(place_);
    rows = page->rows;
  } else if (span.touched >= first_epoch_) {
    table.AppendPage(behind, page_);
    rows = page_.size();
    if (writes_pages_) {
      KeepPage();
    } else if (is_of_one && owner_->pages().has_value()) {
      WritePageOfNumbers(key_group);
    } else if (is_of_one) {
      for (char* row : page_) {
        if (IsToBeWritten(row)) WriteRow(key_group, row);
      }
    } else {
      WritePageByKeyGroup();
    }
  } else {
    behind = table.PlaceBehind(place_);
  }
  place_ = behind;
  walked_ = behind == 0;
  return rows;
}

template <class Keys>
bool HeapSnapshot<Keys>::WriteAsPage(HeapPage* page, uint32_t key_group, uint64_t first_hash, uint64_t last_hash) {
  const auto& slots = owner_->table_.slots();
  // Few rows take more room as a page than as records.
  if (page->rows * 4 < slots.count) return false;
  FindLeftOut(page);
  if (left_out_.size() * 2 > page->rows) return false;
  WriteKeptBelow(key_group);
  char* const image = writer_->AddPage(key_group, page->rows - static_cast<uint32_t>(left_out_.size()), first_hash,
                                       static_cast<uint32_t>(std::bit_width(last_hash - first_hash)));
  std::memcpy(image, static_cast<void*>(page), PageArena::kPageBytes);
  std::memset(image, 0, sizeof(HeapPage));
  owner_->table_.ForEachSlotOf(page, [&](char* slot) {
    const char* const row = slot + Keys::kBytes;
    const uint64_t present = RowFlags(row) & kPresentFlags;
    std::memcpy(image + (row - reinterpret_cast<char*>(page)), &present, sizeof(present));
  });
  for (const uint8_t* tag : left_out_) image[tag - reinterpret_cast<uint8_t*>(page)] = static_cast<char>(kTagGap);
  return true;
}

template <class Keys>
void HeapSnapshot<Keys>::FindLeftOut(HeapPage* page) {
  const auto& slots = owner_->table_.slots();
  left_out_.clear();
  owner_->table_.ForEachSlotOf(page, [&](char* slot) {
    const char* const row = slot + Keys::kBytes;
    if (owner_->EpochOf(row) > epoch_ || owner_->table_.PresentIn(row) == 0) left_out_.push_back(slots.TagFor(slot));
  });
}

template <class Keys>
void HeapSnapshot<Keys>::KeepPage() {
  for (char* row : page_) {
    if (IsToBeWritten(row)) Keep(row, owner_->table_.HashOf(row));
  }
}

template <class Keys>
void HeapSnapshot<Keys>::WritePageOfNumbers(uint32_t key_group) {
  const PageImageShape& shape = *owner_->pages();
  const auto is_left_out = [this](const char* row) {
    return !IsIn(owner_->EpochOf(row)) || owner_->table_.PresentIn(row) == 0;
  };
  page_.erase(std::remove_if(page_.begin(), page_.end(), is_left_out), page_.end());
  if (page_.empty()) return;
  WriteKeptBelow(key_group);
  size_t bytes = 0;
  for (const char* row : page_) bytes += sizeof(int64_t) + StatesBytes(shape, owner_->table_.PresentIn(row));
  char* at = writer_->AddRecords(key_group, static_cast<uint32_t>(page_.size()), bytes);
  for (char* row : page_) {
    std::memcpy(at, row - Keys::kBytes, sizeof(int64_t));
    at = PutStates(shape, row - Keys::kBytes, owner_->table_.PresentIn(row), at + sizeof(int64_t));
  }
}

template <class Keys>
void HeapSnapshot<Keys>::WritePageByKeyGroup() {
  by_key_group_.clear();
  for (char* row : page_) {
    if (IsToBeWritten(row)) by_key_group_.emplace_back(owner_->KeyGroupOf(owner_->table_.HashOf(row)), row);
  }
  std::stable_sort(by_key_group_.begin(), by_key_group_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [key_group, row] : by_key_group_) WriteRow(key_group, row);
}

template <class Keys>
bool HeapSnapshot<Keys>::IsToBeWritten(char* row) {
  if (!IsIn(owner_->EpochOf(row)) || owner_->table_.PresentIn(row) == 0) return false;
  if (!owner_->expiry_.any() || !owner_->expiry_.Clean(row, owner_->now_ms_)) return true;
  // A change like any other; what is left of the row is kept, and written with its key group.
  owner_->TouchExpired(row, owner_->table_.HashOf(row));
  if (owner_->table_.PresentIn(row) == 0) owner_->rows_.NoteEmptied(row);
  return false;
}

template <class Keys>
void HeapSnapshot<Keys>::WriteRow(uint32_t key_group, char* row) {
  WriteKeptBelow(key_group);
  writer_->Add(key_group, owner_->table_.KeyOf(row), row);
}

template <class Keys>
void HeapSnapshot<Keys>::WriteKeptBelow(uint32_t key_group) {
  const uint32_t first = static_cast<uint32_t>(owner_->shape_.key_groups.first);
  const uint32_t end = std::min(key_group - first, static_cast<uint32_t>(kept_.size()));
  for (; next_kept_ < end; ++next_kept_) {
    kept_[next_kept_].Drain(owner_->kept_pool_, [&](uint32_t rows, std::string_view records) {
      std::memcpy(writer_->AddRecords(first + next_kept_, rows, records.size()), records.data(), records.size());
    });
  }
}

template <class Keys>
void HeapSnapshot<Keys>::PassOn(bool all) {
  if (out_.size() < kChunkBytes && !all) return;
  writer_->Cut();
  written_bytes_ += out_.size();
  sink_->Append(std::move(out_).Take());
  if (!all) TakeBuffer();
}

template <class Keys>
void HeapSnapshot<Keys>::TakeBuffer() {
  std::string room = sink_->NewBuffer();
  const bool is_large = owner_->table_.row_count() * owner_->shape_.layout.row_bytes >= kChunkBytes;
  if (is_large && room.size() < kChunkRoom) room.resize(kChunkRoom);
  out_ = ByteWriter(std::move(room));
  out_.Truncate(0);
}

template <class Keys>
void HeapSnapshot<Keys>::Finish() {
  WriteKeptBelow(static_cast<uint32_t>(owner_->shape_.key_groups.last) + 1);
  writer_->Finish();
  PassOn(/*all=*/true);
  End();
}

template <class Keys>
void HeapSnapshot<Keys>::End() {
  DropKept();
  StopRunning();
  KeyedSnapshotEnd end;
  end.format = request_.is_native ? "heap" : "canonical";
  end.base = base_.has_value() ? base_->checkpoint_id : 0;
  end.may_be_base = next_.has_value();
  std::exchange(sink_, nullptr)->Finish(std::move(end));
}

template <class Keys>
void HeapSnapshot<Keys>::OnComplete() {
  if (owner_ == nullptr || !request_.may_be_shared || sink_ != nullptr) return;
  if (next_.has_value()) {
    const uint64_t bytes = lent_writer_ != nullptr ? lent_writer_->written_bytes() : written_bytes_;
    next_->full_bytes = base_.has_value() ? base_->full_bytes : bytes;
    next_->changes_bytes = base_.has_value() ? base_->changes_bytes + bytes : 0;
    next_->length = base_.has_value() ? base_->length + 1 : 1;
    owner_->SetBase(*next_);
  } else {
    owner_->Forget();
  }
}

template class HeapSnapshot<IntegerKeys>;
template class HeapSnapshot<MarkedIntegerKeys>;
template class HeapSnapshot<ByteKeys>;
template class HeapSnapshot<PieceKeys>;

}  // namespace weir
