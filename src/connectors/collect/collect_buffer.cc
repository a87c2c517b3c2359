#include "weir/connectors/collect/collect_buffer.h"

#include <atomic>
#include <cstring>
#include <deque>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/connectors/collect/collected_batch.h"

namespace weir {
namespace {

constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

}  // namespace

struct CollectBuffer::Queue {
  Mutex mutex;  // first: guards what the constructor sets
  explicit Queue(size_t capacity) : capacity_bytes(capacity) {}
  ~Queue() {
    for (Bytes* bytes : pinned) bytes->Release();
    for (Bytes* bytes : waiting) bytes->Release();
  }

  size_t capacity_bytes WEIR_GUARDED_BY(mutex);
  // The reader's own.
  std::vector<Bytes*> pinned;
  CondVar changed;
  CondVar given_up;  // `abandoned` has become true
  std::deque<Bytes*> waiting WEIR_GUARDED_BY(mutex);
  size_t waiting_bytes WEIR_GUARDED_BY(mutex) = 0;
  std::map<std::string, SeenNumbers> known WEIR_GUARDED_BY(mutex);  // by stream: what was ever put in
  bool ended WEIR_GUARDED_BY(mutex) = false;
  Status failure WEIR_GUARDED_BY(mutex);
  bool abandoned WEIR_GUARDED_BY(mutex) = false;
};

namespace {

// Environments may live on several threads.
std::atomic<int> made_buffers{0};

Bytes* BytesOf(std::string_view text) {
  Bytes* const bytes = Bytes::New(static_cast<uint32_t>(text.size()));
  std::memcpy(bytes->Allocate(bytes->capacity), text.data(), text.size());
  return bytes;
}

}  // namespace

CollectBuffer::CollectBuffer(size_t capacity_bytes)
    : queue_(new Queue(capacity_bytes)), number_(made_buffers.fetch_add(1, std::memory_order_relaxed)) {}

CollectBuffer::~CollectBuffer() { delete queue_; }

void CollectBuffer::Pin(Bytes* bytes) { queue_->pinned.push_back(bytes); }

void CollectBuffer::Put(CollectedBatch batch) {
  if (batch.may_repeat) Fail(RowsMayRepeatError());
  Bytes* const bytes = BytesOf(batch.rows);
  Queue& queue = *queue_;
  MutexLock lock(queue.mutex);
  // One batch is always taken, however large it is.
  while (!queue.abandoned && queue.failure.ok() && !queue.waiting.empty() &&
         queue.waiting_bytes + batch.rows.size() > queue.capacity_bytes)
    queue.changed.Wait(queue.mutex);
  if (queue.abandoned || !queue.failure.ok() || !queue.known[batch.stream].Add(batch.number)) return bytes->Release();
  queue.waiting.push_back(bytes);
  queue.waiting_bytes += batch.rows.size();
  queue.changed.NotifyAll();
}

void CollectBuffer::SlowDown(size_t kept_bytes) {
  const Duration pause = PauseWhileKeeping(kept_bytes);
  if (pause == Duration(0)) return;
  MutexLock lock(queue_->mutex);
  if (!queue_->abandoned && queue_->capacity_bytes != kNoLimit) queue_->given_up.WaitFor(queue_->mutex, pause);
}

void CollectBuffer::PutEncoded(std::string_view rows) {
  Bytes* const bytes = BytesOf(rows);
  Queue& queue = *queue_;
  MutexLock lock(queue.mutex);
  if (queue.abandoned) return bytes->Release();
  queue.waiting.push_back(bytes);
  queue.waiting_bytes += rows.size();
  queue.changed.NotifyAll();
}

bool CollectBuffer::HasRoom() const {
  MutexLock lock(queue_->mutex);
  return queue_->waiting_bytes < queue_->capacity_bytes;
}

bool CollectBuffer::IsAbandoned() const {
  MutexLock lock(queue_->mutex);
  return queue_->abandoned;
}

void CollectBuffer::End() {
  Queue& queue = *queue_;
  MutexLock lock(queue.mutex);
  queue.ended = true;
  queue.changed.NotifyAll();
}

void CollectBuffer::Fail(Status error) {
  Queue& queue = *queue_;
  MutexLock lock(queue.mutex);
  queue.failure.Update(std::move(error));
  queue.changed.NotifyAll();
}

Status CollectBuffer::failure() const {
  MutexLock lock(queue_->mutex);
  return queue_->failure;
}

void CollectBuffer::Abandon() {
  Queue& queue = *queue_;
  MutexLock lock(queue.mutex);
  queue.abandoned = true;
  for (Bytes* bytes : queue.waiting) bytes->Release();
  queue.waiting.clear();
  queue.waiting_bytes = 0;
  queue.changed.NotifyAll();
  queue.given_up.NotifyAll();
}

bool CollectBuffer::HasRows() const {
  MutexLock lock(queue_->mutex);
  return !queue_->waiting.empty();
}

void CollectBuffer::LiftLimit() {
  MutexLock lock(queue_->mutex);
  queue_->capacity_bytes = kNoLimit;
}

Bytes* CollectBuffer::Take() {
  Queue& queue = *queue_;
  MutexLock lock(queue.mutex);
  while (queue.waiting.empty() && !queue.ended && !queue.abandoned && queue.failure.ok())
    queue.changed.Wait(queue.mutex);
  if (queue.waiting.empty()) return nullptr;
  Bytes* const bytes = queue.waiting.front();
  queue.waiting.pop_front();
  queue.waiting_bytes -= bytes->used;
  queue.changed.NotifyAll();
  return bytes;
}

}  // namespace weir
