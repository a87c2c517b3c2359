#include "weir/base/memory_budget.h"

#include <algorithm>

#include "weir/base/check.h"
#include "weir/base/readable.h"

namespace weir {

MemoryReservation& MemoryReservation::operator=(MemoryReservation&& other) noexcept {
  if (this == &other) return *this;
  Release();
  budget_ = std::exchange(other.budget_, nullptr);
  id_ = other.id_;
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

void MemoryReservation::Release() {
  if (budget_ == nullptr) return;
  std::exchange(budget_, nullptr)->Release(id_);
  bytes_ = 0;
}

MemoryBudget::~MemoryBudget() {
  MutexLock lock(mutex_);
  WEIR_CHECK(holdings_.empty()) << "\"" << holdings_.begin()->second.name
                                << "\" outlives the memory budget it reserved from";
}

StatusOr<MemoryReservation> MemoryBudget::Reserve(const std::string& name, uint64_t bytes) {
  MutexLock lock(mutex_);
  if (bytes > total_bytes_ - reserved_bytes_) return Refusal(name, bytes);
  reserved_bytes_ += bytes;
  const uint64_t id = next_id_++;
  holdings_[id] = Holding{name, bytes};
  return MemoryReservation(this, id, bytes);
}

uint64_t MemoryBudget::reserved_bytes() const {
  MutexLock lock(mutex_);
  return reserved_bytes_;
}

void MemoryBudget::Release(uint64_t id) {
  MutexLock lock(mutex_);
  const auto holding = holdings_.find(id);
  reserved_bytes_ -= holding->second.bytes;
  holdings_.erase(holding);
}

std::vector<std::pair<std::string, uint64_t>> MemoryBudget::Holders() const {
  std::map<std::string, uint64_t> sums;
  for (const auto& [id, holding] : holdings_) sums[holding.name] += holding.bytes;
  std::vector<std::pair<std::string, uint64_t>> holders(sums.begin(), sums.end());
  std::sort(holders.begin(), holders.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return holders;
}

Status MemoryBudget::Refusal(const std::string& name, uint64_t more_bytes) const {
  std::string message = "no memory for " + name + ": it asks for " + ReadableBytes(more_bytes) + ", and of " +
                        ReadableBytes(total_bytes_) + " (" + setting_ + ") only " +
                        ReadableBytes(total_bytes_ - reserved_bytes_) + " are free";
  const char* separator = "; in use: ";
  for (const auto& [holder, bytes] : Holders()) {
    message += separator + holder + " " + ReadableBytes(bytes);
    separator = ", ";
  }
  return ResourceExhaustedError(message + ". Raise " + setting_ + " or give one of them less.");
}

}  // namespace weir
