// The port of a TaskManager to which workers of other TaskManagers connect.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "weir/base/execution/thread.h"
#include "weir/base/ids.h"
#include "weir/base/net/poller.h"
#include "weir/base/net/tcp_socket.h"
#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/runtime/network/remote/network_frame.h"

namespace weir {

class Clock;

struct DataPortOptions {
  HostAndPort bind;  // port 0: a free one
  TaskManagerId self;
  const Clock* clock = nullptr;
  // What a worker of the job must show. On the port's thread.
  std::function<std::string(JobId)> token_of;
  // Compares in a time that does not tell where the two differ.
  std::function<bool(std::string_view, std::string_view)> equal;
  // A connection for the job's worker on this TaskManager. On the port's thread; must not wait.
  std::function<void(JobId job, TaskManagerId from, Descriptor socket)> on_connection;
  // A hello that has not come by then will not.
  Duration patience{5'000};
  // Connections whose hello is awaited; more are closed, the oldest first.
  size_t most_waiting = 256;
};

// Threads: one of its own; the destructor on any other.
class DataPort {
 public:
  // Listens when it returns. kUnavailable, with the address, if that is not possible.
  static StatusOr<std::unique_ptr<DataPort>> Open(DataPortOptions options);
  ~DataPort();
  DataPort(const DataPort&) = delete;
  DataPort& operator=(const DataPort&) = delete;

  int port() const { return port_; }

 private:
  // A connection whose hello is not complete.
  struct Greeting {
    Descriptor socket;
    std::string received;
    int64_t since = 0;  // monotonic nanoseconds
  };

  DataPort(DataPortOptions options, std::unique_ptr<Poller> poller, Descriptor listener);
  void Run();
  void AcceptAll();
  void Read(int fd);
  // kOutOfRange: more of the hello is to come.
  StatusOr<DataHello> ReadHello(Greeting& greeting);
  Status Check(const DataHello& hello) const;
  void Refuse(int fd, const Status& why);
  void Close(int fd);
  void CloseOverdue();

  const DataPortOptions options_;
  const std::unique_ptr<Poller> poller_;
  const Descriptor listener_;
  const int port_;
  std::map<int, Greeting> greetings_;     // by socket; the thread's own
  std::atomic<bool> is_stopping_{false};  // set before the last wake-up, which orders it
  Thread thread_;                         // last: it uses the rest
};

}  // namespace weir
