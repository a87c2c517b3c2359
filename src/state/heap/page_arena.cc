#include "weir/state/heap/page_arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "weir/base/mutex.h"

namespace weir {

namespace {

constexpr size_t kHugePageBytes = 2 << 20;
// A job has many small states: the first chunk is 16 pages. Later ones double, so that a large table has few mappings; up to a size of which, when two tables
// take what two others have left, neither takes much more than it needs.
constexpr size_t kFirstChunkBytes = 256 << 10;
constexpr size_t kLargestChunkBytes = 16 << 20;

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

// Large chunks that tables have left behind. A task that restarts makes the same tables again, and memory that the kernel, or the host below it, has to
// clear first costs as much as reading the state.
class SpareChunks {
 public:
  // The one of that size of which most has been touched. Without memory: there is none.
  PageArena::Chunk Take(size_t bytes) {
    MutexLock lock(mutex_);
    auto best = chunks_.end();
    for (auto chunk = chunks_.begin(); chunk != chunks_.end(); ++chunk) {
      if (chunk->bytes == bytes && (best == chunks_.end() || chunk->touched > best->touched)) best = chunk;
    }
    if (best == chunks_.end()) return {nullptr, bytes, 0};
    const PageArena::Chunk chunk = *best;
    bytes_ -= bytes;
    chunks_.erase(best);
    return chunk;
  }
  // False: there are enough.
  bool Give(const PageArena::Chunk& chunk) {
    MutexLock lock(mutex_);
    if (bytes_ + chunk.bytes > kMostBytes) return false;
    bytes_ += chunk.bytes;
    chunks_.push_back(chunk);
    return true;
  }

 private:
  static constexpr size_t kMostBytes = size_t{1} << 30;

  Mutex mutex_;
  std::vector<PageArena::Chunk> chunks_ WEIR_GUARDED_BY(mutex_);
  size_t bytes_ WEIR_GUARDED_BY(mutex_) = 0;
};

// Never destroyed: tables may go after everything else.
SpareChunks& Spare() {
  static auto* const spare = new SpareChunks();
  return *spare;
}

}  // namespace

PageArena::~PageArena() {
  if (memory_ != nullptr) memory_->Give(handed_out_ * kPageBytes);
  if (!chunks_.empty()) NoteTouched();
  for (const Chunk& chunk : chunks_) {
    if (chunk.bytes < kHugePageBytes || !Spare().Give(chunk)) munmap(chunk.memory, chunk.bytes);
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

void PageArena::NoteTouched() {
  Chunk& last = chunks_.back();
  last.touched = std::max(last.touched, static_cast<size_t>(next_ - last.memory));
}

void PageArena::AddChunk() {
  const size_t bytes = chunks_.empty() ? kFirstChunkBytes : std::min(chunks_.back().bytes * 2, kLargestChunkBytes);
  const bool huge = bytes >= kHugePageBytes;
  Chunk chunk = huge ? Spare().Take(bytes) : Chunk{nullptr, bytes, 0};
  if (chunk.memory == nullptr) {
    chunk.memory = MapAligned(bytes, huge ? kHugePageBytes : kPageBytes);
    // Debian gives huge pages only where asked. Without them look-ups in a table of a million keys cost 1.3 times as much.
    if (huge) madvise(chunk.memory, bytes, MADV_HUGEPAGE);
  }
  if (!chunks_.empty()) NoteTouched();
  chunks_.push_back(chunk);
  next_ = chunk.memory;
  end_ = chunk.memory + bytes;
}

}  // namespace weir
