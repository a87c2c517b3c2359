#include "weir/types/bytes.h"

#include <cstdlib>
#include <new>

namespace weir {

namespace {

void FreeHeapBytes(Bytes* bytes) {
  bytes->~Bytes();
  std::free(bytes);
}

}  // namespace

Bytes* Bytes::New(uint32_t capacity) {
  // One allocation: the header, then the payload.
  void* const memory = std::malloc(sizeof(Bytes) + capacity);
  if (memory == nullptr) throw std::bad_alloc();
  Bytes* const bytes = new (memory) Bytes;
  bytes->capacity = capacity;
  bytes->data = static_cast<char*>(memory) + sizeof(Bytes);
  bytes->release = &FreeHeapBytes;
  return bytes;
}

}  // namespace weir
