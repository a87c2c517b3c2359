// Programs that this process starts, and how they end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/execution/thread.h"
#include "weir/base/process/process_user.h"
#include "weir/base/status.h"
#include "weir/base/unique_function.h"

namespace weir {

// What a child may use at most; 0: what this process may.
struct ChildLimits {
  uint64_t cpu_seconds = 0;
  uint64_t file_bytes = 0;  // of one file that it writes
  uint64_t open_files = 0;
  uint64_t memory_bytes = 0;  // of its own: heap and stacks, not the libraries that it shares with others

  bool IsSet() const { return cpu_seconds != 0 || file_bytes != 0 || open_files != 0 || memory_bytes != 0; }
};

struct ChildCommand {
  std::string executable;
  std::vector<std::string> arguments;    // with the program's name in front
  std::vector<std::string> environment;  // "NAME=value"; all that it gets
  std::string working_directory = {};    // empty: that of this process
  // Files at whose end its output is added; empty: where this process writes.
  std::string stdout_path = {};
  std::string stderr_path = {};
  bool stdout_to_stderr = false;  // what it writes to stdout goes where its stderr does
  // Becomes file descriptor kInheritedFd of the child; -1: none. Of the others only 0, 1 and 2 are passed on.
  int inherited_fd = -1;
  // In a group of its own the child does not get the signals of this process' terminal, and when it ends, what is left of the group is killed:
  // what it had started and not waited for.
  bool own_group = true;
  // Null: that of this process. Its name and home are not put into `environment`.
  std::shared_ptr<const ProcessUser> user = nullptr;
  // Once any is set the child leaves no core file either.
  ChildLimits limits = {};
};

constexpr int kInheritedFd = 3;

// How a process ended.
struct ExitStatus {
  bool by_signal = false;
  int number = 0;  // exit code, or signal

  bool IsSuccess() const { return !by_signal && number == 0; }
  // "was killed by signal 11 (SIGSEGV, segmentation fault)", "ended with exit code 3".
  std::string ToString() const;
};

// A running program. Its end is known by a pidfd, so neither its number nor another child can be mistaken for it.
//
// Threads: any; `on_exit` comes once, on a thread of the object's own.
class ChildProcess {
 public:
  // The error names the executable and what the kernel says of it. Not from a thread that ends before the child: see DieWithParent.
  static StatusOr<std::unique_ptr<ChildProcess>> Start(const ChildCommand& command,
                                                       UniqueFunction<void(ExitStatus)> on_exit);
  // Waits for the child's end, so whoever destroys it must have killed it or know that it ends.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int pid() const { return pid_; }
  // Nothing happens to a child that has ended.
  void Signal(int signal) const;
  // To the child and all that it has started, if it has a group of its own.
  void SignalGroup(int signal) const;

 private:
  ChildProcess(int pid, int pidfd, bool has_own_group, UniqueFunction<void(ExitStatus)> on_exit);

  const int pid_;
  const int pidfd_;
  Thread thread_;
};

// The calling process is killed when the thread that started it ends; at once, if `parent` is no longer its parent. For what must not outlive its daemon.
void DieWithParent(int parent);

// Two connected stream sockets, closed on exec: one end is for a child.
Status MakeSocketPair(int& ours, int& theirs);
void CloseDescriptor(int descriptor);

}  // namespace weir
