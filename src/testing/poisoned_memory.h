// Memory whose contents become rubbish the moment nobody owns it any more: shows views that outlive their batch.
#pragma once

#include <cstdint>
#include <vector>

#include "weir/types/batch.h"
#include "weir/types/bytes.h"

namespace weir {

// Buffers for the views of input records. A buffer that was released is overwritten and kept, so that a forgotten view reads rubbish instead of
// memory that happens to be intact (or, under a sanitizer, reads memory of this object rather than crashing somewhere else).
//
// Threads: one. Must outlive every batch that owns one of its buffers.
class PoisonedMemory {
 public:
  // What released memory is filled with.
  static constexpr unsigned char kPoison = 0xDB;

  PoisonedMemory() = default;
  PoisonedMemory(const PoisonedMemory&) = delete;
  PoisonedMemory& operator=(const PoisonedMemory&) = delete;
  ~PoisonedMemory();

  // Gives the empty `batch` a buffer, from which its Keep takes.
  void GiveTo(BatchBase& batch);
  // Makes rubbish of the first `count` rows of `batch`, which is at home: nobody may look at them any more.
  static void PoisonRows(BatchBase& batch, uint32_t count);

 private:
  static void OnRelease(Bytes* bytes);

  std::vector<Bytes*> released_;
};

}  // namespace weir
