// The cluster: its overview, its configuration, its processes.
#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "weir/config/configuration.h"
#include "weir/config/rest_options.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/task_json.h"

extern const char kWeirVersion[];

namespace weir {

namespace {

using nlohmann::json;

// Tools look for a version of Flink; the one whose REST API this is.
constexpr const char* kFlinkVersion = "2.3.0";

bool IsFree(const SlotStatus& slot) { return slot.allocation_id == AllocationId(); }

int64_t FreeSlots(const TaskManagerOverview& task_manager) { return std::ranges::count_if(task_manager.slots, IsFree); }

// What a slot may use. Memory is one budget of a process, not of a slot, so there is nothing to state per slot.
json ResourceJson(double cpu_cores) {
  return {{"cpuCores", cpu_cores}, {"taskHeapMemory", 0}, {"taskOffHeapMemory", 0},
          {"managedMemory", 0},    {"networkMemory", 0},  {"extendedResources", json::object()}};
}

json TaskManagerJson(const TaskManagerOverview& task_manager, Timestamp now) {
  const TaskManagerHardware& hardware = task_manager.hardware;
  const double cores_per_slot = task_manager.slots.empty() ? 0
                                                           : static_cast<double>(hardware.cpu_cores) /
                                                                 static_cast<double>(task_manager.slots.size());
  const int64_t free = FreeSlots(task_manager);
  return {{"id", task_manager.id.value()},
          {"path", task_manager.id.value()},
          {"dataPort", hardware.data_port},
          {"jmxPort", -1},
          // A lost connection is noticed at once, so a TaskManager that is listed is alive.
          {"timeSinceLastHeartbeat", MillisOf(now)},
          {"slotsNumber", task_manager.slots.size()},
          {"freeSlots", free},
          {"assignedTasks", 0},
          {"blocked", false},
          {"totalResource", ResourceJson(hardware.cpu_cores)},
          {"freeResource", ResourceJson(cores_per_slot * static_cast<double>(free))},
          {"hardware",
           {{"cpuCores", hardware.cpu_cores},
            {"physicalMemory", hardware.physical_memory},
            {"freeMemory", 0},
            {"managedMemory", hardware.process_memory}}},
          {"memoryConfiguration",
           {{"frameworkHeap", nullptr},
            {"taskHeap", nullptr},
            {"frameworkOffHeap", nullptr},
            {"taskOffHeap", nullptr},
            {"networkMemory", nullptr},
            {"managedMemory", hardware.process_memory},
            {"jvmMetaspace", nullptr},
            {"jvmOverhead", nullptr},
            {"totalFlinkMemory", hardware.process_memory},
            {"totalProcessMemory", hardware.process_memory}}}};
}

// The pools of a JVM and of Netty, which do not exist here: tools read the fields as numbers.
json JvmMetricsJson() {
  json shown = {{"garbageCollectors", json::array()}};
  for (const char* pool : {"heap", "nonHeap"}) {
    for (const char* number : {"Used", "Committed", "Max"}) shown[std::string(pool) + number] = 0;
  }
  for (const char* pool : {"direct", "mapped"}) {
    for (const char* number : {"Count", "Used", "Max"}) shown[std::string(pool) + number] = 0;
  }
  for (const char* number : {"SegmentsAvailable", "SegmentsUsed", "SegmentsTotal", "Available", "Used", "Total"})
    shown[std::string("nettyShuffleMemory") + number] = 0;
  return shown;
}

json EnvironmentJson() {
  return {{"jvm", {{"version", std::string("Weir ") + kWeirVersion}, {"arch", "x86_64"}, {"options", json::array()}}},
          {"classpath", json::array()}};
}

}  // namespace

std::string MaskedValue(std::string_view key, std::string_view value) {
  std::string lower(key);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  // Flink's list, and "access-key" and "credential".
  for (const char* secret : {"password", "secret", "token", "apikey", "api-key", "access-key", "auth-params",
                             "service-key", "basic-auth", "jaas.config", "http-headers", "account.key", "credential"}) {
    if (lower.find(secret) != std::string::npos) return "******";
  }
  return std::string(value);
}

json ConfigurationJson(const Configuration& configuration) {
  json list = json::array();
  for (const ConfigEntry& entry : configuration.entries())
    list.push_back({{"key", entry.key}, {"value", MaskedValue(entry.key, entry.value)}});
  return list;
}

StatusOr<RestResponse> GetOverview(const RestRequest&, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<JobOverview> jobs, context.Jobs());
  WEIR_ASSIGN_OR_RETURN(const std::vector<TaskManagerOverview> task_managers, context.TaskManagers());
  int64_t total = 0;
  int64_t free = 0;
  for (const TaskManagerOverview& task_manager : task_managers) {
    total += static_cast<int64_t>(task_manager.slots.size());
    free += FreeSlots(task_manager);
  }
  const auto count = [&](JobStatus status) { return std::ranges::count(jobs, status, &JobOverview::status); };
  const int64_t ended = count(JobStatus::kFinished) + count(JobStatus::kCanceled) + count(JobStatus::kFailed);
  json shown = VersionJson();
  shown.update({{"taskmanagers", task_managers.size()},
                {"taskmanagers-blocked", 0},
                {"slots-total", total},
                {"slots-available", free},
                {"slots-free-and-blocked", 0},
                {"jobs-running", static_cast<int64_t>(jobs.size()) - ended},
                {"jobs-finished", count(JobStatus::kFinished)},
                {"jobs-cancelled", count(JobStatus::kCanceled)},
                {"jobs-failed", count(JobStatus::kFailed)}});
  return JsonResponse(shown);
}

json VersionJson() { return {{"flink-version", kFlinkVersion}, {"flink-commit", std::string("weir-") + kWeirVersion}}; }

StatusOr<RestResponse> GetDashboardConfig(const RestRequest&, const RestContext& context) {
  const Configuration& configuration = context.configuration();
  return JsonResponse({{"refresh-interval", configuration.Get(kWebRefreshInterval).count()},
                       {"timezone-name", "Coordinated Universal Time"},
                       {"timezone-offset", 0},
                       {"flink-version", kFlinkVersion},
                       {"flink-revision", std::string("weir-") + kWeirVersion},
                       {"features",
                        {{"web-submit", context.jars() != nullptr && configuration.Get(kWebSubmit)},
                         {"web-cancel", !context.is_history_server() && configuration.Get(kWebCancel)},
                         {"web-rescale", false},
                         {"web-history", context.is_history_server()}}}});
}

StatusOr<RestResponse> GetJobManagerConfig(const RestRequest&, const RestContext& context) {
  return JsonResponse(ConfigurationJson(context.configuration()));
}

StatusOr<RestResponse> GetEnvironment(const RestRequest& request, const RestContext& context) {
  // The one of a job names the job, which must be there.
  if (!request.parameters.empty()) {
    WEIR_RETURN_IF_ERROR(context.Job(request).status());
  }
  return JsonResponse(EnvironmentJson());
}

StatusOr<RestResponse> ShutDownCluster(const RestRequest&, const RestContext& context) {
  if (!context.shut_down()) {
    return ErrorResponse(405, "This cluster is part of the program that started it and ends with it");
  }
  context.shut_down()();
  return RestResponse{};
}

StatusOr<RestResponse> GetTaskManagers(const RestRequest&, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<TaskManagerOverview> task_managers, context.TaskManagers());
  json list = json::array();
  for (const TaskManagerOverview& task_manager : task_managers)
    list.push_back(TaskManagerJson(task_manager, context.Now()));
  return JsonResponse({{"taskmanagers", list}});
}

StatusOr<RestResponse> GetTaskManager(const RestRequest& request, const RestContext& context) {
  const std::string& id = request.Parameter("taskmanagerid");
  WEIR_ASSIGN_OR_RETURN(const std::vector<TaskManagerOverview> task_managers, context.TaskManagers());
  for (const TaskManagerOverview& task_manager : task_managers) {
    if (task_manager.id.value() != id) continue;
    json shown = TaskManagerJson(task_manager, context.Now());
    shown["allocatedSlots"] = json::array();
    for (const SlotStatus& slot : task_manager.slots) {
      if (IsFree(slot)) continue;
      shown["allocatedSlots"].push_back(
          {{"jobId", slot.job_id.ToHex()}, {"resource", ResourceJson(0)}, {"assignedTasks", 0}});
    }
    shown["metrics"] = JvmMetricsJson();
    return JsonResponse(shown);
  }
  return NotFoundError("Could not find TaskManager with id " + id + ".");
}

}  // namespace weir
