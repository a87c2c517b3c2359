#include "weir/rpc/grpc/grpc_edge.h"

namespace weir {
namespace {

// Plans of large jobs are longer than gRPC's 4 MiB.
constexpr int kAnyMessageSize = -1;

// A peer that is silent for twice as long is gone: the default of heartbeat.timeout.
constexpr int kPingMs = 5'000;

// Of a stream, before its receiver has taken anything: more than a network between machines holds. gRPC would find such a number by pings after
// whatever comes, heartbeats too, and wake threads of both processes for them.
constexpr int kWindowBytes = 4 << 20;

}  // namespace

void PrepareServer(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingMs / 2);
}

Status FromGrpc(const grpc::Status& status, const std::string& peer) {
  if (status.ok()) return OkStatus();
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return UnavailableError("no JobManager answers at " + peer + " (" + status.error_message() +
                            "). Is the cluster running? `start-cluster.sh` starts one; `-m host:port` or "
                            "jobmanager.rpc.address and .port in conf/config.yaml name another.");
  }
  if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED) return PermissionDeniedError(status.error_message());
  return Status(static_cast<StatusCode>(status.error_code()), status.error_message());
}

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address, Liveness liveness) {
  grpc::ChannelArguments arguments;
  if (liveness == Liveness::kPings) {
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kPingMs);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPingMs);
  }
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
  arguments.SetInt(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, kAnyMessageSize);
  arguments.SetInt(GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, kAnyMessageSize);
  // A daemon that comes back is found again within a second.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // Each client has its own connection, so that the end of one is seen by no other.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // The resolver costs a name server's answer where the address needs none.
  const bool is_local = address.starts_with("localhost:");
  const std::string target = is_local ? "ipv4:127.0.0.1:" + address.substr(sizeof("localhost:") - 1) : address;
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

void AddSecret(grpc::ClientContext& context, const std::string& secret) {
  if (!secret.empty()) context.AddMetadata(kSecretMetadata, secret);
}

}  // namespace weir
