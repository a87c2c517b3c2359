// Between our values and gRPC's. For this folder's .cc files.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "weir/base/status.h"

namespace weir {

// The codes are the same numbers.
inline grpc::Status ToGrpc(const Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

// `peer` says who was called, for errors of the connection itself.
Status FromGrpc(const grpc::Status& status, const std::string& peer);

constexpr const char* kSecretMetadata = "weir-secret";

// To "host:port". Never through a proxy: daemons of one cluster reach each other, and proxies do not know HTTP/2.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& address);
// With the secret, unless it is empty.
void AddSecret(grpc::ClientContext& context, const std::string& secret);

}  // namespace weir
