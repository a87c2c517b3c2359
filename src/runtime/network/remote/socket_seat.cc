#include "weir/runtime/network/remote/socket_seat.h"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>

#include "weir/base/errno_status.h"

namespace weir {
namespace {

// Of one call, which must return all that is ready: what it leaves out nobody else is told of.
constexpr int kMostEvents = 128;

int64_t NanosUntil(int64_t deadline_nanos) {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::max<int64_t>(deadline_nanos - (now.tv_sec * 1'000'000'000 + now.tv_nsec), 0);
}

int WaitFor(int epoll, epoll_event* found, int64_t deadline_nanos) {
  if (deadline_nanos == EventCount::kForever) return epoll_wait(epoll, found, kMostEvents, -1);
  const int64_t nanos = NanosUntil(deadline_nanos);
  const timespec wait = {nanos / 1'000'000'000, nanos % 1'000'000'000};
  const long count = syscall(SYS_epoll_pwait2, epoll, found, kMostEvents, &wait, nullptr, size_t{0});
  if (count >= 0 || errno != ENOSYS) return static_cast<int>(count);
  // Kernels before Linux 5.11. Rounded up: too early would be again and again.
  return epoll_wait(epoll, found, kMostEvents, static_cast<int>(std::min<int64_t>(nanos / 1'000'000 + 1, INT_MAX)));
}

bool Control(int epoll, int operation, int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return epoll_ctl(epoll, operation, fd, &event) == 0;
}

}  // namespace

StatusOr<std::unique_ptr<SocketSeat>> SocketSeat::New(EventCount* ready) {
  Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.is_open() || !ready->MakeDescriptor() ||
      !Control(epoll.get(), EPOLL_CTL_ADD, ready->descriptor(), EPOLLIN)) {
    return ErrnoError(errno, "cannot make an epoll set");
  }
  return std::unique_ptr<SocketSeat>(new SocketSeat(std::move(epoll), ready));
}

void SocketSeat::Add(int socket) {
  if (sockets_ + 1 < kMostEvents && Control(epoll_.get(), EPOLL_CTL_ADD, socket, EPOLLIN | EPOLLEXCLUSIVE)) ++sockets_;
}

void SocketSeat::Remove(int socket) {
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, socket, nullptr) == 0) --sockets_;
}

void SocketSeat::WaitUntil(int64_t deadline_nanos, std::vector<int>& readable) {
  readable.clear();
  if (!ready_->BeginWaitAtDescriptor()) return;
  epoll_event found[kMostEvents];
  const int count = WaitFor(epoll_.get(), found, deadline_nanos);
  // First of all: what is read now may be for this executor, which needs no waking.
  ready_->EndWaitAtDescriptor();
  for (int i = 0; i < count; ++i) {
    if (found[i].data.fd == ready_->descriptor()) {
      ready_->ClearDescriptor();
    } else {
      readable.push_back(found[i].data.fd);
    }
  }
}

}  // namespace weir
