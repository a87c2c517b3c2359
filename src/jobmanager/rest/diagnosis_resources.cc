// /jobs/:jobid/diagnosis: what is wrong with a job. Flink has nothing like it.
#include <nlohmann/json.hpp>

#include "weir/jobmanager/diagnosis/diagnose.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"

namespace weir {

namespace {

using nlohmann::json;

json VerdictJson(const Verdict& verdict) {
  json evidence = json::array();
  for (const Evidence& one : verdict.evidence) evidence.push_back({{"name", one.name}, {"value", one.value}});
  return {{"kind", verdict.kind},
          {"severity", SeverityName(verdict.severity)},
          {"summary", verdict.summary},
          {"advice", verdict.advice},
          {"vertex-id", verdict.vertex.has_value() ? json(verdict.vertex->ToHex()) : json(nullptr)},
          {"subtask", verdict.subtask.has_value() ? json(*verdict.subtask) : json(nullptr)},
          {"evidence", evidence}};
}

}  // namespace

StatusOr<RestResponse> GetDiagnosis(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobDetails job, context.Job(request));
  const int64_t now = MillisOf(context.Now());
  json verdicts = json::array();
  for (const Verdict& verdict : Diagnose(FactsOf(job, context.ReportedMetrics(), now)))
    verdicts.push_back(VerdictJson(verdict));
  return JsonResponse({{"timestamp", now}, {"verdicts", verdicts}});
}

}  // namespace weir
