#include "weir/taskmanager/daemon/advertised_host.h"

#include "weir/base/net/tcp_socket.h"
#include "weir/rpc/artifact/cluster_secret.h"

namespace weir {

StatusOr<std::string> AdvertisedHost(const AdvertisedHostOptions& options) {
  if (options.configured.has_value()) return *options.configured;
  if (IsLoopback(options.bind_host)) return options.bind_host;
  WEIR_ASSIGN_OR_RETURN(const HostAndPort job_manager, ParseHostAndPort(options.job_manager));
  std::string towards = LocalAddressTowards(job_manager);
  return IsLoopback(towards) && !IsLoopback(job_manager.host) ? options.host_name : towards;
}

std::string WarningAboutAdvertisedHost(const AdvertisedHostOptions& options, const std::string& advertised) {
  if (!IsLoopback(advertised)) return "";
  const StatusOr<HostAndPort> job_manager = ParseHostAndPort(options.job_manager);
  if (!job_manager.ok() || IsLoopback(job_manager->host)) return "";
  const std::string which = options.configured.has_value() ? "taskmanager.host is \"" : "taskmanager.bind-host is \"";
  return "this TaskManager's JobManager is at " + options.job_manager +
         ", but other TaskManagers are told to reach it at \"" + advertised + "\" (" + which + advertised +
         "\"), which for each of them is its own machine: jobs that run on " +
         "several machines will fail with a connection refused. Set taskmanager.bind-host to 0.0.0.0 or to an "
         "address " +
         "of this machine, security.secret-file to a copy of the cluster's secret, and, where the others know this " +
         "machine by another name, taskmanager.host. If all daemons run on this machine, set jobmanager.rpc.address " +
         "to localhost, or leave it as it is.";
}

}  // namespace weir
