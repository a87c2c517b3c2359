#include "weir/taskmanager/network/data_port.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "weir/base/clock.h"
#include "weir/base/logging.h"

namespace weir {
namespace {

Status NotYet() { return OutOfRangeError("more of the hello is to come"); }

}  // namespace

StatusOr<std::unique_ptr<DataPort>> DataPort::Open(DataPortOptions options) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<Poller> poller, Poller::New());
  StatusOr<Descriptor> listener = ListenTcp(options.bind);
  if (!listener.ok()) {
    return listener.status().Annotate("the data port (taskmanager.bind-host, taskmanager.data.port) cannot be opened");
  }
  WEIR_RETURN_IF_ERROR(poller->Add(listener->get(), true, false));
  return std::unique_ptr<DataPort>(new DataPort(std::move(options), std::move(poller), *std::move(listener)));
}

DataPort::DataPort(DataPortOptions options, std::unique_ptr<Poller> poller, Descriptor listener)
    : options_(std::move(options)),
      poller_(std::move(poller)),
      listener_(std::move(listener)),
      port_(LocalPort(listener_.get())),
      thread_("weir-data-port", [this] { Run(); }) {}

DataPort::~DataPort() {
  is_stopping_.store(true, std::memory_order_seq_cst);
  poller_->Wake();
  thread_.Join();
}

void DataPort::Run() {
  std::vector<Poller::Event> events;
  for (;;) {
    poller_->PrepareWait();
    if (is_stopping_.load(std::memory_order_seq_cst)) return;
    const int timeout_ms = greetings_.empty() ? -1 : static_cast<int>(options_.patience.count());
    if (Status status = poller_->Wait(timeout_ms, events); !status.ok()) WEIR_LOG(kError, "{}", status.message());
    for (const Poller::Event& event : events) {
      if (event.fd == listener_.get()) {
        AcceptAll();
      } else if (greetings_.contains(event.fd)) {
        Read(event.fd);
      }
    }
    CloseOverdue();
  }
}

void DataPort::AcceptAll() {
  for (;;) {
    StatusOr<Descriptor> socket = AcceptTcp(listener_.get());
    if (!socket.ok()) WEIR_LOG(kError, "data port: {}", socket.status().message());
    if (!socket.ok() || !socket->is_open()) return;
    if (greetings_.size() >= options_.most_waiting) {
      const auto oldest =
          std::ranges::min_element(greetings_, {}, [](const auto& entry) { return entry.second.since; });
      Close(oldest->first);
    }
    const int fd = socket->get();
    if (!poller_->Add(fd, true, false).ok()) continue;
    greetings_[fd] = {.socket = *std::move(socket), .received = {}, .since = options_.clock->MonotonicNanos()};
    Read(fd);  // the hello is mostly there already
  }
}

void DataPort::Read(int fd) {
  Greeting& greeting = greetings_.at(fd);
  const StatusOr<DataHello> hello = ReadHello(greeting);
  if (hello.status().code() == StatusCode::kOutOfRange) return;
  if (hello.status().code() == StatusCode::kUnavailable) return Close(fd);
  const Status status = hello.ok() ? Check(*hello) : hello.status();
  if (!status.ok()) return Refuse(fd, status);
  poller_->Remove(fd);
  Descriptor socket = std::move(greeting.socket);
  greetings_.erase(fd);
  options_.on_connection(hello->job_id, hello->from, std::move(socket));
}

StatusOr<DataHello> DataPort::ReadHello(Greeting& greeting) {
  std::string& bytes = greeting.received;
  for (;;) {
    // Not a byte more than the hello: what follows is the worker's.
    size_t wanted = kFrameHeaderBytes;
    FrameHeader header;
    if (bytes.size() >= kFrameHeaderBytes) {
      WEIR_ASSIGN_OR_RETURN(header, DecodeFrameHeader(bytes.data()));
      const bool is_hello = header.kind == FrameKind::kHello && header.length <= kMaxHelloPayload;
      if (!is_hello || header.sequence != 0) return DataLossError("a data connection did not begin with a hello");
      wanted += header.length;
      const std::string_view payload = std::string_view(bytes).substr(kFrameHeaderBytes);
      if (bytes.size() == wanted) {
        WEIR_RETURN_IF_ERROR(CheckPayload(header, payload));
        return DecodeHello(payload);
      }
    }
    const size_t before = bytes.size();
    bytes.resize(wanted);
    const ssize_t got = recv(greeting.socket.get(), bytes.data() + before, wanted - before, MSG_DONTWAIT);
    bytes.resize(before + (got > 0 ? static_cast<size_t>(got) : 0));
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return NotYet();
    if (got <= 0) return UnavailableError("closed");
  }
}

Status DataPort::Check(const DataHello& hello) const {
  if (hello.protocol != kDataProtocolVersion) {
    return FailedPreconditionError("TaskManager \"" + options_.self.value() + "\" speaks version " +
                                   std::to_string(kDataProtocolVersion) + " of the data plane's protocol, not " +
                                   std::to_string(hello.protocol));
  }
  if (!options_.equal(hello.token, options_.token_of(hello.job_id))) {
    return PermissionDeniedError("TaskManager \"" + options_.self.value() +
                                 "\" does not know this token of the job; all machines of a cluster need the same "
                                 "security.secret-file");
  }
  if (hello.to != options_.self) {
    return FailedPreconditionError("this is the data port of TaskManager \"" + options_.self.value() + "\", not of \"" +
                                   hello.to.value() +
                                   "\"; are taskmanager.host and taskmanager.data.port right there?");
  }
  return OkStatus();
}

void DataPort::Refuse(int fd, const Status& why) {
  WEIR_LOG(kWarning, "data port: a connection is refused: {}", why.message());
  const std::string frame = EncodeFrame({.kind = FrameKind::kRefused}, EncodeRefusal(why));
  // Small enough for a fresh socket's buffer; who does not get it sees the end of the connection.
  [[maybe_unused]] const ssize_t sent = send(fd, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  Close(fd);
}

void DataPort::Close(int fd) {
  poller_->Remove(fd);
  greetings_.erase(fd);
}

void DataPort::CloseOverdue() {
  const int64_t oldest = options_.clock->MonotonicNanos() - options_.patience.count() * 1'000'000;
  while (true) {
    const auto overdue =
        std::ranges::find_if(greetings_, [&](const auto& entry) { return entry.second.since < oldest; });
    if (overdue == greetings_.end()) return;
    Close(overdue->first);
  }
}

}  // namespace weir
