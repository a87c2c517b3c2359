#include "weir/runtime/network/wire_buffer.h"

namespace weir {

WireBuffer* WireBufferPool::Get() {
  if (free_ == nullptr) free_ = returned_.exchange(nullptr, std::memory_order_acquire);
  WireBuffer* buffer = free_;
  if (buffer == nullptr) {
    buffer = new WireBuffer;
    buffer->home = this;
    buffer->release = &WireBufferPool::Return;
  } else {
    free_ = buffer->next;
    kept_.fetch_sub(1, std::memory_order_relaxed);
    buffer->writer.Clear();
    buffer->used = 0;
    buffer->references.store(1, std::memory_order_relaxed);
  }
  references_.fetch_add(1, std::memory_order_relaxed);
  return buffer;
}

void WireBufferPool::Return(Bytes* bytes) {
  auto* const buffer = static_cast<WireBuffer*>(bytes);
  auto* const pool = static_cast<WireBufferPool*>(bytes->home);
  if (pool->kept_.fetch_add(1, std::memory_order_relaxed) >= kMostKept) {
    pool->kept_.fetch_sub(1, std::memory_order_relaxed);
    delete buffer;
    return pool->Drop();
  }
  WireBuffer* head = pool->returned_.load(std::memory_order_relaxed);
  do {
    buffer->next = head;
  } while (!pool->returned_.compare_exchange_weak(head, buffer, std::memory_order_release, std::memory_order_relaxed));
  pool->Drop();
}

void WireBufferPool::Drop() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  for (WireBuffer* list : {free_, returned_.load(std::memory_order_acquire)}) {
    while (list != nullptr) {
      WireBuffer* const next = list->next;
      delete list;
      list = next;
    }
  }
  delete this;
}

}  // namespace weir
