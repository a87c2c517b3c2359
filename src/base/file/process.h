// What this process is and uses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/status.h"

namespace weir {

struct ProcessUsage {
  uint64_t resident_bytes = 0;  // memory that is really there
  uint64_t virtual_bytes = 0;
  int64_t cpu_nanos = 0;  // user and system, of all threads
  int threads = 0;
};

// From /proc; zeros where that cannot be read. Costs some 30 us: for metrics, not for the record path.
ProcessUsage CurrentProcessUsage();

// Of the machine; 0: unknown.
uint64_t PhysicalMemoryBytes();

int CurrentProcessId();
// Full path of the executable.
StatusOr<std::string> CurrentExecutablePath();
// Full path of the file that this code was loaded from: libweir.so, or the executable that it is linked into.
StatusOr<std::string> CurrentLibraryPath();
std::string HostName();

struct ThreadDescription {
  int id = 0;
  std::string name = {};
  std::string state = {};  // "R", "S", ... as /proc has it
};
// The threads of this process, or of another one of this user, by id; none if it is gone.
std::vector<ThreadDescription> ThreadsOf(int process);
// The processes that this one has started and that live.
std::vector<int> ChildProcesses();

// Nanoseconds that the living threads of this process have run, and waited for a CPU that was busy with others: what they wanted of the machine.
int64_t CpuDemandNanos();

struct DescriptorUsage {
  int64_t open = 0;
  int64_t most = 0;  // that may be open; 0: unknown
};
// Of this process, from /proc.
DescriptorUsage CurrentDescriptorUsage();

// The usage that a /proc/<pid>/stat line tells, but for cpu_nanos' finer source. For tests.
StatusOr<ProcessUsage> ParseProcStat(std::string_view line, uint64_t page_bytes, int64_t ticks_per_second);

}  // namespace weir
