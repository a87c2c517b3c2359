// Finds the handler of a request: one table of routes, matched segment by segment.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "weir/base/status.h"
#include "weir/jobmanager/rest/rest_message.h"

namespace weir {

class RestContext;

// Answers one operation. May wait for the JobManager; an error becomes an answer with {"errors": [...]}.
using RestHandler = StatusOr<RestResponse> (*)(const RestRequest& request, const RestContext& context);

struct RestRoute {
  std::string_view method;   // "GET"
  std::string_view pattern;  // "/jobs/:jobid/vertices/:vertexid"
  RestHandler handler;
};

// Every operation. A fixed segment wins over a parameter: "/jobs/overview" over "/jobs/:jobid".
std::span<const RestRoute> AllRestRoutes();

// Those of a history server: its archives are all it knows.
std::span<const RestRoute> HistoryRoutes();

// What was written down for the path of a GET about a job, if the context has archives and one of them holds it.
std::optional<RestResponse> ArchivedAnswerTo(const RestRequest& request, const RestContext& context);

// Runs the handler of `request`; of a job that is archived, the archive answers instead if it can. 404 for a path that no route has, 405 for one with other methods only.
RestResponse AnswerRest(std::span<const RestRoute> routes, RestRequest request, const RestContext& context);

}  // namespace weir
