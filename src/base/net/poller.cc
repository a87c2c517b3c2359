#include "weir/base/net/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "weir/base/errno_status.h"

namespace weir {
namespace {

// Per call; what does not fit comes with the next.
constexpr int kMostEvents = 64;

uint32_t Interest(bool reads, bool writes) { return (reads ? EPOLLIN | EPOLLRDHUP : 0u) | (writes ? EPOLLOUT : 0u); }

}  // namespace

StatusOr<std::unique_ptr<Poller>> Poller::New() {
  Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.is_open()) return ErrnoError(errno, "cannot make an epoll set");
  Descriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.is_open()) return ErrnoError(errno, "cannot make an eventfd");
  std::unique_ptr<Poller> poller(new Poller(std::move(epoll), std::move(wake)));
  WEIR_RETURN_IF_ERROR(poller->Add(poller->wake_.get(), true, false));
  return poller;
}

Status Poller::Control(int operation, int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), operation, fd, &event) == 0) return OkStatus();
  return ErrnoError(errno, "cannot watch socket " + std::to_string(fd));
}

Status Poller::Add(int fd, bool reads, bool writes) { return Control(EPOLL_CTL_ADD, fd, Interest(reads, writes)); }
Status Poller::AddExclusive(int fd, bool reads, bool writes) {
  // The kernel has no EPOLLRDHUP there; the end of a stream is readable, too.
  return Control(EPOLL_CTL_ADD, fd, (Interest(reads, writes) & ~EPOLLRDHUP) | EPOLLEXCLUSIVE);
}
void Poller::Remove(int fd) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void Poller::PrepareWait() { waits_.store(true, std::memory_order_seq_cst); }

void Poller::Wake() {
  // A read-modify-write, not a load: it orders the waker's publication before it, for TSan too.
  if (!waits_.exchange(false, std::memory_order_seq_cst)) return;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof(one));
}

Status Poller::Wait(int timeout_ms, std::vector<Event>& events) {
  events.clear();
  epoll_event found[kMostEvents];
  const int count = epoll_wait(epoll_.get(), found, kMostEvents, timeout_ms);
  waits_.store(false, std::memory_order_relaxed);
  if (count < 0) return errno == EINTR ? OkStatus() : ErrnoError(errno, "cannot wait for sockets");
  for (int i = 0; i < count; ++i) {
    if (found[i].data.fd == wake_.get()) {
      uint64_t wakes = 0;
      [[maybe_unused]] const ssize_t got = read(wake_.get(), &wakes, sizeof(wakes));
      continue;
    }
    const uint32_t what = found[i].events;
    const bool is_over = (what & (EPOLLERR | EPOLLHUP)) != 0;
    events.push_back({.fd = found[i].data.fd,
                      .is_readable = is_over || (what & (EPOLLIN | EPOLLRDHUP)) != 0,
                      .is_writable = is_over || (what & EPOLLOUT) != 0});
  }
  return OkStatus();
}

}  // namespace weir
