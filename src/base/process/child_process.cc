#include "weir/base/process/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "weir/base/errno_status.h"
#include "weir/base/process/spawn_as_user.h"

namespace weir {
namespace {

// posix_spawn's parameters, freed together.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void Fill(const ChildCommand& command) {
    if (!command.working_directory.empty()) {
      posix_spawn_file_actions_addchdir_np(&actions_, command.working_directory.c_str());
    }
    SendTo(STDOUT_FILENO, command.stdout_path);
    SendTo(STDERR_FILENO, command.stderr_path);
    if (command.stdout_to_stderr) posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
    int first_closed = kInheritedFd;
    if (command.inherited_fd >= 0) {
      posix_spawn_file_actions_adddup2(&actions_, command.inherited_fd, kInheritedFd);
      ++first_closed;
    }
    posix_spawn_file_actions_addclosefrom_np(&actions_, first_closed);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    const int group = command.own_group ? POSIX_SPAWN_SETPGROUP : 0;
    posix_spawnattr_setflags(&attributes_, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  void SendTo(int descriptor, const std::string& path) {
    if (path.empty()) return;
    posix_spawn_file_actions_addopen(&actions_, descriptor, path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::vector<char*> PointersTo(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

StatusOr<pid_t> Spawn(const ChildCommand& command) {
  SpawnPlan plan;
  plan.Fill(command);
  const std::vector<char*> arguments = PointersTo(command.arguments);
  const std::vector<char*> environment = PointersTo(command.environment);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, command.executable.c_str(), plan.actions(), plan.attributes(), arguments.data(),
                                environment.data());
  if (error != 0) return ErrnoError(error, "cannot start \"" + command.executable + "\"");
  return pid;
}

Status Limit(pid_t pid, __rlimit_resource resource, uint64_t most) {
  const rlimit limit{.rlim_cur = most, .rlim_max = most};
  if (prlimit(pid, resource, &limit, nullptr) == 0 || errno == ESRCH) return OkStatus();
  return ErrnoError(errno, "cannot limit process " + std::to_string(pid));
}

// posix_spawn knows no limits: they are set while the child is still being loaded.
Status Restrict(pid_t pid, const ChildLimits& limits) {
  if (!limits.IsSet()) return OkStatus();
  WEIR_RETURN_IF_ERROR(Limit(pid, RLIMIT_CORE, 0));
  if (limits.cpu_seconds != 0) WEIR_RETURN_IF_ERROR(Limit(pid, RLIMIT_CPU, limits.cpu_seconds));
  if (limits.file_bytes != 0) WEIR_RETURN_IF_ERROR(Limit(pid, RLIMIT_FSIZE, limits.file_bytes));
  if (limits.memory_bytes != 0) WEIR_RETURN_IF_ERROR(Limit(pid, RLIMIT_DATA, limits.memory_bytes));
  return limits.open_files == 0 ? OkStatus() : Limit(pid, RLIMIT_NOFILE, limits.open_files);
}

ExitStatus WaitFor(pid_t pid, int pidfd, bool has_own_group) {
  pollfd ended{.fd = pidfd, .events = POLLIN, .revents = 0};
  while (poll(&ended, 1, -1) < 0 && errno == EINTR) {
  }
  // What it has started and left behind. Until it is waited for, the number is its own and so is the group.
  if (has_own_group) static_cast<void>(kill(-pid, SIGKILL));
  siginfo_t how{};
  while (waitid(P_PIDFD, static_cast<id_t>(pidfd), &how, WEXITED) < 0 && errno == EINTR) {
  }
  return {.by_signal = how.si_code != CLD_EXITED, .number = how.si_status};
}

}  // namespace

std::string ExitStatus::ToString() const {
  if (!by_signal) return "ended with exit code " + std::to_string(number);
  const char* const name = sigabbrev_np(number);
  const char* const text = sigdescr_np(number);
  return "was killed by signal " + std::to_string(number) + " (SIG" + (name != nullptr ? name : "?") + ", " +
         (text != nullptr ? text : "unknown") + ")";
}

StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const ChildCommand& command,
                                                            UniqueFunction<void(ExitStatus)> on_exit) {
  WEIR_ASSIGN_OR_RETURN(const pid_t pid, command.user == nullptr ? Spawn(command) : SpawnAsUser(command));
  if (Status restricted = Restrict(pid, command.limits); !restricted.ok()) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return restricted;
  }
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) {
    const int why = errno;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return ErrnoError(why, "cannot watch process " + std::to_string(pid));
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, pidfd, command.own_group, std::move(on_exit)));
}

ChildProcess::ChildProcess(int pid, int pidfd, bool has_own_group, UniqueFunction<void(ExitStatus)> on_exit)
    : pid_(pid), pidfd_(pidfd) {
  thread_ = Thread("child-" + std::to_string(pid), [pid, pidfd, has_own_group, on_exit = std::move(on_exit)]() mutable {
    on_exit(WaitFor(pid, pidfd, has_own_group));
  });
}

ChildProcess::~ChildProcess() {
  thread_.Join();
  close(pidfd_);
}

void ChildProcess::Signal(int signal) const {
  // ESRCH: it has ended, which is what most callers wanted.
  static_cast<void>(syscall(SYS_pidfd_send_signal, pidfd_, signal, nullptr, 0));
}

void ChildProcess::SignalGroup(int signal) const {
  // The group stays the child's own while the child has not been waited for, and that is done in the destructor's thread.
  static_cast<void>(kill(-pid_, signal));
}

void DieWithParent(int parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) raise(SIGKILL);
}

Status MakeSocketPair(int& ours, int& theirs) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return ErrnoError(errno, "cannot make a socket");
  ours = ends[0];
  theirs = ends[1];
  return OkStatus();
}

void CloseDescriptor(int descriptor) { close(descriptor); }

}  // namespace weir
