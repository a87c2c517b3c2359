#include "weir/client/cli/program_run.h"

#include <elf.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/errno_status.h"
#include "weir/base/file/file_system.h"
#include "weir/client/cli/command.h"
#include "weir/rpc/program/program_command.h"

namespace weir::cli {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
#endif

// The end of the last piece of the file that its headers speak of.
StatusOr<uint64_t> PromisedBytes(const ReadableFile& file, const Elf64_Ehdr& header, uint64_t size) {
  const uint64_t table_end = header.e_phoff + sizeof(Elf64_Phdr) * header.e_phnum;
  uint64_t end = std::max(table_end, header.e_shoff + uint64_t{header.e_shentsize} * header.e_shnum);
  if (header.e_phentsize != sizeof(Elf64_Phdr) || end > size || table_end < header.e_phoff) return end;
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  const std::span<char> bytes(reinterpret_cast<char*>(segments.data()), segments.size() * sizeof(Elf64_Phdr));
  WEIR_ASSIGN_OR_RETURN(const size_t read, file.ReadAt(header.e_phoff, bytes));
  if (read < bytes.size()) return table_end;
  for (const Elf64_Phdr& segment : segments) end = std::max(end, segment.p_offset + segment.p_filesz);
  return end;
}

// A copy that was interrupted would crash, or end up among the cluster's files.
Status CheckWhole(const ReadableFile& file, std::string_view header_bytes, const std::string& path) {
  Elf64_Ehdr header{};
  std::memcpy(&header, header_bytes.data(), sizeof(header));
  WEIR_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  WEIR_ASSIGN_OR_RETURN(const uint64_t promised, PromisedBytes(file, header, size));
  if (promised <= size) return OkStatus();
  return FailedPreconditionError(path + " is cut short: its headers promise " + std::to_string(promised) +
                                 " bytes, and it has " + std::to_string(size) + ". Build or copy it again.");
}

}  // namespace

Status CheckElfHeader(std::string_view bytes, const std::string& path) {
  Elf64_Ehdr header{};
  const bool is_elf = bytes.size() >= sizeof(header) && std::memcmp(bytes.data(), ELFMAG, SELFMAG) == 0;
  if (is_elf) std::memcpy(&header, bytes.data(), sizeof(header));
  if (!is_elf || header.e_ident[EI_CLASS] != ELFCLASS64) {
    return FailedPreconditionError(
        path +
        " is no executable that this machine runs (its header is not that of a 64-bit ELF "
        "file). `weir run` takes a job built with weir_add_job, not a script or an archive.");
  }
  if (header.e_machine == kMachine) return OkStatus();
  return FailedPreconditionError(path + " was built for another processor (ELF machine " +
                                 std::to_string(header.e_machine) + ", this one is " + std::to_string(kMachine) +
                                 "). Build it on a machine like those of the cluster.");
}

StatusOr<std::string> FindProgram(FileSystem& files, const std::string& path) {
  char resolved[PATH_MAX];
  if (realpath(path.c_str(), resolved) == nullptr) return ErrnoError(errno, "cannot run " + path);
  const std::string found = resolved;
  WEIR_ASSIGN_OR_RETURN(const FileInfo info, files.Stat(found));
  if (!info.IsFile()) return InvalidArgumentError("cannot run " + path + ": it is no file");
  if (access(found.c_str(), X_OK) != 0) {
    const Status why = ErrnoError(errno, "cannot run " + path);
    return Status(why.code(), std::string(why.message()) + ". If it is a job's program, run: chmod +x " + path);
  }
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, files.OpenForRead(found));
  char bytes[sizeof(Elf64_Ehdr)];
  WEIR_ASSIGN_OR_RETURN(const size_t length, file->ReadAt(0, bytes));
  WEIR_RETURN_IF_ERROR(CheckElfHeader(std::string_view(bytes, length), path));
  WEIR_RETURN_IF_ERROR(CheckWhole(*file, std::string_view(bytes, length), path));
  return found;
}

std::string ConfigurationText(const Configuration& properties) {
  std::string text;
  for (const ConfigEntry& entry : properties.entries()) {
    text += entry.key + ": '";
    for (char each : entry.value) text += each == '\'' ? "''" : std::string(1, each);
    text += "'\n";
  }
  return text;
}

StatusOr<std::unique_ptr<ProgramRun>> ProgramRun::Start(const RoleVariables& role, const std::string& path,
                                                        const std::vector<std::string>& line, ProgramOutput output,
                                                        const std::string& library_path) {
  std::unique_ptr<ProgramRun> run(new ProgramRun());
  ChildCommand command;
  command.executable = path;
  command.arguments = line;
  command.environment = CurrentEnvironment();
  if (!library_path.empty()) {
    std::erase_if(command.environment, [](const std::string& each) { return each.starts_with("LD_LIBRARY_PATH="); });
    command.environment.push_back("LD_LIBRARY_PATH=" + library_path);
  }
  // What the cluster is configured with counts for its jobs, wherever it is installed.
  if (std::getenv("WEIR_CONF_DIR") == nullptr && !ConfigurationFolder().empty()) {
    command.environment.push_back("WEIR_CONF_DIR=" + ConfigurationFolder());
  }
  for (std::string& variable : EnvironmentOf(role)) command.environment.push_back(std::move(variable));
  // In this process' group: what a terminal stops or hangs up, it does to both.
  command.own_group = false;
  command.stdout_to_stderr = output == ProgramOutput::kStderr;
  int ours = -1;
  WEIR_RETURN_IF_ERROR(MakeSocketPair(ours, command.inherited_fd));
  run->channel_ = std::make_unique<FrameChannel>(ours, "program", &run->inbox_);
  auto child = ChildProcess::Start(command, [self = run.get()](ExitStatus how) {
    MutexLock lock(self->mutex_);
    self->exit_ = how;
    self->changed_.NotifyAll();
  });
  CloseDescriptor(command.inherited_fd);
  if (!child.ok()) return child.status();
  run->child_ = std::move(child).value();
  return run;
}

ProgramRun::~ProgramRun() {
  if (child_ != nullptr) child_->Signal(SIGKILL);
  child_.reset();
  channel_.reset();
}

ExitStatus ProgramRun::WaitForExit() {
  MutexLock lock(mutex_);
  while (!exit_.has_value()) changed_.Wait(mutex_);
  return *exit_;
}

bool ProgramRun::ExitsWithin(Duration timeout) {
  const int64_t deadline =
      SystemClock::Instance().MonotonicNanos() + std::max<int64_t>(0, std::chrono::nanoseconds(timeout).count());
  MutexLock lock(mutex_);
  while (!exit_.has_value()) {
    const int64_t left = deadline - SystemClock::Instance().MonotonicNanos();
    if (left <= 0) return false;
    changed_.WaitFor(mutex_, std::chrono::nanoseconds(left));
  }
  return true;
}

}  // namespace weir::cli
