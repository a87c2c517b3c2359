// TCP sockets that never block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/net/descriptor.h"
#include "weir/base/status.h"

namespace weir {

// "host:port", "[::1]:port".
struct HostAndPort {
  std::string host;
  int port = 0;
  std::string ToString() const;
};
// kInvalidArgument, with the text, if it is none.
StatusOr<HostAndPort> ParseHostAndPort(std::string_view text);

// An address that the kernel understands, as bytes of a sockaddr.
struct ResolvedAddress {
  std::vector<char> bytes;
};
// The first address of the host. Waits for a name server unless `host` is a number or in the machine's own tables.
StatusOr<ResolvedAddress> ResolveTcp(const HostAndPort& where);

// `port` 0: one that is free. kUnavailable, with the address, if the port is in use.
StatusOr<Descriptor> ListenTcp(const HostAndPort& where);
// Of the socket's own end.
int LocalPort(int socket);
// Before a socket is bound: its port may be taken at once after the one who had it has gone, but never shared with one who has it.
void AllowPortOfTheDead(int socket);
// The next connection; not open if none waits.
StatusOr<Descriptor> AcceptTcp(int listener);

// Begins to connect: the socket is writable when that has ended, and ConnectResult says how.
StatusOr<Descriptor> BeginConnect(const ResolvedAddress& where);
Status ConnectResult(int socket);

// For a connection of the data plane: nothing waits for more to send, and a peer that is silent for `silence_ms` although it was sent something is gone.
void TuneDataSocket(int socket, int silence_ms);

// The address by which this machine reaches `where`, as a number: what others on the way there may reach it by. "127.0.0.1" if that cannot be found out.
std::string LocalAddressTowards(const HostAndPort& where);

}  // namespace weir
