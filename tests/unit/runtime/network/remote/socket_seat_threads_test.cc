#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "weir/base/net/poller.h"
#include "weir/runtime/network/remote/socket_seat.h"

namespace weir {
namespace {

// An executor in its seat and a network thread, both of which wait for one socket; the executor reads what it is woken for, or leaves it to the other, or is
// busy for a while and cannot be woken. Everything is sent, or notified, only when all before it has been seen: so a lost wake-up hangs the test.
class SeatAndPoller {
 public:
  SeatAndPoller() {
    int sockets[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
    mine_ = Descriptor(sockets[0]);
    theirs_ = Descriptor(sockets[1]);
    seat_->Add(mine_.get());
    EXPECT_TRUE(poller_->AddExclusive(mine_.get(), true, false).ok());
    executor_ = std::thread([this] { RunExecutor(); });
    network_ = std::thread([this] { RunNetwork(); });
  }
  ~SeatAndPoller() {
    is_stopping_ = true;
    ready_.Notify();
    poller_->Wake();
    executor_.join();
    network_.join();
  }

  void Send(int number) {
    ASSERT_EQ(write(theirs_.get(), "x", 1), 1);
    while (read_.load() != number) std::this_thread::yield();
  }
  void Notify(int number) {
    given_ = number;
    ready_.Notify();
    while (taken_.load() != number) std::this_thread::yield();
  }

 private:
  void Read() {
    char bytes[16];
    if (const ssize_t got = read(mine_.get(), bytes, sizeof(bytes)); got > 0) read_ += static_cast<int>(got);
  }
  void RunExecutor() {
    std::vector<int> readable;
    for (int wait = 0; !is_stopping_; ++wait) {
      taken_ = given_.load();
      for (int busy = 0; busy < (wait % 7) * 200; ++busy) std::atomic_signal_fence(std::memory_order_seq_cst);
      ready_.PrepareWait();
      if (taken_ != given_ || is_stopping_) {
        ready_.CancelWait();
        continue;
      }
      seat_->WaitUntil(EventCount::kForever, readable);
      if (readable.empty()) continue;
      if (wait % 3 != 0) {
        Read();
      } else {
        is_left_ = true;
        poller_->Wake();
      }
    }
  }
  void RunNetwork() {
    std::vector<Poller::Event> events;
    while (!is_stopping_) {
      poller_->PrepareWait();
      const bool has_work = is_left_.exchange(false) || is_stopping_;
      EXPECT_TRUE(poller_->Wait(has_work ? 0 : -1, events).ok());
      if (has_work || !events.empty()) Read();
    }
  }

  EventCount ready_;
  std::unique_ptr<SocketSeat> seat_ = SocketSeat::New(&ready_).value();
  std::unique_ptr<Poller> poller_ = Poller::New().value();
  Descriptor mine_, theirs_;
  std::atomic<int> read_{0}, given_{0}, taken_{0};
  std::atomic<bool> is_left_{false}, is_stopping_{false};
  std::thread executor_, network_;
};

TEST(SocketSeat, LosesNoWakeUpHoweverBusyTheExecutorIs) {
  SeatAndPoller threads;
  for (int i = 1; i <= 20'000; ++i) {
    threads.Send(i);
    if (i % 3 == 0) threads.Notify(i);
  }
}

}  // namespace
}  // namespace weir
