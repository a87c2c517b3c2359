// Pages of a table that the thread which writes a snapshot reads while the task works on.
//
//   task      Lend ──▶ PageLoan ──(KeyedSnapshotSink::Post)──▶  writer: Open .. reads .. Return  ──▶  task: TakeBack
//
// Only of tables whose rows have marks, and whose values are their memory. What the writer reads: of the page, the slots of rows that the snapshot takes, none
// of which was touched since; of its tags and marks, which change all the time, a copy. Before a row of a lent page is touched for the first time, the table goes
// on in a copy of the page (HeapTable::OwnedRow), and the writer keeps the one that it has. So nobody waits, and no byte is written by one thread and read by
// another.
//
// Invariants. (L1) A slot of a lent page whose row was there and not touched when it was lent does not change. (L2) A lent page is freed when it is back.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "weir/state/heap/heap_page.h"
#include "weir/state/heap/kept_rows.h"
#include "weir/state/heap/row_epochs.h"

namespace weir {

// Threads: the task's until it is posted, and once it is back; in between the writer's, but for CallBack.
class PageLoan {
 public:
  struct Page {
    HeapPage* page;
    uint32_t key_group;
    // Hashes of its keys lie in [first_hash, first_hash + 2^hash_bits).
    uint64_t first_hash;
    uint32_t hash_bits;
  };
  // What was put aside of a key group, all of whose pages come before.
  struct Kept {
    size_t behind;  // so many pages of the loan
    uint32_t key_group;
    KeptRows rows;
  };

  // `head_bytes`: of a page's header, tags and marks.
  explicit PageLoan(uint32_t head_bytes) : head_bytes_((head_bytes + kAlignment - 1) & ~(kAlignment - 1)) {}

  void Add(const Page& page);
  void Add(uint32_t key_group, KeptRows rows) { kept_.push_back({pages_.size(), key_group, std::move(rows)}); }
  const std::vector<Page>& pages() const { return pages_; }
  std::vector<Kept>& kept() { return kept_; }
  // The header, tags and marks of the i-th page as they were when it was added; aligned to 16 bytes.
  uint8_t* HeadOf(size_t i) { return heads_.data() + Aligned() + i * head_bytes_; }
  bool empty() const { return pages_.empty() && kept_.empty(); }
  // To be filled again.
  void Clear();

  // The marks of the rows that the snapshot takes.
  EpochMarkSet marks;

  // Writer: whether it may be read; it was called back otherwise.
  bool Open() { return Change(State::kPosted, State::kBeingRead); }
  // Writer, or whoever drops it unread.
  void Return();
  // Task.
  bool IsBack() const { return state_.load(std::memory_order_acquire) == State::kBack; }
  // Task: nobody reads it from here on. Waits for the writer to return what it is reading, not for what is to be read.
  void CallBack();

 private:
  enum class State : uint8_t { kPosted, kBeingRead, kBack };
  static constexpr uint32_t kAlignment = 64;

  size_t Aligned() const { return -reinterpret_cast<uintptr_t>(heads_.data()) & (kAlignment - 1); }
  bool Change(State from, State to) {
    return state_.compare_exchange_strong(from, to, std::memory_order_acq_rel, std::memory_order_acquire);
  }

  const uint32_t head_bytes_;
  std::vector<Page> pages_;
  std::vector<Kept> kept_;
  std::vector<uint8_t> heads_;
  std::atomic<State> state_{State::kPosted};
};

// A posted loan, which is back when this goes, read or not.
class PostedLoan {
 public:
  explicit PostedLoan(std::shared_ptr<PageLoan> loan) : loan_(std::move(loan)) {}
  PostedLoan(PostedLoan&&) = default;
  ~PostedLoan() {
    if (loan_ != nullptr) loan_->Return();
  }
  PageLoan& loan() const { return *loan_; }
  // What it has is not read any more.
  void Return() { std::exchange(loan_, nullptr)->Return(); }

 private:
  std::shared_ptr<PageLoan> loan_;
};

// The loans of one table that are out. Threads: the task's.
class PageLoans {
 public:
  static constexpr size_t kMost = 16;
  static constexpr size_t kPages = 16;  // of one

  // Whether another one may go out between batch number `batch` and the next. Every row that changes in a loan costs a copy of its page, and a loan is read in the
  // time of a short batch: so none goes out while those of earlier batches are. A task with long ones has time for many at once.
  bool HasRoom(uint64_t batch) const { return out_.empty() || (out_.size() < kMost && out_.back().batch == batch); }
  // Whether a page at that place may be lent.
  bool Cover(uint64_t place) const { return place >= first_ && place <= last_; }
  // An empty one.
  std::shared_ptr<PageLoan> New(uint32_t head_bytes);
  // Goes out behind batch number `batch`; its pages lie in places [first, last].
  void Add(std::shared_ptr<PageLoan> loan, uint64_t first, uint64_t last, uint64_t batch);
  // Calls f(loan) for those that are back.
  template <class F>
  void TakeBack(F&& f) {
    while (!out_.empty() && out_.front().loan->IsBack()) {
      f(*out_.front().loan);
      out_.front().loan->Clear();
      spare_.push_back(std::move(out_.front().loan));
      out_.pop_front();
      FindPlaces();
    }
  }
  // Nobody reads any of them from here on.
  void CallBackAll() {
    for (const Out& out : out_) out.loan->CallBack();
  }

 private:
  struct Out {
    std::shared_ptr<PageLoan> loan;
    uint64_t first;
    uint64_t last;
    uint64_t batch;
  };

  void FindPlaces();

  std::deque<Out> out_;
  std::vector<std::shared_ptr<PageLoan>> spare_;
  // All pages of loans lie in [first_, last_].
  uint64_t first_ = UINT64_MAX;
  uint64_t last_ = 0;
};

}  // namespace weir
