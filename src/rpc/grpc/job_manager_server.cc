#include "weir/rpc/grpc/job_manager_server.h"

#include <chrono>
#include <utility>

#include "weir/rpc/grpc/client_service.h"
#include "weir/rpc/grpc/grpc_edge.h"
#include "weir/rpc/grpc/task_manager_service.h"

namespace weir {
namespace {

// Calls that wait for a job's end do not end by themselves.
constexpr std::chrono::milliseconds kShutdownPatience{50};

class GrpcServer final : public JobManagerServer {
 public:
  explicit GrpcServer(JobManagerServerOptions options)
      : options_(std::move(options)), clients_(options_), task_managers_(options_) {}
  ~GrpcServer() override { Shutdown(); }

  Status Listen() {
    grpc::ServerBuilder builder;
    // Two JobManagers on one port would each get half of the calls.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    PrepareServer(builder);
    builder.SetMaxReceiveMessageSize(-1);
    builder.SetMaxSendMessageSize(-1);
    const std::string address = options_.bind_address + ":" + std::to_string(options_.port);
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&clients_);
    builder.RegisterService(&task_managers_);
    server_ = builder.BuildAndStart();
    if (server_ != nullptr && port_ != 0) return OkStatus();
    return UnavailableError("cannot listen on " + address +
                            ": the port is in use or the address is not of this machine. Another JobManager may run "
                            "(`jobmanager.sh stop`); or set jobmanager.rpc.port to a free port, jobmanager.bind-host "
                            "to an address of this machine.");
  }

  int port() const override { return port_; }
  void Shutdown() override {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now() + kShutdownPatience);
    server_->Wait();
    server_.reset();
  }

 private:
  const JobManagerServerOptions options_;
  ClientServiceImpl clients_;
  TaskManagerServiceImpl task_managers_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

StatusOr<std::unique_ptr<JobManagerServer>> JobManagerServer::Start(JobManagerServerOptions options) {
  auto server = std::make_unique<GrpcServer>(std::move(options));
  WEIR_RETURN_IF_ERROR(server->Listen());
  return std::unique_ptr<JobManagerServer>(std::move(server));
}

}  // namespace weir
