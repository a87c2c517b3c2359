// A whole control plane on one thread and in virtual time: the JobManager's and TaskManagers' real parts, the real messages between them, and a network and
// processes that fail as a seed says.
//
//   FaultyCluster cluster(seed);
//   cluster.Submit();
//   cluster.RunWithFaults(20s);
//   cluster.Heal();                      // nothing fails any more
//   EXPECT_EQ(cluster.Problem(), "");    // the job runs, each task once, no split lost or doubled
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/check.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/logging.h"
#include "weir/config/configuration.h"
#include "weir/graph/job/job_graph_builder.h"
#include "weir/jobmanager/dispatcher/dispatcher.h"
#include "weir/jobmanager/resource/resource_manager.h"
#include "weir/jobmanager/store/job_store.h"
#include "weir/rpc/checkpoint_statistics.h"
#include "weir/rpc/in_memory_gateways.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/taskmanager/task_executor.h"
#include "weir/v1/task_manager.pb.h"

#include "tests/simulation/faulty_link.h"
#include "tests/simulation/simulated_tasks.h"
#include "tests/unit/graph/graph_fixture.h"

namespace weir::simulation_test {

class FaultyCluster {
 public:
  static constexpr int kTaskManagers = 3;
  static constexpr int kSlots = 2;  // of each
  static constexpr int kParallelism = 3;

  explicit FaultyCluster(uint64_t seed) : simulation_(seed), random_(seed * 2 + 1) {
    SetLogLevel(LogLevel::kOff);  // failures are what it makes
    network_.simulation = &simulation_;
    network_.random = &random_;
    StartJobManager();
    for (int i = 0; i < kTaskManagers; ++i) StartTaskManager("tm-" + std::to_string(i));
  }
  ~FaultyCluster() {
    network_.faults = {};
    for (auto& [name, task_manager] : task_managers_) KillTaskManager(*task_manager);
    StopJobManager();
    simulation_.RunUntilIdle();
  }

  // [Source: letters] ═rebalance═► [Map -> Sink], with a checkpoint five times a second.
  void Submit() {
    graph_test::TestGraph graph;
    graph.config().environment_parallelism = kParallelism;
    const int letters = graph.Source("letters");
    const int map = graph.Operator("Map", {letters});
    graph.LastEdge().partitioner = Partitioner::kRebalance;
    graph.Sink("print", {map});
    graph.Node(letters).is_bounded = true;
    graph.Node(letters).source = std::make_shared<CharacterSource>(&world_);
    StatusOr<JobGraph> built = BuildJobGraph(graph.graph());
    WEIR_CHECK_OK(built);
    built->id = job_ = JobId::Random(random_);
    Configuration configuration;
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, std::string>>{{"execution.checkpointing.interval", "200ms"},
                                                          {"execution.checkpointing.dir", "/checkpoints"},
                                                          {"restart-strategy.type", "fixed-delay"},
                                                          {"restart-strategy.fixed-delay.attempts", "1000000"},
                                                          {"restart-strategy.fixed-delay.delay", "50ms"}}) {
      configuration.SetText(key, value, "the test");
    }
    manager_->gateway->SubmitJob({.job_id = job_,
                                  .graph = std::make_shared<const JobGraph>(*built),
                                  .configuration = std::make_shared<const Configuration>(std::move(configuration))},
                                 [this](const Status& status) { accepted_ = status.ok(); });
    simulation_.RunUntil([this] { return accepted_; }, std::chrono::seconds(10));
  }

  void RunWithFaults(std::chrono::milliseconds time) {
    network_.faults = {.dropped = 4, .delayed = 8, .doubled = 15, .reordered = 4};
    const int64_t end = NowMs() + time.count();
    while (NowMs() < end) {
      simulation_.AdvanceTime(std::chrono::milliseconds(200 + random_.Uniform(1200)));
      Crash();
    }
  }
  void Heal() {
    network_.faults = {};
    simulation_.AdvanceTime(std::chrono::seconds(15));
  }
  void CrashJobManager(std::chrono::milliseconds pause) {
    network_.Log("JobManager crashes");
    StopJobManager();
    ++faults_["JobManager"];
    simulation_.PostAfter(pause, [this] {
      if (manager_ == nullptr) StartJobManager();
    });
  }
  void Advance(std::chrono::milliseconds time) { simulation_.AdvanceTime(time); }

  // All tasks end of their own accord.
  void Finish() {
    for (SimulatedTask* task : world_.Living()) world_.Report(*task, ExecutionState::kFinished);
    simulation_.AdvanceTime(std::chrono::seconds(2));
  }

  // What is wrong with a job that should run undisturbed; empty: nothing.
  std::string Problem() {
    const std::optional<JobDetails> details = Details();
    if (!details.has_value()) return "the job is not known";
    if (details->overview.status != JobStatus::kRunning)
      return "the job is " + std::string(JobStatusName(details->overview.status));
    std::string splits;
    const std::vector<SimulatedTask*> living = world_.Living();
    size_t wanted = 0;
    for (const VertexDetails& vertex : details->vertices) {
      for (const SubtaskDetails& subtask : vertex.subtasks) {
        ++wanted;
        if (subtask.state != ExecutionState::kRunning)
          return vertex.name + " is " + std::string(ExecutionStateName(subtask.state));
        if (world_.Find(subtask.attempt_id) == nullptr) return "the attempt of " + vertex.name + " does not live";
      }
    }
    if (living.size() != wanted) return std::to_string(living.size()) + " tasks live, of " + std::to_string(wanted);
    for (const SimulatedTask* task : living) splits += task->is_source ? task->splits : "";
    if (world_.enumerators.size() != 1) return std::to_string(world_.enumerators.size()) + " enumerators live";
    splits += world_.enumerators[0]->left();
    std::ranges::sort(splits);
    std::string all = kAllSplits;
    std::ranges::sort(all);
    if (splits != all) return "the splits are \"" + splits + "\"";
    const SlotCounts slots = manager_->resources->CountSlots();
    if (slots.total != kTaskManagers * kSlots || slots.free != slots.total - kParallelism)
      return std::to_string(slots.free) + " of " + std::to_string(slots.total) + " slots are free";
    return "";
  }

  std::optional<JobDetails> Details() {
    std::optional<JobDetails> details;
    if (manager_ == nullptr) return details;
    manager_->gateway->RequestJobDetails(job_, [&](StatusOr<JobDetails> answer) {
      if (answer.ok()) details = *std::move(answer);
    });
    simulation_.RunUntilIdle();
    return details;
  }
  int64_t completed_checkpoints() { return Details()->checkpoints->counts.completed; }
  size_t tasks() const { return world_.tasks.size(); }
  size_t living() { return world_.Living().size(); }
  const std::string& log() const { return network_.log; }
  const Network& network() const { return network_; }
  const std::map<std::string, int>& faults() const { return faults_; }

 private:
  struct Link {
    TaskManagerId task_manager;
    std::shared_ptr<FaultyDirection<v1::JobManagerMessage>> down;
    std::shared_ptr<FaultyDirection<v1::TaskManagerMessage>> up;
    std::unique_ptr<JobManagerInbox> task_inbox;
    std::unique_ptr<TaskManagerInbox> manager_inbox;
    bool is_open = true;
  };
  struct TaskManager {
    std::string name;
    TaskManagerId id;
    std::unique_ptr<Executor> lane;
    std::unique_ptr<Strand> strand;
    std::unique_ptr<SimulatedLauncher> launcher;
    std::unique_ptr<TaskExecutor> executor;
    std::shared_ptr<Link> link;
    bool is_alive = true;
  };
  struct JobManager {
    LeaderId leader;
    std::unique_ptr<Executor> lane;
    std::unique_ptr<Executor> io_lane;
    std::unique_ptr<Strand> dispatcher_strand;
    std::unique_ptr<Strand> resource_strand;
    std::unique_ptr<JobStore> store;
    std::unique_ptr<ResourceManager> resources;
    std::shared_ptr<ResourceManagerGateway> resource_gateway;
    std::unique_ptr<Dispatcher> dispatcher;
    std::shared_ptr<DispatcherGateway> gateway;
    std::shared_ptr<JobMasterGateway> job_masters;
  };

  int64_t NowMs() { return simulation_.clock().MonotonicNanos() / 1'000'000; }

  void StartJobManager() {
    network_.Log("JobManager starts");
    manager_ = std::make_unique<JobManager>();
    JobManager& manager = *manager_;
    manager.leader = LeaderId::Random(random_);
    manager.lane = simulation_.NewExecutor("jobmanager");
    manager.io_lane = simulation_.NewExecutor("io");
    manager.dispatcher_strand = std::make_unique<Strand>(*manager.lane);
    manager.resource_strand = std::make_unique<Strand>(*manager.lane);
    manager.store = std::make_unique<JobStore>(JobStoreOptions{.files = &files_, .folder = "/store"});
    manager.resources = std::make_unique<ResourceManager>(
        ResourceManagerOptions{.leader = manager.leader, .random = &random_, .spread = SlotSpread::kSpread});
    manager.resource_gateway =
        std::make_shared<InMemoryResourceManagerGateway>(MailboxOf(*manager.resource_strand), manager.resources.get());
    DispatcherOptions options;
    options.leader = manager.leader;
    options.strand = manager.dispatcher_strand.get();
    options.executor = manager.lane.get();
    options.random = &random_;
    options.io = manager.io_lane.get();
    options.file_system = &files_;
    options.resource_manager = manager.resource_gateway;
    options.store = manager.store.get();
    manager.dispatcher = std::make_unique<Dispatcher>(std::move(options));
    const Mailbox mailbox = MailboxOf(*manager.dispatcher_strand);
    manager.gateway = std::make_shared<InMemoryDispatcherGateway>(mailbox, manager.dispatcher.get());
    manager.job_masters = std::make_shared<InMemoryJobMasterGateway>(mailbox, manager.dispatcher.get());
    StatusOr<StoredJobs> stored = manager.store->Load();
    WEIR_CHECK_OK(stored);
    for (JobResult& result : stored->results) manager.dispatcher->AddEnded(std::move(result));
    for (JobSubmission& job : stored->jobs) Recover(std::move(job));
  }

  void Recover(JobSubmission job) {
    auto graph = std::make_shared<JobGraph>(*job.graph);
    for (JobVertex& vertex : graph->vertices) {
      if (vertex.is_source()) vertex.operators[0].code.source = std::make_shared<CharacterSource>(&world_);
    }
    job.graph = std::move(graph);
    job.recovers = true;
    manager_->gateway->SubmitJob(std::move(job), [](const Status& status) { WEIR_CHECK_OK(status); });
  }

  void StopJobManager() {
    if (manager_ == nullptr) return;
    for (auto& [name, task_manager] : task_managers_) {
      if (task_manager->link != nullptr)
        Break(*task_manager, task_manager->link, UnavailableError("the JobManager died"));
    }
    manager_->dispatcher_strand->Stop();
    manager_->resource_strand->Stop();
    manager_->dispatcher.reset();
    manager_.reset();
  }

  void StartTaskManager(const std::string& name) {
    auto added = std::make_unique<TaskManager>();
    added->name = name;
    added->id = TaskManagerId(name + "." + std::to_string(++started_));
    added->lane = simulation_.NewExecutor(name);
    added->strand = std::make_unique<Strand>(*added->lane);
    added->launcher = std::make_unique<SimulatedLauncher>(&world_, added->lane.get(), added->id.value());
    TaskExecutorOptions options;
    options.id = added->id;
    options.slots = kSlots;
    options.strand = added->strand.get();
    options.launcher = added->launcher.get();
    added->executor = std::make_unique<TaskExecutor>(std::move(options));
    network_.Log(added->id.value() + " starts");
    Connect(*added);
    Beat(*added);
    task_managers_[name] = std::move(added);
  }

  // Its processes die with it; what was on its way is lost.
  void KillTaskManager(TaskManager& task_manager) {
    for (SimulatedTask* task : world_.Living()) {
      if (task->task_manager == task_manager.id.value()) task->alive = false;
    }
    task_manager.is_alive = false;
    task_manager.strand->Stop();
    if (task_manager.link != nullptr) Break(task_manager, task_manager.link, UnavailableError("it died"));
  }

  void Connect(TaskManager& task_manager) {
    if (manager_ == nullptr) return Retry(task_manager);
    auto link = std::make_shared<Link>();
    link->task_manager = task_manager.id;
    TaskManager* const owner = &task_manager;
    const std::weak_ptr<Link> weak = link;
    const auto on_break = [this, owner, weak](const Status& why) {
      if (const auto broken = weak.lock()) Break(*owner, broken, why);
    };
    link->down = std::make_shared<FaultyDirection<v1::JobManagerMessage>>(
        &network_, "jm>" + task_manager.id.value(), task_manager.lane.get(),
        [this, owner, weak](const v1::JobManagerMessage& message) {
          return AtTaskManager(*owner, weak.lock(), message);
        },
        on_break);
    link->up = std::make_shared<FaultyDirection<v1::TaskManagerMessage>>(
        &network_, task_manager.id.value() + ">jm", manager_->lane.get(),
        [this, weak](const v1::TaskManagerMessage& message) { return AtJobManager(weak.lock(), message); }, on_break);
    task_manager.link = link;
    v1::TaskManagerMessage registration;
    ToProto(task_manager.executor->Registration(), *registration.mutable_registration());
    link->up->Send(registration);
  }

  void Retry(TaskManager& task_manager) {
    simulation_.PostAfter(std::chrono::milliseconds(100), [this, owner = &task_manager] {
      if (owner->is_alive && owner->link == nullptr) Connect(*owner);
    });
  }

  // Signs of life: they carry numbers too, so that a loss is noticed when nothing else is said.
  void Beat(TaskManager& task_manager) {
    simulation_.PostAfter(std::chrono::seconds(2), [this, owner = &task_manager] {
      if (!owner->is_alive) return;
      if (owner->link != nullptr) {
        v1::TaskManagerMessage up;
        up.mutable_heartbeat();
        owner->link->up->Send(up);
        v1::JobManagerMessage down;
        down.mutable_heartbeat();
        owner->link->down->Send(down);
      }
      Beat(*owner);
    });
  }

  Status AtTaskManager(TaskManager& task_manager, const std::shared_ptr<Link>& link,
                       const v1::JobManagerMessage& message) {
    if (link == nullptr || !task_manager.is_alive) return OkStatus();
    if (message.has_welcome()) {
      task_manager.executor->FollowLeader(IdFrom<LeaderId>(message.welcome().leader_id()),
                                          std::make_shared<RemoteResourceManager>(link->up),
                                          std::make_shared<RemoteJobMasters>(link->up));
      link->task_inbox = std::make_unique<JobManagerInbox>(task_manager.executor->gateway());
      return OkStatus();
    }
    return link->task_inbox == nullptr ? OkStatus() : link->task_inbox->Deliver(message);
  }

  Status AtJobManager(const std::shared_ptr<Link>& link, const v1::TaskManagerMessage& message) {
    if (link == nullptr || manager_ == nullptr) return OkStatus();
    if (!message.has_registration()) {
      return link->manager_inbox == nullptr ? OkStatus() : link->manager_inbox->Deliver(message);
    }
    v1::JobManagerMessage welcome;
    welcome.mutable_welcome()->set_leader_id(IdBytes(manager_->leader));
    link->down->Send(welcome);
    auto remote = std::make_shared<RemoteTaskExecutor>(link->down);
    link->manager_inbox = std::make_unique<TaskManagerInbox>(remote, manager_->job_masters, manager_->resource_gateway);
    manager_->resource_gateway->RegisterTaskExecutor(FromProto(message.registration()), std::move(remote));
    return OkStatus();
  }

  void Break(TaskManager& task_manager, const std::shared_ptr<Link>& link, const Status& why) {
    if (!std::exchange(link->is_open, false)) return;
    network_.Log(link->task_manager.value() + " loses its link: " + std::string(why.message()));
    link->up->Close();
    link->down->Close();
    if (manager_ != nullptr && link->manager_inbox != nullptr)
      manager_->resource_gateway->DisconnectTaskExecutor(link->task_manager, why);
    if (task_manager.link == link) task_manager.link = nullptr;
    broken_.push_back(link);  // it may be within a call of it
    if (!task_manager.is_alive) return;
    task_manager.strand->Post([executor = task_manager.executor.get()] { executor->LoseLeader(); });
    Retry(task_manager);
  }

  // One process, chosen by the seed, dies.
  void Crash() {
    const uint64_t which = random_.Uniform(10);
    if (which < 2) return CrashJobManager(std::chrono::milliseconds(50 + random_.Uniform(3000)));
    auto chosen = std::next(task_managers_.begin(), static_cast<int64_t>(random_.Uniform(task_managers_.size())));
    if (which < 4) return CrashTaskManager(chosen->first);
    if (which < 6) return CrashWorker(*chosen->second);
    if (which < 8 && !world_.enumerators.empty() && manager_ != nullptr) {
      network_.Log("coordinator crashes");
      ++faults_["coordinator"];
      world_.enumerators[0]->Crash();
    } else if (chosen->second->link != nullptr) {
      ++faults_["connection"];
      Break(*chosen->second, chosen->second->link, UnavailableError("the cable was cut"));
    }
  }

  void CrashTaskManager(const std::string name) {  // a copy: the map's goes
    network_.Log(name + " crashes");
    ++faults_["TaskManager"];
    KillTaskManager(*task_managers_[name]);
    dead_.push_back(std::move(task_managers_[name]));
    task_managers_.erase(name);
    StartTaskManager(name);
  }

  void CrashWorker(const TaskManager& task_manager) {
    network_.Log("the worker of " + task_manager.id.value() + " crashes");
    ++faults_["worker"];
    for (SimulatedTask* task : world_.Living()) {
      if (task->task_manager == task_manager.id.value())
        world_.Report(*task, ExecutionState::kFailed, UnavailableError("was killed by signal 11"));
    }
  }

  SimulatedExecutor simulation_;
  SeededRandom random_;
  Network network_;
  InMemoryFileSystem files_;
  SimulatedWorld world_;
  std::unique_ptr<JobManager> manager_;
  std::map<std::string, std::unique_ptr<TaskManager>> task_managers_;
  std::vector<std::unique_ptr<TaskManager>> dead_;
  std::vector<std::shared_ptr<Link>> broken_;
  int started_ = 0;
  JobId job_;
  bool accepted_ = false;
  std::map<std::string, int> faults_;
};

}  // namespace weir::simulation_test
