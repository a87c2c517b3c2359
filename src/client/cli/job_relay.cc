#include "weir/client/cli/job_relay.h"

#include <cstdio>
#include <utility>

#include "weir/base/clock.h"
#include "weir/base/file/file_system.h"
#include "weir/base/json_writer.h"
#include "weir/client/cli/command.h"
#include "weir/client/cli/program_upload.h"
#include "weir/client/job_connection.h"
#include "weir/config/pipeline_options.h"
#include "weir/graph/job/job_graph_codec.h"
#include "weir/rpc/pending_reply.h"
#include "weir/rpc/wire/hello.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/v1/program.pb.h"

namespace weir::cli {
namespace {

// A JobManager that is started again by hand or by a supervisor is back by then.
constexpr std::chrono::seconds kReturnPatience{60};

// What is printed of a job, an object per line.
void PrintJob(JobId id, const std::string& name, std::string_view state) {
  JsonWriter json;
  json.BeginObject().Field("jobid", id.ToHex()).Field("name", name).Field("state", state).EndObject();
  std::printf("%s\n", std::move(json).Take().c_str());
  std::fflush(stdout);
}

}  // namespace

void JobRelay::Answers::Reply(const v1::ProgramReply& reply) {
  MutexLock lock(mutex);
  if (program == nullptr) return;
  before_output();
  program->Send(reply.SerializeAsString());
}

void JobRelay::Answers::Note(const Status& status) {
  MutexLock lock(mutex);
  trouble = status.ok() ? "" : std::string(status.message());
}

JobRelay::JobRelay(std::shared_ptr<JobManagerClient> client, ProgramRun* program, RelayedProgram about)
    : client_(std::move(client)), about_(std::move(about)), jobs_(std::make_shared<Answers>()) {
  MutexLock lock(jobs_->mutex);
  jobs_->program = program;
  jobs_->before_output = about_.before_output;
}

JobRelay::~JobRelay() {
  MutexLock lock(jobs_->mutex);
  jobs_->program = nullptr;
}

Status JobRelay::Handle(const std::string& frame) {
  v1::ProgramRequest request;
  if (!request.ParseFromString(frame)) return DataLossError("it sent what is no message of a job");
  about_.before_output();
  Answer(request);
  return OkStatus();
}

void JobRelay::Answer(const v1::ProgramRequest& request) {
  v1::ProgramReply reply;
  reply.set_number(request.number());
  auto answer = [answers = jobs_, reply](const Status& status) mutable {
    ToProto(status, *reply.mutable_status());
    answers->Reply(reply);
  };
  switch (request.request_case()) {
    case v1::ProgramRequest::kSubmit: {
      const Status submitted = Submit(request);
      jobs_->Note(submitted);
      return answer(submitted);
    }
    case v1::ProgramRequest::kAwaitJob:
      return Await(request.number(), IdFrom<JobId>(request.await_job()));
    case v1::ProgramRequest::kDescribeJob:
      return client_->RequestJobDetails(IdFrom<JobId>(request.describe_job()),
                                        [answers = jobs_, reply](const StatusOr<JobDetails>& details) mutable {
                                          ToProto(details.status(), *reply.mutable_status());
                                          if (details.ok()) ToProto(*details, *reply.mutable_details());
                                          answers->Reply(reply);
                                        });
    case v1::ProgramRequest::kTriggerSavepoint:
      return client_->TriggerSavepoint(IdFrom<JobId>(request.trigger_savepoint().job_id()),
                                       FromProto(request.trigger_savepoint()),
                                       [answers = jobs_, reply](const StatusOr<std::string>& path) mutable {
                                         ToProto(path.status(), *reply.mutable_status());
                                         reply.set_savepoint(path.ValueOr(""));
                                         answers->Reply(reply);
                                       });
    case v1::ProgramRequest::kFetchRows:
      return client_->FetchRows(IdFrom<JobId>(request.fetch_rows().job_id()), request.fetch_rows().request(),
                                [answers = jobs_, reply](StatusOr<std::vector<std::string>> rows) mutable {
                                  ToProto(rows.status(), *reply.mutable_status());
                                  for (std::string& each : rows.ValueOr({})) {
                                    reply.mutable_rows()->add_answers(std::move(each));
                                  }
                                  answers->Reply(reply);
                                });
    case v1::ProgramRequest::kCancelJob:
      return client_->CancelJob(IdFrom<JobId>(request.cancel_job()), answer);
    case v1::ProgramRequest::kListJobs:
      return client_->ListJobs([answers = jobs_, reply](const StatusOr<std::vector<JobOverview>>& jobs) mutable {
        ToProto(jobs.status(), *reply.mutable_status());
        for (const JobOverview& job : jobs.ValueOr({})) ToProto(job, *reply.mutable_jobs()->add_jobs());
        answers->Reply(reply);
      });
    default:
      return answer(
          UnimplementedError("the program asks what this version of `weir` does not know. Use the `weir` of "
                             "the release that the program was built with."));
  }
}

Status JobRelay::AddFiles(JobGraph& graph) {
  LocalFileSystem files;
  std::vector<ShippedFile> own = std::move(graph.program.files);
  for (ShippedFile& file : own) file.path = AbsolutePath(file.path);
  FileSums sums(files, SystemClock::Instance(), FileSums::DefaultFolder());
  WEIR_RETURN_IF_ERROR(Upload(files, *client_, own, sums).Annotate("a file of ShipFile() cannot be sent"));
  graph.program.files = about_.files;
  graph.program.files.insert(graph.program.files.end(), own.begin(), own.end());
  for (ShippedFile& file : graph.program.files) {
    if (file.name.starts_with("libweir.so")) graph.program.library = file.sha256;
    file.path.clear();  // nobody else's affair
  }
  return OkStatus();
}

Status JobRelay::Submit(const v1::ProgramRequest& request) {
  WEIR_RETURN_IF_ERROR(CheckHello(request.submit().hello(), "job program"));
  WEIR_ASSIGN_OR_RETURN(JobGraph graph, FromProto(request.submit().graph()));
  graph.program.executable = about_.executable;
  graph.program.name = about_.name;
  graph.program.working_directory = about_.working_directory;
  graph.fingerprint.executable = about_.executable;
  WEIR_RETURN_IF_ERROR(AddFiles(graph));
  // Workers keep no rows for a program that does not wait.
  if (about_.is_detached) graph.configuration.emplace_back(kIsDetached.key(), "true");
  {
    MutexLock lock(jobs_->mutex);
    graph.program.earlier = jobs_->jobs;
  }
  const bool has_chosen_id = graph.id == about_.first_job;
  v1::SubmitJobRequest submission = request.submit();
  ToProto(graph, *submission.mutable_graph());
  const Status submitted = client_->Submit(std::move(submission));
  // A JobManager that was started again goes on with it.
  const bool is_known = has_chosen_id && submitted.code() == StatusCode::kAlreadyExists;
  if (!submitted.ok() && !is_known) return submitted;
  if (about_.is_json) {
    PrintJob(graph.id, graph.name, is_known ? "FOUND" : "SUBMITTED");
  } else {
    std::printf(is_known ? "Job %s is known here, and is waited for\n" : "Job has been submitted with JobID %s\n",
                graph.id.ToHex().c_str());
    std::fflush(stdout);
  }
  MutexLock lock(jobs_->mutex);
  jobs_->jobs.push_back({.job_id = graph.id, .name = graph.name, .is_detached = true});
  return OkStatus();
}

void JobRelay::Await(uint64_t number, JobId job) {
  // Its program does not wait for it.
  if (about_.is_detached) return;
  client_->RequestJobResult(
      job, [answers = jobs_, number, job, is_json = about_.is_json](const StatusOr<JobResult>& result) {
        const StatusCode code = result.status().code();
        if (code != StatusCode::kUnavailable && code != StatusCode::kAborted) {
          if (is_json && result.ok()) PrintJob(job, result->job_name, JobStatusName(result->status));
          return AnswerWait(*answers, number, job, result);
        }
        MutexLock lock(answers->mutex);
        answers->lost.push_back({number, job, result.status()});
      });
}

void JobRelay::AnswerWait(Answers& answers, uint64_t number, JobId job, const StatusOr<JobResult>& result) {
  v1::ProgramReply reply;
  reply.set_number(number);
  ToProto(result.status(), *reply.mutable_status());
  if (result.ok()) {
    ToProto(*result, *reply.mutable_result());
    const JobExecutionResult::Values values = ExecutionValuesOf(result, result->job_name);
    answers.Note(values.status);
    MutexLock lock(answers.mutex);
    for (EarlierJob& known : answers.jobs) {
      if (known.job_id != job) continue;
      known.status = values.status;
      known.accumulators = values.accumulators;
      known.runtime = values.runtime;
      known.is_detached = false;
    }
  }
  answers.Reply(reply);
}

std::string JobRelay::trouble() const {
  MutexLock lock(jobs_->mutex);
  return jobs_->trouble;
}

void JobRelay::Resume() {
  std::vector<LostWait> lost;
  {
    MutexLock lock(jobs_->mutex);
    lost.swap(jobs_->lost);
  }
  if (lost.empty()) return;
  const int64_t now = SystemClock::Instance().MonotonicNanos();
  if (lost_since_ == 0) {
    lost_since_ = now;
    about_.before_output();
    std::fprintf(stderr, "the JobManager is gone; waiting up to %d s for the next one\n",
                 static_cast<int>(kReturnPatience.count()));
  }
  const bool gives_up = now - lost_since_ > std::chrono::nanoseconds(kReturnPatience).count();
  for (const LostWait& wait : lost) {
    if (gives_up) {
      AnswerWait(*jobs_, wait.number, wait.job, wait.why);
    } else if (client_->DescribeCluster().ok()) {
      lost_since_ = 0;
      Await(wait.number, wait.job);
    } else {
      MutexLock lock(jobs_->mutex);
      jobs_->lost.push_back(wait);
    }
  }
}

std::optional<RelayedJob> JobRelay::running() const {
  if (about_.is_detached) return std::nullopt;
  MutexLock lock(jobs_->mutex);
  if (jobs_->jobs.empty() || !jobs_->jobs.back().is_detached) return std::nullopt;
  return RelayedJob{jobs_->jobs.back().job_id, jobs_->jobs.back().name};
}

void JobRelay::Cancel(JobId job) {
  // The job's result tells whether it had any effect.
  client_->CancelJob(job, [](const Status&) {});
}

StatusOr<JobDetails> JobRelay::Details(JobId job) {
  PendingReply<JobDetails> details;
  client_->RequestJobDetails(job, details.NewReply());
  return details.Wait();
}

}  // namespace weir::cli
