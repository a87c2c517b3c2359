#include "weir/jobmanager/rest/rest_router.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "weir/jobmanager/archive/job_archives.h"
#include "weir/jobmanager/rest/rest_context.h"

namespace weir {

namespace {

std::vector<std::string_view> SegmentsOf(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    if (end > 0) segments.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

// How many fixed segments match; -1: the pattern does not.
int MatchRoute(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path,
               RestParameters& parameters) {
  if (pattern.size() != path.size()) return -1;
  int fixed = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i].front() == ':') {
      parameters.emplace_back(pattern[i].substr(1), path[i]);
    } else if (pattern[i] == path[i]) {
      ++fixed;
    } else {
      return -1;
    }
  }
  return fixed;
}

// "/v1/jobs" and "/jobs" are the same.
void DropVersion(std::string& path) {
  if (path == "/v1" || path.starts_with("/v1/")) path.erase(0, 3);
}

RestResponse Run(const RestRoute& route, const RestRequest& request, const RestContext& context) {
  try {
    StatusOr<RestResponse> answer = route.handler(request, context);
    return answer.ok() ? std::move(answer).value() : ErrorResponse(answer.status());
  } catch (const std::exception& error) {
    return ErrorResponse(500, std::string("Internal server error: ") + error.what());
  }
}

}  // namespace

std::optional<RestResponse> ArchivedAnswerTo(const RestRequest& request, const RestContext& context) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads || context.archives() == nullptr) return std::nullopt;
  const std::vector<std::string_view> segments = SegmentsOf(request.path);
  if (segments.size() < 2 || segments[0] != "jobs") return std::nullopt;
  std::string path;
  for (const std::string_view segment : segments) path.append("/").append(segment);
  std::optional<std::string> json = context.archives()->Answer(std::string(segments[1]), path);
  return json.has_value() ? std::optional(RestResponse{.body = *std::move(json)}) : std::nullopt;
}

RestResponse AnswerRest(std::span<const RestRoute> routes, RestRequest request, const RestContext& context) {
  DropVersion(request.path);
  const std::vector<std::string_view> path = SegmentsOf(request.path);
  const RestRoute* best = nullptr;
  int best_fixed = -1;
  bool has_path = false;
  for (const RestRoute& route : routes) {
    RestParameters parameters;
    const int fixed = MatchRoute(SegmentsOf(route.pattern), path, parameters);
    if (fixed < 0) continue;
    has_path = true;
    // HEAD is GET without the body, which the server leaves out.
    const bool has_method = route.method == request.method || (request.method == "HEAD" && route.method == "GET");
    if (!has_method || fixed <= best_fixed) continue;
    best = &route;
    best_fixed = fixed;
    request.parameters = std::move(parameters);
  }
  if (best != nullptr) {
    // A job that ended under an earlier JobManager is known to this one by its result alone.
    std::optional<RestResponse> archived = ArchivedAnswerTo(request, context);
    return archived.has_value() ? *std::move(archived) : Run(*best, request, context);
  }
  if (has_path) return ErrorResponse(405, "Method " + request.method + " is not allowed for " + request.path);
  return ErrorResponse(404, "Not found: " + request.path);
}

}  // namespace weir
