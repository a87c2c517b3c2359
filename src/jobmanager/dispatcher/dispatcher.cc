#include "weir/jobmanager/dispatcher/dispatcher.h"

#include <optional>
#include <string>
#include <utility>

#include "weir/base/logging.h"
#include "weir/config/checkpoint_options.h"
#include "weir/config/configuration.h"
#include "weir/graph/job/job_graph.h"
#include "weir/jobmanager/checkpoint/checkpoint_settings.h"
#include "weir/jobmanager/checkpoint/restored_job.h"
#include "weir/jobmanager/scheduler/job_master.h"
#include "weir/jobmanager/scheduler/restart_strategy.h"
#include "weir/jobmanager/store/job_store.h"
#include "weir/metrics/metric_store.h"
#include "weir/rpc/checkpoint_statistics.h"
#include "weir/rpc/in_memory_gateways.h"
#include "weir/rpc/task_executor_gateway.h"

namespace weir {

// One job, running or ended.
struct Dispatcher::Job {
  Job(Executor& executor, JobId job) : id(job), strand(std::make_unique<Strand>(executor, job.ToHex())) {}
  ~Job() {
    if (strand != nullptr) strand->Stop();  // before the JobMaster goes
  }

  // Runs `ask` with the JobMaster, on its strand. Only while there is no result.
  template <class Ask>
  void Post(Ask ask) {
    strand->Post([this, ask = std::move(ask)]() mutable { ask(*master); });
  }

  const JobId id;
  std::unique_ptr<Strand> strand;
  std::unique_ptr<JobMaster> master;
  std::shared_ptr<JobMasterGateway> gateway;  // posts to the strand; null once the job has ended
  std::optional<JobResult> result;            // once it has ended
  JobDetails last_details;                    // as of its end
  std::vector<Reply<JobResult>> waiters;
};

namespace {

Status UnknownJob(JobId job_id) {
  return NotFoundError("no job has the id " + job_id.ToHex() + ". `weir list -a` shows all that are known.");
}

Status HasEnded(JobId job_id, JobStatus status) {
  return FailedPreconditionError("job " + job_id.ToHex() + " has ended: it is " + std::string(JobStatusName(status)));
}

JobOverview OverviewOf(const JobResult& result) {
  return {result.job_id, result.job_name, result.status, result.start_time, result.end_time};
}

// Answers when every job has said how it is.
struct Gathering {
  std::vector<JobOverview> overviews;
  size_t missing = 0;
  Reply<std::vector<JobOverview>> reply;

  void Put(size_t index, JobOverview overview) {
    overviews[index] = std::move(overview);
    if (--missing == 0) reply(std::move(overviews));
  }
};

}  // namespace

Dispatcher::Dispatcher(DispatcherOptions options) : options_(std::move(options)) {}

Dispatcher::~Dispatcher() {
  for (const auto& job : jobs_) {
    if (job->master != nullptr && !job->result.has_value()) {
      WEIR_LOG(kInfo, "job {} is SUSPENDED: {}", job->id.ToHex(),
               options_.store != nullptr ? "the next JobManager goes on with it" : "it ends with this JobManager");
    }
    for (Reply<JobResult>& waiter : job->waiters) {
      waiter(AbortedError("the JobManager stops before job " + job->id.ToHex() + " has ended"));
    }
  }
}

Dispatcher::Job* Dispatcher::Find(JobId job_id) {
  const auto found = by_id_.find(job_id);
  return found == by_id_.end() ? nullptr : found->second;
}

void Dispatcher::AddEnded(JobResult result) {
  if (Find(result.job_id) != nullptr) return;
  Job& job = *jobs_.emplace_back(std::make_unique<Job>(*options_.executor, result.job_id));
  by_id_[job.id] = &job;
  job.last_details.overview = OverviewOf(result);
  job.last_details.error = result.error;
  job.last_details.graph = std::make_shared<const JobGraph>();
  job.last_details.configuration = std::make_shared<const Configuration>();
  job.last_details.checkpoints = std::make_shared<const CheckpointStatistics>();
  job.result = std::move(result);
  ForgetOldResults();
}

Status Dispatcher::CheckNew(const JobSubmission& submission) {
  if (Find(submission.job_id) == nullptr) return OkStatus();
  return AlreadyExistsError("a job with the id " + submission.job_id.ToHex() + " was submitted before");
}

StatusOr<RestoredJob> Dispatcher::Prepare(const DispatcherOptions& options, JobSubmission submission) {
  if (submission.recovers) return LoadRecoveredJob(*options.file_system, std::move(submission));
  const JobSubmission submitted = submission;
  RestoredJob job{.submission = std::move(submission)};
  if (submitted.configuration->Find(kRestorePath).has_value()) {
    WEIR_ASSIGN_OR_RETURN(job, LoadRestoredJob(*options.file_system, std::move(job.submission)));
  }
  if (options.store != nullptr) {
    const Status stored = options.store->PutJob(submitted, FromEventTime(options.executor->clock().WallMillis()));
    if (!stored.ok()) return stored.Annotate("job \"" + submitted.graph->name + "\" was not started");
  }
  return job;
}

void Dispatcher::SubmitJob(JobSubmission submission, StatusReply reply) {
  Status status = CheckNew(submission);
  if (status.ok()) {
    const Configuration& configuration = *submission.configuration;
    status = CheckValues(configuration);
    if (status.ok()) status = CheckCheckpointSettings(configuration, submission.graph->name);
    if (status.ok()) {
      const bool checkpointing = CheckpointSettingsOf(configuration).is_periodic;
      status = CheckRestartPolicy(RestartPolicyFrom(configuration, checkpointing));
    }
    status = status.Annotate("job \"" + submission.graph->name + "\" was not started");
  }
  if (!status.ok()) {
    reply(std::move(status));
    return;
  }
  const bool waits_for_disk =
      options_.store != nullptr || submission.recovers || submission.configuration->Find(kRestorePath).has_value();
  if (!waits_for_disk) {
    Accept(std::move(submission), nullptr, std::move(reply));
    return;
  }
  io().Post([this, post = MailboxOf(*options_.strand), submission = std::move(submission),
             reply = std::move(reply)]() mutable {
    StatusOr<RestoredJob> job = Prepare(options_, std::move(submission));
    post([this, job = std::move(job), reply = std::move(reply)]() mutable {
      if (!job.ok()) {
        reply(job.status());
      } else {
        Accept(std::move(job->submission), std::move(job->restored), std::move(reply));
      }
    });
  });
}

void Dispatcher::Accept(JobSubmission submission, std::shared_ptr<const RestoredSnapshot> restored, StatusReply reply) {
  Status is_new = CheckNew(submission);
  if (!is_new.ok()) {  // submitted again meanwhile
    reply(std::move(is_new));
    return;
  }
  Job& job = *jobs_.emplace_back(std::make_unique<Job>(*options_.executor, submission.job_id));
  by_id_[job.id] = &job;
  StartJobMaster(job, std::move(submission), std::move(restored));
  reply(OkStatus());
}

void Dispatcher::StartJobMaster(Job& job, JobSubmission submission, std::shared_ptr<const RestoredSnapshot> restored) {
  JobMasterOptions master;
  master.leader = options_.leader;
  master.executor = job.strand.get();
  master.random = options_.random;
  master.io = options_.io;
  master.file_system = options_.file_system;
  master.restored = std::move(restored);
  master.resource_manager = options_.resource_manager;
  master.self = std::make_shared<InMemoryJobMasterGateway>(MailboxOf(*options_.strand), this);
  // These are called on the JobMaster's strand, while it exists.
  if (options_.store != nullptr) {
    master.keep_result = [this](JobResult result, Closure kept) {
      io().Post([this, result = std::move(result), kept = std::move(kept)]() mutable {
        StoreResult(result);
        kept();
      });
    };
  }
  master.on_end = [this, &job, post = MailboxOf(*options_.strand)](JobResult result) {
    post([this, &job, result = std::move(result), details = job.master->Details()]() mutable {
      JobEnded(job, std::move(result), std::move(details));
    });
  };
  job.master = std::make_unique<JobMaster>(std::move(master), std::move(submission));
  job.gateway = std::make_shared<InMemoryJobMasterGateway>(MailboxOf(*job.strand), job.master.get());
  job.Post([](JobMaster& started) { started.Start(); });
}

void Dispatcher::StoreResult(const JobResult& result) const {
  const Status stored = options_.store->PutResult(result);
  if (stored.ok()) return;
  WEIR_LOG(kError, "job \"{}\" ({}) is {}, but that could not be kept, and the next JobManager would run it again: {}",
           result.job_name, result.job_id.ToHex(), JobStatusName(result.status), stored.message());
}

void Dispatcher::JobEnded(Job& job, JobResult result, JobDetails details) {
  if (!options_.on_ended) {
    Announce(job, std::move(result), std::move(details));
    return;
  }
  io().Post([this, &job, post = MailboxOf(*options_.strand), result = std::move(result),
             details = std::move(details)]() mutable {
    post([this, &job, result = std::move(result), details]() mutable {
      Announce(job, std::move(result), std::move(details));
    });
    // Whoever waits for the result does not wait for this; a JobManager that stops now does.
    if (options_.on_ended) options_.on_ended(details);
  });
}

void Dispatcher::Announce(Job& job, JobResult result, JobDetails details) {
  job.last_details = std::move(details);
  job.result = std::move(result);
  job.gateway.reset();
  for (Reply<JobResult>& waiter : job.waiters) waiter(*job.result);
  job.waiters.clear();
  // Requests that are on their way to the JobMaster are answered first: nothing comes behind this.
  job.Post([this, id = job.id, post = MailboxOf(*options_.strand)](JobMaster&) {
    post([this, id] { RetireJobMaster(id); });
  });
}

void Dispatcher::RetireJobMaster(JobId job_id) {
  Job* const job = Find(job_id);
  if (job == nullptr) return;
  job->strand->Stop();
  job->master.reset();
  ForgetOldResults();
}

void Dispatcher::ForgetOldResults() {
  const Timestamp now = FromEventTime(options_.executor->clock().WallMillis());
  size_t ended = 0;
  for (const auto& job : jobs_) ended += job->master == nullptr ? 1 : 0;
  std::erase_if(jobs_, [&](const std::unique_ptr<Job>& job) {
    if (job->master != nullptr) return false;
    const bool is_old = options_.kept_for.has_value() && now - job->result->end_time > *options_.kept_for;
    if (!is_old && ended <= options_.kept_results) return false;
    by_id_.erase(job->id);
    --ended;
    return true;
  });
}

void Dispatcher::ListJobs(Reply<std::vector<JobOverview>> reply) {
  ForgetOldResults();
  if (jobs_.empty()) {
    reply(std::vector<JobOverview>());
    return;
  }
  auto gathering = std::make_shared<Gathering>();
  gathering->overviews.resize(jobs_.size());
  gathering->missing = jobs_.size();
  gathering->reply = std::move(reply);
  for (size_t i = 0; i < jobs_.size(); ++i) {
    Job& job = *jobs_[i];
    if (job.result.has_value()) {
      gathering->Put(i, OverviewOf(*job.result));
      continue;
    }
    job.Post([gathering, i, post = MailboxOf(*options_.strand)](JobMaster& master) {
      post([gathering, i, overview = master.Overview()] { gathering->Put(i, overview); });
    });
  }
}

StatusOr<Dispatcher::Job*> Dispatcher::FindLiving(JobId job_id) {
  Job* const job = Find(job_id);
  if (job == nullptr) return UnknownJob(job_id);
  if (job->result.has_value()) return HasEnded(job_id, job->result->status);
  return job;
}

void Dispatcher::CancelJob(JobId job_id, StatusReply reply) {
  const StatusOr<Job*> job = FindLiving(job_id);
  if (!job.ok()) return reply(job.status());
  (*job)->Post([reply = std::move(reply)](JobMaster& master) mutable { reply(master.Cancel()); });
}

void Dispatcher::TriggerSavepoint(JobId job_id, SavepointRequest request, Reply<std::string> reply) {
  const StatusOr<Job*> job = FindLiving(job_id);
  if (!job.ok()) return reply(job.status());
  (*job)->Post([request = std::move(request), reply = std::move(reply)](JobMaster& master) mutable {
    master.TriggerSavepoint(std::move(request), std::move(reply));
  });
}

void Dispatcher::TriggerCheckpoint(JobId job_id, CheckpointType type, Reply<CheckpointId> reply) {
  const StatusOr<Job*> job = FindLiving(job_id);
  if (!job.ok()) return reply(job.status());
  (*job)->Post([type, reply = std::move(reply)](JobMaster& master) mutable {
    master.TriggerCheckpoint(type, std::move(reply));
  });
}

void Dispatcher::FetchRows(JobId job_id, std::string request, Reply<std::vector<std::string>> reply) {
  Job* const job = Find(job_id);
  if (job == nullptr) {
    reply(UnknownJob(job_id));
  } else if (job->result.has_value()) {
    reply(FailedPreconditionError("job " + job_id.ToHex() + " has ended"));
  } else {
    job->Post([request = std::move(request), reply = std::move(reply)](JobMaster& master) mutable {
      master.FetchRows(request, std::move(reply));
    });
  }
}

void Dispatcher::RequestJobDetails(JobId job_id, Reply<JobDetails> reply) {
  Job* const job = Find(job_id);
  if (job == nullptr) {
    reply(UnknownJob(job_id));
  } else if (job->result.has_value()) {
    reply(job->last_details);
  } else {
    job->Post([reply = std::move(reply)](JobMaster& master) mutable { reply(master.Details()); });
  }
}

void Dispatcher::RequestJobResult(JobId job_id, Reply<JobResult> reply) {
  Job* const job = Find(job_id);
  if (job == nullptr) {
    reply(UnknownJob(job_id));
  } else if (job->result.has_value()) {
    reply(*job->result);
  } else {
    job->waiters.push_back(std::move(reply));
  }
}

JobMasterGateway* Dispatcher::RouteTo(JobId job_id) {
  Job* const job = Find(job_id);
  if (job != nullptr && job->gateway != nullptr) return job->gateway.get();
  ++stale_messages_;
  return nullptr;
}

void Dispatcher::OfferSlot(SlotOffer offer, std::shared_ptr<TaskExecutorGateway> gateway) {
  if (JobMasterGateway* master = RouteTo(offer.header.job_id)) {
    master->OfferSlot(std::move(offer), std::move(gateway));
  } else {
    gateway->FreeSlot(offer.header, offer.allocation_id);
  }
}

void Dispatcher::UpdateTaskState(LeaderId leader, TaskStateUpdate update) {
  if (JobMasterGateway* master = RouteTo(update.job_id)) master->UpdateTaskState(leader, std::move(update));
}

void Dispatcher::RegisterReader(MessageHeader header, ExecutionAttemptId attempt) {
  if (JobMasterGateway* master = RouteTo(header.job_id)) master->RegisterReader(header, attempt);
}

void Dispatcher::RequestSplit(MessageHeader header, ExecutionAttemptId attempt) {
  if (JobMasterGateway* master = RouteTo(header.job_id)) master->RequestSplit(header, attempt);
}

void Dispatcher::NotifyEndOfData(MessageHeader header, ExecutionAttemptId attempt) {
  if (JobMasterGateway* master = RouteTo(header.job_id)) master->NotifyEndOfData(header, attempt);
}

void Dispatcher::AcknowledgeCheckpoint(CheckpointAcknowledgement acknowledgement) {
  if (JobMasterGateway* master = RouteTo(acknowledgement.header.job_id))
    master->AcknowledgeCheckpoint(std::move(acknowledgement));
}

void Dispatcher::DeclineCheckpoint(CheckpointDecline decline) {
  if (JobMasterGateway* master = RouteTo(decline.header.job_id)) master->DeclineCheckpoint(std::move(decline));
}

void Dispatcher::ReportWatermark(MessageHeader header, ExecutionAttemptId attempt, WatermarkReport report) {
  if (JobMasterGateway* master = RouteTo(header.job_id)) master->ReportWatermark(header, attempt, std::move(report));
}

void Dispatcher::ReportMetrics(MetricReport report) {
  if (options_.metrics != nullptr) options_.metrics->Report(std::move(report));
}

void Dispatcher::ReportStatistics(StatisticsReport report) {
  if (JobMasterGateway* master = RouteTo(report.header.job_id)) master->ReportStatistics(std::move(report));
}

void Dispatcher::NotifySlotShortage(SlotShortage shortage) {
  if (JobMasterGateway* master = RouteTo(shortage.header.job_id)) master->NotifySlotShortage(shortage);
}

void Dispatcher::TaskExecutorLost(MessageHeader header, TaskManagerId task_manager, Status cause) {
  if (JobMasterGateway* master = RouteTo(header.job_id)) {
    master->TaskExecutorLost(header, std::move(task_manager), std::move(cause));
  }
}

}  // namespace weir
