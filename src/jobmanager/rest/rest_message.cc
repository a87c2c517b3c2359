#include "weir/jobmanager/rest/rest_message.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "weir/base/check.h"

namespace weir {

namespace {

int HttpStatusOf(StatusCode code) {
  switch (code) {
    case StatusCode::kInvalidArgument:
    case StatusCode::kOutOfRange:
      return 400;
    case StatusCode::kPermissionDenied:
      return 403;
    case StatusCode::kNotFound:
      return 404;
    case StatusCode::kAlreadyExists:
    case StatusCode::kFailedPrecondition:
      return 409;
    case StatusCode::kUnimplemented:
      return 501;
    case StatusCode::kUnavailable:
    case StatusCode::kAborted:
      return 503;
    case StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

}  // namespace

const std::string& RestRequest::Parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  WEIR_CHECK(false) << "the route of " << path << " has no parameter " << name;
  __builtin_unreachable();
}

std::optional<std::string> RestRequest::Query(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string> RestRequest::QueryList(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : query) {
    if (key != name) continue;
    size_t begin = 0;
    while (begin <= value.size()) {
      const size_t end = std::min(value.find(',', begin), value.size());
      if (end > begin) values.push_back(value.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return values;
}

RestResponse ErrorResponse(int http_status, std::string_view message) {
  const nlohmann::json body = {{"errors", {std::string(message)}}};
  return {.status = http_status, .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

RestResponse ErrorResponse(const Status& error) { return ErrorResponse(HttpStatusOf(error.code()), error.message()); }

}  // namespace weir
