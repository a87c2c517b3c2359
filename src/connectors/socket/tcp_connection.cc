#include "weir/connectors/socket/tcp_connection.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace weir {

namespace {

Status NotConnected(const std::string& address, std::string_view why) {
  return UnavailableError("cannot read from " + address + ": " + std::string(why) +
                          ". Is the server running, and are host and port right?");
}

class TcpConnection final : public ByteStream {
 public:
  // Takes `socket`, on which a connect was begun.
  TcpConnection(int socket, std::string address) : socket_(socket), address_(std::move(address)) {}
  ~TcpConnection() override { close(socket_); }

  StatusOr<Received> Receive(char* into, size_t size) override {
    if (!connected_) {
      WEIR_RETURN_IF_ERROR(FinishConnect());
      if (!connected_) return Received{};
    }
    const ssize_t received = recv(socket_, into, size, 0);
    if (received > 0) return Received{State::kData, static_cast<size_t>(received)};
    if (received == 0) return Received{State::kClosed, 0};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return Received{};
    return NotConnected(address_, std::strerror(errno));
  }

 private:
  // Sets connected_ if the connection stands by now.
  Status FinishConnect() {
    pollfd waiting{socket_, POLLOUT, 0};
    if (poll(&waiting, 1, 0) <= 0) return OkStatus();
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return NotConnected(address_, std::strerror(error));
    connected_ = true;
    return OkStatus();
  }

  const int socket_;
  const std::string address_;
  bool connected_ = false;
};

}  // namespace

StatusOr<std::unique_ptr<ByteStream>> ConnectTcp(const std::string& host, int port) {
  const std::string address = host + ":" + std::to_string(port);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) return NotConnected(address, gai_strerror(failure));
  Status status = NotConnected(address, "the host has no address");
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    const int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    if (connect(fd, at->ai_addr, at->ai_addrlen) == 0 || errno == EINPROGRESS) {
      freeaddrinfo(found);
      return std::unique_ptr<ByteStream>(std::make_unique<TcpConnection>(fd, address));
    }
    status = NotConnected(address, std::strerror(errno));
    close(fd);
  }
  freeaddrinfo(found);
  return status;
}

}  // namespace weir
