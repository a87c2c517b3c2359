// A REST request and its answer, free of HTTP and of sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/status.h"

namespace weir {

using RestParameters = std::vector<std::pair<std::string, std::string>>;

struct RestRequest {
  std::string method;         // "GET"
  std::string path;           // "/jobs/overview": without a version prefix and without the query
  RestParameters query = {};  // decoded, in the order given
  std::string body = {};
  std::string origin = {};         // "http://localhost:8081", as the client calls this server
  RestParameters parameters = {};  // from the path: {"jobid", "a6c9…"}; set by the router

  // The path's parameter of that name; the route must have it.
  const std::string& Parameter(std::string_view name) const;
  // The first value of a query parameter.
  std::optional<std::string> Query(std::string_view name) const;
  // All values of a query parameter; commas separate values too, as Flink allows.
  std::vector<std::string> QueryList(std::string_view name) const;
};

// A file that is sent piece by piece, so that its size does not matter.
struct RestFile {
  uint64_t size = 0;  // when it was asked for; it may grow
  // Some bytes from `offset` on, `length` at most.
  std::function<StatusOr<std::string>(uint64_t offset, uint64_t length)> read;
};

struct RestResponse {
  int status = 200;
  std::string body = "{}";
  std::string content_type = "application/json; charset=UTF-8";
  RestParameters headers = {};
  std::shared_ptr<const RestFile> file = nullptr;  // in place of the body
};

// `{"errors": [message]}` under the HTTP status that belongs to the error's code.
RestResponse ErrorResponse(const Status& error);
RestResponse ErrorResponse(int http_status, std::string_view message);

}  // namespace weir
