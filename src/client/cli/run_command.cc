// run: starts a job's program.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
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
#include "weir/client/cli/cancel_question.h"
#include "weir/client/cli/command.h"
#include "weir/client/cli/job_relay.h"
#include "weir/client/cli/program_plan.h"
#include "weir/client/cli/program_run.h"
#include "weir/client/cli/program_upload.h"
#include "weir/client/progress_line.h"
#include "weir/config/cluster_options.h"
#include "weir/config/high_availability_options.h"
#include "weir/config/pipeline_options.h"
#include "weir/config/rest_options.h"

namespace weir::cli {
namespace {

constexpr Duration kProgressInterval{250};
// A job has its slots within milliseconds, or not for a while.
constexpr int kTicksPerLook = 4;
// A person who has answered expects something to happen.
constexpr Duration kAnswerInterval{50};

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

// `trouble`: what the program was told last that went wrong, if anything.
int ExitCodeOf(const ExitStatus& how, const std::string& name, const std::string& trouble = {}) {
  const int exit_code = how.by_signal ? 128 + how.number : how.number;
  const std::string end = name + " " + how.ToString();
  if (how.by_signal) std::fprintf(stderr, "error: %s\n", end.c_str());
  // A program that ends by itself has told the person why, on stderr.
  if (exit_code != 0) PrintErrorIfJson(how.by_signal || trouble.empty() ? end : trouble, exit_code);
  return exit_code;
}

// A program that was asked for its options has shown them, and ended as it should.
bool ShowsItsHelp(const std::vector<std::string>& program_and_arguments) {
  return std::ranges::any_of(program_and_arguments.begin() + 1, program_and_arguments.end(),
                             [](const std::string& each) { return each == "--help" || each == "-h"; });
}

// Runs the program with its jobs on the cluster.
class AttachedRun {
 public:
  AttachedRun(const ParsedLine& line, std::shared_ptr<JobManagerClient> client, std::unique_ptr<ProgramRun> program,
              RelayedProgram about, Duration patience)
      : line_(line),
        program_(std::move(program)),
        relay_(std::move(client), program_.get(), WithoutProgressLine(std::move(about))),
        patience_(patience) {}

  int Run() {
    for (;;) {
      const FrameInbox::Item item = program_->Next(question_.is_open() ? kAnswerInterval : kProgressInterval);
      if (const Status understood = Understand(item); !understood.ok()) return Fail(GarbageError(understood));
      if (HasSaidAll(item)) break;
      if (!HearPerson()) return Leave();
      if (NeverComesToAJob()) return Fail(NoJobError());
      relay_.Resume();
      if (!display_.is_shown()) {
        SayWhatIsWaitedFor();
      } else if (item.kind == FrameInbox::Kind::kTimeout && !question_.is_open()) {
        ShowProgress();
      }
    }
    display_.Hide();
    return AwaitEnd();
  }

 private:
  Status Understand(const FrameInbox::Item& item) {
    if (item.kind == FrameInbox::Kind::kClosed) return program_->end();
    return item.kind == FrameInbox::Kind::kFrame ? relay_.Handle(item.frame) : OkStatus();
  }
  bool HasSaidAll(const FrameInbox::Item& item) {
    if (item.kind == FrameInbox::Kind::kClosed) return true;
    // A process that the program has forked and left behind keeps the socket open, and has nothing to say. What the program itself said last is here one
    // interval after its end.
    return item.kind == FrameInbox::Kind::kTimeout && std::exchange(is_gone_, program_->ExitsWithin(Duration(0)));
  }
  // The program has closed its socket: what became of it.
  int AwaitEnd() {
    const int64_t left = give_up_nanos_ - SystemClock::Instance().MonotonicNanos();
    if (relay_.submitted() == 0 && !program_->ExitsWithin(Duration(left / 1'000'000))) return Fail(NoJobError());
    const ExitStatus how = program_->WaitForExit();
    if (relay_.submitted() == 0 && how.IsSuccess()) {
      if (ShowsItsHelp(line_.positionals)) return kDone;
      return Fail(InvalidArgumentError("the program ended without executing a job: its main() came to no Execute()"));
    }
    return cancelled_.has_value() ? kInterrupted : ExitCodeOf(how, line_.positionals[0], relay_.trouble());
  }
  // Only the first job is waited for with a limit: what a program does between its jobs is its own affair.
  bool NeverComesToAJob() const {
    return relay_.submitted() == 0 && SystemClock::Instance().MonotonicNanos() >= give_up_nanos_;
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

  // What the program prints when it is answered comes a little later.
  RelayedProgram WithoutProgressLine(RelayedProgram about) {
    about.before_output = [this] {
      display_.Hide();
      last_output_nanos_.store(SystemClock::Instance().MonotonicNanos(), std::memory_order_relaxed);
    };
    return about;
  }

  // Signals and answers. False: this command is to end.
  bool HearPerson() {
    const int signal = interruption_.Take();
    const std::optional<RelayedJob> job = relay_.running();
    if (question_.is_open()) return HearAnswer(job, signal);
    if (signal == 0) return true;
    if (!job.has_value()) {
      program_->Signal(signal);
      return true;
    }
    display_.Hide();
    // Once more: it need not be waited for.
    if (cancelled_ == job->id) return false;
    if (line_.Has("shutdownOnAttachedExit")) {
      Cancel(job->id);
      return true;
    }
    if (signal != SIGINT || !CancelQuestion::CanAsk()) return false;
    question_.Ask(job->name);
    return true;
  }
  bool HearAnswer(const std::optional<RelayedJob>& job, int signal) {
    if (!job.has_value() || signal != 0) {
      // The job has ended by itself, or the answer is another Ctrl-C.
      question_.Withdraw();
      return !job.has_value();
    }
    const CancelQuestion::Answer answer = question_.Take();
    if (answer == CancelQuestion::Answer::kYes) Cancel(job->id);
    return answer != CancelQuestion::Answer::kNo;
  }
  void Cancel(JobId job) {
    std::fprintf(stderr, "cancelling job %s\n", job.ToHex().c_str());
    relay_.Cancel(job);
    cancelled_ = job;
  }

  int Leave() {
    const std::optional<RelayedJob> job = relay_.running();
    if (!job.has_value()) return kInterrupted;
    const std::string id = job->id.ToHex();
    if (cancelled_ == job->id) {
      std::fprintf(stderr, "job %s is being cancelled; `weir status %s` shows it\n", id.c_str(), id.c_str());
    } else {
      std::fprintf(stderr, "job %s runs on; `weir cancel %s` ends it\n", id.c_str(), id.c_str());
    }
    return kInterrupted;
  }

  void ShowProgress() {
    const std::optional<RelayedJob> job = relay_.running();
    const int64_t now = SystemClock::Instance().MonotonicNanos();
    const std::chrono::nanoseconds quiet(now - last_output_nanos_.load(std::memory_order_relaxed));
    if (!job.has_value() || quiet < kProgressInterval) return;
    const StatusOr<JobDetails> details = relay_.Details(job->id);
    if (details.ok()) display_.Show(*details, kProgressInterval);
  }

  // Without a terminal there is no progress, but a job that cannot begin must not look like one that runs.
  void SayWhatIsWaitedFor() {
    const std::optional<RelayedJob> job = relay_.running();
    if (!job.has_value() || ++ticks_ % kTicksPerLook != 0) return;
    const StatusOr<JobDetails> details = relay_.Details(job->id);
    if (!details.ok() || details->waiting_for == last_waiting_for_) return;
    // One whose slots did not come in time waits for its restart now, and then for slots again.
    if (details->waiting_for.empty() && details->overview.status != JobStatus::kRunning) return;
    last_waiting_for_ = details->waiting_for;
    const std::string what = last_waiting_for_.empty() ? "has its slots" : "is waiting for " + last_waiting_for_;
    std::fprintf(stderr, "job %s %s\n", job->id.ToHex().c_str(), what.c_str());
  }

  const ParsedLine& line_;
  const std::unique_ptr<ProgramRun> program_;
  ProgressDisplay display_;
  // When something may have been printed; written by gRPC's threads too, and only its age matters.
  std::atomic<int64_t> last_output_nanos_ = 0;
  JobRelay relay_;
  CancelQuestion question_;
  std::optional<JobId> cancelled_;  // the job that was cancelled last, from here
  bool is_gone_ = false;            // the program's process had ended when that was looked at last
  int ticks_ = 0;                   // of kProgressInterval
  std::string last_waiting_for_;
  const Duration patience_;
  const int64_t give_up_nanos_ = SystemClock::Instance().MonotonicNanos() + std::chrono::nanoseconds(patience_).count();
  Interruption interruption_;
};

// Of the program's first job; zero: a new one. Without jobs that are kept, an id from before would only mix the files of two runs.
StatusOr<JobId> FirstJobOf(const ParsedLine& line, const Configuration& configuration) {
  if (line.Has("job-id")) return JobId::FromHex(line.Get("job-id"));
  const bool keeps_jobs = configuration.Get(kHighAvailability) != HighAvailabilityType::kNone;
  return line.Has("resume-id") && keeps_jobs ? JobId::FromHex(line.Get("resume-id")) : JobId();
}

int RunRemote(const ParsedLine& line, Configuration properties, const std::string& path) {
  const StatusOr<Configuration> configuration = LoadConfiguration(line);
  if (!configuration.ok()) return Fail(configuration.status());
  const StatusOr<JobId> first_job = FirstJobOf(line, *configuration);
  if (!first_job.ok()) return Misuse(line, std::string(first_job.status().message()));
  if (*first_job != JobId()) properties.SetText(kFixedJobId.key(), first_job->ToHex(), "--job-id");
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
                      .first_job = *first_job},
                     configuration->Get(kClientTimeout))
      .Run();
}

int RunLocal(const ParsedLine& line, Configuration properties, const std::string& path) {
  LocalFileSystem files;
  // The port that is configured is the cluster's, which may run on this machine, too.
  const StatusOr<Configuration> configured = LoadConfiguration(line);
  if (!configured.ok()) return Fail(configured.status());
  const bool is_clusters = properties.FindEntry(kRestPort.key()) == nullptr;
  if (is_clusters && configured->FindEntry(kRestPort.key()) != nullptr) {
    properties.SetText(kRestPort.key(), "0", "-t local");
  }
  const StatusOr<std::string> library_path = LibraryPathOf(files, path, line.GetAll("ship"));
  if (!library_path.ok()) return Fail(library_path.status());
  auto program = ProgramRun::Start({.configuration = ConfigurationText(properties)}, path, line.positionals,
                                   ProgramOutput::kStdout, *library_path);
  if (!program.ok()) return Fail(program.status());
  // The program knows what to do with signals, which it gets too.
  const SignalListener left_to_it({SIGINT}, [](int) {});
  return ExitCodeOf((*program)->WaitForExit(), line.positionals[0]);
}

bool TakesValue(const std::string& option) {
  const auto command = std::ranges::find(AllCommands(), "run", &Command::name);
  const auto spec = std::ranges::find(command->options, option, &OptionSpec::long_name);
  return !spec->value.empty();
}

// In place of this process: the script starts the JobManager, comes back here to run the program on it, and stops it.
int RunApplication(const ParsedLine& line, const std::string& path) {
  const std::string script = InstallFolder() + "/bin/standalone-job.sh";
  std::vector<std::string> arguments = {script, line.Has("detached") ? "start" : "start-foreground"};
  for (const auto& [name, value] : line.options) {
    if (name == "target" || name == "detached") continue;
    arguments.push_back("--" + name + (TakesValue(name) ? "=" + value : ""));
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
  if (target == "local") return RunLocal(line, *properties, *path);
  if (target == "remote") return RunRemote(line, *properties, *path);
  if (target == "application") return RunApplication(line, *path);
  return Misuse(line, "-t/--target is \"" + target + "\"; expected remote, local or application");
}

}  // namespace weir::cli
