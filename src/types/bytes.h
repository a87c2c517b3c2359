// Reference-counted buffers that the views inside records point into.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir {

// A receive buffer, a block of a file or a chunk of an arena: raw memory that views in records point into.
//
// Counted once per (batch, buffer), never per record. The last Release frees it through `release`, on whatever thread that happens.
// Threads: only the owner that fills it may call Allocate; Retain and Release are safe on any thread.
struct Bytes {
  std::atomic<uint32_t> references{1};
  uint32_t used = 0;
  uint32_t capacity = 0;
  char* data = nullptr;
  // Gives the buffer back to where it came from; called by the last Release.
  void (*release)(Bytes*) = nullptr;
  // For `release`: the pool, the mapping or whatever else it needs.
  void* home = nullptr;

  // A buffer of `capacity` bytes from the heap with one reference.
  static Bytes* New(uint32_t capacity);

  void Retain() { references.fetch_add(1, std::memory_order_relaxed); }
  void Release() {
    // acq_rel: whoever frees the memory has seen all reads of the others.
    if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) release(this);
  }

  // `size` bytes, or nullptr if they do not fit.
  char* Allocate(uint32_t size) {
    if (size > capacity - used) return nullptr;
    char* const at = data + used;
    used += size;
    return at;
  }
};

}  // namespace weir
