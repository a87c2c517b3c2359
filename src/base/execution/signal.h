// SIGINT, SIGTERM and the like as ordinary calls on an ordinary thread.
#pragma once

#include <csignal>
#include <vector>

#include "weir/base/execution/thread.h"
#include "weir/base/mutex.h"
#include "weir/base/unique_function.h"

namespace weir {

// From construction to destruction the given signals, instead of ending the process, call `on_signal(signal)` on a thread of the listener's own, once per signal
// that arrives (the kernel may merge equal ones that come at once). Afterwards what was set before applies again. A child process gets the default actions
// at its exec, as it should.
//
// One listener at a time. `on_signal` may do anything but destroy the listener; usually it posts to an actor.
class SignalListener {
 public:
  SignalListener(const std::vector<int>& signals, UniqueFunction<void(int)> on_signal);
  ~SignalListener();
  SignalListener(const SignalListener&) = delete;
  SignalListener& operator=(const SignalListener&) = delete;

 private:
  struct Replaced {
    int signal;
    struct sigaction before;
  };

  void Listen();

  UniqueFunction<void(int)> on_signal_;  // used by the thread only
  int read_end_ = -1;
  int write_end_ = -1;
  std::vector<Replaced> replaced_;
  Thread thread_;
};

// For the main() of a daemon: from construction on SIGINT and SIGTERM only end Wait.
class StopSignal {
 public:
  StopSignal();
  // The signal.
  int Wait();

 private:
  Mutex mutex_;
  CondVar came_;
  int signal_ WEIR_GUARDED_BY(mutex_) = 0;
  SignalListener listener_;  // last: its thread uses the others
};

// Writing to a closed socket or pipe gives EPIPE instead of ending the process. For main().
void IgnoreBrokenPipes();

}  // namespace weir
