#include "weir/base/execution/thread_turns.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace weir {

namespace {

// The kernel's struct sched_attr, of which this C library has no declaration: its first version.
struct SchedulingAttributes {
  uint32_t size = sizeof(SchedulingAttributes);
  uint32_t policy = SCHED_OTHER;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime_ns = 0;
  uint64_t deadline_ns = 0;
  uint64_t period_ns = 0;
};
static_assert(sizeof(SchedulingAttributes) == 48);

}  // namespace

bool AskForShortTurns(std::chrono::nanoseconds slice) {
  // Another policy is what an administrator has chosen for the process.
  if (sched_getscheduler(0) != SCHED_OTHER) return false;
  SchedulingAttributes attributes;
  errno = 0;
  attributes.nice = getpriority(PRIO_PROCESS, 0);
  if (errno != 0) return false;
  attributes.runtime_ns = static_cast<uint64_t>(slice.count());
  return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}

}  // namespace weir
