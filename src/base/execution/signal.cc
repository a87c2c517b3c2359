#include "weir/base/execution/signal.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "weir/base/check.h"

namespace weir {
namespace {

// Where the handler writes: the listener's pipe, or -1. Written by the listener, read by the handler on any thread.
std::atomic<int> handler_pipe{-1};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler takes no lock");

constexpr uint8_t kStop = 0;  // no signal has this number

// Only async-signal-safe calls. The pipe does not block: when it is full the listener has more than enough to do.
void WriteSignalToPipe(int signal) {
  const int saved_errno = errno;
  const int pipe = handler_pipe.load(std::memory_order_relaxed);
  const auto byte = static_cast<uint8_t>(signal);
  if (pipe >= 0) [[maybe_unused]]
    const ssize_t written = write(pipe, &byte, 1);
  errno = saved_errno;
}

}  // namespace

SignalListener::SignalListener(const std::vector<int>& signals, UniqueFunction<void(int)> on_signal)
    : on_signal_(std::move(on_signal)) {
  int ends[2];
  WEIR_CHECK_EQ(pipe2(ends, O_CLOEXEC), 0) << "pipe: " << std::strerror(errno);
  read_end_ = ends[0];
  write_end_ = ends[1];
  WEIR_CHECK_EQ(fcntl(write_end_, F_SETFL, O_NONBLOCK), 0);
  int none = -1;
  WEIR_CHECK(handler_pipe.compare_exchange_strong(none, write_end_)) << "there is a SignalListener already";
  thread_ = Thread("signals", [this] { Listen(); });
  for (const int signal : signals) {
    struct sigaction action = {};
    action.sa_handler = WriteSignalToPipe;
    action.sa_flags = SA_RESTART;
    sigfillset(&action.sa_mask);
    Replaced& replaced = replaced_.emplace_back();
    replaced.signal = signal;
    WEIR_CHECK_EQ(sigaction(signal, &action, &replaced.before), 0)
        << "signal " << signal << ": " << std::strerror(errno);
  }
}

SignalListener::~SignalListener() {
  WEIR_CHECK(!thread_.IsCurrent()) << "on_signal cannot destroy its SignalListener";
  for (const Replaced& replaced : replaced_) sigaction(replaced.signal, &replaced.before, nullptr);
  handler_pipe.store(-1);
  // Blocking now, so that the stop byte gets in even behind a full pipe.
  fcntl(write_end_, F_SETFL, 0);
  WEIR_CHECK_EQ(write(write_end_, &kStop, 1), 1) << std::strerror(errno);
  thread_.Join();
  close(read_end_);
  close(write_end_);
}

void SignalListener::Listen() {
  for (;;) {
    uint8_t byte;
    const ssize_t got = read(read_end_, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    WEIR_CHECK_EQ(got, 1) << "signal pipe: " << std::strerror(errno);
    if (byte == kStop) return;
    on_signal_(byte);
  }
}

StopSignal::StopSignal()
    : listener_({SIGINT, SIGTERM}, [this](int signal) {
        MutexLock lock(mutex_);
        signal_ = signal;
        came_.NotifyAll();
      }) {}

int StopSignal::Wait() {
  MutexLock lock(mutex_);
  while (signal_ == 0) came_.Wait(mutex_);
  return signal_;
}

void IgnoreBrokenPipes() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace weir
