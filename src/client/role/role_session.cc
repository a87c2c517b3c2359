#include "weir/client/role/role_session.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "weir/client/role/coordinator_role.h"
#include "weir/client/role/program_channel.h"
#include "weir/client/role/worker_role.h"
#include "weir/rpc/job_role.h"

namespace weir {
namespace {

JobExecutionResult ResultOf(const EarlierJob& job) {
  JobExecutionResult::Values values;
  values.job_id = job.job_id.ToHex();
  values.job_name = job.name;
  values.status = job.status;
  values.accumulators = job.accumulators;
  values.runtime = job.runtime;
  return JobExecutionResult(std::move(values));
}

// Serves the job that `deployed` is, unless this is an Execute() before it.
template <class Server>
std::optional<JobExecutionResult> PassOrServe(Server& server, size_t execution, const StreamGraph& program) {
  const JobGraph& deployed = server.WaitForJob();
  if (execution < deployed.program.earlier.size()) return ResultOf(deployed.program.earlier[execution]);
  server.Serve(program);
}

}  // namespace

std::optional<JobExecutionResult> PassThroughRole(const StreamGraph& program, const JobGraph& graph) {
  static size_t executions = 0;
  const size_t execution = executions++;
  switch (CurrentJobRole()) {
    case JobRole::kEmbedded:
    case JobRole::kClient:
      return std::nullopt;
    case JobRole::kPlan:
      SendPlanAndExit(graph);
    case JobRole::kWorker: {
      static auto* const worker = new WorkerRole();
      return PassOrServe(*worker, execution, program);
    }
    case JobRole::kCoordinator: {
      static auto* const coordinator = new CoordinatorRole();
      return PassOrServe(*coordinator, execution, program);
    }
  }
  return std::nullopt;
}

std::shared_ptr<DispatcherGateway> ClientGateway() {
  // Never destroyed: jobs' results may be asked for until the process ends.
  static auto* const channel = new std::shared_ptr<ProgramChannel>(std::make_shared<ProgramChannel>());
  return *channel;
}

}  // namespace weir
