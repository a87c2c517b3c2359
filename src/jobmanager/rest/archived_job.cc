#include "weir/jobmanager/rest/archived_job.h"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "weir/base/clock.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_router.h"
#include "weir/jobmanager/rest/task_json.h"
#include "weir/rpc/checkpoint_statistics.h"

namespace weir {

namespace {

// Knows one job, as it was at its end.
class EndedJob final : public DispatcherGateway {
 public:
  explicit EndedJob(const JobDetails& details) : details_(details) {}

  void ListJobs(Reply<std::vector<JobOverview>> reply) override { reply(std::vector{details_.overview}); }
  void RequestJobDetails(JobId, Reply<JobDetails> reply) override { reply(details_); }

  void SubmitJob(JobSubmission, StatusReply reply) override { reply(Refusal()); }
  void CancelJob(JobId, StatusReply reply) override { reply(Refusal()); }
  void TriggerSavepoint(JobId, SavepointRequest, Reply<std::string> reply) override { reply(Refusal()); }
  void RequestJobResult(JobId, Reply<JobResult> reply) override { reply(Refusal()); }

 private:
  static Status Refusal() { return FailedPreconditionError("the job has ended"); }

  const JobDetails& details_;
};

class Archivist {
 public:
  Archivist(const JobDetails& details, const ArchivedJobOptions& options)
      : details_(details),
        now_(FromEventTime(options.clock->WallMillis())),
        context_({.dispatcher = std::make_shared<EndedJob>(details),
                  .resources = nullptr,
                  .configuration = options.configuration,
                  .clock = options.clock,
                  .metrics = options.metrics}) {}

  std::vector<ArchivedAnswer> WriteDown() && {
    const std::string job = "/jobs/" + details_.overview.job_id.ToHex();
    Ask(kArchivedOverviewPath);
    Ask(job);
    for (const char* part :
         {"/config", "/plan", "/exceptions", "/accumulators", "/execution-result", "/status", "/jobmanager/config",
          "/jobmanager/environment", "/checkpoints", "/checkpoints/config", "/diagnosis", "/metrics"}) {
      Ask(job + part);
    }
    for (const VertexDetails& vertex : details_.vertices) AskAbout(vertex, job + "/vertices/");
    for (const CheckpointStatistics::Record& record : details_.checkpoints->history) {
      const std::string checkpoint = job + "/checkpoints/details/" + record->id.ToString();
      Ask(checkpoint);
      for (const VertexCheckpointStatistics& vertex : record->vertices)
        Ask(checkpoint + "/subtasks/" + vertex.vertex_id.ToHex());
    }
    return std::move(answers_);
  }

 private:
  void Ask(const std::string& path) {
    RestResponse answer = AnswerRest(AllRestRoutes(), {.method = "GET", .path = path}, context_);
    if (answer.status == 200) answers_.push_back({path, std::move(answer.body)});
  }

  void AskAbout(const VertexDetails& vertex, const std::string& vertices) {
    const std::string path = vertices + vertex.vertex_id.ToHex();
    for (const char* part : {"", "/taskmanagers", "/subtasktimes", "/accumulators", "/subtasks/accumulators",
                             "/backpressure", "/watermarks", "/flamegraph"}) {
      Ask(path + part);
    }
    // Metrics are of the moment; Flink keeps none either.
    answers_.push_back({path + "/metrics", "[]"});
    answers_.push_back({path + "/subtasks/metrics", "[]"});
    // Not through the API: each question there copies what is known of all subtasks.
    for (size_t i = 0; i < vertex.subtasks.size(); ++i) {
      SubtaskDetails subtask = vertex.subtasks[i];
      if (vertex.is_source) subtask.statistics.records_in = 0;  // as RestContext::Job
      const std::string of = path + "/subtasks/" + std::to_string(i);
      const std::string attempt = of + "/attempts/" + std::to_string(subtask.attempt_number);
      const std::string text = JsonResponse(SubtaskJson(subtask, static_cast<int>(i), now_)).body;
      answers_.push_back({of, text});
      answers_.push_back({attempt, text});
      answers_.push_back(
          {attempt + "/accumulators", JsonResponse(SubtaskAccumulatorsJson(subtask, static_cast<int>(i))).body});
    }
  }

  const JobDetails& details_;
  const Timestamp now_;
  const RestContext context_;
  std::vector<ArchivedAnswer> answers_;
};

}  // namespace

std::vector<ArchivedAnswer> AnswersAbout(const JobDetails& details, const ArchivedJobOptions& options) {
  return Archivist(details, options).WriteDown();
}

}  // namespace weir
