// A disk that is slow: while the file that WEIR_TEST_SLOW_DISK or UseSlowDisk names is there, syncing any other file takes as many milliseconds as it says, or
// fails if it says so.
//
// In front of libc's functions: linked into a job, or loaded into a daemon with LD_PRELOAD. Ends early when the file goes away.
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace {

constexpr long kLookEveryMs = 10;

const char* control_file = nullptr;  // set before threads are

constexpr long kFails = -1;

// 0: it is not there. "fail": kFails.
long MillisAskedFor() {
  const char* const path = control_file != nullptr ? control_file : std::getenv("WEIR_TEST_SLOW_DISK");
  if (path == nullptr) return 0;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[32] = "";
  const ssize_t length = read(fd, text, sizeof(text) - 1);
  close(fd);
  if (std::strncmp(text, "fail", 4) == 0) return kFails;
  return length > 0 ? std::atol(text) : 0;
}

// What the call is to return after that: 0, or -1 with an errno.
int Dawdle() {
  if (MillisAskedFor() == kFails) {
    errno = EIO;
    return -1;
  }
  const timespec pause{.tv_sec = 0, .tv_nsec = kLookEveryMs * 1'000'000};
  for (long waited = 0; waited < MillisAskedFor(); waited += kLookEveryMs) nanosleep(&pause, nullptr);
  return 0;
}

}  // namespace

void UseSlowDisk(const char* path) { control_file = path; }

extern "C" int fsync(int fd) { return Dawdle() != 0 ? -1 : static_cast<int>(syscall(SYS_fsync, fd)); }

extern "C" int fdatasync(int fd) { return Dawdle() != 0 ? -1 : static_cast<int>(syscall(SYS_fdatasync, fd)); }
