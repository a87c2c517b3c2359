// /jars: job executables that are uploaded, planned and run.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "weir/config/configuration.h"
#include "weir/config/pipeline_options.h"
#include "weir/config/rest_options.h"
#include "weir/graph/job/job_graph.h"
#include "weir/graph/job/plan_json.h"
#include "weir/jobmanager/rest/jar_service.h"
#include "weir/jobmanager/rest/request_body.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"

namespace weir {

namespace {

using nlohmann::json;

// The service, if submitting through the REST API is possible here and switched on.
StatusOr<JarService*> JarsOf(const RestRequest& request, const RestContext& context) {
  if (context.jars() == nullptr) {
    return NotFoundError("Not found: " + request.path +
                         " (this cluster is part of a program and runs only its jobs; upload to a JobManager)");
  }
  if (!context.configuration().Get(kWebSubmit)) {
    return NotFoundError("Not found: " + request.path +
                         " (submitting jobs through the REST API is switched off: web.submit.enable is false)");
  }
  return context.jars();
}

// A parameter of the query, or the field of the body, which wins.
StatusOr<std::string> ParameterOr(const RestRequest& request, const json& body, const std::string& name) {
  WEIR_ASSIGN_OR_RETURN(std::string text, TextIn(body, name));
  return text.empty() ? request.Query(name).value_or("") : text;
}

Status AddConfiguration(const json& body, JarProgram& program) {
  if (!body.contains("flinkConfiguration") || body["flinkConfiguration"].is_null()) return OkStatus();
  const json& given = body["flinkConfiguration"];
  if (!given.is_object()) return BadField("flinkConfiguration", "an object");
  for (const auto& [key, value] : given.items()) {
    program.configuration.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return OkStatus();
}

Status AddParallelism(const RestRequest& request, const json& body, JarProgram& program) {
  WEIR_ASSIGN_OR_RETURN(std::optional<int64_t> parallelism, NumberIn(body, "parallelism"));
  if (const auto text = request.Query("parallelism"); !parallelism.has_value() && text.has_value()) {
    WEIR_ASSIGN_OR_RETURN(parallelism, WholeNumberIn("parallelism", *text));
  }
  if (!parallelism.has_value()) return OkStatus();
  if (*parallelism < 1) return BadField("parallelism", "a whole number >= 1");
  program.configuration.emplace_back(kParallelism.key(), std::to_string(*parallelism));
  return OkStatus();
}

Status AddRestore(const RestRequest& request, const json& body, JarProgram& program) {
  WEIR_ASSIGN_OR_RETURN(const std::string path, ParameterOr(request, body, "savepointPath"));
  if (!path.empty()) program.configuration.emplace_back("execution.state-recovery.path", path);
  WEIR_ASSIGN_OR_RETURN(bool allows, FlagIn(body, "allowNonRestoredState"));
  allows = allows || request.Query("allowNonRestoredState") == "true";
  if (allows) program.configuration.emplace_back("execution.state-recovery.ignore-unclaimed-state", "true");
  WEIR_ASSIGN_OR_RETURN(std::string claim, TextIn(body, "claimMode"));
  if (claim.empty()) {
    WEIR_ASSIGN_OR_RETURN(claim, TextIn(body, "restoreMode"));
  }
  if (!claim.empty()) program.configuration.emplace_back("execution.state-recovery.claim-mode", claim);
  return OkStatus();
}

// What the request says about how to start the program. Flink's `entryClass` chooses a class of a JAR; an executable has one main().
StatusOr<JarProgram> ProgramOf(const RestRequest& request) {
  WEIR_ASSIGN_OR_RETURN(const json body, BodyOf(request));
  JarProgram program;
  program.id = request.Parameter("jarid");
  WEIR_RETURN_IF_ERROR(AddConfiguration(body, program));
  WEIR_RETURN_IF_ERROR(AddParallelism(request, body, program));
  WEIR_RETURN_IF_ERROR(AddRestore(request, body, program));
  WEIR_ASSIGN_OR_RETURN(program.arguments, TextsIn(body, "programArgsList"));
  if (program.arguments.empty()) program.arguments = request.QueryList("programArg");
  WEIR_ASSIGN_OR_RETURN(const std::string id, TextIn(body, "jobId"));
  if (!id.empty()) {
    const StatusOr<JobId> job = JobId::FromHex(id);
    if (!job.ok()) return BadField("jobId", "an id of 32 hexadecimal digits");
    program.job_id = *job;
  }
  return program;
}

}  // namespace

StatusOr<RestResponse> GetJars(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(JarService* const jars, JarsOf(request, context));
  WEIR_ASSIGN_OR_RETURN(std::vector<JarInfo> all, jars->List());
  // The newest first.
  std::ranges::sort(all, [](const JarInfo& a, const JarInfo& b) { return a.uploaded > b.uploaded; });
  json files = json::array();
  for (const JarInfo& jar : all) {
    files.push_back({{"id", jar.id},
                     {"name", jar.name},
                     {"uploaded", MillisOf(jar.uploaded)},
                     {"entry", json::array({{{"name", "main"}, {"description", nullptr}}})}});
  }
  return JsonResponse({{"address", request.origin}, {"files", files}});
}

StatusOr<RestResponse> NoUpload(const RestRequest& request, const RestContext& context) {
  WEIR_RETURN_IF_ERROR(JarsOf(request, context).status());
  return InvalidArgumentError("Exactly 1 file must be sent, as multipart/form-data with the field jarfile");
}

StatusOr<RestResponse> DeleteJar(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(JarService* const jars, JarsOf(request, context));
  WEIR_RETURN_IF_ERROR(jars->Delete(request.Parameter("jarid")));
  return RestResponse{};
}

StatusOr<RestResponse> PlanJar(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(JarService* const jars, JarsOf(request, context));
  WEIR_ASSIGN_OR_RETURN(const JarProgram program, ProgramOf(request));
  WEIR_ASSIGN_OR_RETURN(const JobGraph graph, jars->Plan(program));
  return JsonResponse({{"plan", json::parse(JobPlanJson(graph))}});
}

StatusOr<RestResponse> RunJar(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(JarService* const jars, JarsOf(request, context));
  WEIR_ASSIGN_OR_RETURN(const JarProgram program, ProgramOf(request));
  WEIR_ASSIGN_OR_RETURN(const JobId id, jars->Run(program));
  return JsonResponse({{"jobid", id.ToHex()}});
}

StatusOr<std::unique_ptr<JarUpload>> BeginJarUpload(const RestRequest& request, const std::string& name,
                                                    const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(JarService* const jars, JarsOf(request, context));
  return jars->Begin(name);
}

RestResponse UploadedJar(const JarInfo& jar) {
  return JsonResponse({{"filename", "/" + jar.id}, {"status", "success"}});
}

}  // namespace weir
