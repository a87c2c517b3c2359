// The data plane of one worker: a thread with the connections to the other workers of its job.
//
//   task ──▶ queue ──▶ ┌────────────────────────────┐ ◀══▶ worker on TaskManager B
//   task ◀── queue ◀── │ weir-network: Poller,      │ ◀══▶ worker on TaskManager C
//                      │ one PeerLink per other one │ ...
//                      └────────────────────────────┘
//
// Of two workers the one whose TaskManager has the lesser name connects; the other is handed the socket by its TaskManager (Adopt).
//
// Little that a task has put into an empty queue it sends by itself, while the network thread sleeps: a hand-over between threads would take longer than
// all the rest (docs/performance.md). For the same reason executors that have nothing to do wait at the sockets, and read what little comes (AddSeat). So the
// links belong to whoever holds `turn_`, which is the network thread unless it waits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/execution/thread.h"
#include "weir/base/execution/wait_place.h"
#include "weir/base/ids.h"
#include "weir/base/mutex.h"
#include "weir/base/net/poller.h"
#include "weir/base/net/tcp_socket.h"
#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/base/unique_function.h"
#include "weir/rpc/task_deployment.h"
#include "weir/runtime/network/remote/peer_link.h"

namespace weir {

class Clock;

struct DataNetworkOptions {
  JobId job_id;
  TaskManagerId self;
  std::string token;  // of the job: what shows the other TaskManagers that this is one of its workers
  bool has_checksums = false;
  // How long a TaskManager may be out of reach before the tasks that need it fail.
  Duration connect_timeout{10'000};
  // A peer that does not acknowledge what it is sent for so long is gone.
  Duration silence{10'000};
  const Clock* clock = nullptr;
  // A task's channel is lost. On the network thread; must not wait.
  std::function<void(const ExecutionAttemptId& task, const Status& why)> on_failure;
};

// Threads: any. The tasks whose channels it has must be gone before it goes.
class DataNetwork final : private SignalSink {
 public:
  static StatusOr<std::unique_ptr<DataNetwork>> New(DataNetworkOptions options);
  // A place for an executor's thread to wait at, for `ready` and for sockets. Null: there is none, for want of descriptors. Before all channels; the executor
  // must have stopped before the network goes.
  WaitPlace* AddSeat(EventCount* ready);
  // What is not sent is dropped.
  ~DataNetwork() override;

  // The task's end of a channel whose other end is at `peer`. May wait for a name server when it first hears of that. kUnavailable: there is no such host.
  StatusOr<std::shared_ptr<LocalChannel>> OpenOutput(const ChannelId& id, ExecutionAttemptId task,
                                                     const DataPeer& peer);
  // `gate`: what the channels of one gate share.
  StatusOr<std::shared_ptr<LocalChannel>> OpenInput(const ChannelId& id, ExecutionAttemptId task, const DataPeer& peer,
                                                    std::shared_ptr<GateCredit> gate);
  // The task is gone. What a producer that has finished left is still sent.
  void CloseOutput(const ChannelId& id, const TaskManagerId& peer, bool has_finished);
  void CloseInput(const ChannelId& id, const TaskManagerId& peer);
  // A connection that another worker has made; its hello has been read and found right.
  void Adopt(Descriptor socket, const TaskManagerId& from);

 private:
  struct Peer;
  struct Seat;
  struct Reading {
    size_t bytes = 0;
    bool has_more = false;  // there may be more to read
  };
  DataNetwork(DataNetworkOptions options, std::unique_ptr<Poller> poller);

  void Signal(std::shared_ptr<RemoteEnd> end) override;
  // On the task's thread: deals with the signal if nobody else is at work; false: the network thread must.
  bool HandleHere(RemoteEnd& end);
  // Runs `work` on the network thread.
  void Post(Closure work);
  Status Know(const DataPeer& peer);

  // Whoever's turn it is; the first two are the network thread's.
  void Run();
  // Waits for it awake at first: to sleep and be woken takes longer than a task keeps it.
  void TakeTurn() WEIR_ACQUIRE(turn_);
  bool HasWork();
  bool IsStopping();
  void TakePosted();
  int TimeoutMs() const;
  void Handle(const Poller::Event& event);
  Peer& PeerFor(const TaskManagerId& id);
  bool Dials(const Peer& peer) const;
  void DialIfDue(Peer& peer);
  void Dial(Peer& peer);
  void Use(Peer& peer, Descriptor socket, bool is_connecting);
  // The connection is established: executors may be woken for it. Before the network thread's poller has it, see socket_seat.h.
  void OfferToSeats(Peer& peer);
  Status FinishDial(Peer& peer);
  Status Read(Peer& peer);
  // One call of the kernel.
  Status ReadOnce(Peer& peer, Reading& reading);
  // On an executor's thread that waits in `seat`: reads its readable sockets, or leaves them to the network thread.
  void ReadHere(Seat& seat);
  // `is_much`: it was more than little. False: the network thread must see to the socket.
  bool ReadLittle(int socket, bool& is_much);
  // The network thread reads these, which nobody else may have been told of.
  void LeaveToNetwork(const std::vector<int>& sockets);
  Status Write(Peer& peer);
  void Flush(Peer& peer);
  // Sends what the peer's link has to send, if that is little and goes at once; false: there is more to do.
  bool SendLittle(Peer& peer);
  void Watch(Peer& peer, bool writes);
  void Drop(Peer& peer, const Status& why);

  const DataNetworkOptions options_;
  const std::unique_ptr<Poller> poller_;
  // Held by who uses what stands from here to `mutex_`. Not annotated: most of it is done in closures, which the analysis does not follow.
  Mutex turn_;
  WireBuffers buffers_;
  std::map<TaskManagerId, std::unique_ptr<Peer>> peers_;
  std::map<int, Peer*> peers_by_socket_;
  std::vector<std::unique_ptr<Seat>> seats_;
  bool has_more_ = false;  // some socket may take more at once

  Mutex mutex_;
  bool is_stopping_ WEIR_GUARDED_BY(mutex_) = false;
  std::vector<Closure> posted_ WEIR_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<RemoteEnd>> signalled_ WEIR_GUARDED_BY(mutex_);
  std::vector<int> readable_
      WEIR_GUARDED_BY(mutex_);  // sockets that executors were woken for, and leave to the network thread
  std::map<TaskManagerId, std::string> known_ WEIR_GUARDED_BY(mutex_);  // addresses that have been resolved
  Thread thread_;                                                       // last: it uses the rest
};

}  // namespace weir
