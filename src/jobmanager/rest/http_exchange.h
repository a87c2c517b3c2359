// One HTTP request and its answer: what lies between the HTTP library and the router. For rest_server.cc alone.
#pragma once

#include <span>
#include <string>

#include "weir/jobmanager/rest/rest_router.h"

namespace httplib {
class ContentReader;
struct Request;
struct Response;
}  // namespace httplib

namespace weir {

class RestContext;

struct HttpExchangeOptions {
  const RestContext* context = nullptr;
  std::span<const RestRoute> routes = AllRestRoutes();
  std::string scheme = "http";
  std::string token = {};  // that every call must bring; empty: none
};

// Answers one call of the API. `reader`: gives the body if the request has one; null: it has none.
//
// A body is read into memory only up to a megabyte; uploads go on to disk piece by piece. What is refused is read to its end all the same: the connection
// is used again.
void AnswerHttp(const httplib::Request& request, const httplib::ContentReader* reader, httplib::Response& response,
                const HttpExchangeOptions& options);

}  // namespace weir
