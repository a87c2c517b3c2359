// A whole cluster in the calling process: the JobManager's and a TaskManager's own classes, with in-memory gateways between them and one event loop.
//
//   auto cluster = EmbeddedCluster::Start({.slots = 4, .configuration = configuration});
//   cluster->dispatcher()->SubmitJob(...);
//
// With a simulation there are no threads, and time moves only when the test says so or waits for a job's end:
//
//   SimulatedExecutor time(seed);
//   env.RunOn(EmbeddedCluster::Start({.slots = 2, .simulation = &time}));
//   auto rows = stream.ExecuteAndCollect();
//   time.AdvanceTime(1h);
//
// Threads: one for the event loop, and those of the workers. The destructor cancels jobs that still run, waits for their end and stops all threads; tasks
// that do not end within task.cancellation.timeout are left behind with theirs.
#pragma once

#include <memory>

#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/rpc/dispatcher_gateway.h"

namespace weir {

class FileSystem;
class SimulatedExecutor;
class WorkerLauncher;

struct EmbeddedClusterOptions {
  int slots = 1;
  std::shared_ptr<const Configuration> configuration = nullptr;
  FileSystem* file_system = nullptr;   // null: the machine's files
  WorkerLauncher* launcher = nullptr;  // null: workers in this process
  Duration statistics_interval{
      1000};  // how fresh the numbers of running tasks are; in a simulation they are reported when tasks end
  // Not null: the cluster runs in virtual time, on the thread that made the simulation and whenever that runs it or waits for a job. It outlives the cluster.
  SimulatedExecutor* simulation = nullptr;
};

class EmbeddedCluster {
 public:
  static std::shared_ptr<EmbeddedCluster> Start(EmbeddedClusterOptions options);
  ~EmbeddedCluster();

  // Serves the REST API if the configuration sets rest.port; else there are no sockets. kUnavailable: the port is in use. Once.
  Status ServeRest();

  // Any thread. May outlive the cluster: requests are then answered with kAborted, or not at all.
  std::shared_ptr<DispatcherGateway> dispatcher() const;

 private:
  struct Parts;
  explicit EmbeddedCluster(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace weir
