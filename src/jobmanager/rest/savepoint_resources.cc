// /jobs/:jobid/checkpoints (POST), /jobs/:jobid/savepoints, /jobs/:jobid/stop and /savepoint-disposal: operations that are started and then asked about.
#include <optional>

#include <nlohmann/json.hpp>

#include "weir/base/file/file_system.h"
#include "weir/config/configuration.h"
#include "weir/config/rest_options.h"
#include "weir/jobmanager/rest/async_operations.h"
#include "weir/jobmanager/rest/request_body.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"
#include "weir/state/storage/checkpoint_storage.h"

namespace weir {

namespace {

using nlohmann::json;

StatusOr<SnapshotFormat> FormatIn(const json& body) {
  WEIR_ASSIGN_OR_RETURN(const std::string text, TextIn(body, "formatType"));
  if (text.empty() || text == "CANONICAL") return SnapshotFormat::kCanonical;
  if (text == "NATIVE") return SnapshotFormat::kNative;
  return BadField("formatType", "CANONICAL or NATIVE");
}

StatusOr<CheckpointType> CheckpointTypeIn(const json& body) {
  WEIR_ASSIGN_OR_RETURN(const std::string text, TextIn(body, "checkpointType"));
  if (text.empty() || text == "CONFIGURED") return CheckpointType::kConfigured;
  if (text == "FULL") return CheckpointType::kFull;
  if (text == "INCREMENTAL") return CheckpointType::kIncremental;
  return BadField("checkpointType", "CONFIGURED, FULL or INCREMENTAL");
}

// The job that the path names; kFailedPrecondition if it has ended.
StatusOr<JobId> RunningJob(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  if (!IsGloballyTerminal(job.overview.status)) return job.overview.job_id;
  return FailedPreconditionError("Job " + job.overview.job_id.ToHex() + " is not running: it is " +
                                 std::string(JobStatusName(job.overview.status)));
}

StatusOr<RestResponse> Trigger(const RestRequest& request, const RestContext& context, const json& body,
                               SavepointRequest savepoint) {
  WEIR_ASSIGN_OR_RETURN(const JobId job, RunningJob(request, context));
  WEIR_ASSIGN_OR_RETURN(savepoint.format, FormatIn(body));
  WEIR_ASSIGN_OR_RETURN(const std::string id, TriggerIdIn(body));
  WEIR_ASSIGN_OR_RETURN(auto done, context.operations().Begin(id));
  context.dispatcher().TriggerSavepoint(job, std::move(savepoint), std::move(done));
  return JsonResponse({{"request-id", id}}, 202);
}

// How far the operation of "triggerid" has come; `shown` makes what is told of its result, `failure` is the field of its failure.
StatusOr<RestResponse> OperationJson(const RestRequest& request, const RestContext& context, const char* failure_field,
                                     json (*shown)(const std::string& result)) {
  const std::string& id = request.Parameter("triggerid");
  const std::optional<AsyncOperations::Operation> operation = context.operations().Find(id);
  if (!operation.has_value()) return NotFoundError("There is no operation with triggerId=" + id);
  if (!operation->is_complete) return JsonResponse({{"status", {{"id", "IN_PROGRESS"}}}, {"operation", nullptr}});
  json outcome = json::object();
  if (operation->result.ok()) {
    outcome = shown(*operation->result);
  } else {
    const Status& failure = operation->result.status();
    outcome[failure_field] = {{"class", std::string(StatusCodeName(failure.code()))},
                              {"stack-trace", std::string(failure.message())},
                              {"serialized-throwable", ""}};
  }
  return JsonResponse({{"status", {{"id", "COMPLETED"}}}, {"operation", outcome}});
}

}  // namespace

StatusOr<RestResponse> PostSavepoint(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const json body, BodyOf(request));
  SavepointRequest savepoint;
  WEIR_ASSIGN_OR_RETURN(savepoint.directory, TextIn(body, "target-directory"));
  // Cancelling with a savepoint is what "stop" became: the job ends with it.
  WEIR_ASSIGN_OR_RETURN(savepoint.stops, FlagIn(body, "cancel-job"));
  return Trigger(request, context, body, std::move(savepoint));
}

StatusOr<RestResponse> PostStop(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const json body, BodyOf(request));
  SavepointRequest savepoint{.stops = true};
  WEIR_ASSIGN_OR_RETURN(savepoint.directory, TextIn(body, "targetDirectory"));
  WEIR_ASSIGN_OR_RETURN(savepoint.drains, FlagIn(body, "drain"));
  return Trigger(request, context, body, std::move(savepoint));
}

StatusOr<RestResponse> PostCheckpoint(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const json body, BodyOf(request));
  WEIR_ASSIGN_OR_RETURN(const CheckpointType type, CheckpointTypeIn(body));
  WEIR_ASSIGN_OR_RETURN(const JobId job, RunningJob(request, context));
  WEIR_ASSIGN_OR_RETURN(const std::string id, TriggerIdIn(body));
  WEIR_ASSIGN_OR_RETURN(auto done, context.operations().Begin(id));
  context.dispatcher().TriggerCheckpoint(job, type, [done = std::move(done)](StatusOr<CheckpointId> taken) mutable {
    taken.ok() ? done(taken->ToString()) : done(taken.status());
  });
  return JsonResponse({{"request-id", id}}, 202);
}

StatusOr<RestResponse> GetTriggeredCheckpoint(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(context.Job(request).status());
  return OperationJson(request, context, "failureCause", [](const std::string& id) {
    json shown = json::object();
    shown["checkpointId"] = std::stoll(id);
    return shown;
  });
}

StatusOr<RestResponse> GetSavepoint(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(context.Job(request).status());
  return OperationJson(request, context, "failure-cause",
                       [](const std::string& path) { return json{{"location", path}}; });
}

StatusOr<RestResponse> PostSavepointDisposal(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const json body, BodyOf(request));
  WEIR_ASSIGN_OR_RETURN(const std::string path, TextIn(body, "savepoint-path"));
  if (path.empty()) return BadField("savepoint-path", "the path of a savepoint");
  WEIR_ASSIGN_OR_RETURN(const std::string id, TriggerIdIn(body));
  WEIR_ASSIGN_OR_RETURN(auto done, context.operations().Begin(id));
  // Some files: over before the client asks.
  LocalFileSystem files;
  const Status disposed = DisposeSavepoint(files, path);
  disposed.ok() ? done(path) : done(disposed);
  return JsonResponse({{"request-id", id}});
}

StatusOr<RestResponse> GetSavepointDisposal(const RestRequest& request, const RestContext& context) {
  return OperationJson(request, context, "failure-cause", [](const std::string&) { return json::object(); });
}

}  // namespace weir
