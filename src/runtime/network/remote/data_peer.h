// One other worker as the network thread sees it: its link, and the socket that there is at present.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "weir/runtime/network/remote/data_network.h"
#include "weir/runtime/network/remote/socket_seat.h"

namespace weir {

// Threads: the network thread.
struct DataNetwork::Peer {
  Peer(TaskManagerId peer_id, PeerLinkOptions options) : id(std::move(peer_id)), link(std::move(options)) {}

  const TaskManagerId id;
  PeerLink link;
  std::string name;         // of the address, for messages
  ResolvedAddress address;  // of the data port
  Descriptor socket;
  Status failure;                 // an executor has met it, and leaves it to the network thread
  bool is_connecting = false;     // the socket's connect has not ended yet
  bool watches_writable = false;  // the socket was full
  int64_t trying_since = 0;       // monotonic nanoseconds of the first attempt that failed; 0: none has
  int64_t retry_at = 0;
  int64_t backoff = 0;

  bool backs_off() const { return !socket.is_open() && link.has_channels() && retry_at > 0; }
};

// Threads: its executor's, but for `sockets`, as that says.
struct DataNetwork::Seat final : WaitPlace {
  Seat(DataNetwork* owner, EventCount* count, std::unique_ptr<SocketSeat> watched)
      : network(owner), ready(count), sockets(std::move(watched)) {}
  void WaitUntil(int64_t deadline_nanos) override;

  DataNetwork* const network;
  EventCount* const ready;
  const std::unique_ptr<SocketSeat> sockets;
  std::vector<int> readable;
  int rests = 0;  // so many waits are for `ready` only: much comes, which the network thread reads while tasks run
};

}  // namespace weir
