// run, info: commands that start a job's program.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include "weir/base/execution/signal.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/client/cli/command.h"
#include "weir/client/cli/job_relay.h"
#include "weir/client/cli/program_run.h"
#include "weir/client/progress_line.h"
#include "weir/config/checkpoint_options.h"
#include "weir/config/pipeline_options.h"
#include "weir/graph/job/job_graph_codec.h"
#include "weir/graph/job/plan_json.h"
#include "weir/rpc/artifact/sha256.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/v1/program.pb.h"

namespace weir::cli {
namespace {

constexpr Duration kProgressInterval{250};
// A plan that takes longer is waiting for something that is not there.
constexpr Duration kPlanPatience{60000};

// Relative ones mean this process' place, not the JobManager's.
std::string SavepointPath(const std::string& given) {
  return given == kLatestCheckpoint || given.find("://") != std::string::npos ? given : AbsolutePath(given);
}

// What the options set for the program's jobs.
StatusOr<Configuration> PropertiesOf(const ParsedLine& line) {
  if (line.Has("class")) {
    return InvalidArgumentError(
        "-c/--class names a Java class, and a Weir program is an executable with one main(). Leave it out.");
  }
  Configuration properties = line.properties;
  if (line.Has("parallelism")) properties.SetText(kParallelism.key(), line.Get("parallelism"), "-p");
  if (line.Has("name")) properties.SetText(kJobName.key(), line.Get("name"), "--name");
  if (line.Has("fromSavepoint")) properties.SetText(kRestorePath.key(), SavepointPath(line.Get("fromSavepoint")), "-s");
  if (line.Has("allowNonRestoredState")) {
    properties.SetText("execution.state-recovery.ignore-unclaimed-state", "true", "-n");
  }
  if (line.Has("claimMode")) properties.SetText("execution.state-recovery.claim-mode", line.Get("claimMode"), "-cm");
  WEIR_RETURN_IF_ERROR(CheckValues(properties));
  return properties;
}

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
              RelayedProgram about)
      : line_(line), program_(std::move(program)), relay_(std::move(client), program_.get(), std::move(about)) {}

  int Run() {
    for (;;) {
      const FrameInbox::Item item = program_->Next(kProgressInterval);
      if (item.kind == FrameInbox::Kind::kClosed) break;
      if (item.kind == FrameInbox::Kind::kFrame) relay_.Handle(item.frame);
      if (const int signal = interruption_.Take(); signal != 0 && !GoOn(signal)) return Leave();
      relay_.Resume();
      if (display_.is_shown()) ShowProgress();
    }
    const ExitStatus how = program_->WaitForExit();
    if (relay_.submitted() == 0 && how.IsSuccess()) {
      return Fail(InvalidArgumentError("the program ended without executing a job: its main() came to no Execute()"));
    }
    return is_cancelled_ ? kInterrupted : ExitCodeOf(how, line_.positionals[0]);
  }

 private:
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

  const ParsedLine& line_;
  const std::unique_ptr<ProgramRun> program_;
  JobRelay relay_;
  ProgressDisplay display_;
  bool is_cancelled_ = false;
  Interruption interruption_;
};

int RunRemote(const ParsedLine& line, const Configuration& properties, const std::string& path) {
  const StatusOr<Configuration> configuration = LoadConfiguration(line);
  if (!configuration.ok()) return Fail(configuration.status());
  auto client = ConnectTo(*configuration);
  if (!client.ok()) return Fail(client.status());
  auto program = ProgramRun::Start(
      {.role = JobRole::kClient, .is_detached = line.Has("detached"), .configuration = ConfigurationText(properties)},
      path, line.positionals);
  if (!program.ok()) return Fail(program.status());
  // While the program plans its job.
  LocalFileSystem files;
  const StatusOr<std::string> sha256 = Sha256OfFile(files, path);
  if (!sha256.ok()) return Fail(sha256.status());
  const StatusOr<std::vector<std::string>> missing = (*client)->FindMissing({*sha256});
  if (!missing.ok()) return Fail(missing.status());
  if (!missing->empty()) {
    const Status uploaded = (*client)->Upload(files, path, *sha256);
    if (!uploaded.ok()) return Fail(uploaded);
  }
  char folder[4096];
  const char* const working_directory = getcwd(folder, sizeof(folder));
  return AttachedRun(line, std::move(client).value(), std::move(program).value(),
                     {.executable = *sha256,
                      .name = std::string(BaseName(path)),
                      .working_directory = working_directory != nullptr ? working_directory : "",
                      .is_detached = line.Has("detached")})
      .Run();
}

int RunLocal(const Configuration& properties, const std::string& path, const std::vector<std::string>& line) {
  auto program = ProgramRun::Start({.configuration = ConfigurationText(properties)}, path, line);
  if (!program.ok()) return Fail(program.status());
  // The program knows what to do with signals, which it gets too.
  const SignalListener left_to_it({SIGINT}, [](int) {});
  return ExitCodeOf((*program)->WaitForExit(), line[0]);
}

}  // namespace

int RunCommand(const ParsedLine& line) {
  const StatusOr<Configuration> properties = PropertiesOf(line);
  if (!properties.ok()) {
    std::fprintf(stderr, "error: %s\n", std::string(properties.status().message()).c_str());
    return kBadUsage;
  }
  LocalFileSystem files;
  const StatusOr<std::string> path = FindProgram(files, line.positionals[0]);
  if (!path.ok()) return Fail(path.status());
  const std::string target = line.Has("target") ? line.Get("target") : "remote";
  if (target == "local") return RunLocal(*properties, *path, line.positionals);
  if (target == "remote") return RunRemote(line, *properties, *path);
  std::fprintf(stderr, "error: -t/--target is \"%s\"; expected remote or local\n", target.c_str());
  return kBadUsage;
}

int InfoCommand(const ParsedLine& line) {
  const StatusOr<Configuration> properties = PropertiesOf(line);
  if (!properties.ok()) return Fail(properties.status());
  LocalFileSystem files;
  const StatusOr<std::string> path = FindProgram(files, line.positionals[0]);
  if (!path.ok()) return Fail(path.status());
  auto program = ProgramRun::Start({.role = JobRole::kPlan, .configuration = ConfigurationText(*properties)}, *path,
                                   line.positionals);
  if (!program.ok()) return Fail(program.status());
  const FrameInbox::Item item = (*program)->Next(kPlanPatience);
  if (item.kind == FrameInbox::Kind::kTimeout) {
    return Fail(
        DeadlineExceededError("the program did not come to its Execute() within 60 s, and was killed. In this "
                              "role nothing runs but what main() does before it."));
  }
  if (item.kind == FrameInbox::Kind::kClosed) {
    return Fail(InvalidArgumentError("the program " + (*program)->WaitForExit().ToString() +
                                     " without executing a job: its main() came to no Execute()"));
  }
  v1::ProgramRequest request;
  if (!request.ParseFromString(item.frame) || !request.has_plan()) {
    return Fail(DataLossError("the program sent no plan. Was it built with this version of Weir?"));
  }
  const StatusOr<JobGraph> graph = FromProto(request.plan());
  if (!graph.ok()) return Fail(graph.status());
  if (line.Has("json")) {
    std::printf("%s\n", JobPlanJson(*graph).c_str());
    return kDone;
  }
  std::printf("%s", PlanText(*graph).c_str());
  return kDone;
}

}  // namespace weir::cli
