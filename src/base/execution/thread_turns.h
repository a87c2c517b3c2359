// How soon a thread gets its turn when more threads want to run than there are CPUs.
#pragma once

#include <chrono>

namespace weir {

// The shortest that the kernel grants: of threads through which records go, who wait for two or three of them in a row.
inline constexpr std::chrono::microseconds kShortestTurn{100};

// Asks the kernel to give the calling thread turns of at most `slice`. Its share of the CPU stays what it is; but who asks for less at a time is served sooner,
// so a thread that wakes, does little and sleeps again does not wait behind tasks that never sleep. Needs no privilege. Kernels before Linux 6.12 have
// one slice for all: they take the request and do nothing. False: it was refused, and nothing has changed.
bool AskForShortTurns(std::chrono::nanoseconds slice);

}  // namespace weir
