// Memory for the accumulators of slices, in runs of 4, 16 and 64 cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir {

// Runs that are given back are used again; memory is freed with the pool. Threads: one.
class CellPool {
 public:
  // Sizes of runs; 0 is none.
  static constexpr uint32_t kClasses = 4;
  static constexpr uint32_t kCells[kClasses] = {0, 4, 16, 64};
  // The lowest bits of a run's address, which are zero.
  static constexpr size_t kAlignment = 16;

  // `alignment` of the cells: at least kAlignment is given.
  CellPool(size_t cell_bytes, size_t alignment);
  CellPool(const CellPool&) = delete;
  CellPool& operator=(const CellPool&) = delete;
  ~CellPool();

  // Room for kCells[size_class] cells, not constructed.
  void* Take(uint32_t size_class);
  void Give(void* run, uint32_t size_class);
  // Held, whether used or not.
  uint64_t memory_bytes() const { return slabs_.size() * slab_bytes_; }

 private:
  const size_t cell_bytes_;
  const size_t alignment_;
  const size_t slab_bytes_;
  std::vector<void*> slabs_;
  size_t used_ = 0;  // of the last slab
  std::vector<void*> free_[kClasses];
};

}  // namespace weir
