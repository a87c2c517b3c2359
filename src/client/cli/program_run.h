// A job's program that the command line runs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/base/process/child_process.h"
#include "weir/base/process/frame_channel.h"
#include "weir/client/role/frame_inbox.h"
#include "weir/config/configuration.h"
#include "weir/rpc/job_role.h"

namespace weir {
class FileSystem;
}

namespace weir::cli {

// The absolute path of a program, or what is wrong with it: missing, not executable, no ELF file, of another architecture.
StatusOr<std::string> FindProgram(FileSystem& files, const std::string& path);
// kFailedPrecondition unless these first bytes of a file are those of an executable of this machine.
Status CheckElfHeader(std::string_view bytes, const std::string& path);

// The properties as lines of YAML, as ClientConfigurationText() wants them.
std::string ConfigurationText(const Configuration& properties);

// Where a program's standard output goes.
enum class ProgramOutput : uint8_t {
  kStdout,
  kStderr,  // stdout is this command's alone
};

// The program in a role, with a socket to it. Threads: one, but for Send.
class ProgramRun {
 public:
  // `line`: the program and its arguments; `path` is where it is.
  static StatusOr<std::unique_ptr<ProgramRun>> Start(const RoleVariables& role, const std::string& path,
                                                     const std::vector<std::string>& line,
                                                     ProgramOutput output = ProgramOutput::kStdout,
                                                     const std::string& library_path = {});
  // Kills the program if it still runs.
  ~ProgramRun();

  // The next message of the program; kClosed once it has ended.
  FrameInbox::Item Next(std::optional<Duration> timeout) { return inbox_.Take(timeout); }
  // Once it is closed: whether what it said last was damaged.
  Status end() { return inbox_.end(); }
  // Any thread.
  void Send(const std::string& frame) { channel_->Send(frame); }
  void Signal(int signal) { child_->Signal(signal); }
  // Waits for it.
  ExitStatus WaitForExit();
  // False: it still runs after `timeout`.
  bool ExitsWithin(Duration timeout);

 private:
  ProgramRun() = default;

  FrameInbox inbox_;
  std::unique_ptr<FrameChannel> channel_;
  Mutex mutex_;
  CondVar changed_;
  std::optional<ExitStatus> exit_ WEIR_GUARDED_BY(mutex_);
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace weir::cli
