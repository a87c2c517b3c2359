// What the network thread does with its sockets.
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "weir/base/clock.h"
#include "weir/runtime/network/remote/data_peer.h"

namespace weir {
namespace {

// One busy connection must not keep the others waiting: so many reads, or writes, before the next one's turn.
constexpr int kCallsPerTurn = 8;
constexpr int64_t kFirstBackoff = 5'000'000;
constexpr int64_t kLongestBackoff = 1'000'000'000;

// More takes longer to send than to hand over: benchmarks/remote_exchange.
constexpr size_t kLittle = size_t{8} << 10;

bool IsNotNow(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// One call of the kernel; negative: errno says why nothing went.
ssize_t SendFrames(int socket, FrameWriter& writer) {
  iovec places[FrameWriter::kMostPlaces];
  msghdr message{};
  message.msg_iov = places;
  message.msg_iovlen = static_cast<size_t>(writer.Gather(places));
  const ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) writer.Sent(static_cast<size_t>(sent));
  return sent;
}

}  // namespace

bool DataNetwork::Dials(const Peer& peer) const { return options_.self < peer.id; }

void DataNetwork::DialIfDue(Peer& peer) {
  if (peer.socket.is_open() || !peer.link.has_channels() || peer.address.bytes.empty() || !Dials(peer)) return;
  if (peer.retry_at == 0 || options_.clock->MonotonicNanos() >= peer.retry_at) Dial(peer);
}

void DataNetwork::Dial(Peer& peer) {
  StatusOr<Descriptor> socket = BeginConnect(peer.address);
  if (!socket.ok()) return Drop(peer, socket.status());
  Use(peer, *std::move(socket), /*is_connecting=*/true);
}

void DataNetwork::Use(Peer& peer, Descriptor socket, bool is_connecting) {
  peer.socket = std::move(socket);
  peer.is_connecting = peer.watches_writable = is_connecting;
  TuneDataSocket(peer.socket.get(), static_cast<int>(options_.silence.count()));
  peers_by_socket_[peer.socket.get()] = &peer;
  // While it connects, only the network thread knows what its events mean.
  if (!is_connecting) OfferToSeats(peer);
  if (Status status = poller_->AddExclusive(peer.socket.get(), true, is_connecting); !status.ok()) Drop(peer, status);
}

Status DataNetwork::FinishDial(Peer& peer) {
  WEIR_RETURN_IF_ERROR(ConnectResult(peer.socket.get()));
  peer.is_connecting = false;
  OfferToSeats(peer);  // the network thread's poller comes after them again with the next Watch
  peer.link.Greet();
  return OkStatus();
}

void DataNetwork::Handle(const Poller::Event& event) {
  const auto found = peers_by_socket_.find(event.fd);
  if (found == peers_by_socket_.end()) return;
  Peer& peer = *found->second;
  if (!peer.failure.ok()) return Drop(peer, std::exchange(peer.failure, OkStatus()));
  Status status;
  if (peer.is_connecting) {
    if (event.is_writable) status = FinishDial(peer);
  } else if (event.is_readable) {
    status = Read(peer);
  }
  if (!status.ok()) return Drop(peer, status);
  if (event.is_writable && peer.watches_writable && !peer.is_connecting) Watch(peer, false);
}

Status DataNetwork::Read(Peer& peer) {
  Reading reading{.has_more = true};
  for (int call = 0; reading.has_more && call < kCallsPerTurn; ++call) WEIR_RETURN_IF_ERROR(ReadOnce(peer, reading));
  // The poller may not have been told of the socket, but an executor.
  if (reading.has_more) LeaveToNetwork({peer.socket.get()});
  return OkStatus();
}

Status DataNetwork::ReadOnce(Peer& peer, Reading& reading) {
  reading = {};
  iovec places[FrameReader::kPlaces];
  msghdr message{};
  message.msg_iov = places;
  message.msg_iovlen = static_cast<size_t>(peer.link.reader()->Places(places));
  size_t room = 0;
  for (size_t i = 0; i < message.msg_iovlen; ++i) room += places[i].iov_len;
  const ssize_t got = recvmsg(peer.socket.get(), &message, MSG_DONTWAIT);
  if (got == 0) return UnavailableError("it was closed by the other side");
  if (got < 0) return IsNotNow(errno) ? OkStatus() : UnavailableError(std::strerror(errno));
  WEIR_RETURN_IF_ERROR(peer.link.Received(static_cast<size_t>(got)));
  if (peer.link.state() == PeerLink::State::kUp) peer.trying_since = peer.retry_at = peer.backoff = 0;
  reading = {.bytes = static_cast<size_t>(got), .has_more = static_cast<size_t>(got) == room};
  return OkStatus();
}

Status DataNetwork::Write(Peer& peer) {
  for (int call = 0; call < kCallsPerTurn; ++call) {
    peer.link.Pump();
    FrameWriter& writer = *peer.link.writer();
    if (writer.waiting_bytes() == 0) return OkStatus();
    if (SendFrames(peer.socket.get(), writer) >= 0) continue;
    if (!IsNotNow(errno)) return UnavailableError(std::strerror(errno));
    Watch(peer, true);
    return OkStatus();
  }
  has_more_ = true;
  return OkStatus();
}

void DataNetwork::Flush(Peer& peer) {
  if (!peer.socket.is_open() || peer.is_connecting || peer.watches_writable) return;
  if (Status status = Write(peer); !status.ok()) Drop(peer, status);
}

bool DataNetwork::SendLittle(Peer& peer) {
  // What waits goes when there is a connection, and room in its socket.
  if (!peer.socket.is_open() || peer.is_connecting || peer.watches_writable) return true;
  peer.link.Pump();
  FrameWriter& writer = *peer.link.writer();
  if (writer.waiting_bytes() == 0) return true;
  // An error comes again to the network thread, which knows what to do.
  return writer.waiting_bytes() <= kLittle && SendFrames(peer.socket.get(), writer) >= 0 && writer.waiting_bytes() == 0;
}

void DataNetwork::Watch(Peer& peer, bool writes) {
  peer.watches_writable = writes;
  poller_->Remove(peer.socket.get());
  if (Status status = poller_->AddExclusive(peer.socket.get(), true, writes); !status.ok()) Drop(peer, status);
}

void DataNetwork::Drop(Peer& peer, const Status& why) {
  const bool was_up = peer.link.state() == PeerLink::State::kUp;
  const bool is_refused = peer.link.was_refused();
  if (peer.socket.is_open()) {
    poller_->Remove(peer.socket.get());
    for (const auto& seat : seats_) seat->sockets->Remove(peer.socket.get());
    peers_by_socket_.erase(peer.socket.get());
    peer.socket.Reset();
  }
  peer.is_connecting = peer.watches_writable = false;
  peer.failure = OkStatus();
  peer.link.Disconnect(why);
  const int64_t now = options_.clock->MonotonicNanos();
  if (peer.trying_since == 0 || was_up) peer.trying_since = now;
  peer.backoff = std::clamp(peer.backoff * 2, kFirstBackoff, kLongestBackoff);
  peer.retry_at = Dials(peer) ? now + peer.backoff : 0;
  const bool is_too_long = now - peer.trying_since > options_.connect_timeout.count() * 1'000'000;
  if (!is_refused && (!is_too_long || !Dials(peer))) return;
  peer.link.GiveUp(why);
  peer.trying_since = peer.retry_at = peer.backoff = 0;
}

}  // namespace weir
