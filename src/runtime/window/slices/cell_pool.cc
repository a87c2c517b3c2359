#include "weir/runtime/window/slices/cell_pool.h"

#include <algorithm>
#include <new>

namespace weir {

namespace {

// A slab is touched page by page as it fills, so that it may be larger than what is needed.
constexpr size_t kSlabBytes = 256 * 1024;

size_t RoundUp(size_t bytes, size_t alignment) { return (bytes + alignment - 1) / alignment * alignment; }

}  // namespace

CellPool::CellPool(size_t cell_bytes, size_t alignment)
    : cell_bytes_(cell_bytes),
      alignment_(std::max(alignment, kAlignment)),
      slab_bytes_(std::max(kSlabBytes, RoundUp(cell_bytes * kCells[kClasses - 1], alignment_))),
      used_(slab_bytes_) {}

CellPool::~CellPool() {
  for (void* slab : slabs_) ::operator delete(slab, std::align_val_t(alignment_));
}

void* CellPool::Take(uint32_t size_class) {
  std::vector<void*>& free = free_[size_class];
  if (!free.empty()) {
    void* const run = free.back();
    free.pop_back();
    return run;
  }
  const size_t bytes = RoundUp(cell_bytes_ * kCells[size_class], alignment_);
  if (used_ + bytes > slab_bytes_) {
    slabs_.push_back(::operator new(slab_bytes_, std::align_val_t(alignment_)));
    used_ = 0;
  }
  void* const run = static_cast<char*>(slabs_.back()) + used_;
  used_ += bytes;
  return run;
}

void CellPool::Give(void* run, uint32_t size_class) { free_[size_class].push_back(run); }

}  // namespace weir
