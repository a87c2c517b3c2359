#include "weir/state/heap/page_arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <vector>

#include "weir/base/mutex.h"

namespace weir {

namespace {

constexpr size_t kHugePageBytes = 2 << 20;
// A job has many small states: the first chunk is 16 pages. Later ones double, so that a large table has few mappings.
constexpr size_t kFirstChunkBytes = 256 << 10;
constexpr size_t kLargestChunkBytes = 64 << 20;

// Memory aligned to `alignment`: maps more and gives the ends back.
char* MapAligned(size_t bytes, size_t alignment) {
  const size_t mapped = bytes + alignment;
  void* const memory = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  char* const begin = static_cast<char*>(memory);
  char* const aligned =
      reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(begin) + alignment - 1) / alignment * alignment);
  if (aligned != begin) munmap(begin, static_cast<size_t>(aligned - begin));
  const size_t tail = mapped - bytes - static_cast<size_t>(aligned - begin);
  if (tail != 0) munmap(aligned + bytes, tail);
  return aligned;
}

// Chunks of the largest size that tables have left behind. A task that restarts makes the same tables again, and memory that the kernel, or the host below it, has to
// clear first costs as much as reading the state.
class SpareChunks {
 public:
  // nullptr: there is none.
  char* Take() {
    MutexLock lock(mutex_);
    if (chunks_.empty()) return nullptr;
    char* const chunk = chunks_.back();
    chunks_.pop_back();
    return chunk;
  }
  // False: there are enough.
  bool Give(char* chunk) {
    MutexLock lock(mutex_);
    if (chunks_.size() >= kMost) return false;
    chunks_.push_back(chunk);
    return true;
  }

 private:
  static constexpr size_t kMost = 8;  // 512 MiB

  Mutex mutex_;
  std::vector<char*> chunks_ WEIR_GUARDED_BY(mutex_);
};

// Never destroyed: tables may go after everything else.
SpareChunks& Spare() {
  static auto* const spare = new SpareChunks();
  return *spare;
}

}  // namespace

PageArena::~PageArena() {
  if (memory_ != nullptr) memory_->Give(handed_out_ * kPageBytes);
  for (const Chunk& chunk : chunks_) {
    if (chunk.bytes != kLargestChunkBytes || !Spare().Give(chunk.memory)) munmap(chunk.memory, chunk.bytes);
  }
}

void* PageArena::Allocate() {
  if (!free_.empty()) {
    void* const page = free_.back();
    free_.pop_back();
    return page;
  }
  if (memory_ != nullptr) memory_->Take(kPageBytes);
  if (next_ == end_) AddChunk();
  void* const page = next_;
  next_ += kPageBytes;
  ++handed_out_;
  return page;
}

void PageArena::AddChunk() {
  const size_t bytes = chunks_.empty() ? kFirstChunkBytes : std::min(chunks_.back().bytes * 2, kLargestChunkBytes);
  const bool huge = bytes >= kHugePageBytes;
  char* memory = bytes == kLargestChunkBytes ? Spare().Take() : nullptr;
  const bool is_spare = memory != nullptr;
  if (!is_spare) memory = MapAligned(bytes, huge ? kHugePageBytes : kPageBytes);
  // Debian gives huge pages only where asked. Without them look-ups in a table of a million keys cost 1.3 times as much.
  if (huge && !is_spare) madvise(memory, bytes, MADV_HUGEPAGE);
  chunks_.push_back({memory, bytes});
  next_ = memory;
  end_ = memory + bytes;
}

}  // namespace weir
