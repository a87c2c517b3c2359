// What the heap tables of one process may take together.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "weir/base/status.h"
#include "weir/base/status_exception.h"

namespace weir {

// Threads: any.
class HeapMemory {
 public:
  // 0: as much as the machine has.
  explicit HeapMemory(uint64_t limit) : limit_(limit) {}
  HeapMemory(const HeapMemory&) = delete;
  HeapMemory& operator=(const HeapMemory&) = delete;

  // Throws StatusException with kResourceExhausted, and takes nothing, if that is too much.
  void Take(uint64_t bytes) {
    if (Status status = TryTake(bytes); !status.ok()) [[unlikely]]
      throw StatusException(std::move(status));
  }
  // The same without an exception.
  Status TryTake(uint64_t bytes) {
    const uint64_t before = used_.fetch_add(bytes, std::memory_order_relaxed);
    if (limit_ == 0 || before + bytes <= limit_) [[likely]]
      return OkStatus();
    Give(bytes);
    return ResourceExhaustedError(
        "the tables of keyed state and windows have reached the " + std::to_string(limit_ >> 20) +
        " mb that taskmanager.memory.managed.size, or taskmanager.memory.managed.fraction of "
        "taskmanager.memory.process.size, allows the operators of one worker. Raise it, give the job more "
        "TaskManagers, or let the state lie on the disk: state.backend.type: rocksdb (windows with Aggregate or Reduce "
        "are in memory there, too)");
  }
  void Give(uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  uint64_t used_bytes() const { return used_.load(std::memory_order_relaxed); }

 private:
  const uint64_t limit_;
  // A count; nothing is published through it: relaxed.
  std::atomic<uint64_t> used_{0};
};

}  // namespace weir
