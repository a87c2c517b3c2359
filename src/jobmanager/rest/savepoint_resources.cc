// /jobs/:jobid/savepoints and /jobs/:jobid/stop: operations that are started and then asked about.
#include <optional>

#include <nlohmann/json.hpp>

#include "weir/config/configuration.h"
#include "weir/config/rest_options.h"
#include "weir/jobmanager/rest/async_operations.h"
#include "weir/jobmanager/rest/request_body.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"

namespace weir {

namespace {

using nlohmann::json;

StatusOr<SnapshotFormat> FormatIn(const json& body) {
  WEIR_ASSIGN_OR_RETURN(const std::string text, TextIn(body, "formatType"));
  if (text.empty() || text == "CANONICAL") return SnapshotFormat::kCanonical;
  if (text == "NATIVE") return SnapshotFormat::kNative;
  return BadField("formatType", "CANONICAL or NATIVE");
}

StatusOr<RestResponse> Trigger(const RestRequest& request, const RestContext& context, const json& body,
                               SavepointRequest savepoint) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  if (IsGloballyTerminal(job.overview.status)) {
    return FailedPreconditionError("Job " + job.overview.job_id.ToHex() + " is not running: it is " +
                                   std::string(JobStatusName(job.overview.status)));
  }
  WEIR_ASSIGN_OR_RETURN(savepoint.format, FormatIn(body));
  WEIR_ASSIGN_OR_RETURN(const std::string id, TriggerIdIn(body));
  WEIR_ASSIGN_OR_RETURN(auto done, context.operations().Begin(id));
  context.dispatcher().TriggerSavepoint(job.overview.job_id, std::move(savepoint), std::move(done));
  return JsonResponse({{"request-id", id}}, 202);
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

StatusOr<RestResponse> GetSavepoint(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(context.Job(request).status());
  const std::string& id = request.Parameter("triggerid");
  const std::optional<AsyncOperations::Operation> operation = context.operations().Find(id);
  if (!operation.has_value()) {
    return NotFoundError("There is no savepoint operation with triggerId=" + id + " for job " +
                         request.Parameter("jobid"));
  }
  if (!operation->is_complete) return JsonResponse({{"status", {{"id", "IN_PROGRESS"}}}, {"operation", nullptr}});
  json outcome = json::object();
  if (operation->result.ok()) {
    outcome["location"] = *operation->result;
  } else {
    const Status& failure = operation->result.status();
    outcome["failure-cause"] = {{"class", std::string(StatusCodeName(failure.code()))},
                                {"stack-trace", std::string(failure.message())},
                                {"serialized-throwable", ""}};
  }
  return JsonResponse({{"status", {{"id", "COMPLETED"}}}, {"operation", outcome}});
}

}  // namespace weir
