#include "weir/connectors/collect/collect_buffer.h"

#include <cstring>
#include <string>
#include <utility>

#include "weir/base/coding.h"

namespace weir {

CollectBuffer::~CollectBuffer() {
  for (Bytes* bytes : pinned_) bytes->Release();
  for (Bytes* bytes : waiting_) bytes->Release();
}

void CollectBuffer::Put(const BatchBase& batch) {
  ByteWriter out;
  batch.type->encode(batch, out);
  const std::string encoded = std::move(out).Take();
  Bytes* const bytes = Bytes::New(static_cast<uint32_t>(encoded.size()));
  std::memcpy(bytes->Allocate(bytes->capacity), encoded.data(), encoded.size());

  MutexLock lock(mutex_);
  // One batch is always taken, however large it is.
  while (!abandoned_ && !waiting_.empty() && waiting_bytes_ + encoded.size() > capacity_bytes_) changed_.Wait(mutex_);
  if (abandoned_) return bytes->Release();
  waiting_.push_back(bytes);
  waiting_bytes_ += encoded.size();
  changed_.NotifyAll();
}

void CollectBuffer::End() {
  MutexLock lock(mutex_);
  ended_ = true;
  changed_.NotifyAll();
}

void CollectBuffer::Abandon() {
  MutexLock lock(mutex_);
  abandoned_ = true;
  for (Bytes* bytes : waiting_) bytes->Release();
  waiting_.clear();
  waiting_bytes_ = 0;
  changed_.NotifyAll();
}

Bytes* CollectBuffer::Take() {
  MutexLock lock(mutex_);
  while (waiting_.empty() && !ended_ && !abandoned_) changed_.Wait(mutex_);
  if (waiting_.empty()) return nullptr;
  Bytes* const bytes = waiting_.front();
  waiting_.pop_front();
  waiting_bytes_ -= bytes->used;
  changed_.NotifyAll();
  return bytes;
}

}  // namespace weir
