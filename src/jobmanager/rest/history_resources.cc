// The history server: jobs that have ended under JobManagers that need not run any more.
#include <string_view>

#include <nlohmann/json.hpp>

#include "weir/config/configuration.h"
#include "weir/config/rest_options.h"
#include "weir/jobmanager/archive/job_archives.h"
#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_resources.h"
#include "weir/jobmanager/rest/rest_router.h"
#include "weir/jobmanager/rest/task_json.h"

namespace weir {

namespace {

using nlohmann::json;

StatusOr<RestResponse> GetArchivedJobs(const RestRequest&, const RestContext& context) {
  json jobs = json::array();
  for (const ArchivedOverview& job : context.archives()->Overviews()) jobs.push_back(json::parse(job.json));
  return JsonResponse({{"jobs", jobs}});
}

StatusOr<RestResponse> GetArchivedIds(const RestRequest&, const RestContext& context) {
  json jobs = json::array();
  for (const ArchivedOverview& job : context.archives()->Overviews())
    jobs.push_back({{"id", job.job_id}, {"status", job.state}});
  return JsonResponse({{"jobs", jobs}});
}

// No cluster stands behind a history server: it has no TaskManagers, and nothing runs.
StatusOr<RestResponse> GetHistoryOverview(const RestRequest&, const RestContext& context) {
  const std::vector<ArchivedOverview> jobs = context.archives()->Overviews();
  const auto count = [&](std::string_view state) { return std::ranges::count(jobs, state, &ArchivedOverview::state); };
  json shown = VersionJson();
  for (const char* none : {"taskmanagers", "taskmanagers-blocked", "slots-total", "slots-available",
                           "slots-free-and-blocked", "jobs-running"}) {
    shown[none] = 0;
  }
  shown["jobs-finished"] = count("FINISHED");
  shown["jobs-cancelled"] = count("CANCELED");
  shown["jobs-failed"] = count("FAILED");
  return JsonResponse(shown);
}

// Whatever is in the job's archive. An archive has no answers to queries: it gives all that there was.
StatusOr<RestResponse> GetArchived(const RestRequest& request, const RestContext& context) {
  WEIR_ASSIGN_OR_RETURN(const JobId id, JobIdIn(request));
  const std::string job = id.ToHex();
  if (!context.archives()->Contains(job)) return NotFoundError("Job " + job + " not found");
  std::optional<RestResponse> answer = ArchivedAnswerTo(request, context);
  if (!answer.has_value()) return NotFoundError("Not found: the archive of job " + job + " has no " + request.path);
  return *std::move(answer);
}

std::vector<RestRoute> MakeRoutes() {
  std::vector<RestRoute> routes = {{"GET", "/config", &GetDashboardConfig},
                                   {"GET", "/overview", &GetHistoryOverview},
                                   {"GET", "/jobs", &GetArchivedIds},
                                   {"GET", "/jobs/overview", &GetArchivedJobs}};
  for (const RestRoute& route : AllRestRoutes()) {
    const bool is_about_a_job = route.method == "GET" && route.pattern.starts_with("/jobs/:jobid");
    // A GET that does something.
    if (is_about_a_job && !route.pattern.ends_with("/yarn-cancel")) {
      routes.push_back({"GET", route.pattern, &GetArchived});
    }
  }
  return routes;
}

}  // namespace

std::span<const RestRoute> HistoryRoutes() {
  static const std::vector<RestRoute> kRoutes = MakeRoutes();
  return kRoutes;
}

}  // namespace weir
