#include "weir/base/process/spawn_as_user.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "weir/base/errno_status.h"
#include "weir/base/process/child_process.h"

namespace weir {
namespace {

// Everything the child needs, made before the fork: between it and the exec the child may not allocate, since another thread may have held the lock.
struct Plan {
  const char* executable;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const char* working_directory;  // null: that of this process
  const char* stdout_path;        // null: where this process writes
  const char* stderr_path;
  bool stdout_to_stderr;
  bool own_group;
  int inherited_fd;
  uid_t uid;
  gid_t gid;
  const gid_t* groups;
  size_t group_count;
};

std::vector<char*> PointersTo(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

const char* TextOrNull(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

Plan PlanFor(const ChildCommand& command) {
  return {.executable = command.executable.c_str(),
          .arguments = PointersTo(command.arguments),
          .environment = PointersTo(command.environment),
          .working_directory = TextOrNull(command.working_directory),
          .stdout_path = TextOrNull(command.stdout_path),
          .stderr_path = TextOrNull(command.stderr_path),
          .stdout_to_stderr = command.stdout_to_stderr,
          .own_group = command.own_group,
          .inherited_fd = command.inherited_fd,
          .uid = command.user->uid,
          .gid = command.user->gid,
          .groups = command.user->groups.data(),
          .group_count = command.user->groups.size()};
}

// In the child; false: errno says why. By system calls: the C library's functions would tell the other threads, which there are none of here.
bool BecomeUser(const Plan& plan) {
  return syscall(SYS_setgroups, plan.group_count, plan.groups) == 0 &&
         syscall(SYS_setresgid, plan.gid, plan.gid, plan.gid) == 0 &&
         syscall(SYS_setresuid, plan.uid, plan.uid, plan.uid) == 0;
}

bool SendTo(int descriptor, const char* path) {
  if (path == nullptr) return true;
  const int opened = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
  return opened >= 0 && dup2(opened, descriptor) >= 0;
}

void ResetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// In the child; `report` is closed by a successful exec, else it gets errno. Descriptors are close-on-exec but for 0, 1, 2 and what is passed on.
[[noreturn]] void Become(const Plan& plan, int report) {
  ResetSignals();
  // What is passed on may itself be on a number that is about to be overwritten: the report pipe moves out of the way.
  const int far_report = fcntl(report, F_DUPFD_CLOEXEC, kInheritedFd + 1);
  const bool is_ready =
      (!plan.own_group || setpgid(0, 0) == 0) && BecomeUser(plan) &&
      (plan.working_directory == nullptr || chdir(plan.working_directory) == 0) &&
      SendTo(STDOUT_FILENO, plan.stdout_path) && SendTo(STDERR_FILENO, plan.stderr_path) &&
      (!plan.stdout_to_stderr || dup2(STDERR_FILENO, STDOUT_FILENO) >= 0) &&
      (plan.inherited_fd < 0 || (plan.inherited_fd == kInheritedFd ? fcntl(kInheritedFd, F_SETFD, 0) >= 0
                                                                   : dup2(plan.inherited_fd, kInheritedFd) >= 0));
  if (is_ready) {
    const unsigned first_closed = plan.inherited_fd < 0 ? kInheritedFd : kInheritedFd + 1;
    syscall(SYS_close_range, first_closed, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
    execve(plan.executable, plan.arguments.data(), plan.environment.data());
  }
  const int why = errno;
  [[maybe_unused]] const ssize_t written = write(far_report, &why, sizeof(why));
  _exit(127);
}

}  // namespace

StatusOr<pid_t> SpawnAsUser(const ChildCommand& command) {
  const Plan plan = PlanFor(command);
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return ErrnoError(errno, "cannot make a pipe");
  const pid_t pid = fork();
  if (pid == 0) Become(plan, report[1]);
  const int why_not = errno;
  close(report[1]);
  int error = 0;
  const ssize_t got = pid < 0 ? 0 : read(report[0], &error, sizeof(error));
  close(report[0]);
  if (pid < 0) return ErrnoError(why_not, "cannot start a process");
  if (got == 0) return pid;
  waitpid(pid, nullptr, 0);
  return ErrnoError(error, "cannot start \"" + command.executable + "\" as the user \"" + command.user->name + "\"");
}

}  // namespace weir
