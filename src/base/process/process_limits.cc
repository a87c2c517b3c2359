#include "weir/base/process/process_limits.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "weir/base/errno_status.h"

namespace weir {
namespace {

constexpr std::string_view kGroups = "/sys/fs/cgroup";

struct NamedLimit {
  std::string_view name;
  __rlimit_resource resource;
};
constexpr NamedLimit kLimits[] = {{"core", RLIMIT_CORE}, {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC},
                                  {"cpu", RLIMIT_CPU},   {"fsize", RLIMIT_FSIZE},   {"data", RLIMIT_DATA},
                                  {"as", RLIMIT_AS},     {"stack", RLIMIT_STACK},   {"memlock", RLIMIT_MEMLOCK}};

struct Limit {
  __rlimit_resource resource;
  rlim_t value;
};

StatusOr<Limit> ParseLimit(const std::string& name, const std::string& value) {
  for (const NamedLimit& known : kLimits) {
    if (known.name != name) continue;
    if (value == "unlimited") return Limit{known.resource, RLIM_INFINITY};
    rlim_t number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    if (read.ec == std::errc() && read.ptr == value.data() + value.size()) return Limit{known.resource, number};
    return InvalidArgumentError("the limit \"" + name + "\" is \"" + value + "\"; expected a number or unlimited");
  }
  std::string names;
  for (const NamedLimit& known : kLimits) names += (names.empty() ? "" : ", ") + std::string(known.name);
  return InvalidArgumentError("there is no limit \"" + name + "\"; expected one of " + names);
}

// Files of the kernel: small, and read or written at once.
std::string ReadKernelFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::string text(16384, '\0');
  const ssize_t length = read(file, text.data(), text.size());
  close(file);
  text.resize(length < 0 ? 0 : static_cast<size_t>(length));
  return text;
}

Status WriteKernelFile(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return ErrnoError(errno, "cannot open " + path);
  const ssize_t written = write(file, text.data(), text.size());
  const int error = errno;
  close(file);
  return written == static_cast<ssize_t>(text.size()) ? OkStatus() : ErrnoError(error, "cannot write " + path);
}

// This process' group: "4:memory:/a/b" for version 1, "0::/a/b" for version 2.
std::optional<std::string> OwnGroup(std::string_view controllers) {
  const std::string text = ReadKernelFile("/proc/self/cgroup");
  const std::string wanted = ":" + std::string(controllers) + ":";
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line(text.data() + at, end - at);
    at = end + 1;
    const size_t found = line.find(wanted);
    if (found != std::string_view::npos && found == line.find(':'))
      return std::string(line.substr(found + wanted.size()));
  }
  return std::nullopt;
}

Status MakeGroup(const std::string& folder) {
  if (mkdir(folder.c_str(), S_IRWXU) == 0 || errno == EEXIST) return OkStatus();
  return ErrnoError(errno, "cannot make the control group " + folder);
}

std::string Joined(std::string_view mount, const std::string& group) {
  return std::string(mount) + (group == "/" ? "" : group);
}

// A zombie is dead: who started it may take his time to ask how it ended.
bool IsAlive(int pid) {
  if (kill(pid, 0) != 0 && errno == ESRCH) return false;
  const std::string stat = ReadKernelFile("/proc/" + std::to_string(pid) + "/stat");
  // "17 (name) Z ...", where the name may be anything.
  const size_t name_end = stat.rfind(')');
  return name_end == std::string::npos || stat.compare(name_end, 3, ") Z") != 0;
}

// Where this process' groups are made: its own group.
struct Parent {
  std::string folder;
  bool is_version_2 = false;
};

StatusOr<Parent> FindParent() {
  if (const std::optional<std::string> own = OwnGroup("memory")) {
    return Parent{.folder = Joined(std::string(kGroups) + "/memory", *own), .is_version_2 = false};
  }
  const std::optional<std::string> own = OwnGroup("");
  if (!own.has_value()) return FailedPreconditionError("this process is in no control group");
  return Parent{.folder = Joined(kGroups, *own), .is_version_2 = true};
}

}  // namespace

Status CheckLimit(const std::string& name, const std::string& value) { return ParseLimit(name, value).status(); }

Status LimitProcess(int pid, const std::string& name, const std::string& value) {
  WEIR_ASSIGN_OR_RETURN(const Limit limit, ParseLimit(name, value));
  struct rlimit now{};
  if (prlimit(pid, limit.resource, nullptr, &now) != 0)
    return ErrnoError(errno, "cannot read the limit \"" + name + "\"");
  // Only root may raise the hard one.
  const rlim_t value_now = geteuid() == 0 || limit.value < now.rlim_max ? limit.value : now.rlim_max;
  const struct rlimit wanted{.rlim_cur = value_now, .rlim_max = value_now};
  if (prlimit(pid, limit.resource, &wanted, nullptr) == 0) return OkStatus();
  return ErrnoError(errno, "cannot set the limit \"" + name + "\" of process " + std::to_string(pid));
}

int RemoveGroupsOfDead(const std::string& folder, std::string_view prefix) {
  int removed = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
    const std::string name = each->path().filename();
    int pid = 0;
    if (!name.starts_with(prefix)) continue;
    const auto read = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), pid);
    if (read.ec != std::errc() || read.ptr != name.data() + name.size() || pid <= 0) continue;
    // One that lives may have made its group, and not have entered it yet.
    if (!IsAlive(pid) && rmdir(each->path().c_str()) == 0) ++removed;
  }
  return removed;
}

int MemoryGroup::RemoveDead(std::string_view prefix) {
  const StatusOr<Parent> parent = FindParent();
  return parent.ok() ? RemoveGroupsOfDead(parent->folder, prefix) : 0;
}

StatusOr<std::unique_ptr<MemoryGroup>> MemoryGroup::Make(const std::string& name, uint64_t bytes) {
  WEIR_ASSIGN_OR_RETURN(const Parent found, FindParent());
  const std::string& parent = found.folder;
  if (!found.is_version_2) {
    const std::string folder = parent + "/" + name;
    WEIR_RETURN_IF_ERROR(MakeGroup(folder));
    std::unique_ptr<MemoryGroup> group(new MemoryGroup(folder, false, bytes));
    WEIR_RETURN_IF_ERROR(WriteKernelFile(folder + "/memory.limit_in_bytes", std::to_string(bytes)));
    return group;
  }
  if (ReadKernelFile(parent + "/cgroup.subtree_control").find("memory") == std::string::npos) {
    WEIR_RETURN_IF_ERROR(WriteKernelFile(parent + "/cgroup.subtree_control", "+memory"));
  }
  WEIR_RETURN_IF_ERROR(MakeGroup(parent + "/" + name));
  std::unique_ptr<MemoryGroup> group(new MemoryGroup(parent + "/" + name, true, bytes));
  WEIR_RETURN_IF_ERROR(WriteKernelFile(group->folder_ + "/memory.max", std::to_string(bytes)));
  return group;
}

MemoryGroup::~MemoryGroup() { rmdir(folder_.c_str()); }

Status MemoryGroup::Add(int pid) { return WriteKernelFile(folder_ + "/cgroup.procs", std::to_string(pid)); }

Status MemoryGroup::Remove(int pid) {
  return WriteKernelFile(folder_.substr(0, folder_.rfind('/')) + "/cgroup.procs", std::to_string(pid));
}

bool MemoryGroup::HasKilled() const {
  const std::string text = ReadKernelFile(folder_ + (is_version_2_ ? "/memory.events" : "/memory.oom_control"));
  const size_t at = text.find("oom_kill ");
  return at != std::string::npos && text.compare(at + 9, 1, "0") != 0;
}

}  // namespace weir
