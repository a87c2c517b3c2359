#include "weir/connectors/socket/tcp_connection.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace weir {
namespace {

// A listening socket on the loopback, on a port that the system chose.
class LoopbackServer {
 public:
  LoopbackServer() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(socket_, 1), 0);
    socklen_t length = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
  }
  ~LoopbackServer() { Stop(); }

  int port() const { return port_; }
  // Waits for a client.
  int Accept() { return accept(socket_, nullptr, nullptr); }
  void Stop() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

 private:
  int socket_;
  int port_ = 0;
};

// Receives until the connection closes; what came. The loopback delivers what was sent before it reports the close.
StatusOr<std::string> ReceiveAll(ByteStream& stream) {
  std::string text;
  while (true) {
    char buffer[16];
    WEIR_ASSIGN_OR_RETURN(const ByteStream::Received received, stream.Receive(buffer, sizeof buffer));
    if (received.state == ByteStream::State::kClosed) return text;
    text.append(buffer, received.bytes);
  }
}

TEST(TcpConnection, ReceivesWhatWasSentUntilTheServerCloses) {
  LoopbackServer server;
  auto stream = ConnectTcp("127.0.0.1", server.port());
  ASSERT_TRUE(stream.ok()) << stream.status().ToString();
  const int client = server.Accept();
  const std::string text = "hello, this is longer than the buffer";
  ASSERT_EQ(send(client, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  close(client);
  EXPECT_EQ(ReceiveAll(*stream.value()).value(), text);
}

TEST(TcpConnection, SaysWhoRefused) {
  LoopbackServer server;
  const int port = server.port();
  server.Stop();
  auto stream = ConnectTcp("127.0.0.1", port);
  const Status status = stream.ok() ? ReceiveAll(*stream.value()).status() : stream.status();
  EXPECT_EQ(status.message(), "cannot read from 127.0.0.1:" + std::to_string(port) +
                                  ": Connection refused. Is the server running, and are host and port right?");
}

}  // namespace
}  // namespace weir
