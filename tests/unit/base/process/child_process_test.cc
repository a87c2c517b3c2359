#include "weir/base/process/child_process.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace weir {
namespace {

constexpr int kPatienceMs = 20'000;

// The shell leaves behind a process that holds the other end of our socket; whether that has ended when the shell has, or soon after.
bool LeftProcessEnds(bool own_group) {
  ChildCommand command;
  command.executable = "/bin/sh";
  command.arguments = {"sh", "-c", "sleep 600 & echo $! >&3"};
  command.environment = {"PATH=/usr/bin:/bin"};
  command.own_group = own_group;
  int ours = -1;
  EXPECT_TRUE(MakeSocketPair(ours, command.inherited_fd).ok());
  {
    EXPECT_TRUE(ChildProcess::Start(command, [](ExitStatus) {}).ok());
  }
  CloseDescriptor(command.inherited_fd);
  char pid[32] = "";
  EXPECT_GT(read(ours, pid, sizeof(pid) - 1), 0);
  pollfd closed{.fd = ours, .events = POLLIN, .revents = 0};
  const bool has_ended = poll(&closed, 1, own_group ? kPatienceMs : 0) == 1;
  if (!has_ended) kill(std::atoi(pid), SIGKILL);
  CloseDescriptor(ours);
  return has_ended;
}

TEST(ChildProcess, WhatItLeavesBehindEndsWithIt) { EXPECT_TRUE(LeftProcessEnds(true)); }

TEST(ChildProcess, WhatSharesTheGroupOfThisProcessIsLeftAlone) { EXPECT_FALSE(LeftProcessEnds(false)); }

}  // namespace
}  // namespace weir
