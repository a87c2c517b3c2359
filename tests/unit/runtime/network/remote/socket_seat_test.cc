#include "weir/runtime/network/remote/socket_seat.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir {
namespace {

bool IsReadable(int fd) {
  pollfd watched{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&watched, 1, 0) == 1;
}

class SocketSeatTest : public testing::Test {
 protected:
  SocketSeatTest() {
    int sockets[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
    mine_ = Descriptor(sockets[0]);
    theirs_ = Descriptor(sockets[1]);
    seat_->Add(mine_.get());
  }
  std::vector<int> WaitUntil(int64_t deadline) {
    std::vector<int> readable = {-1};
    ready_.PrepareWait();
    seat_->WaitUntil(deadline, readable);
    return readable;
  }

  EventCount ready_;
  std::unique_ptr<SocketSeat> seat_ = SocketSeat::New(&ready_).value();
  Descriptor mine_, theirs_;
};

TEST_F(SocketSeatTest, SaysWhichSocketIsReadable) {
  ASSERT_EQ(write(theirs_.get(), "x", 1), 1);
  EXPECT_EQ(WaitUntil(EventCount::kForever), std::vector<int>{mine_.get()});
}

TEST_F(SocketSeatTest, SaysSoAgainUntilItIsRead) {
  ASSERT_EQ(write(theirs_.get(), "x", 1), 1);
  WaitUntil(EventCount::kForever);
  EXPECT_EQ(WaitUntil(EventCount::kForever), std::vector<int>{mine_.get()});
}

TEST_F(SocketSeatTest, AClosedSocketIsReadable) {
  theirs_.Reset();
  EXPECT_EQ(WaitUntil(EventCount::kForever), std::vector<int>{mine_.get()});
}

TEST_F(SocketSeatTest, NotifyBetweenPrepareAndWaitIsNotLost) {
  std::vector<int> readable;
  ready_.PrepareWait();
  ready_.Notify();
  seat_->WaitUntil(EventCount::kForever, readable);
  EXPECT_TRUE(readable.empty());
}

TEST_F(SocketSeatTest, NotifyWithinTheWaitEndsIt) {
  std::vector<int> readable;
  ready_.PrepareWait();
  ASSERT_TRUE(ready_.BeginWaitAtDescriptor());
  ready_.Notify();
  ready_.Notify();
  EXPECT_TRUE(IsReadable(ready_.descriptor()));
  ready_.EndWaitAtDescriptor();
  // As if by a waker that was late: a wait ends without reason, and the next does not.
  EXPECT_TRUE(WaitUntil(EventCount::kForever).empty());
  EXPECT_FALSE(IsReadable(ready_.descriptor()));
}

TEST_F(SocketSeatTest, NobodyIsWokenAfterTheWait) {
  EXPECT_TRUE(WaitUntil(0).empty());  // the deadline has passed
  ready_.Notify();
  EXPECT_FALSE(IsReadable(ready_.descriptor()));
}

TEST_F(SocketSeatTest, ARemovedSocketIsNotWaitedFor) {
  ASSERT_EQ(write(theirs_.get(), "x", 1), 1);
  seat_->Remove(mine_.get());
  EXPECT_TRUE(WaitUntil(0).empty());
}

}  // namespace
}  // namespace weir
