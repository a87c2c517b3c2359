#include "weir/jobmanager/jar/plan_process.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <string_view>
#include <utility>

#include "weir/base/crash/crash_report.h"
#include "weir/base/mutex.h"
#include "weir/base/process/child_process.h"
#include "weir/base/process/frame_channel.h"
#include "weir/graph/job/job_graph_codec.h"
#include "weir/rpc/job_role.h"
#include "weir/rpc/program/program_command.h"
#include "weir/rpc/program/program_libraries.h"
#include "weir/v1/program.pb.h"

namespace weir {
namespace {

// A plan needs a second of CPU and some ten megabytes; these stop what runs away, or means harm by accident.
ChildLimits LimitsOfPlan() {
  // A sanitizer's shadow of the memory is larger than any limit.
  const uint64_t memory = CanReportCrashes() ? uint64_t{1} << 30 : 0;
  return {.cpu_seconds = 60, .file_bytes = uint64_t{16} << 20, .open_files = 256, .memory_bytes = memory};
}
// A program without end must not fill the disk through its output; this much of it is of use.
constexpr const char* kOutput = "/program";

// What comes of the program: its first frame, or its end.
class PlanTaker final : public FrameHandler {
 public:
  void OnFrame(std::string_view frame) override {
    MutexLock lock(mutex_);
    if (!frame_.has_value()) frame_ = std::string(frame);
    changed_.NotifyAll();
  }
  void OnClosed(Status) override {
    MutexLock lock(mutex_);
    is_closed_ = true;
    changed_.NotifyAll();
  }
  void OnExit(ExitStatus how) {
    MutexLock lock(mutex_);
    exit_ = how;
    changed_.NotifyAll();
  }

  // The frame; nothing if the program ended without one, or did not in time.
  std::optional<std::string> Await(Duration timeout, bool& timed_out) {
    MutexLock lock(mutex_);
    while (!frame_.has_value() && !is_closed_) {
      if (!changed_.WaitFor(mutex_, timeout)) {
        timed_out = !frame_.has_value() && !is_closed_;
        break;
      }
    }
    return frame_;
  }
  ExitStatus AwaitExit() {
    MutexLock lock(mutex_);
    while (!exit_.has_value()) changed_.Wait(mutex_);
    return *exit_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::optional<std::string> frame_ WEIR_GUARDED_BY(mutex_);
  std::optional<ExitStatus> exit_ WEIR_GUARDED_BY(mutex_);
  bool is_closed_ WEIR_GUARDED_BY(mutex_) = false;
};

ChildCommand CommandOf(const PlanRequest& request) {
  // As a program without a graph: what daemons start jobs' processes with.
  JobGraph none;
  none.program.name = request.name;
  none.fingerprint.arguments = request.arguments;
  ChildCommand command = ProgramCommandFor(JobRole::kPlan, none,
                                           {.executable = request.executable,
                                            .folder = request.folder,
                                            .log_prefix = request.folder + kOutput,
                                            .has_submit_folder = false,
                                            .files = {.library_folder = request.library_folder},
                                            .user = request.user},
                                           request.environment);
  for (std::string& variable : EnvironmentOf({.role = JobRole::kPlan, .configuration = request.configuration})) {
    command.environment.push_back(std::move(variable));
  }
  command.limits = LimitsOfPlan();
  return command;
}

Status NoPlan(FileSystem& files, const PlanRequest& request, const ExitStatus& how) {
  std::string text = "the program \"" + request.name + "\" " + how.ToString() + " without executing a job";
  const std::string words = LastLinesOf(files, request.folder + kOutput + ".err");
  return InvalidArgumentError(words.empty() ? text + ": its main() came to no Execute()"
                                            : text + ". Its last lines:\n" + words);
}

StatusOr<JobGraph> Run(FileSystem& files, const PlanRequest& request) {
  PlanTaker taker;
  ChildCommand command = CommandOf(request);
  int ours = -1;
  WEIR_RETURN_IF_ERROR(MakeSocketPair(ours, command.inherited_fd));
  const auto channel = std::make_unique<FrameChannel>(ours, "plan", &taker);
  auto child = ChildProcess::Start(command, [&taker](ExitStatus how) { taker.OnExit(how); });
  CloseDescriptor(command.inherited_fd);
  if (!child.ok()) return child.status();
  bool timed_out = false;
  const std::optional<std::string> frame = taker.Await(request.timeout, timed_out);
  // With all that it has started; it has said what it was asked for, or never will.
  if (frame.has_value() || timed_out) (*child)->SignalGroup(SIGKILL);
  const ExitStatus how = taker.AwaitExit();
  if (timed_out) {
    return DeadlineExceededError("the program \"" + request.name + "\" did not come to its Execute() within " +
                                 std::to_string(request.timeout.count() / 1000) + " s, and was killed");
  }
  if (!frame.has_value()) return NoPlan(files, request, how);
  v1::ProgramRequest message;
  if (!message.ParseFromString(*frame) || !message.has_plan()) {
    return InvalidArgumentError("the program \"" + request.name +
                                "\" sent no plan. Was it built with this version of Weir?");
  }
  return FromProto(message.plan());
}

// Uploaded programs come alone. One that looks for its libweir.so beside itself, as those of an installation do, gets the one of `library_folder`; one that finds
// its own keeps it. Clears the request's folder if it is not needed.
StatusOr<std::optional<ShippedFile>> FindLibrary(FileSystem& files, PlanRequest& request) {
  const std::string folder = std::exchange(request.library_folder, {});
  const std::string scratch = request.folder + "/libraries";
  WEIR_ASSIGN_OR_RETURN(ProgramLibraries libraries,
                        TraceLibraries(files, request.executable, "", scratch, request.user));
  std::optional<ShippedFile> found;
  const auto own =
      std::ranges::find_if(libraries.missing, [](const std::string& name) { return name.starts_with("libweir.so"); });
  if (own != libraries.missing.end() && !folder.empty()) {
    found = ShippedFile{.name = *own, .path = folder + "/" + *own, .is_library = true};
    request.library_folder = folder;
    WEIR_ASSIGN_OR_RETURN(libraries, TraceLibraries(files, request.executable, folder, scratch, request.user));
  }
  if (libraries.IsComplete()) return found;
  return InvalidArgumentError("the program \"" + request.name + "\" cannot run on the cluster, " +
                              libraries.Describe() +
                              ". Install them on its machines, or send them along: weir run --ship <file> ...");
}

}  // namespace

StatusOr<JobGraph> PlanProgram(FileSystem& files, PlanRequest request) {
  WEIR_RETURN_IF_ERROR(files.CreateDirectories(request.folder));
  if (request.user != nullptr) {
    WEIR_RETURN_IF_ERROR(GiveTo(*request.user, request.folder));
    WEIR_RETURN_IF_ERROR(ShareWith(*request.user, request.executable));
  }
  const StatusOr<std::optional<ShippedFile>> library = FindLibrary(files, request);
  StatusOr<JobGraph> graph = library.ok() ? Run(files, request) : library.status();
  if (graph.ok()) {
    // A program has no say in what the daemon reads for it.
    std::erase_if(graph->program.files, [](const ShippedFile& file) { return file.is_library; });
    if (library->has_value()) graph->program.files.push_back(**library);
  }
  const Status cleaned = files.DeleteRecursively(request.folder);
  if (graph.ok()) WEIR_RETURN_IF_ERROR(cleaned);
  return graph;
}

}  // namespace weir
