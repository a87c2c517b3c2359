#include "weir/rpc/grpc/grpc_edge.h"

#include <dlfcn.h>
#include <grpc/grpc.h>
#include <grpc/support/time.h>

#include "weir/base/check.h"

namespace {

// How long gRPC's threads look at their queue, to the millisecond, less what it takes until we see it.
bool IsRoutineLook(gpr_timespec deadline) {
  const int64_t left_ms = gpr_time_to_millis(gpr_time_sub(deadline, gpr_now(deadline.clock_type)));
  return left_ms > 900 && left_ms <= 1000;
}

}  // namespace

// In front of gRPC's own function, which its callback API calls on two threads per process, through the dynamic linker: with a deadline of a second, and
// after each that passes it sleeps for 100 ms, deaf to what comes. Without the deadline they sleep until something comes, or their queue is shut down.
// These wakings were half of what idle daemons cost (docs/performance.md). A gRPC that waits otherwise, or is linked statically, does without this.
extern "C" __attribute__((visibility("default"))) grpc_event grpc_completion_queue_next(grpc_completion_queue* queue,
                                                                                        gpr_timespec deadline,
                                                                                        void* reserved) {
  using Next = grpc_event (*)(grpc_completion_queue*, gpr_timespec, void*);
  static const auto next = reinterpret_cast<Next>(dlsym(RTLD_NEXT, "grpc_completion_queue_next"));
  WEIR_CHECK(next != nullptr) << "gRPC has no grpc_completion_queue_next";
  return next(queue, IsRoutineLook(deadline) ? gpr_inf_future(deadline.clock_type) : deadline, reserved);
}

namespace weir {
namespace {

// Plans of large jobs are longer than gRPC's 4 MiB.
constexpr int kAnyMessageSize = -1;

// A peer that is silent for twice as long is gone: the default of heartbeat.timeout.
constexpr int kPingMs = 5'000;

// Two messages that a network lost are sent again by then.
constexpr int kConnectMs = 3'000;

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
  // A daemon that comes back is found again within a second. What gRPC calls the least back-off is how long it waits for a connection that neither comes nor
  // is refused: the machine may be far, or busy.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);
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
