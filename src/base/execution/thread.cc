#include "weir/base/execution/thread.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <system_error>

#include "weir/base/check.h"
#include "weir/base/crash/crash_report.h"
#include "weir/base/errno_status.h"

namespace weir {
namespace {

constexpr size_t kLongestName = 15;  // the kernel's limit

cpu_set_t AllowedCpus() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) CPU_SET(0, &allowed);
  return allowed;
}

}  // namespace

Thread::Thread(const std::string& name, Closure body) {
  auto run = [short_name = name.substr(0, kLongestName), body = std::move(body)]() mutable {
    pthread_setname_np(pthread_self(), short_name.c_str());
    const SignalStack for_crashes;
    body();
  };
  try {
    thread_ = std::thread(std::move(run));
  } catch (const std::system_error& error) {
    WEIR_CHECK(false) << "cannot start thread " << name << ": " << error.what()
                      << "; raise the limit on processes (ulimit -u) or on the container's pids";
  }
}

Thread& Thread::operator=(Thread&& other) noexcept {
  Join();
  thread_ = std::move(other.thread_);
  return *this;
}

void Thread::Join() {
  if (!thread_.joinable()) return;
  WEIR_CHECK(!IsCurrent()) << "a thread cannot join itself";
  thread_.join();
}

Status PinCurrentThread(int index) {
  const cpu_set_t allowed = AllowedCpus();
  int left = index % CPU_COUNT(&allowed);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || left-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    const int error = pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
    return error == 0 ? OkStatus() : ErrnoError(error, "cannot pin a thread to CPU " + std::to_string(cpu));
  }
  WEIR_UNREACHABLE("no CPU is allowed");
}

int AvailableCpus() {
  const cpu_set_t allowed = AllowedCpus();
  return CPU_COUNT(&allowed);
}

int CurrentThreadId() { return static_cast<int>(syscall(SYS_gettid)); }

}  // namespace weir
