#include "weir/base/net/tcp_socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <utility>

#include "weir/base/errno_status.h"

namespace weir {
namespace {

constexpr int kBacklog = 1024;

struct FreeAddresses {
  void operator()(addrinfo* found) const { freeaddrinfo(found); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

StatusOr<Addresses> Resolve(const HostAndPort& where, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string host = where.host == "localhost" ? "127.0.0.1" : where.host;
  const int failure = getaddrinfo(host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
  if (failure == 0) return Addresses(found);
  return UnavailableError("cannot find the address of \"" + where.host + "\": " + gai_strerror(failure));
}

const sockaddr* SockaddrOf(const ResolvedAddress& address) {
  return reinterpret_cast<const sockaddr*>(address.bytes.data());
}

void Set(int socket, int level, int option, int value) { setsockopt(socket, level, option, &value, sizeof(value)); }

}  // namespace

std::string HostAndPort::ToString() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

StatusOr<HostAndPort> ParseHostAndPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  const Status invalid = InvalidArgumentError("\"" + std::string(text) + "\" is no address; expected host:port");
  if (colon == std::string_view::npos || colon == 0) return invalid;
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const std::string_view digits = text.substr(colon + 1);
  HostAndPort parsed{.host = std::string(host)};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.port);
  const bool is_port = error == std::errc() && end == digits.data() + digits.size() && parsed.port >= 0;
  if (!is_port || parsed.port > 65535) return invalid;
  return parsed;
}

StatusOr<ResolvedAddress> ResolveTcp(const HostAndPort& where) {
  WEIR_ASSIGN_OR_RETURN(const Addresses found, Resolve(where, 0));
  const char* const bytes = reinterpret_cast<const char*>(found->ai_addr);
  return ResolvedAddress{std::vector<char>(bytes, bytes + found->ai_addrlen)};
}

void AllowPortOfTheDead(int socket) { Set(socket, SOL_SOCKET, SO_REUSEADDR, 1); }

StatusOr<Descriptor> ListenTcp(const HostAndPort& where) {
  WEIR_ASSIGN_OR_RETURN(const Addresses found, Resolve(where, AI_PASSIVE));
  Descriptor listener(socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.is_open()) return ErrnoError(errno, "cannot make a socket");
  AllowPortOfTheDead(listener.get());
  const bool is_bound = bind(listener.get(), found->ai_addr, found->ai_addrlen) == 0;
  if (is_bound && listen(listener.get(), kBacklog) == 0) return listener;
  return UnavailableError("cannot listen on " + where.ToString() + ": " + std::strerror(errno));
}

int LocalPort(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return 0;
}

StatusOr<Descriptor> AcceptTcp(int listener) {
  Descriptor accepted(accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (accepted.is_open()) return accepted;
  const bool none = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ECONNABORTED;
  if (none) return accepted;
  return ErrnoError(errno, "cannot accept a connection");
}

StatusOr<Descriptor> BeginConnect(const ResolvedAddress& where) {
  Descriptor begun(socket(SockaddrOf(where)->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!begun.is_open()) return ErrnoError(errno, "cannot make a socket");
  if (connect(begun.get(), SockaddrOf(where), static_cast<socklen_t>(where.bytes.size())) == 0) return begun;
  if (errno == EINPROGRESS || errno == EINTR) return begun;
  return UnavailableError(std::strerror(errno));
}

Status ConnectResult(int socket) {
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length);
  return error == 0 ? OkStatus() : UnavailableError(std::strerror(error));
}

void TuneDataSocket(int socket, int silence_ms) {
  Set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  Set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  // A third of the time until the first probe and between probes, so that two may be lost.
  const int seconds = silence_ms < 3000 ? 1 : silence_ms / 3000;
  Set(socket, IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  Set(socket, IPPROTO_TCP, TCP_KEEPINTVL, seconds);
  Set(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
  Set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, silence_ms);
}

std::string LocalAddressTowards(const HostAndPort& where) {
  const std::string unknown = "127.0.0.1";
  const StatusOr<ResolvedAddress> there = ResolveTcp(where);
  if (!there.ok()) return unknown;
  // Connecting a datagram socket sends nothing; it only asks the routing table.
  const Descriptor probe(socket(SockaddrOf(*there)->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const bool is_routed =
      probe.is_open() && connect(probe.get(), SockaddrOf(*there), static_cast<socklen_t>(there->bytes.size())) == 0;
  sockaddr_storage own{};
  socklen_t length = sizeof(own);
  if (!is_routed || getsockname(probe.get(), reinterpret_cast<sockaddr*>(&own), &length) != 0) return unknown;
  char text[NI_MAXHOST];
  const int failure =
      getnameinfo(reinterpret_cast<const sockaddr*>(&own), length, text, sizeof(text), nullptr, 0, NI_NUMERICHOST);
  return failure == 0 ? text : unknown;
}

}  // namespace weir
