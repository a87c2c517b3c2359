#include "weir/base/execution/thread.h"

#include <pthread.h>
#include <sched.h>

#include <system_error>

#include "weir/base/check.h"
#include "weir/base/crash/crash_report.h"

namespace weir {
namespace {

constexpr size_t kLongestName = 15;  // the kernel's limit

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

int AvailableCpus() {
  cpu_set_t allowed;
  return sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
}

}  // namespace weir
