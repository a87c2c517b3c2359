#include "weir/runtime/network/remote/data_network.h"

#include <algorithm>
#include <utility>

#include "weir/base/clock.h"
#include "weir/base/execution/thread_turns.h"
#include "weir/base/execution/yielding_wait.h"
#include "weir/base/logging.h"
#include "weir/runtime/network/remote/data_peer.h"

namespace weir {
namespace {

// Of the network thread for its turn before it sleeps: some 20 us. A task that holds it writes to a socket, for 5 to 15.
constexpr int kLooks = 400;

}  // namespace

StatusOr<std::unique_ptr<DataNetwork>> DataNetwork::New(DataNetworkOptions options) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<Poller> poller, Poller::New());
  return std::unique_ptr<DataNetwork>(new DataNetwork(std::move(options), std::move(poller)));
}

DataNetwork::DataNetwork(DataNetworkOptions options, std::unique_ptr<Poller> poller)
    : options_(std::move(options)), poller_(std::move(poller)), thread_("weir-network", [this] { Run(); }) {}

DataNetwork::~DataNetwork() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  poller_->Wake();
  thread_.Join();
}

void DataNetwork::Signal(std::shared_ptr<RemoteEnd> end) {
  if (turn_.TryLock()) {
    const bool is_done = HandleHere(*end);
    turn_.Unlock();
    if (is_done) return;
  }
  {
    MutexLock lock(mutex_);
    signalled_.push_back(std::move(end));
  }
  poller_->Wake();
}

bool DataNetwork::HandleHere(RemoteEnd& end) {
  end.HandleSignal();
  if (end.link == nullptr) return true;
  const auto of_link = [&](const auto& peer) { return &peer.second->link == end.link; };
  const auto peer = std::ranges::find_if(peers_, of_link);
  return peer == peers_.end() || SendLittle(*peer->second);
}

void DataNetwork::Post(Closure work) {
  {
    MutexLock lock(mutex_);
    posted_.push_back(std::move(work));
  }
  poller_->Wake();
}

Status DataNetwork::Know(const DataPeer& peer) {
  {
    MutexLock lock(mutex_);
    const auto known = known_.find(peer.task_manager);
    if (known != known_.end() && known->second == peer.address) return OkStatus();
  }
  if (peer.address.empty()) {
    return FailedPreconditionError("TaskManager \"" + peer.task_manager.value() +
                                   "\" has no data port, so that it cannot exchange records with \"" +
                                   options_.self.value() + "\"");
  }
  // Not under the lock: it may wait.
  WEIR_ASSIGN_OR_RETURN(const HostAndPort where, ParseHostAndPort(peer.address));
  StatusOr<ResolvedAddress> resolved = ResolveTcp(where);
  if (!resolved.ok()) {
    return resolved.status().Annotate("cannot reach TaskManager \"" + peer.task_manager.value() +
                                      "\" (its taskmanager.host)");
  }
  {
    MutexLock lock(mutex_);
    known_[peer.task_manager] = peer.address;
  }
  Post([this, peer, address = *std::move(resolved)]() mutable {
    Peer& known = PeerFor(peer.task_manager);
    known.name = peer.address;
    known.address = std::move(address);
    known.link.SetAddress(peer.address);
  });
  return OkStatus();
}

StatusOr<std::shared_ptr<LocalChannel>> DataNetwork::OpenOutput(const ChannelId& id, ExecutionAttemptId task,
                                                                const DataPeer& peer) {
  WEIR_RETURN_IF_ERROR(Know(peer));
  auto output = std::make_shared<RemoteOutput>(id, task, static_cast<SignalSink*>(this));
  std::shared_ptr<LocalChannel> queue(output, &output->queue);
  Post([this, to = peer.task_manager, output = std::move(output)]() mutable {
    PeerFor(to).link.AddOutput(std::move(output));
  });
  return queue;
}

StatusOr<std::shared_ptr<LocalChannel>> DataNetwork::OpenInput(const ChannelId& id, ExecutionAttemptId task,
                                                               const DataPeer& peer, std::shared_ptr<GateCredit> gate) {
  WEIR_RETURN_IF_ERROR(Know(peer));
  auto input = std::make_shared<RemoteInput>(id, task, static_cast<SignalSink*>(this), std::move(gate));
  std::shared_ptr<LocalChannel> queue(input, &input->queue);
  Post([this, from = peer.task_manager, input = std::move(input)]() mutable {
    PeerFor(from).link.AddInput(std::move(input));
  });
  return queue;
}

void DataNetwork::CloseOutput(const ChannelId& id, const TaskManagerId& peer, bool has_finished) {
  Post([this, id, peer, has_finished] { PeerFor(peer).link.RemoveOutput(id, has_finished); });
}

void DataNetwork::CloseInput(const ChannelId& id, const TaskManagerId& peer) {
  Post([this, id, peer] { PeerFor(peer).link.RemoveInput(id); });
}

void DataNetwork::Adopt(Descriptor socket, const TaskManagerId& from) {
  Post([this, from, socket = std::move(socket)]() mutable {
    Peer& peer = PeerFor(from);
    // The other side knows better whether the old one still stands.
    if (peer.socket.is_open()) Drop(peer, UnavailableError("its worker has made a new connection"));
    peer.trying_since = 0;
    Use(peer, std::move(socket), /*is_connecting=*/false);
    if (peer.socket.is_open()) peer.link.Accept();
  });
}

DataNetwork::Peer& DataNetwork::PeerFor(const TaskManagerId& id) {
  std::unique_ptr<Peer>& peer = peers_[id];
  if (peer == nullptr) {
    PeerLinkOptions link;
    link.hello = {.job_id = options_.job_id, .token = options_.token, .from = options_.self, .to = id};
    link.has_checksums = options_.has_checksums;
    link.clock = options_.clock;
    link.buffers = &buffers_;
    link.on_failure = options_.on_failure;
    peer = std::make_unique<Peer>(id, std::move(link));
  }
  return *peer;
}

void DataNetwork::TakePosted() {
  std::vector<Closure> posted;
  std::vector<std::shared_ptr<RemoteEnd>> signalled;
  std::vector<int> readable;
  {
    MutexLock lock(mutex_);
    posted.swap(posted_);
    signalled.swap(signalled_);
    readable.swap(readable_);
  }
  for (Closure& work : posted) work();
  for (const auto& end : signalled) end->HandleSignal();
  for (const int socket : readable) Handle({.fd = socket, .is_readable = true});
}

int DataNetwork::TimeoutMs() const {
  int64_t due = 0;
  for (const auto& [id, peer] : peers_) {
    if (peer->backs_off() && (due == 0 || peer->retry_at < due)) due = peer->retry_at;
  }
  if (due == 0) return -1;
  const int64_t wait = due - options_.clock->MonotonicNanos();
  return static_cast<int>(std::max<int64_t>(wait, 0) / 1'000'000) + 1;
}

void DataNetwork::TakeTurn() {
  for (int look = 0; look < kLooks; ++look) {
    if (turn_.TryLock()) return;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  turn_.Lock();
}

bool DataNetwork::HasWork() {
  MutexLock lock(mutex_);
  return is_stopping_ || !posted_.empty() || !signalled_.empty() || !readable_.empty();
}

bool DataNetwork::IsStopping() {
  MutexLock lock(mutex_);
  return is_stopping_;
}

void DataNetwork::Run() {
  AskForShortTurns(kShortestTurn);
  std::vector<Poller::Event> events;
  const auto wait = [&](int timeout_ms) {
    if (Status status = poller_->Wait(timeout_ms, events); !status.ok()) {
      WEIR_LOG(kError, "the data plane: {}", status.message());
    }
  };
  YieldingWait tasks(options_.clock, YieldThread, [&] {
    wait(0);
    return !events.empty() || HasWork();
  });
  int timeout_ms = -1;
  for (;;) {
    if (timeout_ms == 0) {
      wait(0);
    } else if (!tasks.Await()) {
      poller_->PrepareWait();
      wait(HasWork() ? 0 : timeout_ms);
    }
    if (IsStopping()) break;
    TakeTurn();
    has_more_ = false;
    TakePosted();
    for (const Poller::Event& event : events) Handle(event);
    for (const auto& [id, peer] : peers_) {
      DialIfDue(*peer);
      Flush(*peer);
    }
    timeout_ms = has_more_ ? 0 : TimeoutMs();
    turn_.Unlock();
  }
  MutexLock turn(turn_);
  peers_.clear();
}

}  // namespace weir
