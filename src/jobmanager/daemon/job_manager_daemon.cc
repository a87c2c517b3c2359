#include "weir/jobmanager/daemon/job_manager_daemon.h"

#include <utility>

#include "weir/base/execution/strand.h"
#include "weir/base/execution/thread_executor.h"
#include "weir/base/file/file_system.h"
#include "weir/base/random.h"
#include "weir/config/cluster_options.h"
#include "weir/config/configuration.h"
#include "weir/jobmanager/daemon/program_admission.h"
#include "weir/jobmanager/dispatcher/dispatcher.h"
#include "weir/jobmanager/resource/resource_manager.h"
#include "weir/jobmanager/rest/rest_server.h"
#include "weir/rpc/artifact/artifact_store.h"
#include "weir/rpc/artifact/cluster_secret.h"
#include "weir/rpc/daemon/daemon_folders.h"
#include "weir/rpc/grpc/job_manager_server.h"
#include "weir/rpc/in_memory_gateways.h"
#include "weir/rpc/program/program_command.h"

namespace weir {

// In the order of their making.
struct JobManagerDaemon::Parts {
  explicit Parts(JobManagerDaemonOptions chosen) : options(std::move(chosen)), configuration(*options.configuration) {}
  // What lives on the event loop answers whoever waits when it goes; only then can the server end its calls.
  ~Parts() {
    rest.reset();
    loop.Shutdown();
    io.Shutdown();
    dispatcher.reset();
    server.reset();
  }

  Status OpenStore();
  void MakeControlPlane();
  Status Listen();

  const JobManagerDaemonOptions options;
  const Configuration& configuration;
  LocalFileSystem files;
  SystemRandom random;
  const LeaderId leader = LeaderId::Random(random);
  std::string secret;
  std::string folder;
  std::unique_ptr<ArtifactStore> artifacts;
  ThreadExecutor loop{"weir-control"};
  ThreadExecutor io{"weir-io"};
  Strand dispatcher_strand{loop};
  Strand resource_strand{loop};
  std::unique_ptr<ResourceManager> resource_manager;
  std::shared_ptr<ResourceManagerGateway> resource_gateway;
  std::unique_ptr<Dispatcher> dispatcher;
  std::shared_ptr<DispatcherGateway> admission;
  std::unique_ptr<JobManagerServer> server;
  std::unique_ptr<RestServer> rest;  // last: it asks the others
};

Status JobManagerDaemon::Parts::OpenStore() {
  const std::string bind_host = configuration.Get(kJobManagerBindHost);
  WEIR_ASSIGN_OR_RETURN(secret, LoadClusterSecret(files, configuration.Find(kSecretFile).value_or("")));
  WEIR_RETURN_IF_ERROR(CheckBindAddress("jobmanager.bind-host", bind_host, secret));
  folder = DaemonFolder(configuration, "jobmanager");
  ArtifactStoreOptions store;
  store.files = &files;
  store.folder = configuration.Find(kArtifactDir).value_or(folder + "/artifacts");
  WEIR_ASSIGN_OR_RETURN(artifacts, ArtifactStore::Open(std::move(store)));
  return OkStatus();
}

void JobManagerDaemon::Parts::MakeControlPlane() {
  ResourceManagerOptions resource_options;
  resource_options.leader = leader;
  resource_options.random = &random;
  resource_options.spread = SlotSpread::kTogether;
  resource_manager = std::make_unique<ResourceManager>(resource_options);
  resource_gateway =
      std::make_shared<InMemoryResourceManagerGateway>(MailboxOf(resource_strand), resource_manager.get());

  DispatcherOptions dispatcher_options;
  dispatcher_options.leader = leader;
  dispatcher_options.strand = &dispatcher_strand;
  dispatcher_options.executor = &loop;
  dispatcher_options.random = &random;
  dispatcher_options.io = &io;
  dispatcher_options.file_system = &files;
  dispatcher_options.resource_manager = resource_gateway;
  dispatcher = std::make_unique<Dispatcher>(std::move(dispatcher_options));

  ProgramAdmissionOptions admission_options;
  admission_options.dispatcher =
      std::make_shared<InMemoryDispatcherGateway>(MailboxOf(dispatcher_strand), dispatcher.get());
  admission_options.artifacts = artifacts.get();
  admission_options.executor = &loop;
  admission_options.files = &files;
  admission_options.environment = CurrentEnvironment();
  admission_options.folder = folder + "/coordinators";
  admission_options.log_folder = options.log_folder;
  admission = std::make_shared<ProgramAdmission>(std::move(admission_options));
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
  WEIR_ASSIGN_OR_RETURN(server, JobManagerServer::Start(std::move(server_options)));
  WEIR_ASSIGN_OR_RETURN(rest, RestServer::Start({.dispatcher = admission,
                                                 .resources = std::make_shared<InMemoryResourceOverviewGateway>(
                                                     MailboxOf(resource_strand), resource_manager.get()),
                                                 .configuration = options.configuration,
                                                 .clock = &loop.clock()}));
  return OkStatus();
}

StatusOr<std::unique_ptr<JobManagerDaemon>> JobManagerDaemon::Start(const JobManagerDaemonOptions& options) {
  auto parts = std::make_unique<Parts>(options);
  WEIR_RETURN_IF_ERROR(parts->OpenStore());
  parts->MakeControlPlane();
  WEIR_RETURN_IF_ERROR(parts->Listen());
  return std::unique_ptr<JobManagerDaemon>(new JobManagerDaemon(std::move(parts)));
}

JobManagerDaemon::JobManagerDaemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
JobManagerDaemon::~JobManagerDaemon() = default;

int JobManagerDaemon::port() const { return parts_->server->port(); }

}  // namespace weir
