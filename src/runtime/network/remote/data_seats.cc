// What executors that have nothing to do take off the network thread.
#include <utility>

#include "weir/base/logging.h"
#include "weir/runtime/network/remote/data_peer.h"

namespace weir {
namespace {

// So often an executor that met much waits for its own work only: while much comes, to read and to run tasks had better overlap.
constexpr int kRests = 64;
// And so often one that found the turn taken: whoever has it may be off its core, and the sockets would wake this thread again and again meanwhile.
constexpr int kShortRest = 4;
// Two or three batches of a job in no hurry; what comes faster comes in larger pieces.
constexpr size_t kLittle = size_t{8} << 10;

}  // namespace

WaitPlace* DataNetwork::AddSeat(EventCount* ready) {
  StatusOr<std::unique_ptr<SocketSeat>> sockets = SocketSeat::New(ready);
  if (!sockets.ok()) {
    WEIR_LOG(kWarning, "the data plane: {}", sockets.status().message());
    return nullptr;
  }
  MutexLock turn(turn_);
  seats_.push_back(std::make_unique<Seat>(this, ready, *std::move(sockets)));
  return seats_.back().get();
}

void DataNetwork::Seat::WaitUntil(int64_t deadline_nanos) {
  if (rests > 0) {
    --rests;
    ready->WaitUntil(deadline_nanos);
    return;
  }
  sockets->WaitUntil(deadline_nanos, readable);
  if (!readable.empty()) network->ReadHere(*this);
}

void DataNetwork::OfferToSeats(Peer& peer) {
  for (const auto& seat : seats_) seat->sockets->Add(peer.socket.get());
}

void DataNetwork::ReadHere(Seat& seat) {
  bool is_much = false;
  if (turn_.TryLock()) {
    std::erase_if(seat.readable, [&](int socket) { return ReadLittle(socket, is_much); });
    turn_.Unlock();
  } else {
    seat.rests = kShortRest;
  }
  if (is_much) seat.rests = kRests;
  if (!seat.readable.empty()) LeaveToNetwork(seat.readable);
}

bool DataNetwork::ReadLittle(int socket, bool& is_much) {
  const auto found = peers_by_socket_.find(socket);
  if (found == peers_by_socket_.end()) return true;
  Peer& peer = *found->second;
  if (peer.is_connecting || !peer.failure.ok()) return false;
  Reading reading;
  peer.failure = ReadOnce(peer, reading);
  is_much |= reading.bytes > kLittle;
  return peer.failure.ok() && !reading.has_more && SendLittle(peer);
}

void DataNetwork::LeaveToNetwork(const std::vector<int>& sockets) {
  {
    MutexLock lock(mutex_);
    readable_.insert(readable_.end(), sockets.begin(), sockets.end());
  }
  poller_->Wake();
}

}  // namespace weir
