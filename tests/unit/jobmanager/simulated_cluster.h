// A whole control plane in virtual time, with workers whose tasks do what the test says:
//
//   SimulatedCluster cluster(seed, {.task_managers = 2, .slots = 2});
//   cluster.Submit(graph);                    // tasks run by themselves once they are deployed
//   cluster.Fail("Map", 1, "boom");
//   cluster.Finish();                         // all tasks that run
//   EXPECT_EQ(cluster.result().status, JobStatus::kFinished);
//
// The JobManager and every TaskManager have a lane of their own, so the seed decides which of them goes first.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/check.h"
#include "weir/base/execution/simulated_executor.h"
#include "weir/base/file/fault_injecting_file_system.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/logging.h"
#include "weir/config/configuration.h"
#include "weir/functions/source.h"
#include "weir/graph/job/job_graph_builder.h"
#include "weir/jobmanager/dispatcher/dispatcher.h"
#include "weir/jobmanager/resource/resource_manager.h"
#include "weir/rpc/in_memory_gateways.h"
#include "weir/taskmanager/task_executor.h"

#include "tests/unit/graph/graph_fixture.h"
#include "tests/unit/jobmanager/fake_workers.h"

namespace weir::jobmanager_test {

// What the enumerators of FakeSources were asked, and what they are to do.
struct SourceLog {
  int created = 0;
  std::vector<std::string> given_back;  // splits, as they came back
  std::string fails_in_start;
  std::vector<std::string> splits = {"a", "b", "c", "d"};
};

// Hands out its splits one by one.
class FakeEnumerator final : public SplitEnumeratorBase {
 public:
  FakeEnumerator(SourceLog* log, const std::string* restored) : log_(log), left_(log->splits) {
    if (restored == nullptr) return;
    left_.clear();
    for (const char split : *restored) left_.emplace_back(1, split);
  }
  Status Start(EnumeratorContext& context) override {
    context_ = &context;
    return log_->fails_in_start.empty() ? OkStatus() : NotFoundError(log_->fails_in_start);
  }
  void HandleSplitRequest(int subtask) override {
    if (left_.empty()) {
      context_->SignalNoMoreSplits(subtask);
      return;
    }
    context_->AssignEncodedSplit(subtask, left_.front());
    left_.erase(left_.begin());
  }
  Status AddEncodedSplitsBack(const std::vector<std::string>& splits, int) override {
    log_->given_back.insert(log_->given_back.end(), splits.begin(), splits.end());
    left_.insert(left_.begin(), splits.begin(), splits.end());
    return OkStatus();
  }
  // The splits that nobody has yet, one character each.
  std::string SnapshotEncodedState() override {
    std::string state;
    for (const std::string& split : left_) state += split;
    return state;
  }

 private:
  SourceLog* const log_;
  std::vector<std::string> left_;
  EnumeratorContext* context_ = nullptr;
};

class FakeSource final : public SourceFactory {
 public:
  explicit FakeSource(SourceLog* log) : log_(log) {}
  Boundedness boundedness() const override { return Boundedness::kBounded; }
  bool blocking() const override { return false; }
  StatusOr<std::unique_ptr<SplitEnumeratorBase>> CreateEnumerator(const std::string* restored) const override {
    ++log_->created;
    return std::make_unique<FakeEnumerator>(log_, restored);
  }
  StatusOr<std::unique_ptr<SourceReaderBase>> CreateReader(const RuntimeContext&) const override {
    return InternalError("fake workers make no readers");
  }

 private:
  SourceLog* const log_;
};

struct ClusterShape {
  int task_managers = 1;
  int slots = 4;                        // of each
  std::chrono::nanoseconds io_delay{};  // before each thing that the JobManager does with files
};

// Runs everything `delay` later than it would run on `lane`.
class DelayingExecutor final : public Executor {
 public:
  DelayingExecutor(std::unique_ptr<Executor> lane, std::chrono::nanoseconds delay)
      : lane_(std::move(lane)), delay_(delay) {}
  void Post(Closure closure) override { lane_->PostAfter(delay_, std::move(closure)); }
  TimerHandle PostAfter(std::chrono::nanoseconds delay, Closure closure) override {
    return lane_->PostAfter(delay + delay_, std::move(closure));
  }
  bool IsCurrent() const override { return lane_->IsCurrent(); }
  Clock& clock() override { return lane_->clock(); }

 private:
  const std::unique_ptr<Executor> lane_;
  const std::chrono::nanoseconds delay_;
};

class SimulatedCluster {
 public:
  explicit SimulatedCluster(uint64_t seed = 1, ClusterShape shape = {}) : simulation_(seed), random_(seed) {
    SetLogLevel(LogLevel::kOff);  // failures are what these tests make
    job_manager_lane_ = simulation_.NewExecutor("jobmanager");
    io_lane_ = simulation_.NewExecutor("io");
    if (shape.io_delay.count() > 0) {
      io_lane_ = std::make_unique<DelayingExecutor>(std::move(io_lane_), shape.io_delay);
    }
    dispatcher_strand_.emplace(*job_manager_lane_);
    resource_strand_.emplace(*job_manager_lane_);
    leader_ = LeaderId::Random(random_);
    MakeJobManager();
    for (int i = 0; i < shape.task_managers; ++i) AddTaskManager("tm-" + std::to_string(i), shape.slots);
    simulation_.RunUntilIdle();
  }
  ~SimulatedCluster() {
    for (FakeTask* task : Living()) world_.Report(*task, ExecutionState::kCanceled);
    simulation_.RunUntilIdle();
    for (auto& [id, task_manager] : task_managers_) task_manager->strand->Stop();
    dispatcher_strand_->Stop();
    resource_strand_->Stop();
  }

  void AddTaskManager(const std::string& name, int slots) {
    auto added = std::make_unique<TaskManager>();
    added->lane = simulation_.NewExecutor(name);
    added->strand = std::make_unique<Strand>(*added->lane);
    added->launcher = std::make_unique<FakeLauncher>(&world_, added->lane.get(), name);
    TaskExecutorOptions options;
    options.id = TaskManagerId(name);
    options.leader = leader_;
    options.slots = slots;
    options.strand = added->strand.get();
    options.launcher = added->launcher.get();
    options.resource_manager = resource_gateway_;
    options.job_masters = job_master_gateway_;
    added->executor = std::make_unique<TaskExecutor>(std::move(options));
    resource_gateway_->RegisterTaskExecutor(added->executor->Registration(), added->executor->gateway());
    task_managers_[name] = std::move(added);
    simulation_.RunUntilIdle();
  }
  // Dies without a word; its stream closes.
  void LoseTaskManager(const std::string& name) {
    for (const auto& task : world_.tasks) {
      if (task->task_manager == name) task->alive = false;
    }
    task_managers_[name]->strand->Stop();
    dead_.push_back(std::move(task_managers_[name]));
    task_managers_.erase(name);
    resource_gateway_->DisconnectTaskExecutor(TaskManagerId(name), UnavailableError("its connection closed"));
    simulation_.RunUntilIdle();
  }

  JobId Submit(graph_test::TestGraph& graph, Configuration configuration = {}) {
    for (StreamNode& node : graph.graph().nodes) {
      if (node.kind == NodeKind::kSource) node.source = std::make_shared<FakeSource>(&sources_);
    }
    StatusOr<JobGraph> built = BuildJobGraph(graph.graph());
    WEIR_CHECK_OK(built);
    built->id = JobId::Random(random_);
    job_ = built->id;
    JobSubmission submission{.job_id = built->id,
                             .graph = std::make_shared<const JobGraph>(*built),
                             .configuration = std::make_shared<const Configuration>(std::move(configuration))};
    dispatcher_gateway_->SubmitJob(std::move(submission),
                                   [this](Status status) { submit_status_ = std::move(status); });
    dispatcher_gateway_->RequestJobResult(job_, [this, job = job_](StatusOr<JobResult> result) {
      if (result.ok()) results_[job] = *std::move(result);
    });
    simulation_.RunUntilIdle();
    return job_;
  }
  Status Cancel() {
    Status answer = InternalError("no answer");
    dispatcher_gateway_->CancelJob(job_, [&](Status status) { answer = std::move(status); });
    simulation_.RunUntilIdle();
    return answer;
  }

  // The living task of this vertex and subtask; the vertex is found by a part of its name.
  FakeTask* Find(const std::string& vertex, int subtask) {
    for (const auto& task : world_.tasks) {
      const bool is_it = task->vertex.find(vertex) != std::string::npos && task->descriptor.subtask_index == subtask;
      if (is_it && task->alive) return task.get();
    }
    return nullptr;
  }
  FakeTask& Task(const std::string& vertex, int subtask) {
    FakeTask* const task = Find(vertex, subtask);
    WEIR_CHECK(task != nullptr) << "no living task " << vertex << " " << subtask;
    return *task;
  }
  std::vector<FakeTask*> Living() {
    std::vector<FakeTask*> living;
    for (const auto& task : world_.tasks) {
      if (task->alive) living.push_back(task.get());
    }
    return living;
  }

  void Report(FakeTask& task, ExecutionState state, Status error = {}) {
    world_.Report(task, state, std::move(error));
    simulation_.RunUntilIdle();
  }
  void Fail(const std::string& vertex, int subtask, const std::string& what) {
    Report(Task(vertex, subtask), ExecutionState::kFailed, UnknownError(what));
  }
  // Ends all tasks that live, each with an accumulator "tasks" of 1.
  void Finish() {
    for (FakeTask* task : Living()) world_.Report(*task, ExecutionState::kFinished, {}, {{"tasks", 1}});
    simulation_.RunUntilIdle();
  }

  JobDetails Details() {
    JobDetails details;
    dispatcher_gateway_->RequestJobDetails(job_, [&](StatusOr<JobDetails> answer) {
      WEIR_CHECK_OK(answer);
      details = *std::move(answer);
    });
    simulation_.RunUntilIdle();
    return details;
  }
  JobStatus Status_() { return Details().overview.status; }
  bool ended() const { return results_.contains(job_); }
  const JobResult& result() const { return results_.at(job_); }
  std::string error() const { return std::string(result().error.message()); }
  const Status& submit_status() const { return submit_status_; }
  SlotCounts slots() const { return resource_manager_->CountSlots(); }

  // All savepoints that were asked for, in the order of their answers.
  const std::vector<StatusOr<std::string>>& savepoints() const { return savepoints_; }
  // The answer, once it has come.
  std::shared_ptr<std::optional<StatusOr<CheckpointId>>> TriggerCheckpoint(
      CheckpointType type = CheckpointType::kConfigured) {
    auto answer = std::make_shared<std::optional<StatusOr<CheckpointId>>>();
    dispatcher_gateway_->TriggerCheckpoint(job_, type,
                                           [answer](StatusOr<CheckpointId> id) { *answer = std::move(id); });
    simulation_.RunUntilIdle();
    return answer;
  }
  void TriggerSavepoint(SavepointRequest request) {
    dispatcher_gateway_->TriggerSavepoint(
        job_, std::move(request), [this](StatusOr<std::string> path) { savepoints_.push_back(std::move(path)); });
    simulation_.RunUntilIdle();
  }
  FileSystem& files() { return files_; }
  FaultInjectingFileSystem& faults() { return files_; }

  FakeWorld& world() { return world_; }
  SourceLog& sources() { return sources_; }
  SimulatedExecutor& simulation() { return simulation_; }
  Dispatcher& dispatcher() { return *dispatcher_; }
  DispatcherGateway& dispatcher_gateway() { return *dispatcher_gateway_; }
  JobMasterGateway& job_masters() { return *job_master_gateway_; }
  LeaderId leader() const { return leader_; }
  JobId job() const { return job_; }
  void Use(JobId job) { job_ = job; }

 private:
  struct TaskManager {
    std::unique_ptr<Executor> lane;
    std::unique_ptr<Strand> strand;
    std::unique_ptr<FakeLauncher> launcher;
    std::unique_ptr<TaskExecutor> executor;
  };

  void MakeJobManager() {
    ResourceManagerOptions resources;
    resources.leader = leader_;
    resources.random = &random_;
    resource_manager_ = std::make_unique<ResourceManager>(resources);
    resource_gateway_ =
        std::make_shared<InMemoryResourceManagerGateway>(MailboxOf(*resource_strand_), resource_manager_.get());
    DispatcherOptions options;
    options.leader = leader_;
    options.strand = &*dispatcher_strand_;
    options.executor = job_manager_lane_.get();
    options.random = &random_;
    options.io = &*io_lane_;
    options.file_system = &files_;
    options.resource_manager = resource_gateway_;
    dispatcher_ = std::make_unique<Dispatcher>(std::move(options));
    dispatcher_gateway_ =
        std::make_shared<InMemoryDispatcherGateway>(MailboxOf(*dispatcher_strand_), dispatcher_.get());
    job_master_gateway_ = std::make_shared<InMemoryJobMasterGateway>(MailboxOf(*dispatcher_strand_), dispatcher_.get());
  }

  SimulatedExecutor simulation_;
  SeededRandom random_;
  LeaderId leader_;
  FakeWorld world_;
  SourceLog sources_;
  InMemoryFileSystem disk_;
  FaultInjectingFileSystem files_{disk_};
  std::unique_ptr<Executor> job_manager_lane_;
  std::unique_ptr<Executor> io_lane_;
  std::optional<Strand> dispatcher_strand_;
  std::optional<Strand> resource_strand_;
  std::unique_ptr<ResourceManager> resource_manager_;
  std::shared_ptr<ResourceManagerGateway> resource_gateway_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::shared_ptr<DispatcherGateway> dispatcher_gateway_;
  std::shared_ptr<JobMasterGateway> job_master_gateway_;
  std::map<std::string, std::unique_ptr<TaskManager>> task_managers_;
  std::vector<std::unique_ptr<TaskManager>> dead_;
  JobId job_;
  Status submit_status_;
  std::map<JobId, JobResult> results_;
  std::vector<StatusOr<std::string>> savepoints_;
};

// [Source: lines] ═rebalance═► [Map -> Sink: print], `parallelism` subtasks each: one region.
inline void ShuffledJob(graph_test::TestGraph& graph, int parallelism) {
  graph.config().environment_parallelism = parallelism;
  const int lines = graph.Source("lines");
  const int map = graph.Operator("Map", {lines});
  graph.LastEdge().partitioner = Partitioner::kRebalance;
  graph.Sink("print", {map});
  graph.Node(lines).is_bounded = true;
}

// [Source: lines] ─forward─► [Map -> Sink: print], not chained: a region per subtask.
inline void ForwardJob(graph_test::TestGraph& graph, int parallelism) {
  graph.config().environment_parallelism = parallelism;
  const int lines = graph.Source("lines");
  const int map = graph.Operator("Map", {lines});
  graph.Node(map).chaining = ChainingStrategy::kHead;
  graph.Sink("print", {map});
  graph.Node(lines).is_bounded = true;
}

}  // namespace weir::jobmanager_test
