// The JobManager with its network: what `weir-jobmanager` runs.
#pragma once

#include <memory>
#include <string>

#include "weir/base/status.h"

namespace weir {

class Configuration;

struct JobManagerDaemonOptions {
  std::shared_ptr<const Configuration> configuration;
  std::string config_dir = {};    // what tells this cluster from others of this user
  std::string log_folder;         // for the output of coordinator processes
  std::string log_settings = {};  // the logging configuration file, which they read too
};

class JobManagerDaemon {
 public:
  // Listens when it returns. Nothing is left behind by a start that fails.
  static StatusOr<std::unique_ptr<JobManagerDaemon>> Start(const JobManagerDaemonOptions& options);
  // Stops; whoever waits for a job is told so. Jobs that run go on under the next JobManager, unless high-availability.type is NONE.
  ~JobManagerDaemon();

  int port() const;

 private:
  struct Parts;
  explicit JobManagerDaemon(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace weir
