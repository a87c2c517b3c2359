// Takes in jobs, makes a JobMaster for each, and keeps the results of those that have ended.
//
// It also stands for all JobMasters towards TaskManagers and the ResourceManager, which know one gateway: messages go on to the job that their header
// names; about unknown jobs they are dropped and counted, and an offered slot is given back.
//
// Threads: the strand `options.strand`; every JobMaster has a strand of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/execution/strand.h"
#include "weir/rpc/dispatcher_gateway.h"
#include "weir/rpc/job_master_gateway.h"
#include "weir/rpc/resource_manager_gateway.h"

namespace weir {

class FileSystem;
class JobStore;
class MetricStore;
class Random;
struct RestoredJob;
struct RestoredSnapshot;

struct DispatcherOptions {
  LeaderId leader;
  Strand* strand = nullptr;
  Executor* executor = nullptr;  // of one thread; the strand and all JobMasters run on it
  Random* random = nullptr;      // used on `executor` only
  Executor* io = nullptr;        // for calls that wait for a disk; null: `executor`
  FileSystem* file_system = nullptr;
  std::shared_ptr<ResourceManagerGateway> resource_manager;
  MetricStore* metrics = nullptr;  // what processes report; null: nobody keeps it
  // How many jobs that have ended are remembered, and for how long. The oldest go first.
  size_t kept_results = 1000;
  std::optional<Duration> kept_for = {};
  // Keeps jobs for the JobManager that comes next; called on `io`. Null: they end with this one.
  JobStore* store = nullptr;
  // Called on `io` with the last details of a job that has ended. Empty: nobody wants to know.
  std::function<void(const JobDetails&)> on_ended = {};
};

class Dispatcher final : public DispatcherGateway, public JobMasterGateway {
 public:
  explicit Dispatcher(DispatcherOptions options);
  // Whoever still waits for a job's result gets kAborted. The strand has been stopped.
  ~Dispatcher() override;

  // A job that ended under an earlier JobManager, or cannot be taken up again (FAILED, with the reason). Nothing is stored.
  void AddEnded(JobResult result);

  void SubmitJob(JobSubmission submission, StatusReply reply) override;
  void ListJobs(Reply<std::vector<JobOverview>> reply) override;
  void CancelJob(JobId job_id, StatusReply reply) override;
  void TriggerSavepoint(JobId job_id, SavepointRequest request, Reply<std::string> reply) override;
  void TriggerCheckpoint(JobId job_id, CheckpointType type, Reply<CheckpointId> reply) override;
  void RequestJobDetails(JobId job_id, Reply<JobDetails> reply) override;
  void RequestJobResult(JobId job_id, Reply<JobResult> reply) override;
  void FetchRows(JobId job_id, std::string request, Reply<std::vector<std::string>> reply) override;

  void OfferSlot(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway) override;
  void UpdateTaskState(LeaderId leader, TaskStateUpdate update) override;
  void RegisterReader(MessageHeader header, ExecutionAttemptId attempt) override;
  void RequestSplit(MessageHeader header, ExecutionAttemptId attempt) override;
  void NotifyEndOfData(MessageHeader header, ExecutionAttemptId attempt) override;
  void AcknowledgeCheckpoint(CheckpointAcknowledgement acknowledgement) override;
  void DeclineCheckpoint(CheckpointDecline decline) override;
  void ReportWatermark(MessageHeader header, ExecutionAttemptId attempt, WatermarkReport report) override;
  void ReportStatistics(StatisticsReport report) override;
  void ReportMetrics(MetricReport report) override;
  void NotifySlotShortage(SlotShortage shortage) override;
  void TaskExecutorLost(MessageHeader header, TaskManagerId task_manager, Status cause) override;

  int64_t stale_messages() const { return stale_messages_; }

 private:
  struct Job;

  Job* Find(JobId job_id);
  // One that has not ended; the error says what it is instead.
  StatusOr<Job*> FindLiving(JobId job_id);
  // The gateway of the job's JobMaster; null, and counted, if there is none.
  JobMasterGateway* RouteTo(JobId job_id);
  Status CheckNew(const JobSubmission& submission);
  // On the I/O executor: what the job starts from, if it has been stored.
  static StatusOr<RestoredJob> Prepare(const DispatcherOptions& options, JobSubmission submission);
  // The submitted job, if it starts from nothing or from `restored`.
  void Accept(JobSubmission submission, std::shared_ptr<const RestoredSnapshot> restored, StatusReply reply);
  void StartJobMaster(Job& job, JobSubmission submission, std::shared_ptr<const RestoredSnapshot> restored);
  Executor& io() const { return options_.io != nullptr ? *options_.io : *options_.executor; }
  // On the I/O executor.
  void StoreResult(const JobResult& result) const;
  // Announces the result, which is stored, then tells `on_ended`.
  void JobEnded(Job& job, JobResult result, JobDetails details);
  void Announce(Job& job, JobResult result, JobDetails details);
  void RetireJobMaster(JobId job_id);
  void ForgetOldResults();

  const DispatcherOptions options_;
  std::vector<std::unique_ptr<Job>> jobs_;  // in the order of their submission
  std::map<JobId, Job*> by_id_;
  int64_t stale_messages_ = 0;
};

}  // namespace weir
