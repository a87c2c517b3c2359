// What a snapshot does with tables whose pages it lends (page_loan.h).
#include <algorithm>
#include <bit>
#include <utility>

#include "weir/state/heap/heap_snapshot.h"
#include "weir/state/heap/lent_pages_writer.h"

namespace weir {

template <class Keys>
void HeapSnapshot<Keys>::StartLending() {
  if constexpr (Keys::kHasMarks) {
    lent_writer_ = std::make_shared<LentPagesWriter>(
        owner_->shape_, owner_->table_.slots(), *owner_->pages(),
        LentPagesWriter::Form{.version = request_.is_native ? KeyedRowsVersion::kChanges : KeyedRowsVersion::kAll,
                              .as_pages = writes_pages_,
                              .rows = owner_->table_.row_count()},
        sink_->NewBuffer());
    if (request_.is_native) lent_writer_->rows().KeepIndex();
    if (base_.has_value()) WriteErased(lent_writer_->rows());
  }
}

template <class Keys>
bool HeapSnapshot<Keys>::Lend() {
  owner_->TakeBackLoans();
  if (!owner_->loans_.HasRoom(owner_->batches_)) return false;
  const std::shared_ptr<PageLoan> loan = owner_->loans_.New(owner_->table_.slots().first);
  loan->marks = marks_;
  const uint64_t first = place_;
  size_t kept = 0;
  for (size_t pages = 0; !walked_ && pages < kPagesLookedAt && loan->pages().size() < PageLoans::kPages; ++pages) {
    kept += LendPage(*loan);
    if (kept >= kRowsAtATime) break;
  }
  if (walked_) LendKeptBelow(static_cast<uint32_t>(owner_->shape_.key_groups.last) + 1, *loan);
  if (!loan->empty()) {
    owner_->loans_.Add(loan, first, place_ - 1, owner_->batches_);
    sink_->Post([writer = lent_writer_, posted = PostedLoan(loan)](KeyedSnapshotOutput& to) mutable {
      if (!posted.loan().Open()) return;
      writer->Write(posted.loan(), to);
      posted.Return();
      writer->PassOn(to);
    });
  }
  if (!walked_) return true;
  sink_->Post([writer = lent_writer_](KeyedSnapshotOutput& to) { writer->Finish(to); });
  End();
  return false;
}

template <class Keys>
size_t HeapSnapshot<Keys>::LendPage(PageLoan& loan) {
  HeapTable<Keys>& table = owner_->table_;
  const typename HeapTable<Keys>::PageSpan span = table.SpanAt(place_);
  const uint64_t behind = table.PlaceBehind(place_);
  size_t rows = 0;
  if (span.touched >= first_epoch_) {
    // Mostly so is the next one.
    table.AskForPage(behind);
    const uint32_t key_group = owner_->KeyGroupOf(span.first);
    HeapPage* const page = key_group == owner_->KeyGroupOf(span.last) ? table.PageAt(place_) : nullptr;
    if (page != nullptr) {
      LendKeptBelow(key_group, loan);
      table.Lend(page);
      loan.Add({page, key_group, span.first, static_cast<uint32_t>(std::bit_width(span.last - span.first))});
    } else {
      page_.clear();
      uint64_t place = place_;
      table.AppendPage(place, page_);
      KeepPage();
      rows = page_.size();
    }
  }
  place_ = behind;
  walked_ = behind == 0;
  return rows;
}

template <class Keys>
void HeapSnapshot<Keys>::LendKeptBelow(uint32_t key_group, PageLoan& loan) {
  const uint32_t first = static_cast<uint32_t>(owner_->shape_.key_groups.first);
  const uint32_t end = std::min(key_group - first, static_cast<uint32_t>(kept_.size()));
  for (; next_kept_ < end; ++next_kept_) {
    if (!kept_[next_kept_].empty()) loan.Add(first + next_kept_, std::exchange(kept_[next_kept_], KeptRows()));
  }
}

#define WEIR_INSTANTIATE(Keys)                             \
  template void HeapSnapshot<Keys>::StartLending();        \
  template bool HeapSnapshot<Keys>::Lend();                \
  template size_t HeapSnapshot<Keys>::LendPage(PageLoan&); \
  template void HeapSnapshot<Keys>::LendKeptBelow(uint32_t, PageLoan&)
WEIR_INSTANTIATE(IntegerKeys);
WEIR_INSTANTIATE(MarkedIntegerKeys);
WEIR_INSTANTIATE(ByteKeys);
WEIR_INSTANTIATE(PieceKeys);
#undef WEIR_INSTANTIATE

}  // namespace weir
