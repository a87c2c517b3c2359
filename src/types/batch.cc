#include "weir/types/batch.h"

#include <algorithm>

#include "weir/types/batch_pool.h"

namespace weir {

namespace {

// Big enough for the view bytes of most batches in one piece, small enough to be reused by the allocator without a page fault each time.
constexpr uint32_t kArenaBytes = 64 * 1024 - 64;

}  // namespace

void BatchBase::UseTimes() {
  if (times == nullptr) times = new EventTime[capacity];
  has_times = true;
}

void BatchBase::UseHashes() {
  if (hashes == nullptr) hashes = new uint64_t[capacity];
  has_hashes = true;
}

void BatchBase::UseRoutes() {
  if (routes == nullptr) routes = new uint16_t[capacity];
}

void BatchBase::AddOwner(Bytes* bytes) {
  // A handful at most, and the newest is the likeliest.
  for (auto it = owners.rbegin(); it != owners.rend(); ++it) {
    if (*it == bytes) return;
  }
  bytes->Retain();
  owners.push_back(bytes);
}

void BatchBase::ShareOwners(BatchBase& from, bool hold_rows) {
  BatchBase& source = from.parent != nullptr ? *from.parent : from;
  for (Bytes* bytes : source.owners) AddOwner(bytes);
  if (&source != &from) {
    for (Bytes* bytes : from.owners) AddOwner(bytes);
  }
  if (hold_rows && (held.empty() || held.back() != &from)) {
    from.readers.fetch_add(1, std::memory_order_relaxed);
    held.push_back(&from);
  }
}

char* BatchBase::GrowArena(uint32_t length) {
  Bytes* const chunk = Bytes::New(std::max(length, kArenaBytes));
  owners.push_back(chunk);  // takes over the first reference
  if (length <= kArenaBytes) arena = chunk;
  return chunk->Allocate(length);
}

}  // namespace weir
