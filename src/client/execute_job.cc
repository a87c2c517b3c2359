#include "weir/client/execute_job.h"

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/execution/signal.h"
#include "weir/base/file/file_system.h"
#include "weir/base/mutex.h"
#include "weir/base/random.h"
#include "weir/client/embedded_cluster.h"
#include "weir/client/job_connection.h"
#include "weir/client/progress_line.h"
#include "weir/client/role/role_session.h"
#include "weir/config/checkpoint_options.h"
#include "weir/config/configuration.h"
#include "weir/config/pipeline_options.h"
#include "weir/graph/job/job_graph.h"
#include "weir/jobmanager/checkpoint/restored_job.h"
#include "weir/jobmanager/scheduler/slot_layout.h"
#include "weir/rpc/job_role.h"

namespace weir {
namespace {

// Often enough to look alive, seldom enough to read.
constexpr Duration kProgressInterval{250};

// That of the program's first job on a cluster may be given.
StatusOr<JobId> ChosenId(const Configuration& configuration) {
  static bool is_taken = false;
  const std::optional<std::string> chosen = configuration.Find(kFixedJobId);
  if (!chosen.has_value() || CurrentJobRole() != JobRole::kClient || std::exchange(is_taken, true)) return JobId();
  return JobId::FromHex(*chosen);
}

JobSubmission SubmissionOf(JobGraph graph, Configuration configuration) {
  SystemRandom random;
  // "latest" goes on with the job that took the checkpoint: under its id, in its folder.
  if (graph.id == JobId() && configuration.Find(kRestorePath) == kLatestCheckpoint) {
    LocalFileSystem files;
    graph.id = FindJobToContinue(files, configuration, graph.name);
  }
  if (graph.id == JobId()) graph.id = ChosenId(configuration).ValueOr(JobId());
  if (graph.id == JobId()) graph.id = JobId::Random(random);
  const JobId id = graph.id;
  return {.job_id = id,
          .graph = std::make_shared<const JobGraph>(std::move(graph)),
          .configuration = std::make_shared<const Configuration>(std::move(configuration))};
}

StatusOr<std::shared_ptr<JobConnection>> SubmitTo(const std::shared_ptr<EmbeddedCluster>& cluster,
                                                  JobSubmission submission) {
  // The connection keeps the cluster.
  std::shared_ptr<DispatcherGateway> gateway(cluster, cluster->dispatcher().get());
  return JobConnection::Submit(std::move(gateway), std::move(submission));
}

bool IsClient() { return CurrentJobRole() == JobRole::kClient; }

// To the cluster of the command line that runs this program, or else to an embedded one of the job's own.
StatusOr<std::shared_ptr<JobConnection>> SubmitAnywhere(JobGraph graph, Configuration configuration) {
  JobSubmission submission = SubmissionOf(std::move(graph), std::move(configuration));
  if (IsClient()) return JobConnection::Submit(ClientGateway(), std::move(submission));
  EmbeddedClusterOptions options;
  options.slots = LayOutSlots(*submission.graph).slots;
  options.configuration = submission.configuration;
  options.statistics_interval = kProgressInterval;
  const std::shared_ptr<EmbeddedCluster> cluster = EmbeddedCluster::Start(std::move(options));
  WEIR_RETURN_IF_ERROR(cluster->ServeRest());
  return SubmitTo(cluster, std::move(submission));
}

// An embedded job goes with its cluster, and that with the connection: the last client waits for the job's end.
JobClient ClientOf(std::shared_ptr<JobConnection> connection) {
  if (IsClient()) return JobClient(std::move(connection));
  JobConnection* const job = connection.get();
  return JobClient(std::shared_ptr<JobConnection>(job, [kept = std::move(connection)](JobConnection* last) mutable {
    static_cast<void>(last->Wait());
    kept.reset();
  }));
}

// What Ctrl-C does to a job. Made before the job is submitted: a job may have shown its first rows by the time that submitting it returns.
class Interruption {
 public:
  explicit Interruption(std::string job_name) : job_name_(std::move(job_name)) {
    std::vector<int> signals;
    for (int signal : {SIGINT, SIGTERM}) {
      if (!IsIgnored(signal)) signals.push_back(signal);
    }
    listener_.emplace(signals, [this](int signal) { OnSignal(signal); });
  }

  // The job to cancel: at once, if a signal came before.
  void Watch(std::shared_ptr<JobConnection> job) {
    MutexLock lock(mutex_);
    job_ = std::move(job);
    if (happened_) job_->CancelAsync();
  }
  bool happened() const {
    MutexLock lock(mutex_);
    return happened_;
  }

 private:
  // nohup and background jobs of a shell want it to stay so.
  static bool IsIgnored(int signal) {
    struct sigaction action{};
    return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
  }

  void OnSignal(int signal) {
    MutexLock lock(mutex_);
    if (std::exchange(happened_, true)) {
      std::signal(signal, SIG_DFL);
      std::raise(signal);
      return;
    }
    std::fprintf(stderr, "\ncancelling job \"%s\"; once more ends the process at once\n", job_name_.c_str());
    if (job_ != nullptr) job_->CancelAsync();
  }

  const std::string job_name_;
  mutable Mutex mutex_;
  std::shared_ptr<JobConnection> job_ WEIR_GUARDED_BY(mutex_);  // null until Watch
  bool happened_ WEIR_GUARDED_BY(mutex_) = false;
  std::optional<SignalListener> listener_;  // last: its thread uses the others
};

void WaitShowingProgress(JobConnection& job) {
  ProgressDisplay display;
  if (!display.is_shown()) {
    static_cast<void>(job.Wait());
    return;
  }
  while (!job.WaitFor(kProgressInterval)) {
    const StatusOr<JobDetails> details = job.Details();
    if (details.ok()) display.Show(*details, kProgressInterval);
  }
}

JobExecutionResult Failed(const std::string& job_name, Status status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return JobExecutionResult({.job_id = {}, .job_name = job_name, .status = std::move(status)});
}

// Runs the job on the cluster of the command line, which shows the progress and knows what Ctrl-C means.
JobExecutionResult ExecuteOnCluster(JobGraph graph, Configuration configuration) {
  const std::string name = graph.name;
  SignalListener not_for_this_process({SIGINT}, [](int) {});
  StatusOr<std::shared_ptr<JobConnection>> connection = SubmitAnywhere(std::move(graph), std::move(configuration));
  if (!connection.ok()) return Failed(name, connection.status());
  JobConnection& job = **connection;
  if (IsDetachedClient()) return JobExecutionResult({.job_id = job.id(), .job_name = name});
  JobExecutionResult::Values values = ExecutionValuesOf(job.Wait(), name);
  if (!values.status.ok()) std::fprintf(stderr, "%s\n", std::string(values.status.message()).c_str());
  return JobExecutionResult(std::move(values));
}

}  // namespace

StatusOr<JobClient> SubmitJob(JobGraph graph, Configuration configuration) {
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<JobConnection> connection,
                        SubmitAnywhere(std::move(graph), std::move(configuration)));
  return ClientOf(std::move(connection));
}

StatusOr<JobClient> SubmitJob(JobGraph graph, Configuration configuration,
                              const std::shared_ptr<EmbeddedCluster>& cluster) {
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<JobConnection> connection,
                        SubmitTo(cluster, SubmissionOf(std::move(graph), std::move(configuration))));
  return ClientOf(std::move(connection));
}

JobExecutionResult ExecuteJob(JobGraph graph, Configuration configuration) {
  if (IsClient()) return ExecuteOnCluster(std::move(graph), std::move(configuration));
  const std::string name = graph.name;
  Interruption interruption(name);
  StatusOr<std::shared_ptr<JobConnection>> connection = SubmitAnywhere(std::move(graph), std::move(configuration));
  if (!connection.ok()) return Failed(name, connection.status());
  JobConnection& job = **connection;
  interruption.Watch(*connection);
  WaitShowingProgress(job);
  JobExecutionResult::Values values = ExecutionValuesOf(job.Wait(), name);
  values.interrupted = interruption.happened();
  if (!values.status.ok()) std::fprintf(stderr, "%s\n", std::string(values.status.message()).c_str());
  return JobExecutionResult(std::move(values));
}

}  // namespace weir
