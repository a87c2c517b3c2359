#include "weir/state/heap/lent_pages_writer.h"

#include <bit>
#include <cstring>
#include <utility>

#include "weir/state/heap/number_records.h"

namespace weir {

namespace {

// Few enough that memory is used again, enough for a write.
constexpr size_t kChunkBytes = 1 << 20;
// What one page adds at most comes on top.
constexpr size_t kChunkRoom = kChunkBytes + 4 * PageArena::kPageBytes;

// Of a string that is used again, nothing is cleared.
ByteWriter OverwritingBuffer(std::string buffer) {
  if (buffer.size() < kChunkRoom) buffer.resize(kChunkRoom);
  ByteWriter out(std::move(buffer));
  out.Truncate(0);
  return out;
}

PageImageHeader HeaderOf(const KeyedRowsShape& shape, const PageImageShape& pages, uint64_t rows) {
  return {.rows = rows,
          .first_key_group = static_cast<uint32_t>(shape.key_groups.first),
          .last_key_group = static_cast<uint32_t>(shape.key_groups.last),
          .shape = pages};
}

}  // namespace

LentPagesWriter::LentPagesWriter(const KeyedRowsShape& shape, const HeapSlots<true>& slots, const PageImageShape& pages,
                                 Form form, std::string buffer)
    : shape_(shape),
      slots_(slots),
      pages_(pages),
      as_pages_(form.as_pages),
      record_bytes_(kRecordHead + pages.states[0].bytes),
      out_(OverwritingBuffer(std::move(buffer))),
      writer_(form.as_pages ? KeyedRowsWriter(shape_, HeaderOf(shape_, pages_, form.rows), out_)
                            : KeyedRowsWriter(shape_, out_, form.version)) {
  taken_.by_group.resize(slots_.groups);
}

void LentPagesWriter::Write(PageLoan& loan, KeyedSnapshotOutput& to) {
  auto kept = loan.kept().begin();
  for (size_t i = 0; i <= loan.pages().size(); ++i) {
    for (; kept != loan.kept().end() && kept->behind == i; ++kept) WriteKept(*kept);
    if (i < loan.pages().size()) WritePage(loan.pages()[i], loan.HeadOf(i), loan.marks);
    if (out_.size() < kChunkBytes) continue;
    writer_.Cut();
    EndChunk();
    out_ = OverwritingBuffer(to.NewBuffer());
  }
}

void LentPagesWriter::PassOn(KeyedSnapshotOutput& to) {
  for (std::string& chunk : chunks_) to.Append(std::move(chunk));
  chunks_.clear();
}

void LentPagesWriter::Finish(KeyedSnapshotOutput& to) {
  WriteLate();
  writer_.Finish();
  EndChunk();
  PassOn(to);
}

void LentPagesWriter::EndChunk() {
  // The task asks once the checkpoint is complete; nothing else is published through it.
  written_bytes_.fetch_add(out_.size(), std::memory_order_relaxed);
  chunks_.push_back(std::move(out_).Take());
}

void LentPagesWriter::WritePage(const PageLoan::Page& page, const uint8_t* head, const EpochMarkSet& marks) {
  FindTaken(head, marks);
  if (taken_.rows == 0) return;
  // Few rows take more room as a page than as records.
  const uint32_t rows = taken_.rows + taken_.left_out;
  if (as_pages_ && rows * 4 >= slots_.count && taken_.left_out <= taken_.rows) {
    WriteImage(page, head);
  } else {
    WriteRecords(page);
  }
}

void LentPagesWriter::FindTaken(const uint8_t* head, const EpochMarkSet& marks) {
  taken_.rows = taken_.left_out = 0;
  const uint8_t* group = head + sizeof(HeapPage);
  for (uint32_t& slots : taken_.by_group) {
    const uint32_t used = TagsTaken(group).bits();
    const uint8_t* const own = group + kTagsPerGroup;
    slots = used & marks.In(own).bits() & BytesMatch(own, kPresentMark, kPresentMark).bits();
    taken_.rows += TagMask(slots).Count();
    taken_.left_out += TagMask(used & ~slots).Count();
    group += HeapSlots<true>::kGroupBytes;
  }
}

void LentPagesWriter::WriteImage(const PageLoan::Page& page, const uint8_t* head) {
  if (late_key_group_ != page.key_group) WriteLate();
  char* const image = writer_.AddPage(page.key_group, taken_.rows, page.first_hash, page.hash_bits);
  std::memset(image, 0, sizeof(HeapPage));
  std::memcpy(image + sizeof(HeapPage), head + sizeof(HeapPage), slots_.first - sizeof(HeapPage));
  uint8_t* tags = reinterpret_cast<uint8_t*>(image) + sizeof(HeapPage);
  for (uint32_t group = 0; group < slots_.groups; ++group, tags += HeapSlots<true>::kGroupBytes) {
    for (uint32_t i = 0; i < kTagsPerGroup; ++i) {
      if (IsTaken(tags[i]) && (taken_.by_group[group] >> i & 1) == 0) tags[i] = kTagGap;
    }
    CopySlots(reinterpret_cast<const char*>(page.page), group * kTagsPerGroup, taken_.by_group[group], image);
  }
  const uint32_t end = slots_.first + slots_.count * slots_.stride;
  std::memset(image + end, 0, PageArena::kPageBytes - end);
}

void LentPagesWriter::CopySlots(const char* page, uint32_t first, uint32_t slots, char* image) const {
  // Whoever is not taken may be written this very moment: it is not even looked at.
  const uint32_t end = std::min(kTagsPerGroup, slots_.count - first);
  for (uint32_t i = 0; i < end;) {
    const bool is_taken = (slots >> i & 1) != 0;
    const uint32_t rest = (is_taken ? ~slots : slots) >> i;
    const uint32_t run = std::min(end - i, static_cast<uint32_t>(std::countr_zero(rest)));
    const uint32_t at = slots_.first + (first + i) * slots_.stride;
    if (is_taken) {
      std::memcpy(image + at, page + at, run * slots_.stride);
    } else {
      std::memset(image + at, 0, run * slots_.stride);
    }
    i += run;
  }
}

void LentPagesWriter::WriteRecords(const PageLoan::Page& page) {
  found_.clear();
  for (uint32_t group = 0; group < slots_.groups; ++group) {
    for (TagMask slots(taken_.by_group[group]); slots; slots.DropFirst()) {
      const uint32_t number = group * kTagsPerGroup + slots.First();
      found_.push_back(reinterpret_cast<const char*>(page.page) + slots_.first + number * slots_.stride);
      // Few rows of a page change, far from each other: all of them are asked for before the first is looked at.
      __builtin_prefetch(found_.back());
    }
  }
  const uint32_t rows = static_cast<uint32_t>(found_.size());
  if (late_key_group_ != page.key_group) WriteLate();
  char* at;
  if (as_pages_) {
    late_key_group_ = page.key_group;
    late_rows_ += rows;
    at = late_.Extend(rows * record_bytes_);
  } else {
    at = writer_.AddRecords(page.key_group, rows, rows * record_bytes_);
  }
  for (const char* slot : found_) at = PutNumberRecord(slot, record_bytes_ - kRecordHead, at);
}

void LentPagesWriter::WriteKept(PageLoan::Kept& kept) {
  WriteLate();
  kept.rows.ForEach([&](uint32_t rows, std::string_view records) {
    std::memcpy(writer_.AddRecords(kept.key_group, rows, records.size()), records.data(), records.size());
  });
}

void LentPagesWriter::WriteLate() {
  if (late_rows_ == 0) return;
  std::memcpy(writer_.AddRecords(late_key_group_, late_rows_, late_.size()), late_.bytes().data(), late_.size());
  late_.Clear();
  late_rows_ = 0;
}

}  // namespace weir
