// run: starts a job's program.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

#include "weir/base/clock.h"
#include "weir/base/execution/signal.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/base/process/child_process.h"
#include "weir/client/cli/command.h"
#include "weir/client/cli/job_relay.h"
#include "weir/client/cli/program_plan.h"
#include "weir/client/cli/program_run.h"
#include "weir/client/cli/program_upload.h"
#include "weir/client/progress_line.h"
#include "weir/config/cluster_options.h"

namespace weir::cli {
namespace {

constexpr Duration kProgressInterval{250};
// A job has its slots within milliseconds, or not for a while.
constexpr int kTicksPerLook = 4;
// Takes SIGINT and SIGTERM while a job is waited for.
class Interruption {
 public:
  Interruption()
      : listener_({SIGINT, SIGTERM}, [this](int signal) { signal_.store(signal, std::memory_order_relaxed); }) {}

  // The signal that came since the last call; 0: none.
  int Take() { return signal_.exchange(0, std::memory_order_relaxed); }

 private:
  std::atomic<int> signal_ = 0;  // written by the listener's thread, taken by the main one
  SignalListener listener_;
};

// True: the person at the terminal wants the job cancelled.
bool AskForCancel(const std::string& job_name) {
  std::fprintf(stderr, "\ncancel job \"%s\"? [y/N; N: it runs on without this command] ", job_name.c_str());
  char answer[16] = "";
  return std::fgets(answer, sizeof(answer), stdin) != nullptr && (answer[0] == 'y' || answer[0] == 'Y');
}

int ExitCodeOf(const ExitStatus& how, const std::string& name) {
  if (!how.by_signal) return how.number;
  std::fprintf(stderr, "error: %s %s\n", name.c_str(), how.ToString().c_str());
  return 128 + how.number;
}

// Runs the program with its jobs on the cluster.
class AttachedRun {
 public:
  AttachedRun(const ParsedLine& line, std::shared_ptr<JobManagerClient> client, std::unique_ptr<ProgramRun> program,
              RelayedProgram about, Duration patience)
      : line_(line),
        program_(std::move(program)),
        relay_(std::move(client), program_.get(), std::move(about)),
        patience_(patience) {}

  int Run() {
    for (;;) {
      const FrameInbox::Item item = program_->Next(kProgressInterval);
      Status understood;
      if (item.kind == FrameInbox::Kind::kClosed) understood = program_->end();
      if (item.kind == FrameInbox::Kind::kFrame) understood = relay_.Handle(item.frame);
      if (!understood.ok()) return Fail(GarbageError(understood));
      if (item.kind == FrameInbox::Kind::kClosed) break;
      if (const int signal = interruption_.Take(); signal != 0 && !GoOn(signal)) return Leave();
      if (NeverComesToAJob()) return Fail(NoJobError());
      relay_.Resume();
      if (display_.is_shown()) {
        ShowProgress();
      } else {
        SayWhatIsWaitedFor();
      }
    }
    const int64_t left = give_up_nanos_ - SystemClock::Instance().MonotonicNanos();
    if (relay_.submitted() == 0 && !program_->ExitsWithin(Duration(left / 1'000'000))) return Fail(NoJobError());
    const ExitStatus how = program_->WaitForExit();
    if (relay_.submitted() == 0 && how.IsSuccess()) {
      return Fail(InvalidArgumentError("the program ended without executing a job: its main() came to no Execute()"));
    }
    return is_cancelled_ ? kInterrupted : ExitCodeOf(how, line_.positionals[0]);
  }

 private:
  // Only the first job is waited for with a limit: what a program does between its jobs is its own affair.
  bool NeverComesToAJob() {
    if (relay_.submitted() > 0 || SystemClock::Instance().MonotonicNanos() < give_up_nanos_) return false;
    return true;
  }
  // These end this command, and the program with it.
  Status GarbageError(const Status& what) const {
    return DataLossError(line_.positionals[0] + " cannot be run: " + std::string(what.message()) +
                         ". What a job writes to file descriptor " + std::to_string(kInheritedFd) +
                         " is between it and `weir`, so main() must leave that alone; and use the `weir` of the "
                         "release that the job was built with.");
  }
  Status NoJobError() const {
    return DeadlineExceededError(
        line_.positionals[0] + " has come to no Execute() in " + std::to_string(patience_.count() / 1000) +
        " s and was ended; nothing was submitted. If its main() needs longer, -Dclient.timeout=10min gives it "
        "longer; if it waits for input or runs no job of Weir, start it without `weir run`.");
  }

  // False: this command is to end.
  bool GoOn(int signal) {
    const std::optional<RelayedJob> job = relay_.running();
    if (!job.has_value()) {
      program_->Signal(signal);
      return true;
    }
    const bool may_ask = signal == SIGINT && isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
    const bool cancels = line_.Has("shutdownOnAttachedExit") || (may_ask && AskForCancel(job->name));
    if (!cancels) return false;
    std::fprintf(stderr, "cancelling job %s\n", job->id.ToHex().c_str());
    relay_.Cancel(job->id);
    is_cancelled_ = true;
    return true;
  }

  int Leave() {
    const std::optional<RelayedJob> job = relay_.running();
    if (job.has_value()) {
      std::fprintf(stderr, "job %s runs on; `weir cancel %s` ends it\n", job->id.ToHex().c_str(),
                   job->id.ToHex().c_str());
    }
    return kInterrupted;
  }

  void ShowProgress() {
    const std::optional<RelayedJob> job = relay_.running();
    if (!job.has_value()) return;
    const StatusOr<JobDetails> details = relay_.Details(job->id);
    if (details.ok()) display_.Show(*details, kProgressInterval);
  }

  // Without a terminal there is no progress, but a job that cannot begin must not look like one that runs.
  void SayWhatIsWaitedFor() {
    const std::optional<RelayedJob> job = relay_.running();
    if (!job.has_value() || ++ticks_ % kTicksPerLook != 0) return;
    const StatusOr<JobDetails> details = relay_.Details(job->id);
    if (!details.ok() || details->waiting_for == last_waiting_for_) return;
    last_waiting_for_ = details->waiting_for;
    const std::string what = last_waiting_for_.empty() ? "has its slots" : "is waiting for " + last_waiting_for_;
    std::fprintf(stderr, "job %s %s\n", job->id.ToHex().c_str(), what.c_str());
  }

  const ParsedLine& line_;
  const std::unique_ptr<ProgramRun> program_;
  JobRelay relay_;
  ProgressDisplay display_;
  bool is_cancelled_ = false;
  int ticks_ = 0;  // of kProgressInterval
  std::string last_waiting_for_;
  const Duration patience_;
  const int64_t give_up_nanos_ = SystemClock::Instance().MonotonicNanos() + std::chrono::nanoseconds(patience_).count();
  Interruption interruption_;
};

int RunRemote(const ParsedLine& line, const Configuration& properties, const std::string& path) {
  JobId first_job;
  if (line.Has("job-id")) {
    const StatusOr<JobId> given = JobId::FromHex(line.Get("job-id"));
    if (!given.ok()) return Misuse(line, std::string(given.status().message()));
    first_job = *given;
  }
  const StatusOr<Configuration> configuration = LoadConfiguration(line);
  if (!configuration.ok()) return Fail(configuration.status());
  auto client = ConnectTo(*configuration);
  if (!client.ok()) return Fail(client.status());
  LocalFileSystem files;
  FileSums sums(files, SystemClock::Instance(), FileSums::DefaultFolder());
  StatusOr<ProgramUpload> upload = CollectProgram(files, path, line.GetAll("ship"), sums);
  if (!upload.ok()) return Fail(upload.status());
  auto program = ProgramRun::Start(
      {.role = JobRole::kClient, .is_detached = line.Has("detached"), .configuration = ConfigurationText(properties)},
      path, line.positionals, line.Has("json") ? ProgramOutput::kStderr : ProgramOutput::kStdout, upload->library_path);
  if (!program.ok()) return Fail(program.status());
  // While the program plans its job.
  std::vector<ShippedFile> sent = upload->files;
  sent.push_back({.name = std::string(BaseName(path)), .sha256 = upload->executable, .path = path});
  const Status uploaded = Upload(files, **client, sent, sums);
  if (!uploaded.ok()) return Fail(uploaded);
  sums.Save();
  sent.pop_back();
  char folder[4096];
  const char* const working_directory = getcwd(folder, sizeof(folder));
  return AttachedRun(line, std::move(client).value(), std::move(program).value(),
                     {.executable = upload->executable,
                      .name = std::string(BaseName(path)),
                      .working_directory = working_directory != nullptr ? working_directory : "",
                      .is_detached = line.Has("detached"),
                      .is_json = line.Has("json"),
                      .files = std::move(sent),
                      .first_job = first_job},
                     configuration->Get(kClientTimeout))
      .Run();
}

int RunLocal(const Configuration& properties, const std::string& path, const std::vector<std::string>& line) {
  auto program = ProgramRun::Start({.configuration = ConfigurationText(properties)}, path, line);
  if (!program.ok()) return Fail(program.status());
  // The program knows what to do with signals, which it gets too.
  const SignalListener left_to_it({SIGINT}, [](int) {});
  return ExitCodeOf((*program)->WaitForExit(), line[0]);
}

// In place of this process: the script starts the JobManager, comes back here to run the program on it, and stops it.
int RunApplication(const ParsedLine& line, const std::string& path) {
  const std::string script = InstallFolder() + "/bin/standalone-job.sh";
  std::vector<std::string> arguments = {script, "start-foreground"};
  for (const auto& [name, value] : line.options) {
    if (name == "target") continue;
    arguments.push_back("--" + name);
    if (value != "true") arguments.push_back(value);
  }
  for (const ConfigEntry& entry : line.properties.entries()) arguments.push_back("-D" + entry.key + "=" + entry.value);
  arguments.push_back(path);
  arguments.insert(arguments.end(), line.positionals.begin() + 1, line.positionals.end());
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  execv(script.c_str(), pointers.data());
  return Fail(NotFoundError("-t application needs " + script + ", which is part of an installation (" +
                            std::strerror(errno) + ")"));
}

}  // namespace

int RunCommand(const ParsedLine& line) {
  const StatusOr<Configuration> properties = PropertiesOf(line);
  if (!properties.ok()) return Misuse(line, std::string(properties.status().message()));
  LocalFileSystem files;
  const StatusOr<std::string> path = FindProgram(files, line.positionals[0]);
  if (!path.ok()) return Fail(path.status());
  const std::string target = line.Has("target") ? line.Get("target") : "remote";
  if (target == "local") return RunLocal(*properties, *path, line.positionals);
  if (target == "remote") return RunRemote(line, *properties, *path);
  if (target == "application") return RunApplication(line, *path);
  return Misuse(line, "-t/--target is \"" + target + "\"; expected remote, local or application");
}

}  // namespace weir::cli
