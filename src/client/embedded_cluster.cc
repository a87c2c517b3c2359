#include "weir/client/embedded_cluster.h"

#include <utility>
#include <vector>

#include "weir/base/clock.h"
#include "weir/base/execution/simulated_executor.h"
#include "weir/base/execution/thread.h"
#include "weir/base/execution/thread_executor.h"
#include "weir/base/file/file_system.h"
#include "weir/base/file/process.h"
#include "weir/base/random.h"
#include "weir/client/in_process_worker_launcher.h"
#include "weir/config/configuration.h"
#include "weir/config/rest_options.h"
#include "weir/jobmanager/dispatcher/dispatcher.h"
#include "weir/jobmanager/resource/resource_manager.h"
#include "weir/jobmanager/rest/rest_server.h"
#include "weir/metrics/metric_store.h"
#include "weir/rpc/in_memory_gateways.h"
#include "weir/rpc/pending_reply.h"
#include "weir/taskmanager/task_executor.h"

namespace weir {

namespace {

constexpr Duration kStatisticsInterval{250};
constexpr Duration kMetricsInterval{1000};

// Never destroyed: tasks that do not end may use it until the process does.
FileSystem* FileSystemOf(const EmbeddedClusterOptions& options) {
  static FileSystem* const local = new LocalFileSystem();
  return options.file_system != nullptr ? options.file_system : local;
}

}  // namespace

// In the order of their making; gone in the reverse order, after the event loop has stopped.
struct EmbeddedCluster::Parts {
  explicit Parts(EmbeddedClusterOptions chosen)
      : options(std::move(chosen)),
        loop_threads(options.simulation == nullptr ? new ThreadExecutor("weir-control") : nullptr),
        io_threads(options.simulation == nullptr ? new ThreadExecutor("weir-io") : nullptr),
        loop(loop_threads != nullptr ? static_cast<Executor&>(*loop_threads) : *options.simulation),
        io(io_threads != nullptr ? static_cast<Executor&>(*io_threads) : *options.simulation) {}
  ~Parts() {
    rest.reset();
    if (loop_threads != nullptr) loop_threads->Shutdown();
    if (io_threads != nullptr) io_threads->Shutdown();
  }

  void MakeJobManager();
  void MakeTaskManager();
  // Only if somebody has set a port: a program that is just run opens none.
  bool ServesRest() const {
    return options.configuration != nullptr && options.configuration->FindEntry(kRestPort.key()) != nullptr;
  }
  Status MakeRestServer();

  const EmbeddedClusterOptions options;
  SystemRandom system_random;
  Random& random = options.simulation != nullptr ? options.simulation->random() : system_random;
  const LeaderId leader = LeaderId::Random(random);
  const std::unique_ptr<ThreadExecutor> loop_threads;  // null in a simulation
  const std::unique_ptr<ThreadExecutor> io_threads;    // likewise
  Executor& loop;
  Executor& io;
  MetricStore metrics{&loop.clock()};
  Strand dispatcher_strand{loop};
  Strand resource_strand{loop};
  Strand task_strand{loop};
  std::unique_ptr<InProcessWorkerLauncher> launcher;
  std::unique_ptr<ResourceManager> resource_manager;
  std::shared_ptr<ResourceManagerGateway> resource_gateway;
  std::unique_ptr<Dispatcher> dispatcher;
  std::shared_ptr<DispatcherGateway> dispatcher_gateway;
  std::shared_ptr<ResourceOverviewGateway> overview_gateway;
  std::unique_ptr<TaskExecutor> task_executor;
  std::unique_ptr<RestServer> rest;  // last: it asks the others
};

void EmbeddedCluster::Parts::MakeJobManager() {
  ResourceManagerOptions resource_options;
  resource_options.leader = leader;
  resource_options.random = &random;
  resource_manager = std::make_unique<ResourceManager>(resource_options);
  resource_gateway =
      std::make_shared<InMemoryResourceManagerGateway>(MailboxOf(resource_strand), resource_manager.get());
  overview_gateway =
      std::make_shared<InMemoryResourceOverviewGateway>(MailboxOf(resource_strand), resource_manager.get());

  DispatcherOptions dispatcher_options;
  dispatcher_options.leader = leader;
  dispatcher_options.strand = &dispatcher_strand;
  dispatcher_options.executor = &loop;
  dispatcher_options.random = &random;
  dispatcher_options.io = &io;
  dispatcher_options.file_system = FileSystemOf(options);
  dispatcher_options.resource_manager = resource_gateway;
  dispatcher_options.metrics = &metrics;
  dispatcher = std::make_unique<Dispatcher>(std::move(dispatcher_options));
  dispatcher_gateway = std::make_shared<InMemoryDispatcherGateway>(MailboxOf(dispatcher_strand), dispatcher.get());
}

void EmbeddedCluster::Parts::MakeTaskManager() {
  launcher =
      std::make_unique<InProcessWorkerLauncher>(InProcessWorkerLauncher::Options{.clock = &loop.clock(),
                                                                                 .file_system = FileSystemOf(options),
                                                                                 .configuration = options.configuration,
                                                                                 .executors = options.simulation});
  TaskExecutorOptions task_options;
  task_options.id = TaskManagerId("embedded");
  task_options.leader = leader;
  task_options.slots = options.slots;
  task_options.hardware = {.cpu_cores = AvailableCpus(),
                           .physical_memory = static_cast<int64_t>(PhysicalMemoryBytes())};
  task_options.strand = &task_strand;
  task_options.launcher = options.launcher != nullptr ? options.launcher : launcher.get();
  task_options.resource_manager = resource_gateway;
  task_options.job_masters = std::make_shared<InMemoryJobMasterGateway>(MailboxOf(dispatcher_strand), dispatcher.get());
  // Not in a simulation: time would never run out of things to do.
  if (options.simulation == nullptr) task_options.statistics_interval = options.statistics_interval;
  // Nobody but REST looks at metrics.
  if (options.simulation == nullptr && ServesRest()) {
    task_options.metrics_interval = kMetricsInterval;
    task_options.metrics_configuration = options.configuration;
    if (task_options.statistics_interval <= Duration(0)) task_options.statistics_interval = kStatisticsInterval;
  }
  task_executor = std::make_unique<TaskExecutor>(std::move(task_options));
  task_strand.Post([this] {
    task_executor->Start();
    resource_gateway->RegisterTaskExecutor(task_executor->Registration(), task_executor->gateway());
  });
}

Status EmbeddedCluster::Parts::MakeRestServer() {
  if (!ServesRest()) return OkStatus();
  WEIR_ASSIGN_OR_RETURN(rest, RestServer::Start({.dispatcher = dispatcher_gateway,
                                                 .resources = overview_gateway,
                                                 .configuration = options.configuration,
                                                 .clock = &loop.clock(),
                                                 .metrics = &metrics,
                                                 .is_embedded = true}));
  return OkStatus();
}

std::shared_ptr<EmbeddedCluster> EmbeddedCluster::Start(EmbeddedClusterOptions options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  parts->MakeJobManager();
  parts->MakeTaskManager();
  return std::shared_ptr<EmbeddedCluster>(new EmbeddedCluster(std::move(parts)));
}

EmbeddedCluster::EmbeddedCluster(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

EmbeddedCluster::~EmbeddedCluster() {
  PendingReply<std::vector<JobOverview>> jobs;
  dispatcher()->ListJobs(jobs.NewReply());
  for (const JobOverview& job : jobs.Wait().ValueOr({})) {
    if (IsGloballyTerminal(job.status)) continue;
    PendingReply<JobResult> result;
    dispatcher()->RequestJobResult(job.job_id, result.NewReply());
    dispatcher()->CancelJob(job.job_id, [](const Status&) {});
    static_cast<void>(result.Wait());
  }
}

Status EmbeddedCluster::ServeRest() { return parts_->MakeRestServer(); }

std::shared_ptr<DispatcherGateway> EmbeddedCluster::dispatcher() const { return parts_->dispatcher_gateway; }

}  // namespace weir
