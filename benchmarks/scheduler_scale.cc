// A job of two vertices with an all-to-all exchange, scheduled on simulated TaskManagers: from the job graph to the last deployment message, which is
// encoded as it would go over the wire, and to all tasks RUNNING.
//
//   scheduler_scale ours [--parallelism 10000] [--slots 40]     slots: of each TaskManager
#include <sys/resource.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/check.h"
#include "weir/base/execution/simulated_executor.h"
#include "weir/base/execution/strand.h"
#include "weir/base/file/in_memory_file_system.h"
#include "weir/base/logging.h"
#include "weir/config/configuration.h"
#include "weir/functions/source.h"
#include "weir/graph/job/job_graph.h"
#include "weir/jobmanager/resource/resource_manager.h"
#include "weir/jobmanager/scheduler/job_master.h"
#include "weir/rpc/in_memory_gateways.h"
#include "weir/rpc/wire/task_manager_messages.h"
#include "weir/v1/task_manager.pb.h"

#include "measure.h"

namespace weir::bench {
namespace {

class NoSplits final : public SplitEnumeratorBase {
 public:
  Status Start(EnumeratorContext&) override { return OkStatus(); }
  void HandleSplitRequest(int) override {}
  Status AddEncodedSplitsBack(const std::vector<std::string>&, int) override { return OkStatus(); }
  std::string SnapshotEncodedState() override { return {}; }
};

class NoSource final : public SourceFactory {
 public:
  Boundedness boundedness() const override { return Boundedness::kBounded; }
  bool blocking() const override { return false; }
  StatusOr<std::unique_ptr<SplitEnumeratorBase>> CreateEnumerator(const std::string*) const override {
    return std::make_unique<NoSplits>();
  }
  StatusOr<std::unique_ptr<SourceReaderBase>> CreateReader(const RuntimeContext&) const override {
    return InternalError("nothing runs here");
  }
};

std::shared_ptr<const JobGraph> AllToAll(int parallelism, JobId id) {
  auto graph = std::make_shared<JobGraph>();
  graph->id = id;
  graph->name = "all to all";
  for (const char* name : {"source", "count"}) {
    JobOperator op{.id = OperatorId::FromName(name), .kind = NodeKind::kOperator, .name = name};
    if (graph->vertices.empty()) {
      op.kind = NodeKind::kSource;
      op.code.source = std::make_shared<NoSource>();
    }
    JobVertex& vertex = graph->vertices.emplace_back();
    vertex.id = VertexId::FromName(name);
    vertex.name = name;
    vertex.parallelism = parallelism;
    vertex.max_parallelism = 1 << 15;
    vertex.operators = {op};
  }
  JobEdge edge;
  edge.target_vertex = 1;
  edge.partitioner = Partitioner::kHash;
  graph->edges.push_back(edge);
  graph->vertices[0].outputs = {0};
  graph->vertices[1].inputs = {0};
  return graph;
}

// Posts to a JobMaster that is made later.
class ToJobMaster final : public JobMasterGateway {
 public:
  explicit ToJobMaster(Executor* executor) : executor_(executor) {}

  void OfferSlot(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway) override {
    executor_->Post([this, offer = std::move(offer), gateway = std::move(gateway)]() mutable {
      target->OfferSlot(std::move(offer), std::move(gateway));
    });
  }
  void UpdateTaskState(LeaderId leader, TaskStateUpdate update) override {
    executor_->Post(
        [this, leader, update = std::move(update)]() mutable { target->UpdateTaskState(leader, std::move(update)); });
  }
  void RegisterReader(MessageHeader, ExecutionAttemptId) override {}
  void RequestSplit(MessageHeader, ExecutionAttemptId) override {}
  void NotifyEndOfData(MessageHeader, ExecutionAttemptId) override {}
  void AcknowledgeCheckpoint(CheckpointAcknowledgement) override {}
  void DeclineCheckpoint(CheckpointDecline) override {}
  void ReportWatermark(MessageHeader, ExecutionAttemptId, WatermarkReport) override {}
  void ReportStatistics(StatisticsReport) override {}
  void ReportMetrics(MetricReport) override {}
  void NotifySlotShortage(SlotShortage) override {}
  void TaskExecutorLost(MessageHeader, TaskManagerId, Status) override {}

  JobMaster* target = nullptr;

 private:
  Executor* const executor_;
};

// Counts what would go over a TaskManager's stream.
class CountingSink final : public MessageSink<v1::JobManagerMessage> {
 public:
  void Send(const v1::JobManagerMessage& message) override { bytes += message.SerializeAsString().size(); }

  size_t bytes = 0;
};

// Offers every slot that it is asked for, and runs every task at once.
class SimulatedTaskManager final : public TaskExecutorGateway,
                                   public std::enable_shared_from_this<SimulatedTaskManager> {
 public:
  SimulatedTaskManager(std::string name, std::shared_ptr<JobMasterGateway> job_master)
      : name_(std::move(name)), job_master_(std::move(job_master)) {}

  void RequestSlot(SlotRequest request) override {
    remote_.RequestSlot(request);
    job_master_->OfferSlot({.header = request.header,
                            .task_manager = TaskManagerId(name_),
                            .allocation_id = request.allocation_id,
                            .slot = request.slot,
                            .data_address = name_ + ".example.org:41234"},
                           shared_from_this());
  }
  void FreeSlot(MessageHeader, AllocationId) override {}
  void SubmitTask(TaskSubmission submission) override {
    ++tasks;
    TaskStateUpdate update;
    update.job_id = submission.header.job_id;
    update.attempt_id = submission.descriptor.attempt_id;
    const LeaderId leader = submission.header.leader;
    remote_.SubmitTask(std::move(submission));
    for (ExecutionState state : {ExecutionState::kInitializing, ExecutionState::kRunning}) {
      update.state = state;
      job_master_->UpdateTaskState(leader, update);
    }
  }
  void CancelTask(MessageHeader, ExecutionAttemptId) override {}
  void AddSplits(MessageHeader, ExecutionAttemptId, std::vector<std::string>) override {}
  void NoMoreSplits(MessageHeader, ExecutionAttemptId) override {}
  void TriggerCheckpoint(MessageHeader, ExecutionAttemptId, CheckpointTrigger) override {}
  void NotifyCheckpointComplete(MessageHeader, ExecutionAttemptId, CheckpointId) override {}
  void NotifyCheckpointAborted(MessageHeader, ExecutionAttemptId, CheckpointId) override {}

  size_t bytes() const { return sink_->bytes; }
  int tasks = 0;

 private:
  const std::string name_;
  const std::shared_ptr<JobMasterGateway> job_master_;
  const std::shared_ptr<CountingSink> sink_ = std::make_shared<CountingSink>();
  RemoteTaskExecutor remote_{sink_};
};

Mailbox PostTo(Executor& executor) {
  return [&executor](Closure closure) { executor.Post(std::move(closure)); };
}

int Run(const Arguments& arguments) {
  const int parallelism = static_cast<int>(arguments.Number("--parallelism", 10000));
  const int slots = static_cast<int>(arguments.Number("--slots", 40));
  SetLogLevel(LogLevel::kOff);
  SimulatedExecutor executor(1);
  SeededRandom random(1);
  InMemoryFileSystem files;
  const LeaderId leader = LeaderId::Random(random);
  const JobId job = JobId::Random(random);
  ResourceManager resources({.leader = leader, .random = &random});
  auto to_job_master = std::make_shared<ToJobMaster>(&executor);
  std::vector<std::shared_ptr<SimulatedTaskManager>> task_managers;
  for (int i = 0; i * slots < parallelism; ++i) {
    const std::string name = "taskmanager-" + std::to_string(i);
    task_managers.push_back(std::make_shared<SimulatedTaskManager>(name, to_job_master));
    TaskExecutorRegistration registration{.task_manager = TaskManagerId(name)};
    for (int slot = 0; slot < slots; ++slot) registration.slots.push_back({.slot = slot});
    resources.RegisterTaskExecutor(std::move(registration), task_managers.back());
  }

  const Stopwatch watch;
  JobMasterOptions options;
  options.leader = leader;
  options.executor = &executor;
  options.random = &random;
  options.file_system = &files;
  options.resource_manager = std::make_shared<InMemoryResourceManagerGateway>(PostTo(executor), &resources);
  options.self = to_job_master;
  options.on_end = [](const JobResult&) {};
  JobMaster job_master(
      std::move(options),
      {.job_id = job, .graph = AllToAll(parallelism, job), .configuration = std::make_shared<const Configuration>()});
  to_job_master->target = &job_master;
  job_master.Start();
  executor.RunUntilIdle();
  const double wall_s = watch.WallSeconds();

  int tasks = 0;
  size_t bytes = 0;
  for (const auto& task_manager : task_managers) {
    tasks += task_manager->tasks;
    bytes += task_manager->bytes();
  }
  const JobDetails details = job_master.Details();
  WEIR_CHECK(tasks == 2 * parallelism && details.overview.status == JobStatus::kRunning) << tasks << " tasks";
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "{\"name\": \"scheduler_scale\", \"records\": %d, \"cpu_s\": %.6f, \"wall_s\": %.6f, \"checksum\": \"0\", "
      "\"peak_mib\": %.1f, \"sent_mib\": %.1f}\n",
      tasks, watch.CpuSeconds(), wall_s, static_cast<double>(usage.ru_maxrss) / 1024.0,
      static_cast<double>(bytes) / 1048576.0);
  return 0;
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) { return weir::bench::Run(weir::bench::Arguments(argc, argv)); }
