// Pages of the heap backend's tables: fixed size, aligned to it, from large pieces of memory that the kernel may back with huge pages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/state/heap/heap_memory.h"

namespace weir {

// Threads: none of its own; one table owns it.
class PageArena {
 public:
  // Big enough that a directory of pages stays in the cache, small enough that splitting one takes 20 us at most. Pages of 4 KiB
  // made updates 5 to 20 % slower and the directory four times as long; pages of 64 KiB saved no memory.
  static constexpr size_t kPageBytes = 16 * 1024;

  // `memory`: what is told of every page; null: nobody.
  explicit PageArena(std::shared_ptr<HeapMemory> memory = nullptr) : memory_(std::move(memory)) {}
  PageArena(const PageArena&) = delete;
  PageArena& operator=(const PageArena&) = delete;
  ~PageArena();

  // A page, with whatever is in it. Out of memory throws std::bad_alloc, or what `memory` throws.
  void* Allocate();
  void Free(void* page) { free_.push_back(page); }

  // A piece of memory.
  struct Chunk {
    char* memory;
    size_t bytes;
    size_t touched;  // of these, from the begin, by this arena or one before
  };

  // Bytes of the pages in use.
  uint64_t used_bytes() const { return (handed_out_ - free_.size()) * kPageBytes; }

 private:
  void AddChunk();
  // How much of the last chunk is touched.
  void NoteTouched();

  const std::shared_ptr<HeapMemory> memory_;
  std::vector<Chunk> chunks_;
  std::vector<void*> free_;
  char* next_ = nullptr;  // untouched rest of the last chunk
  char* end_ = nullptr;
  uint64_t handed_out_ = 0;  // pages taken from chunks
};

}  // namespace weir
