// Between our values and gRPC's. For this folder's .cc files.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
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

// How a peer is found out that has gone without closing its connection.
enum class Liveness : uint8_t {
  kHeartbeats,  // what is said over the connection includes signs of life
  kPings,       // the connection asks for them while a call is waited for
};

// To "host:port". Never through a proxy: daemons of one cluster reach each other, and proxies do not know HTTP/2.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& address, Liveness liveness);
// What NewChannel sets, for the other side.
void PrepareServer(grpc::ServerBuilder& builder);
// With the secret, unless it is empty.
void AddSecret(grpc::ClientContext& context, const std::string& secret);

}  // namespace weir
