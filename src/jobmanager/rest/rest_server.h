// Serves the REST API over HTTP.
//
//   WEIR_ASSIGN_OR_RETURN(std::unique_ptr<RestServer> server, RestServer::Start(context_options));
//   server->url()                                                  // "http://localhost:8081"
//
// Threads: its own, named weir-rest; the destructor stops them and closes all connections.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/base/status.h"
#include "weir/jobmanager/rest/rest_context.h"

namespace weir {

class RestServer {
 public:
  // Listens on `rest.bind-address` and the first free port of `rest.port`. kUnavailable: all ports are in use, or the address is not of this machine.
  // A context that is a history server's gets that one's operations.
  static StatusOr<std::unique_ptr<RestServer>> Start(RestContextOptions options);
  ~RestServer();

  // What its handlers ask; as long as the server.
  const RestContext& context() const;
  int port() const;
  std::string url() const;

 private:
  struct Parts;
  explicit RestServer(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

// The ports that a value of `rest.port` names, in order: "8081", "8081,9000-9002", "0". kInvalidArgument says what is wrong.
StatusOr<std::vector<int>> ParsePorts(const std::string& text);

}  // namespace weir
