#include "weir/taskmanager/daemon/task_manager_daemon.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "weir/base/clock.h"
#include "weir/base/execution/strand.h"
#include "weir/base/execution/thread.h"
#include "weir/base/execution/thread_executor.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/base/file/owned_files.h"
#include "weir/base/file/process.h"
#include "weir/base/logging.h"
#include "weir/base/process/process_limits.h"
#include "weir/base/random.h"
#include "weir/config/cluster_options.h"
#include "weir/config/configuration.h"
#include "weir/config/high_availability_options.h"
#include "weir/config/network_options.h"
#include "weir/config/worker_options.h"
#include "weir/metrics/endpoint/prometheus_endpoint.h"
#include "weir/metrics/metric_store.h"
#include "weir/metrics/prometheus_text.h"
#include "weir/rpc/artifact/artifact_store.h"
#include "weir/rpc/artifact/cluster_secret.h"
#include "weir/rpc/artifact/sha256.h"
#include "weir/rpc/daemon/daemon_folders.h"
#include "weir/rpc/daemon/job_user.h"
#include "weir/rpc/grpc/task_manager_connection.h"
#include "weir/rpc/in_memory_gateways.h"
#include "weir/rpc/program/program_command.h"
#include "weir/rpc/wire/task_manager_messages.h"
#include "weir/runtime/worker/worker_memory.h"
#include "weir/taskmanager/daemon/advertised_host.h"
#include "weir/taskmanager/daemon/task_manager_answers.h"
#include "weir/taskmanager/network/data_port.h"
#include "weir/taskmanager/process/process_worker_launcher.h"
#include "weir/taskmanager/task_executor.h"
#include "weir/v1/task_manager.pb.h"

namespace weir {
namespace {

constexpr Duration kFirstRetry{50};
constexpr Duration kLongestRetry{2000};
constexpr Duration kStatisticsInterval{250};
constexpr Duration kMetricsInterval{1000};

// Another protocol or another secret: no later try ends differently. A name that is taken is not free either, if it has not become so in the time in which
// the JobManager notices that its owner is gone.
bool IsForGood(const Status& refusal, Duration refused_for, Duration silence) {
  if (refusal.code() == StatusCode::kAlreadyExists) return refused_for > silence;
  return refusal.code() == StatusCode::kFailedPrecondition || refusal.code() == StatusCode::kPermissionDenied;
}

// Files from the daemon's own folder, or else from the JobManager.
class FetchedArtifacts final : public ArtifactSource {
 public:
  FetchedArtifacts(ArtifactStore* store, TaskManagerConnection* connection) : store_(store), connection_(connection) {}

  void FetchAsync(const std::string& sha256, UniqueFunction<void(StatusOr<std::string>)> reply) override {
    if (store_->Has(sha256)) return reply(store_->PathOf(sha256));
    connection_->Fetch(sha256, store_, [store = store_, sha256, reply = std::move(reply)](Status status) mutable {
      if (!status.ok()) return reply(status.Annotate("cannot fetch the job's program from the JobManager"));
      reply(store->PathOf(sha256));
    });
  }

 private:
  ArtifactStore* const store_;
  TaskManagerConnection* const connection_;
};

}  // namespace

struct TaskManagerDaemon::Parts {
  explicit Parts(TaskManagerDaemonOptions chosen) : options(std::move(chosen)), configuration(*options.configuration) {}
  ~Parts();

  Status Open();
  void MakeTaskExecutor();
  Status OpenDataPort(const std::string& secret);
  // These on the control strand.
  void Connect();
  void Welcome(LeaderId leader, TaskManagerConnection::Sink sink);
  void Deliver(const v1::JobManagerMessage& message);
  void Lost(const Status& why);

  void Adopt(JobId job, TaskManagerId from, Descriptor socket);

  ProcessWorkerLauncherOptions LauncherOptions();
  std::string MetricsText() const;  // any thread
  // What shows that a process is a worker of the job. Any thread.
  std::string TokenOf(JobId job) const;

  const TaskManagerDaemonOptions options;
  const Configuration& configuration;
  // Where folders belong to the jobs' user.
  FileSystem& job_files() { return owned_files != nullptr ? static_cast<FileSystem&>(*owned_files) : files; }

  LocalFileSystem files;
  std::shared_ptr<const ProcessUser> user;  // of jobs; null: this process' own
  std::unique_ptr<OwnedFiles> owned_files;  // null: there is no such user
  SystemRandom random;
  TaskManagerId id;
  int slots = 1;
  std::string address;
  std::string folder;
  std::string data_key;      // of the tokens that workers show each other's TaskManagers
  std::string data_address;  // where others reach the data port
  std::unique_ptr<ArtifactStore> artifacts;
  ThreadExecutor loop{"weir-control"};
  MetricStore metrics{&loop.clock()};  // of this process and its workers
  Strand control{loop};
  std::unique_ptr<TaskManagerConnection> connection;
  std::unique_ptr<FetchedArtifacts> source;
  std::unique_ptr<ProcessWorkerLauncher> launcher;
  std::unique_ptr<TaskManagerAnswers> answers;
  std::unique_ptr<TaskExecutor> task_executor;
  std::unique_ptr<JobManagerInbox> inbox;  // while there is a leader
  std::unique_ptr<DataPort> data_port;
  std::vector<std::unique_ptr<PrometheusEndpoint>> endpoints;
  Duration retry = kFirstRetry;
  bool has_complained = false;  // about a JobManager that is not there
  bool has_been_welcome = false;
  // Monotonic nanoseconds: from when on the JobManager said so, and nothing else.
  std::optional<int64_t> name_taken_since;
  // The stream's last callback has come; read by the destructor.
  Mutex mutex;
  CondVar ended;
  bool is_connected WEIR_GUARDED_BY(mutex) = false;
};

TaskManagerDaemon::Parts::~Parts() {
  endpoints.clear();
  data_port.reset();  // it posts to the control strand
  control.Stop();
  if (connection != nullptr) {
    connection->Disconnect();
    MutexLock lock(mutex);
    while (is_connected) ended.Wait(mutex);
  }
  task_executor.reset();
  answers.reset();
  // Kills the workers and waits for them; they die at once.
  launcher.reset();
  loop.Shutdown();
}

Status TaskManagerDaemon::Parts::Open() {
  WEIR_ASSIGN_OR_RETURN(const std::string secret,
                        LoadClusterSecret(files, configuration.Find(kSecretFile).value_or("")));
  for (const auto& [name, value] : configuration.Get(kWorkerLimits)) {
    WEIR_RETURN_IF_ERROR(CheckLimit(name, value).Annotate(std::string(kWorkerLimits.key())));
  }
  slots = configuration.Get(kTaskSlots);
  WEIR_RETURN_IF_ERROR(CheckMemory(configuration, slots));
  const std::string number = std::to_string(options.index);
  id = TaskManagerId(configuration.Find(kTaskManagerId)
                         .value_or(HostName() + "-" + number + "-" + Id128::Random(random).ToHex().substr(0, 6)));
  address = configuration.Get(kJobManagerAddress) + ":" + std::to_string(configuration.Get(kJobManagerPort));
  folder = DaemonFolder(configuration, options.config_dir, "taskmanager-" + number);
  // What workers of an earlier run that was killed have left.
  WEIR_RETURN_IF_ERROR(files.DeleteRecursively(folder + "/jobs"));
  WEIR_ASSIGN_OR_RETURN(user, JobUserOf(configuration));
  if (user != nullptr) owned_files = std::make_unique<OwnedFiles>(FolderOwner{.uid = user->uid, .gid = user->gid});
  WEIR_RETURN_IF_ERROR(MakePassable(files, user.get(),
                                    {DirectoryName(DirectoryName(folder)), DirectoryName(folder), folder,
                                     folder + "/jobs", DirectoryName(options.log_folder), options.log_folder}));
  ArtifactStoreOptions store;
  store.files = &files;
  store.folder = folder + "/artifacts";
  store.user = user;
  WEIR_ASSIGN_OR_RETURN(artifacts, ArtifactStore::Open(std::move(store)));
  TaskManagerConnectionOptions connection_options;
  connection_options.address = address;
  connection_options.secret = secret;
  connection_options.executor = &loop;
  connection_options.heartbeat_interval = configuration.Get(kHeartbeatInterval);
  connection_options.heartbeat_timeout = configuration.Get(kHeartbeatTimeout);
  connection = TaskManagerConnection::New(std::move(connection_options));
  source = std::make_unique<FetchedArtifacts>(artifacts.get(), connection.get());
  WEIR_RETURN_IF_ERROR(OpenDataPort(secret));
  MakeTaskExecutor();
  WEIR_ASSIGN_OR_RETURN(const std::vector<ReporterSettings> reporters, ReporterSettingsOf(configuration));
  endpoints = StartPrometheusEndpoints(reporters, configuration.Get(kTaskManagerBindHost),
                                       [this] { return StatusOr<std::string>(MetricsText()); });
  return OkStatus();
}

void TaskManagerDaemon::Parts::MakeTaskExecutor() {
  launcher = std::make_unique<ProcessWorkerLauncher>(LauncherOptions());
  answers = std::make_unique<TaskManagerAnswers>(TaskManagerAnswersOptions{.files = &job_files(),
                                                                           .strand = &control,
                                                                           .launcher = launcher.get(),
                                                                           .jobs_folder = options.log_folder,
                                                                           .id = id.value()});
  TaskExecutorOptions task_options;
  task_options.id = id;
  task_options.slots = slots;
  task_options.strand = &control;
  task_options.launcher = launcher.get();
  task_options.leaderless = configuration.Get(kRegistrationTimeout);
  task_options.hardware = {.cpu_cores = AvailableCpus(),
                           .physical_memory = static_cast<int64_t>(PhysicalMemoryBytes()),
                           .data_port = data_port->port()};
  task_options.data_address = data_address;
  task_options.statistics_interval = kStatisticsInterval;
  task_options.metrics_interval = kMetricsInterval;
  task_options.answer = [this](const TaskManagerQuestion& question, Reply<std::string> reply) {
    answers->Answer(question, std::move(reply));
  };
  task_options.metrics_configuration = options.configuration;
  task_options.shown_metrics = &metrics;
  task_executor = std::make_unique<TaskExecutor>(std::move(task_options));
  control.Post([this] { task_executor->Start(); });
}

Status TaskManagerDaemon::Parts::OpenDataPort(const std::string& secret) {
  const std::string bind_host = configuration.Get(kTaskManagerBindHost);
  WEIR_RETURN_IF_ERROR(CheckBindAddress("taskmanager.bind-host", bind_host, secret));
  data_key = secret;
  DataPortOptions port;
  port.bind = {.host = bind_host, .port = configuration.Find(kDataBindPort).value_or(configuration.Get(kDataPort))};
  port.self = id;
  port.clock = &SystemClock::Instance();
  port.token_of = [this](JobId job) { return TokenOf(job); };
  port.equal = EqualInConstantTime;
  port.on_connection = [this, post = MailboxOf(control)](JobId job, TaskManagerId from, Descriptor socket) {
    post([this, job, from = std::move(from), socket = std::move(socket)]() mutable {
      Adopt(job, std::move(from), std::move(socket));
    });
  };
  WEIR_ASSIGN_OR_RETURN(data_port, DataPort::Open(std::move(port)));
  const AdvertisedHostOptions advertised{.configured = configuration.Find(kTaskManagerHost),
                                         .bind_host = bind_host,
                                         .job_manager = address,
                                         .host_name = HostName()};
  HostAndPort reached;
  reached.port = configuration.Get(kDataPort);
  if (reached.port == 0) reached.port = data_port->port();
  WEIR_ASSIGN_OR_RETURN(reached.host, AdvertisedHost(advertised));
  const std::string warning = WarningAboutAdvertisedHost(advertised, reached.host);
  if (!warning.empty()) WEIR_LOG(kWarning, "{}", warning);
  data_address = reached.ToString();
  return OkStatus();
}

std::string TaskManagerDaemon::Parts::TokenOf(JobId job) const { return HmacSha256(data_key, "data " + job.ToHex()); }

std::string TaskManagerDaemon::Parts::MetricsText() const {
  const std::vector<MetricReport> reports = metrics.Latest();
  std::vector<const MetricSnapshot*> snapshots;
  for (const MetricReport& report : reports) snapshots.push_back(report.snapshot.get());
  return MetricsAsPrometheusText(snapshots);
}

void TaskManagerDaemon::Parts::Adopt(JobId job, TaskManagerId from, Descriptor socket) {
  task_executor->AdoptConnection(job, std::move(from), std::move(socket));
}

void TaskManagerDaemon::Parts::Connect() {
  {
    MutexLock lock(mutex);
    is_connected = true;
  }
  const Mailbox post = MailboxOf(control);
  TaskManagerConnection::Handlers handlers;
  handlers.on_welcome = [this, post](LeaderId leader, TaskManagerConnection::Sink sink) {
    post([this, leader, sink = std::move(sink)] { Welcome(leader, sink); });
  };
  handlers.on_message = [this, post](const v1::JobManagerMessage& message) {
    post([this, message] { Deliver(message); });
    return OkStatus();
  };
  handlers.on_end = [this, post](const Status& why) {
    post([this, why] { Lost(why); });
    MutexLock lock(mutex);
    is_connected = false;
    ended.NotifyAll();
  };
  connection->Connect(task_executor->Registration(), std::move(handlers));
}

ProcessWorkerLauncherOptions TaskManagerDaemon::Parts::LauncherOptions() {
  ProcessWorkerLauncherOptions launcher_options;
  launcher_options.strand = &control;
  launcher_options.files = &job_files();
  launcher_options.user = user;
  launcher_options.artifacts = source.get();
  launcher_options.configuration = options.configuration;
  launcher_options.environment = CurrentEnvironment();
  launcher_options.folder = folder + "/jobs";
  launcher_options.log_folder = options.log_folder;
  launcher_options.log_settings = options.log_settings;
  launcher_options.task_manager = id.value();
  launcher_options.data_token_of = [this](JobId job) { return TokenOf(job); };
  launcher_options.statistics_interval = kStatisticsInterval;
  // Never shorter than some of their reports take.
  launcher_options.silence = std::max<Duration>(options.configuration->Get(kHeartbeatTimeout), 3 * kStatisticsInterval);
  return launcher_options;
}

void TaskManagerDaemon::Parts::Welcome(LeaderId leader, TaskManagerConnection::Sink sink) {
  retry = kFirstRetry;
  has_complained = false;
  has_been_welcome = true;
  task_executor->FollowLeader(leader, std::make_shared<RemoteResourceManager>(sink),
                              std::make_shared<RemoteJobMasters>(sink));
  inbox = std::make_unique<JobManagerInbox>(task_executor->gateway(), sink);
  WEIR_LOG(kInfo, "TaskManager {} with {} slots is registered with the JobManager at {}", id.value(), slots, address);
  if (options.on_registered) options.on_registered();
}

void TaskManagerDaemon::Parts::Deliver(const v1::JobManagerMessage& message) {
  if (inbox == nullptr) return;
  const Status status = inbox->Deliver(message);
  if (status.ok()) return;
  WEIR_LOG(kError, "the connection to the JobManager is given up: {}", status.message());
  connection->Disconnect();
}

void TaskManagerDaemon::Parts::Lost(const Status& why) {
  const int64_t now = loop.clock().MonotonicNanos();
  if (why.code() != StatusCode::kAlreadyExists) {
    name_taken_since.reset();
  } else if (!name_taken_since.has_value()) {
    name_taken_since = now;
  }
  const auto refused_for =
      std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(now - name_taken_since.value_or(now)));
  // One that has been welcome has workers, and the JobManager that it belongs to may come back.
  const bool is_for_good = IsForGood(why, refused_for, configuration.Get(kHeartbeatTimeout));
  if (!has_been_welcome && is_for_good && options.on_refused) {
    return options.on_refused(why.Annotate("the JobManager at " + address + " does not take it"));
  }
  if (inbox != nullptr || !std::exchange(has_complained, true)) {
    WEIR_LOG(kWarning, "TaskManager {} has no JobManager, and tries again: {}", id.value(), why.message());
  }
  if (inbox != nullptr) task_executor->LoseLeader();
  inbox.reset();
  control.PostAfter(retry, [this] { Connect(); });
  retry = std::min(retry * 2, kLongestRetry);
}

StatusOr<std::unique_ptr<TaskManagerDaemon>> TaskManagerDaemon::Start(const TaskManagerDaemonOptions& options) {
  auto parts = std::make_unique<Parts>(options);
  WEIR_RETURN_IF_ERROR(parts->Open());
  parts->control.Post([connecting = parts.get()] { connecting->Connect(); });
  return std::unique_ptr<TaskManagerDaemon>(new TaskManagerDaemon(std::move(parts)));
}

TaskManagerDaemon::TaskManagerDaemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TaskManagerDaemon::~TaskManagerDaemon() = default;

}  // namespace weir
