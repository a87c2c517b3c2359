// Writes the rows of lent pages (page_loan.h), and what was put aside of their key groups, as one snapshot's keyed rows.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/coding.h"
#include "weir/state/heap/page_loan.h"
#include "weir/state/snapshot/keyed_rows_format.h"
#include "weir/state/snapshot/keyed_snapshot_sink.h"

namespace weir {

// Threads: made by the task, which may write erased keys; from the first loan on, the writer's.
class LentPagesWriter {
 public:
  // How a snapshot is written.
  struct Form {
    KeyedRowsVersion version = KeyedRowsVersion::kAll;
    bool as_pages = false;  // then without a version of its own
    uint64_t rows = 0;      // about so many
  };

  // `pages`: how the pages lie; of a single state. `buffer`: to be written over.
  LentPagesWriter(const KeyedRowsShape& shape, const HeapSlots<true>& slots, const PageImageShape& pages, Form form,
                  std::string buffer);

  KeyedRowsWriter& rows() { return writer_; }
  // Key groups must not descend from loan to loan. Takes buffers of `to`, and gives it nothing: the loan is to be back before anybody waits for a disk.
  void Write(PageLoan& loan, KeyedSnapshotOutput& to);
  // Gives `to` the chunks that are full.
  void PassOn(KeyedSnapshotOutput& to);
  // All of it: there are no more loans.
  void Finish(KeyedSnapshotOutput& to);
  // Any thread.
  uint64_t written_bytes() const { return written_bytes_.load(std::memory_order_relaxed); }

 private:
  // The rows of a page that the snapshot takes.
  struct Taken {
    std::vector<uint32_t> by_group;  // of slots, a bit for each
    uint32_t rows = 0;
    uint32_t left_out = 0;
  };

  void WritePage(const PageLoan::Page& page, const uint8_t* head, const EpochMarkSet& marks);
  void FindTaken(const uint8_t* head, const EpochMarkSet& marks);
  void WriteImage(const PageLoan::Page& page, const uint8_t* head);
  void WriteRecords(const PageLoan::Page& page);
  // Of slots with a bit, from slot `first` on; others are zero.
  void CopySlots(const char* page, uint32_t first, uint32_t slots, char* image) const;
  void WriteKept(PageLoan::Kept& kept);
  // Records of a key group come behind its pages.
  void WriteLate();
  void EndChunk();

  const KeyedRowsShape shape_;
  const HeapSlots<true> slots_;
  const PageImageShape pages_;
  const bool as_pages_;
  const uint32_t record_bytes_;
  ByteWriter out_;
  KeyedRowsWriter writer_;
  std::vector<std::string> chunks_;  // full, not passed on
  Taken taken_;
  std::vector<const char*> found_;  // slots
  ByteWriter late_;
  uint32_t late_key_group_ = 0;
  uint32_t late_rows_ = 0;
  std::atomic<uint64_t> written_bytes_{0};
};

}  // namespace weir
