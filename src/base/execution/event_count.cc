#include "weir/base/execution/event_count.h"

#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "weir/base/check.h"

namespace weir {
namespace {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t), "the kernel reads the word itself");

long Futex(std::atomic<uint32_t>* word, int operation, uint32_t value, const timespec* deadline) {
  return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, deadline, nullptr, FUTEX_BITSET_MATCH_ANY);
}

}  // namespace

EventCount::~EventCount() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool EventCount::WaitUntil(int64_t deadline_nanos) {
  // FUTEX_WAIT_BITSET takes an absolute time of CLOCK_MONOTONIC, so a wait that a signal interrupts does not start its time again.
  deadline_nanos = std::max<int64_t>(deadline_nanos, 0);
  const timespec deadline = {deadline_nanos / 1'000'000'000, deadline_nanos % 1'000'000'000};
  while (waiting_.load(std::memory_order_acquire) != 0) {
    const long result = Futex(&waiting_, FUTEX_WAIT_BITSET, kAtWord, deadline_nanos == kForever ? nullptr : &deadline);
    if (result == 0 || errno == EAGAIN || errno == EINTR) continue;
    WEIR_CHECK_EQ(errno, ETIMEDOUT) << "futex: " << std::strerror(errno);
    // A Notify that came between the timeout and this exchange counts.
    return waiting_.exchange(0, std::memory_order_acquire) == 0;
  }
  return true;
}

bool EventCount::MakeDescriptor() {
  if (descriptor_ < 0) descriptor_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor_ >= 0;
}

void EventCount::ClearDescriptor() {
  uint64_t wakes = 0;
  [[maybe_unused]] const ssize_t got = read(descriptor_, &wakes, sizeof(wakes));
}

void EventCount::Wake() {
  // Only the waker that takes it away wakes: others find 0 and go on.
  const uint32_t place = waiting_.exchange(0, std::memory_order_acq_rel);
  if (place == 0) return;
  if (on_wake_) return on_wake_();
  if (place == kAtDescriptor) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(descriptor_, &one, sizeof(one));
    return;
  }
  Futex(&waiting_, FUTEX_WAKE_BITSET, 1, nullptr);
}

}  // namespace weir
