// One memory number, obeyed: every pool of a process reserves its bytes here before it takes them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/base/status.h"

namespace weir {

class MemoryBudget;

// Bytes that a pool may use; given back by the destructor.
class MemoryReservation {
 public:
  MemoryReservation() = default;
  MemoryReservation(MemoryReservation&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), id_(other.id_), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryReservation& operator=(MemoryReservation&& other) noexcept;
  ~MemoryReservation() { Release(); }

  uint64_t bytes() const { return bytes_; }
  void Release();

 private:
  friend class MemoryBudget;
  MemoryReservation(MemoryBudget* budget, uint64_t id, uint64_t bytes) : budget_(budget), id_(id), bytes_(bytes) {}

  MemoryBudget* budget_ = nullptr;
  uint64_t id_ = 0;
  uint64_t bytes_ = 0;
};

// Threads: any. Must outlive its reservations.
class MemoryBudget {
 public:
  // `setting` is what a user changes to have more: "taskmanager.memory.process.size". It stands in the refusal.
  MemoryBudget(uint64_t total_bytes, std::string setting) : total_bytes_(total_bytes), setting_(std::move(setting)) {}
  ~MemoryBudget();
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // `name` says what for ("network buffers"). kResourceExhausted when less is free: the message says who holds how much and what to change.
  StatusOr<MemoryReservation> Reserve(const std::string& name, uint64_t bytes);

  uint64_t total_bytes() const { return total_bytes_; }
  uint64_t reserved_bytes() const;

 private:
  friend class MemoryReservation;
  struct Holding {
    std::string name;
    uint64_t bytes;
  };

  void Release(uint64_t id);
  // Those with the same name added up, largest first.
  std::vector<std::pair<std::string, uint64_t>> Holders() const WEIR_REQUIRES(mutex_);
  Status Refusal(const std::string& name, uint64_t more_bytes) const WEIR_REQUIRES(mutex_);

  const uint64_t total_bytes_;
  const std::string setting_;
  mutable Mutex mutex_;
  uint64_t reserved_bytes_ WEIR_GUARDED_BY(mutex_) = 0;
  uint64_t next_id_ WEIR_GUARDED_BY(mutex_) = 1;
  std::map<uint64_t, Holding> holdings_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
