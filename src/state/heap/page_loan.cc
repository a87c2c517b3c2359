#include "weir/state/heap/page_loan.h"

#include <algorithm>
#include <cstring>

namespace weir {

void PageLoan::Add(const Page& page) {
  pages_.push_back(page);
  const size_t needed = PageLoans::kPages * head_bytes_ + kAlignment;
  if (heads_.size() < needed) heads_.resize(needed);
  std::memcpy(HeadOf(pages_.size() - 1), page.page, head_bytes_);
}

void PageLoan::Clear() {
  pages_.clear();
  kept_.clear();
  state_.store(State::kPosted, std::memory_order_relaxed);
}

void PageLoan::Return() {
  state_.store(State::kBack, std::memory_order_release);
  state_.notify_one();
}

void PageLoan::CallBack() {
  if (Change(State::kPosted, State::kBack)) return;
  state_.wait(State::kBeingRead, std::memory_order_acquire);
}

std::shared_ptr<PageLoan> PageLoans::New(uint32_t head_bytes) {
  if (spare_.empty()) return std::make_shared<PageLoan>(head_bytes);
  std::shared_ptr<PageLoan> loan = std::move(spare_.back());
  spare_.pop_back();
  return loan;
}

void PageLoans::Add(std::shared_ptr<PageLoan> loan, uint64_t first, uint64_t last, uint64_t batch) {
  out_.push_back({std::move(loan), first, last, batch});
  FindPlaces();
}

void PageLoans::FindPlaces() {
  first_ = UINT64_MAX;
  last_ = 0;
  for (const Out& out : out_) {
    first_ = std::min(first_, out.first);
    last_ = std::max(last_, out.last);
  }
}

}  // namespace weir
