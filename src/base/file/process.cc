#include "weir/base/file/process.h"

#include <dlfcn.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/errno_status.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_path.h"

namespace weir {
namespace {

// Positions in /proc/<pid>/stat, counted from the field after the command name (man 5 proc, numbers less 3).
constexpr size_t kUserTicks = 11;
constexpr size_t kSystemTicks = 12;
constexpr size_t kThreads = 17;
constexpr size_t kVirtualBytes = 20;
constexpr size_t kResidentPages = 21;

std::vector<std::string_view> SplitAtSpaces(std::string_view text) {
  std::vector<std::string_view> fields;
  while (!text.empty()) {
    const size_t space = text.find(' ');
    if (space != 0) fields.push_back(text.substr(0, space));
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return fields;
}

uint64_t ToNumber(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

StatusOr<ProcessUsage> ParseProcStat(std::string_view line, uint64_t page_bytes, int64_t ticks_per_second) {
  // The command name is in parentheses and may itself hold spaces and parentheses.
  const size_t name_end = line.rfind(") ");
  if (name_end == std::string_view::npos) return DataLossError("no command name in the stat line of a process");
  const std::vector<std::string_view> fields = SplitAtSpaces(line.substr(name_end + 2));
  if (fields.size() <= kResidentPages) return DataLossError("too few fields in the stat line of a process");
  const uint64_t ticks = ToNumber(fields[kUserTicks]) + ToNumber(fields[kSystemTicks]);
  ProcessUsage usage;
  usage.cpu_nanos = static_cast<int64_t>(ticks) * (1'000'000'000 / ticks_per_second);
  usage.threads = static_cast<int>(ToNumber(fields[kThreads]));
  usage.virtual_bytes = ToNumber(fields[kVirtualBytes]);
  usage.resident_bytes = ToNumber(fields[kResidentPages]) * page_bytes;
  return usage;
}

ProcessUsage CurrentProcessUsage() {
  LocalFileSystem files;
  ProcessUsage usage;
  const StatusOr<std::string> line = ReadWholeFile(files, "/proc/self/stat");
  if (line.ok()) {
    usage = ParseProcStat(*line, static_cast<uint64_t>(sysconf(_SC_PAGESIZE)), sysconf(_SC_CLK_TCK))
                .ValueOr(ProcessUsage());
  }
  usage.cpu_nanos = SystemClock::Instance().ProcessCpuNanos();  // finer than ticks of 10 ms
  return usage;
}

int64_t CpuDemandNanos() {
  LocalFileSystem files;
  uint64_t nanos = 0;
  for (const FileInfo& entry : files.List("/proc/self/task").ValueOr({})) {
    // "<ran> <waited> <slices>", in nanoseconds.
    const std::string line = ReadWholeFile(files, entry.path + "/schedstat").ValueOr("");
    const std::vector<std::string_view> fields = SplitAtSpaces(line);
    if (fields.size() >= 2) nanos += ToNumber(fields[0]) + ToNumber(fields[1]);
  }
  return static_cast<int64_t>(nanos);
}

DescriptorUsage CurrentDescriptorUsage() {
  DescriptorUsage usage;
  LocalFileSystem files;
  usage.open = static_cast<int64_t>(files.List("/proc/self/fd").ValueOr({}).size());
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.most = static_cast<int64_t>(limit.rlim_cur);
  return usage;
}

std::vector<int> ChildProcesses() {
  LocalFileSystem files;
  std::vector<int> children;
  for (const FileInfo& entry : files.List("/proc/self/task").ValueOr({})) {
    const std::string line = ReadWholeFile(files, entry.path + "/children").ValueOr("");
    for (const std::string_view id : SplitAtSpaces(line)) children.push_back(static_cast<int>(ToNumber(id)));
  }
  std::ranges::sort(children);
  return children;
}

std::vector<ThreadDescription> ThreadsOf(int process) {
  LocalFileSystem files;
  std::vector<ThreadDescription> threads;
  for (const FileInfo& entry : files.List("/proc/" + std::to_string(process) + "/task").ValueOr({})) {
    const StatusOr<std::string> line = ReadWholeFile(files, entry.path + "/stat");
    // A thread that has ended since the folder was read is left out.
    if (!line.ok()) continue;
    const size_t name_begin = line->find('(');
    const size_t name_end = line->rfind(") ");
    if (name_begin == std::string::npos || name_end == std::string::npos || name_end + 2 >= line->size()) continue;
    threads.push_back({.id = static_cast<int>(ToNumber(std::string_view(*line).substr(0, name_begin - 1))),
                       .name = line->substr(name_begin + 1, name_end - name_begin - 1),
                       .state = line->substr(name_end + 2, 1)});
  }
  std::ranges::sort(threads, {}, &ThreadDescription::id);
  return threads;
}

uint64_t PhysicalMemoryBytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  return pages > 0 && page_bytes > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes) : 0;
}

int CurrentProcessId() { return getpid(); }

StatusOr<std::string> CurrentExecutablePath() {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
  if (length < 0) return ErrnoError(errno, "cannot read /proc/self/exe");
  return std::string(path, static_cast<size_t>(length));
}

StatusOr<std::string> CurrentLibraryPath() {
  Dl_info library;
  if (dladdr(reinterpret_cast<const void*>(&CurrentLibraryPath), &library) == 0 || library.dli_fname == nullptr)
    return UnavailableError("cannot tell which file this code was loaded from");
  char path[PATH_MAX];
  // The loader keeps the name as it was found: bin/../lib/libweir.so.0, or a link.
  if (realpath(library.dli_fname, path) == nullptr)
    return ErrnoError(errno, std::string("cannot find the file ") + library.dli_fname);
  return std::string(path);
}

std::string HostName() {
  char name[HOST_NAME_MAX + 1] = "";
  if (gethostname(name, sizeof(name) - 1) != 0) return "localhost";
  return name;
}

}  // namespace weir
