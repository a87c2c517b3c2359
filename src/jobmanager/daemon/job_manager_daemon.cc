#include "weir/jobmanager/daemon/job_manager_daemon.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "weir/base/check.h"
#include "weir/base/execution/strand.h"
#include "weir/base/execution/thread_executor.h"
#include "weir/base/execution/thread_turns.h"
#include "weir/base/file/file_lock.h"
#include "weir/base/file/file_path.h"
#include "weir/base/file/file_system.h"
#include "weir/base/file/owned_files.h"
#include "weir/base/file/process.h"
#include "weir/base/logging.h"
#include "weir/base/random.h"
#include "weir/config/cluster_options.h"
#include "weir/config/configuration.h"
#include "weir/config/high_availability_options.h"
#include "weir/config/history_options.h"
#include "weir/config/network_options.h"
#include "weir/config/rest_options.h"
#include "weir/graph/job/job_graph.h"
#include "weir/jobmanager/archive/job_archives.h"
#include "weir/jobmanager/daemon/job_logs.h"
#include "weir/jobmanager/daemon/program_admission.h"
#include "weir/jobmanager/diagnosis/diagnose.h"
#include "weir/jobmanager/dispatcher/dispatcher.h"
#include "weir/jobmanager/jar/program_jars.h"
#include "weir/jobmanager/reporter/metric_carrier.h"
#include "weir/jobmanager/resource/resource_manager.h"
#include "weir/jobmanager/rest/archived_job.h"
#include "weir/jobmanager/rest/job_manager_metrics.h"
#include "weir/jobmanager/rest/rest_server.h"
#include "weir/jobmanager/store/job_store.h"
#include "weir/metrics/endpoint/prometheus_endpoint.h"
#include "weir/metrics/metric_store.h"
#include "weir/metrics/prometheus_text.h"
#include "weir/rpc/artifact/artifact_store.h"
#include "weir/rpc/artifact/cluster_secret.h"
#include "weir/rpc/daemon/daemon_folders.h"
#include "weir/rpc/daemon/job_user.h"
#include "weir/rpc/grpc/job_manager_server.h"
#include "weir/rpc/in_memory_gateways.h"
#include "weir/rpc/program/log_folder.h"
#include "weir/rpc/program/program_command.h"
#include "weir/state/storage/checkpoint_storage.h"

namespace weir {

// In the order of their making.
struct JobManagerDaemon::Parts {
  explicit Parts(JobManagerDaemonOptions chosen) : options(std::move(chosen)), configuration(*options.configuration) {}
  // What lives on the event loop answers whoever waits when it goes; only then can the server end its calls.
  ~Parts() {
    carrier.reset();
    endpoints.clear();
    rest.reset();
    loop.Shutdown();
    io.Shutdown();
    jars.reset();
    dispatcher.reset();
    server.reset();
  }

  Status OpenStore();
  // And lets the user of jobs pass to those where his are.
  Status MakeFolders();
  // Where folders belong to the jobs' user.
  FileSystem& job_files() { return owned_files != nullptr ? static_cast<FileSystem&>(*owned_files) : files; }
  Status OpenJobStore();
  // Where the programs of jobs are.
  Status OpenArtifacts();
  Status OpenJars();
  Status OpenArchives();
  // Writes down what REST tells of a job that has ended. On `io`.
  void Archive(const JobDetails& details);
  void MakeControlPlane();
  // Takes up what an earlier JobManager has left.
  void Recover();
  void RecoverJob(JobSubmission job);
  Status Listen();
  Status StartReporters();

  const JobManagerDaemonOptions options;
  const Configuration& configuration;
  LocalFileSystem files;
  std::shared_ptr<const ProcessUser> user;  // of jobs; null: this process' own
  std::unique_ptr<OwnedFiles> owned_files;  // null: there is no such user
  SystemRandom random;
  const LeaderId leader = LeaderId::Random(random);
  std::string secret;
  std::string folder;
  std::unique_ptr<ArtifactStore> artifacts;
  std::unique_ptr<FileLock> lock;
  std::unique_ptr<JobStore> store;  // null: jobs end with this process
  StoredJobs stored;
  std::string store_folder;               // of `store`
  std::unique_ptr<JobArchives> archives;  // for this JobManager and those after it; null: jobs end with this process
  std::unique_ptr<JobArchives> archives_for_others;  // for history servers; null: none are written
  ThreadExecutor loop{"weir-control"};
  ThreadExecutor io{"weir-io"};
  MetricStore metrics{&loop.clock()};
  Strand dispatcher_strand{loop};
  Strand resource_strand{loop};
  std::unique_ptr<ResourceManager> resource_manager;
  std::shared_ptr<ResourceManagerGateway> resource_gateway;
  std::unique_ptr<Dispatcher> dispatcher;
  std::shared_ptr<DispatcherGateway> admission;
  std::optional<LogFolder> logs;
  std::unique_ptr<ProgramJars> jars;
  std::unique_ptr<JobManagerServer> server;
  std::unique_ptr<RestServer> rest;  // asks the others
  // Last: these ask the REST server.
  std::vector<std::unique_ptr<PrometheusEndpoint>> endpoints;
  std::unique_ptr<MetricCarrier> carrier;
};

namespace {

// Coordinators give a sign of life each second.
constexpr Duration kShortestSilence{3000};
// Longer than nearly every message takes to handle.
constexpr std::chrono::microseconds kControlTurn{500};

SlotSpread SpreadOf(const Configuration& configuration) {
  switch (configuration.Find(kLoadBalanceMode)
              .value_or(configuration.Get(kEvenlySpreadOutSlots) ? LoadBalanceMode::kSlots : LoadBalanceMode::kNone)) {
    case LoadBalanceMode::kNone:
      return SlotSpread::kPack;
    // A slot gets one subtask of every vertex of its sharing group, so tasks are spread as slots are.
    case LoadBalanceMode::kSlots:
    case LoadBalanceMode::kTasks:
      return SlotSpread::kSpread;
    case LoadBalanceMode::kTogether:
      return SlotSpread::kTogether;
  }
  WEIR_UNREACHABLE("a load balance mode");
}

// How many jobs that have ended are remembered.
size_t KeptJobs(const Configuration& configuration) {
  const int most = configuration.Get(kJobStoreCapacity);
  return static_cast<size_t>(std::max(0, std::min(most, configuration.Find(kWebHistory).value_or(most))));
}

Duration KeptFor(const Configuration& configuration) {
  // Longer than a century is for ever, and does not overflow.
  constexpr int64_t kMostSeconds = int64_t{100} * 365 * 24 * 3600;
  return std::chrono::seconds(std::min(configuration.Get(kJobStoreExpiration), kMostSeconds));
}

}  // namespace

Status JobManagerDaemon::Parts::OpenStore() {
  const std::string bind_host = configuration.Get(kJobManagerBindHost);
  WEIR_ASSIGN_OR_RETURN(secret, LoadClusterSecret(files, configuration.Find(kSecretFile).value_or("")));
  WEIR_RETURN_IF_ERROR(CheckBindAddress("jobmanager.bind-host", bind_host, secret));
  folder = DaemonFolder(configuration, options.config_dir, "jobmanager");
  WEIR_RETURN_IF_ERROR(MakeFolders());
  // Its lock comes first: what it locks holds the artifacts, too.
  if (configuration.Get(kHighAvailability) != HighAvailabilityType::kNone) WEIR_RETURN_IF_ERROR(OpenJobStore());
  return OpenArtifacts();
}

Status JobManagerDaemon::Parts::OpenArtifacts() {
  ArtifactStoreOptions artifact_options;
  artifact_options.user = user;
  artifact_options.files = &files;
  artifact_options.folder = folder + "/artifacts";
  const std::optional<std::string> chosen = configuration.Find(kArtifactDir);
  if (chosen.has_value()) {
    artifact_options.folder = *chosen;
  } else if (!store_folder.empty() && configuration.Find(kHighAvailabilityDir).has_value()) {
    // A job is worth nothing without its program, so that one lasts as long, over reboots and changes of ports.
    const bool is_passable = user == nullptr || MakePassable(files, user.get(), {store_folder}).ok();
    if (is_passable) artifact_options.folder = store_folder + "/artifacts";
    if (!is_passable) {
      WEIR_LOG(kWarning,
               "the user \"{}\" of jobs cannot enter {}, so programs are kept in {}: jobs end with what is there",
               user->name, store_folder, artifact_options.folder);
    }
  }
  WEIR_ASSIGN_OR_RETURN(artifacts, ArtifactStore::Open(std::move(artifact_options)));
  return OkStatus();
}

Status JobManagerDaemon::Parts::MakeFolders() {
  WEIR_ASSIGN_OR_RETURN(user, JobUserOf(configuration));
  if (user != nullptr) owned_files = std::make_unique<OwnedFiles>(FolderOwner{.uid = user->uid, .gid = user->gid});
  logs.emplace(LogFolderOptions{
      .files = &job_files(), .own_log = OwnLogFile(), .jobs_folder = options.log_folder, .job_prefix = "coordinator"});
  if (user == nullptr) return OkStatus();
  const std::vector<std::string> passed = {DirectoryName(DirectoryName(folder)),
                                           DirectoryName(folder),
                                           folder,
                                           folder + "/coordinators",
                                           folder + "/plans",
                                           folder + "/jars",
                                           DirectoryName(options.log_folder),
                                           options.log_folder};
  return MakePassable(files, user.get(), passed);
}

Status JobManagerDaemon::Parts::OpenJobStore() {
  const std::string place = configuration.Find(kHighAvailabilityDir).value_or(folder + "/jobs") + "/" +
                            configuration.Get(kHighAvailabilityCluster);
  Status opened = files.CreateDirectories(place);
  if (opened.ok()) {
    StatusOr<std::unique_ptr<FileLock>> taken = FileLock::Take(place + "/lock");
    if (taken.ok()) lock = *std::move(taken);
    opened = taken.status();
  }
  if (opened.code() == StatusCode::kUnavailable) {
    return opened.Annotate("another JobManager keeps its jobs in " + place +
                           ". Stop that one, or give this cluster a high-availability.cluster-id of its own");
  }
  if (!opened.ok()) {
    return opened.Annotate(
        "jobs cannot be kept for the time after this JobManager. Set high-availability.storageDir to a folder that "
        "can be written, or high-availability.type to NONE");
  }
  store_folder = place;
  JobStoreOptions store_options{.files = &files, .folder = place};
  // Not less than that, however few are shown: a job that has a result never runs again.
  store_options.kept_results = std::max(store_options.kept_results, KeptJobs(configuration));
  store = std::make_unique<JobStore>(std::move(store_options));
  WEIR_ASSIGN_OR_RETURN(stored, store->Load());
  return OkStatus();
}

void JobManagerDaemon::Parts::RecoverJob(JobSubmission job) {
  job.recovers = true;
  JobResult failed;
  failed.job_id = job.job_id;
  failed.job_name = job.graph->name;
  failed.status = JobStatus::kFailed;
  failed.start_time = failed.end_time = FromEventTime(loop.clock().WallMillis());
  WEIR_LOG(kInfo, "job \"{}\" ({}) is taken up again", job.graph->name, job.job_id.ToHex());
  admission->SubmitJob(
      std::move(job), [this, post = MailboxOf(dispatcher_strand), failed](const Status& status) mutable {
        if (status.ok()) return;
        failed.error = status.Annotate("the job could not be taken up again by this JobManager. It is kept in " +
                                       store->JobFile(failed.job_id) +
                                       " and tried again at the next start; delete that file to give it up");
        WEIR_LOG(kError, "{}", failed.error.message());
        post([this, failed = std::move(failed)]() mutable { dispatcher->AddEnded(std::move(failed)); });
      });
}

void JobManagerDaemon::Parts::Recover() {
  for (const Status& damage : stored.damaged) WEIR_LOG(kError, "{}", damage.message());
  dispatcher_strand.Post([this, results = std::move(stored.results)]() mutable {
    for (JobResult& result : results) dispatcher->AddEnded(std::move(result));
  });
  for (JobSubmission& job : stored.jobs) RecoverJob(std::move(job));
  stored = {};
}

Status JobManagerDaemon::Parts::OpenArchives() {
  if (store != nullptr) {
    archives = std::make_unique<JobArchives>(JobArchivesOptions{.files = &files,
                                                                .folders = {store_folder + "/archive"},
                                                                .most_jobs = KeptJobs(configuration),
                                                                .kept_for = KeptFor(configuration)});
    // Pages of earlier jobs are empty until this is done; the start does not wait for it.
    io.Post([this] {
      const Status read = archives->Refresh(FromEventTime(loop.clock().WallMillis()));
      if (!read.ok()) WEIR_LOG(kWarning, "archives of earlier jobs cannot be shown: {}", read.message());
    });
  }
  const std::string shared = configuration.Get(kArchiveDir);
  if (shared.empty()) return OkStatus();
  WEIR_ASSIGN_OR_RETURN(const std::string path, PathFromUri(shared));
  archives_for_others = std::make_unique<JobArchives>(JobArchivesOptions{.files = &files, .folders = {path}});
  return files.CreateDirectories(path).Annotate("jobmanager.archive.fs.dir");
}

void JobManagerDaemon::Parts::Archive(const JobDetails& details) {
  if (archives == nullptr && archives_for_others == nullptr) return;
  const Timestamp now = FromEventTime(loop.clock().WallMillis());
  const std::vector<ArchivedAnswer> answers =
      AnswersAbout(details, {.configuration = options.configuration, .clock = &loop.clock(), .metrics = &metrics});
  for (JobArchives* const each : {archives.get(), archives_for_others.get()}) {
    const Status put = each == nullptr ? OkStatus() : each->Put(details.overview.job_id.ToHex(), answers, now);
    if (put.ok()) continue;
    WEIR_LOG(kError, "job \"{}\" ({}) has ended, and could not be archived: {}", details.overview.job_name,
             details.overview.job_id.ToHex(), put.message());
  }
}

void JobManagerDaemon::Parts::MakeControlPlane() {
  ResourceManagerOptions resource_options;
  resource_options.leader = leader;
  resource_options.random = &random;
  resource_options.spread = SpreadOf(configuration);
  resource_manager = std::make_unique<ResourceManager>(resource_options);
  resource_gateway =
      std::make_shared<InMemoryResourceManagerGateway>(MailboxOf(resource_strand), resource_manager.get());

  DispatcherOptions dispatcher_options;
  dispatcher_options.leader = leader;
  dispatcher_options.strand = &dispatcher_strand;
  dispatcher_options.executor = &loop;
  dispatcher_options.random = &random;
  dispatcher_options.io = &io;
  dispatcher_options.file_system = &job_files();
  dispatcher_options.resource_manager = resource_gateway;
  dispatcher_options.store = store.get();
  dispatcher_options.kept_results = KeptJobs(configuration);
  dispatcher_options.kept_for = KeptFor(configuration);
  dispatcher_options.on_ended = [this](const JobDetails& details) { Archive(details); };
  dispatcher_options.metrics = &metrics;
  dispatcher = std::make_unique<Dispatcher>(std::move(dispatcher_options));

  ProgramAdmissionOptions admission_options;
  admission_options.dispatcher =
      std::make_shared<InMemoryDispatcherGateway>(MailboxOf(dispatcher_strand), dispatcher.get());
  admission_options.artifacts = artifacts.get();
  admission_options.executor = &loop;
  admission_options.files = &job_files();
  admission_options.user = user;
  admission_options.silence = std::max(configuration.Get(kHeartbeatTimeout), kShortestSilence);
  admission_options.environment = CurrentEnvironment();
  admission_options.folder = folder + "/coordinators";
  admission_options.log_folder = options.log_folder;
  admission_options.log_settings = options.log_settings;
  admission = std::make_shared<ProgramAdmission>(std::move(admission_options));
}

Status JobManagerDaemon::Parts::OpenJars() {
  const std::string chosen = configuration.Get(kWebUploadDir);
  ProgramJarsOptions jar_options;
  WEIR_ASSIGN_OR_RETURN(
      jar_options.store,
      JarStore::Open({.files = &files,
                      .random = &random,
                      .folder = chosen.empty() ? folder + "/jars" : chosen,
                      .most_bytes = static_cast<uint64_t>(configuration.Get(kRestMaxContentLength).bytes())}));
  jar_options.artifacts = artifacts.get();
  jar_options.dispatcher = admission;
  jar_options.configuration = options.configuration;
  jar_options.files = &files;
  jar_options.random = &random;
  jar_options.environment = CurrentEnvironment();
  jar_options.plan_folder = folder + "/plans";
  // bin/weir-jobmanager, lib/libweir.so.
  WEIR_ASSIGN_OR_RETURN(const std::string executable, CurrentExecutablePath());
  jar_options.library_folder = std::string(DirectoryName(DirectoryName(executable))) + "/lib";
  jar_options.user = user;
  WEIR_RETURN_IF_ERROR(files.DeleteRecursively(jar_options.plan_folder));
  if (user != nullptr) WEIR_RETURN_IF_ERROR(MakePassable(files, user.get(), {jar_options.plan_folder}));
  jars = std::make_unique<ProgramJars>(std::move(jar_options));
  return OkStatus();
}

Status JobManagerDaemon::Parts::Listen() {
  JobManagerServerOptions server_options;
  const std::string bind_host = configuration.Get(kJobManagerBindHost);
  server_options.bind_address = bind_host == "localhost" ? "127.0.0.1" : bind_host;
  server_options.port = configuration.Get(kJobManagerPort);
  server_options.secret = secret;
  server_options.leader = leader;
  server_options.executor = &loop;
  server_options.dispatcher = admission;
  server_options.job_masters =
      std::make_shared<InMemoryJobMasterGateway>(MailboxOf(dispatcher_strand), dispatcher.get());
  server_options.resource_manager = resource_gateway;
  server_options.artifacts = artifacts.get();
  server_options.heartbeat_interval = configuration.Get(kHeartbeatInterval);
  server_options.heartbeat_timeout = configuration.Get(kHeartbeatTimeout);
  server_options.describe_cluster = [this, post = MailboxOf(resource_strand)](Reply<ClusterOverview> reply) {
    post([this, reply = std::move(reply)]() mutable {
      const SlotCounts counts = resource_manager->CountSlots();
      reply(ClusterOverview{
          .leader = leader, .task_managers = counts.task_managers, .slots = counts.total, .free_slots = counts.free});
    });
  };
  server_options.diagnose = [this](const JobDetails& job) {
    return VerdictsOf(Diagnose(FactsOf(job, metrics.Latest(), loop.clock().WallMillis())));
  };
  server_options.dispose_savepoint = [this](const std::string& path, StatusReply reply) {
    io.Post([this, path, reply = std::move(reply)]() mutable { reply(DisposeSavepoint(files, path)); });
  };
  const auto resources =
      std::make_shared<InMemoryResourceOverviewGateway>(MailboxOf(resource_strand), resource_manager.get());
  server_options.logs = std::make_shared<ClusterJobLogs>(resources, &*logs);
  WEIR_ASSIGN_OR_RETURN(server, JobManagerServer::Start(std::move(server_options)));
  WEIR_ASSIGN_OR_RETURN(rest, RestServer::Start({.dispatcher = admission,
                                                 .resources = resources,
                                                 .configuration = options.configuration,
                                                 .clock = &loop.clock(),
                                                 .jars = jars.get(),
                                                 .metrics = &metrics,
                                                 .logs = &*logs,
                                                 .archives = archives.get(),
                                                 // As a signal from outside would: main() waits for one.
                                                 .shut_down = [] { kill(getpid(), SIGTERM); }}));
  return OkStatus();
}

Status JobManagerDaemon::Parts::StartReporters() {
  WEIR_ASSIGN_OR_RETURN(const std::vector<ReporterSettings> reporters, ReporterSettingsOf(configuration));
  endpoints = StartPrometheusEndpoints(
      reporters, configuration.Get(kJobManagerBindHost), [asked = rest.get()]() -> StatusOr<std::string> {
        WEIR_ASSIGN_OR_RETURN(const MetricSnapshot own, JobManagerSnapshot(asked->context()));
        return MetricsAsPrometheusText({&own});
      });
  MetricCarrierOptions carried{.reporters = reporters, .collect = {}, .clock = &loop.clock()};
  carried.collect = [asked = rest.get()] {
    std::vector<MetricSnapshot> all;
    StatusOr<MetricSnapshot> own = JobManagerSnapshot(asked->context());
    if (own.ok()) all.push_back(*std::move(own));
    for (const MetricReport& report : asked->context().ReportedMetrics()) all.push_back(*report.snapshot);
    return all;
  };
  carrier = MetricCarrier::Start(std::move(carried));
  return OkStatus();
}

StatusOr<std::unique_ptr<JobManagerDaemon>> JobManagerDaemon::Start(const JobManagerDaemonOptions& options) {
  auto parts = std::make_unique<Parts>(options);
  // It does little at a time, and everybody waits for it: workers may keep all CPUs busy.
  parts->loop.Post([] { AskForShortTurns(kControlTurn); });
  WEIR_RETURN_IF_ERROR(parts->OpenStore());
  WEIR_RETURN_IF_ERROR(parts->OpenArchives());
  parts->MakeControlPlane();
  parts->Recover();
  WEIR_RETURN_IF_ERROR(parts->OpenJars());
  WEIR_RETURN_IF_ERROR(parts->Listen());
  WEIR_RETURN_IF_ERROR(parts->StartReporters());
  return std::unique_ptr<JobManagerDaemon>(new JobManagerDaemon(std::move(parts)));
}

JobManagerDaemon::JobManagerDaemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
JobManagerDaemon::~JobManagerDaemon() = default;

int JobManagerDaemon::port() const { return parts_->server->port(); }

}  // namespace weir
