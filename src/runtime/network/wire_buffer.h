// Memory for encoded batches, used again and again.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "weir/base/coding.h"
#include "weir/types/bytes.h"

namespace weir {

class WireBufferPool;

// Bytes in one piece: what is written to it, or received into it. The last Release sends it home.
struct WireBuffer : Bytes {
  ByteWriter writer;
  WireBuffer* next = nullptr;  // link of the pool's list

  // The bytes are what was written.
  void Seal() {
    data = const_cast<char*>(writer.bytes().data());
    used = capacity = static_cast<uint32_t>(writer.size());
  }
};

inline std::string_view ViewOf(const Bytes& bytes) { return {bytes.data, bytes.used}; }

// Buffers of one writer or one network thread. Their number is bounded by what the channels let be in flight, not here; of those that are home, only some
// are kept.
//
// Threads: Get and Close by the owner; buffers come home from any thread. The pool lives until Close and the last buffer's return.
class WireBufferPool {
 public:
  static WireBufferPool* New() { return new WireBufferPool; }

  // Empty, with one reference.
  WireBuffer* Get();
  void Close() { Drop(); }

 private:
  // Enough for what a few channels have in flight. A buffer is as large as the largest batch it has held.
  static constexpr uint32_t kMostKept = 64;

  WireBufferPool() = default;
  ~WireBufferPool() = default;
  static void Return(Bytes* bytes);
  void Drop();

  // The owner and every buffer that is out hold one; the last one frees the pool.
  std::atomic<uint32_t> references_{1};
  // Came home: pushed by any thread, taken as a whole by the owner (so there is no ABA problem).
  std::atomic<WireBuffer*> returned_{nullptr};
  // At home, whether in `returned_` or in `free_`. Relaxed: only a bound on what is kept.
  std::atomic<uint32_t> kept_{0};
  WireBuffer* free_ = nullptr;  // the owner's
};

// Owns a pool.
class WireBuffers {
 public:
  WireBuffers() : pool_(WireBufferPool::New()) {}
  WireBuffers(const WireBuffers&) = delete;
  WireBuffers& operator=(const WireBuffers&) = delete;
  ~WireBuffers() { pool_->Close(); }

  WireBuffer* Get() { return pool_->Get(); }

 private:
  WireBufferPool* const pool_;
};

}  // namespace weir
