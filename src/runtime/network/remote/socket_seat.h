// Where the thread of an executor waits for the sockets of its worker, too: what little comes in while it has nothing to do it then need not be woken for by
// another thread.
//
// A socket has all seats and the network thread's Poller wait for it, each of which added it as exclusive, seats first. So the kernel wakes one: the first
// seat on which somebody waits, else the network thread. Whoever is woken for a socket reads it or sees to it that the network thread does: nobody else
// has been told.
//
// Threads: WaitUntil on the executor's; Add and Remove on any, one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/base/execution/event_count.h"
#include "weir/base/net/descriptor.h"
#include "weir/base/status.h"

namespace weir {

class SocketSeat {
 public:
  // `ready`: the executor's, which outlives the seat.
  static StatusOr<std::unique_ptr<SocketSeat>> New(EventCount* ready);

  // A connection that is established. One seat does not look after hundreds: those that are too many, the network thread has for itself.
  void Add(int socket);
  void Remove(int socket);
  // As EventCount::WaitUntil, after PrepareWait; ends also when there is something to read. `readable` is overwritten.
  void WaitUntil(int64_t deadline_nanos, std::vector<int>& readable);

 private:
  SocketSeat(Descriptor epoll, EventCount* ready) : epoll_(std::move(epoll)), ready_(ready) {}

  const Descriptor epoll_;
  EventCount* const ready_;
  int sockets_ = 0;
};

}  // namespace weir
