// Operations whose feature Weir does not have, or that are switched off: they answer as Flink does then.
#include <nlohmann/json.hpp>

#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"

namespace weir {

namespace {

using nlohmann::json;

// As VertexFlameGraph.disabled() says it.
constexpr int kFlameGraphsAreOff = -2;

}  // namespace

StatusOr<RestResponse> GetNoApplications(const RestRequest&, const RestContext&) {
  return JsonResponse({{"applications", json::array()}});
}

StatusOr<RestResponse> UnknownApplication(const RestRequest& request, const RestContext&) {
  return NotFoundError("Application " + request.Parameter("applicationid") + " not found");
}

StatusOr<RestResponse> GetNoDataSets(const RestRequest&, const RestContext&) {
  return JsonResponse({{"dataSets", json::array()}});
}

StatusOr<RestResponse> UnknownDataSet(const RestRequest&, const RestContext&) {
  return NotFoundError("There is no such data set: Weir keeps none between jobs");
}

StatusOr<RestResponse> SubmissionIsOff(const RestRequest& request, const RestContext&) {
  return NotFoundError("Not found: " + request.path + " (submitting jobs through the REST API is off; use `weir run`)");
}

StatusOr<RestResponse> UnknownTrigger(const RestRequest& request, const RestContext&) {
  return NotFoundError("Operation not found: " + request.Parameter("triggerid"));
}

StatusOr<RestResponse> RescalingIsOff(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(context.Job(request).status());
  return ErrorResponse(
      503, "Rescaling a running job is not supported: stop it with a savepoint and start it at the other parallelism");
}

StatusOr<RestResponse> NoRescales(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(context.Job(request).status());
  return NotFoundError("Job " + request.Parameter("jobid") +
                       " has no rescales: only Flink's adaptive scheduler has them");
}

StatusOr<RestResponse> GetNoFlameGraph(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(context.Vertex(request).status());
  return JsonResponse({{"endTimestamp", kFlameGraphsAreOff}, {"data", nullptr}});
}

StatusOr<RestResponse> GetNoMetrics(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(context.Vertex(request).status());
  return JsonResponse(json::array());
}

StatusOr<RestResponse> NoLogUrl(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(context.Job(request).status());
  return NotFoundError("No log URL is configured");
}

StatusOr<RestResponse> PatchHeartbeat(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(context.Job(request).status());
  return RestResponse{.status = 202};
}

}  // namespace weir
