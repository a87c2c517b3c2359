// Where every thread of a process is just now: what people look at when something hangs.
//
// Each thread is interrupted by a signal, notes the addresses on its stack, and goes on; names are found afterwards, outside of the handler. A thread
// that is inside of a system call sees it end early with EINTR, where the kernel cannot restart it (epoll_wait, poll, nanosleep).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/base/time.h"

namespace weir {

struct ThreadStack {
  int process = 0;
  std::string program = {};  // what the process is, for people
  int id = 0;
  std::string name = {};
  std::string state = {};                // "R", "S", ... as /proc has it
  std::vector<std::string> frames = {};  // innermost first, as CodeNames has them
  std::string note = {};                 // why there are no frames; else empty
};

// The threads of this process, by id. Those that have not answered after `patience` have a note instead of frames: they block signals, or the kernel keeps
// them. No frames under a sanitizer, whose own handlers do not expect this. Any thread; one at a time, others wait.
std::vector<ThreadStack> TakeThreadStacks(const std::string& program, Duration patience);
// Those of another process, which could not be asked for its frames because of `note`.
std::vector<ThreadStack> ThreadsWithoutStacks(int process, const std::string& program, const std::string& note);

// As they travel between processes: "<process>\t<id>\t<state>\t<program>\t<name>", below it the frames with a tab in front; a note has "-" there.
std::string ThreadStacksText(const std::vector<ThreadStack>& threads);
std::vector<ThreadStack> ParseThreadStacks(std::string_view text);

}  // namespace weir
