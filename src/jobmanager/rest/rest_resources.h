// The handlers of all operations, one source per resource; rest_routes.cc has the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "weir/base/status.h"
#include "weir/jobmanager/rest/rest_message.h"

namespace weir {

class Configuration;
class JarUpload;
class RestContext;
struct JarInfo;
struct JobGraph;

// job_resources.cc
StatusOr<RestResponse> GetJobs(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJobsOverview(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJob(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJobStatus(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJobPlan(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJobConfig(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJobManagerConfigOfJob(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJobAccumulators(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJobExceptions(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJobResult(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> PatchJob(const RestRequest& request, const RestContext& context);

// vertex_resources.cc
StatusOr<RestResponse> GetVertex(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetVertexTaskManagers(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetSubtaskTimes(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetVertexAccumulators(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetSubtasksAccumulators(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetSubtask(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetSubtaskAttempt(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetSubtaskAccumulators(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetWatermarks(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetVertexMetrics(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetSubtaskMetrics(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetBackPressure(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetSubtasksMetrics(const RestRequest& request, const RestContext& context);

// cluster_resources.cc
StatusOr<RestResponse> GetOverview(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetDashboardConfig(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJobManagerConfig(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetEnvironment(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> ShutDownCluster(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetTaskManagers(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetTaskManager(const RestRequest& request, const RestContext& context);

// log_resources.cc
StatusOr<RestResponse> GetLogs(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetLog(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetStdout(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetNamedLog(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetThreads(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetTaskManagerLogs(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetTaskManagerLog(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetTaskManagerStdout(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetTaskManagerNamedLog(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetTaskManagerThreads(const RestRequest& request, const RestContext& context);

// metric_resources.cc
StatusOr<RestResponse> GetJobMetrics(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJobsMetrics(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetJobManagerMetrics(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetTaskManagerMetrics(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetTaskManagersMetrics(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetPrometheusText(const RestRequest& request, const RestContext& context);

// savepoint_resources.cc
StatusOr<RestResponse> PostCheckpoint(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetTriggeredCheckpoint(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> PostSavepoint(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetSavepoint(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> PostStop(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> PostSavepointDisposal(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetSavepointDisposal(const RestRequest& request, const RestContext& context);

// checkpoint_resources.cc
StatusOr<RestResponse> GetCheckpoints(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetCheckpointConfig(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetCheckpointDetails(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetCheckpointSubtasks(const RestRequest& request, const RestContext& context);

// diagnosis_resources.cc
StatusOr<RestResponse> GetDiagnosis(const RestRequest& request, const RestContext& context);

// jar_resources.cc
StatusOr<RestResponse> GetJars(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> NoUpload(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> DeleteJar(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> PlanJar(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> RunJar(const RestRequest& request, const RestContext& context);
// POST /jars/upload, whose body the server hands on piece by piece.
StatusOr<std::unique_ptr<JarUpload>> BeginJarUpload(const RestRequest& request, const std::string& name,
                                                    const RestContext& context);
RestResponse UploadedJar(const JarInfo& jar);

// unavailable_resources.cc
StatusOr<RestResponse> GetNoApplications(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> UnknownApplication(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetNoDataSets(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> UnknownDataSet(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> SubmissionIsOff(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> UnknownTrigger(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> RescalingIsOff(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> NoRescales(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetNoFlameGraph(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> GetNoMetrics(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> NoLogUrl(const RestRequest& request, const RestContext& context);
StatusOr<RestResponse> PatchHeartbeat(const RestRequest& request, const RestContext& context);

// Pieces that several of these share.

// The id that stands for the slot sharing group of a vertex.
std::string SlotSharingGroupId(const JobGraph& graph, size_t vertex);
// Whose version a person sees: "flink-version", "flink-commit".
nlohmann::json VersionJson();
// [{"key", "value"}] of all that is set, secrets masked.
nlohmann::json ConfigurationJson(const Configuration& configuration);
// "******" for keys that name a secret: password, secret, token, access key.
std::string MaskedValue(std::string_view key, std::string_view value);
// A whole number >= 0; kInvalidArgument names the parameter.
StatusOr<int64_t> WholeNumberIn(std::string_view name, std::string_view text);

}  // namespace weir
