// Waits for many sockets at once (epoll), and for wake-ups by other threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/base/net/descriptor.h"
#include "weir/base/status.h"

namespace weir {

// A waiting thread is woken with one system call; one that does not wait costs its wakers nothing but a load.
//
// Threads: one that waits and changes the set; Wake on any.
class Poller {
 public:
  struct Event {
    int fd = -1;
    bool is_readable = false;  // or its end, or an error: what a read will tell
    bool is_writable = false;
  };

  static StatusOr<std::unique_ptr<Poller>> New();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Level-triggered. The caller keeps `fd` open until Remove.
  Status Add(int fd, bool reads, bool writes);
  // Of several that wait for `fd` and all added it so, the first in the order of adding that does wait is woken, and no other.
  Status AddExclusive(int fd, bool reads, bool writes);
  void Remove(int fd);

  // Says that Wake matters from here on; what is looked at between this and Wait is not missed.
  void PrepareWait();
  // Waits at most `timeout_ms` (-1: without end) for events or a Wake since PrepareWait. `events` is overwritten.
  Status Wait(int timeout_ms, std::vector<Event>& events);
  // Ends the waiter's present Wait, or the next if it is between PrepareWait and Wait. What was published before is seen after it.
  void Wake();

 private:
  Poller(Descriptor epoll, Descriptor wake) : epoll_(std::move(epoll)), wake_(std::move(wake)) {}
  Status Control(int operation, int fd, uint32_t events);

  const Descriptor epoll_;
  const Descriptor wake_;  // an eventfd
  // True from PrepareWait to the end of the wait or the first Wake. seq_cst, with the same argument as EventCount's.
  std::atomic<bool> waits_{false};
};

}  // namespace weir
