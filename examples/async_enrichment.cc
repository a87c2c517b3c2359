// Very late flights with the name of their airport, which an HTTP server knows. A request is made for each, many at a time, and none holds up the job.
//
//   python3 examples/airport_server.py --port 8000 &
//   ./async_enrichment --server 127.0.0.1:8000
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "weir/weir.h"

using namespace std::chrono_literals;

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;       // minutes
  std::string origin;  // a request owns its text
};

struct LateFlight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;
  std::string origin;
  std::string airport;
};

// A connection that closes itself.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (socket_ >= 0) close(socket_);
  }

  weir::Status Open(const std::string& host, const std::string& port) {
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* addresses = nullptr;
    const int code = getaddrinfo(host.c_str(), port.c_str(), &wanted, &addresses);
    if (code != 0) return weir::InvalidArgumentError("no address for " + host + ":" + port + ": " + gai_strerror(code));
    weir::Status status = weir::UnavailableError("no connection to " + host + ":" + port);
    for (const addrinfo* address = addresses; address != nullptr && !status.ok(); address = address->ai_next) {
      status = OpenOne(*address).Annotate("no connection to " + host + ":" + port);
    }
    freeaddrinfo(addresses);
    return status;
  }
  weir::Status Send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0) return weir::UnavailableError(std::string("cannot send: ") + std::strerror(errno));
      text.remove_prefix(static_cast<size_t>(sent));
    }
    return weir::OkStatus();
  }
  // All that the server sends until it closes.
  weir::StatusOr<std::string> ReadAll() {
    std::string text;
    char buffer[4096];
    for (ssize_t size; (size = recv(socket_, buffer, sizeof(buffer), 0)) != 0;) {
      if (size < 0) return weir::UnavailableError(std::string("cannot receive: ") + std::strerror(errno));
      text.append(buffer, static_cast<size_t>(size));
    }
    return text;
  }

 private:
  weir::Status OpenOne(const addrinfo& address) {
    if (socket_ >= 0) close(socket_);
    socket_ = socket(address.ai_family, address.ai_socktype, address.ai_protocol);
    if (socket_ < 0) return weir::UnavailableError(std::strerror(errno));
    // A job that is cancelled waits for its calls: none takes for ever.
    timeval patience{.tv_sec = 5, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(socket_, address.ai_addr, address.ai_addrlen) != 0) return weir::UnavailableError(std::strerror(errno));
    return weir::OkStatus();
  }

  int socket_ = -1;
};

// The body of what a GET gives. UNAVAILABLE if it is worth another try.
weir::StatusOr<std::string> HttpGet(const std::string& server, const std::string& path) {
  const size_t colon = server.rfind(':');
  if (colon == std::string::npos)
    return weir::InvalidArgumentError("--server is \"" + server + "\"; expected host:port");
  Connection connection;
  WEIR_RETURN_IF_ERROR(connection.Open(server.substr(0, colon), server.substr(colon + 1)));
  WEIR_RETURN_IF_ERROR(connection.Send("GET " + path + " HTTP/1.0\r\nHost: " + server + "\r\n\r\n"));
  WEIR_ASSIGN_OR_RETURN(const std::string reply, connection.ReadAll());
  const size_t body = reply.find("\r\n\r\n");
  if (!reply.starts_with("HTTP/1.") || body == std::string::npos)
    return weir::UnavailableError("GET " + path + ": the connection closed before the reply was complete");
  const std::string code = reply.substr(std::strlen("HTTP/1.x "), 3);
  if (code.starts_with('5')) return weir::UnavailableError("GET " + path + ": HTTP status " + code);
  if (code != "200") return weir::NotFoundError("GET " + path + ": HTTP status " + code);
  return reply.substr(body + 4);
}

class AskForAirport : public weir::AsyncFunction<Flight, LateFlight> {
 public:
  explicit AskForAirport(std::string server) : server_(std::move(server)) {}

  void AsyncInvoke(const Flight& flight, weir::ResultFuture<LateFlight> result) {
    calls_.Run(result, [server = server_, flight]() -> weir::StatusOr<LateFlight> {
      WEIR_ASSIGN_OR_RETURN(std::string airport, HttpGet(server, "/airports/" + flight.origin));
      return LateFlight{flight.id, flight.departure, flight.delay, flight.origin, std::move(airport)};
    });
  }

 private:
  const std::string server_;
  weir::BlockingCalls calls_{16};
};

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file or a folder");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");
  const std::string server = env.Parameters().Get("server", "127.0.0.1:8000", "host:port of airport_server.py");
  const int64_t late = env.Parameters().Get("late", int64_t{120}, "minutes of delay from which a flight is very late");
  const int retries = env.Parameters().Get("retries", 4, "how often a request is made again");
  const bool ordered = env.Parameters().Get("ordered", true, "whether flights stay in order");

  auto flights =
      env.FromSource(weir::CsvFileSource<Flight>(input), "flights")
          .Filter([late](const Flight& flight) { return flight.delay >= late; })
          .AsyncMap<AskForAirport>(
              {.timeout = 30s,
               .capacity = 64,
               .retry = weir::AsyncRetry::ExponentialDelay(retries, 10ms, 500ms).IfError([](const weir::Status& error) {
                 return error.code() == weir::StatusCode::kUnavailable;
               }),
               .ordered = ordered},
              server)
          .Uid("airports")
          .Name("ask for the airport");
  if (output.empty()) {
    flights.Print();
  } else {
    flights.SinkTo(weir::CsvFileSink<LateFlight>(output));
  }
  return env.Execute("very late flights").ExitCode();
}
