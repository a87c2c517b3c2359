#include "weir/jobmanager/daemon/program_admission.h"

#include <utility>

#include "weir/jobmanager/coordinator/remote_source.h"

namespace weir {

Status ProgramAdmission::Admit(JobSubmission& submission) {
  const JobGraph& graph = *submission.graph;
  if (!graph.program.IsKnown()) {
    return FailedPreconditionError("job \"" + graph.name +
                                   "\" came without its program, which workers need. Submit it with `weir run`.");
  }
  std::vector<std::string> files = {graph.program.executable};
  if (!graph.program.library.empty()) files.push_back(graph.program.library);
  WEIR_RETURN_IF_ERROR(options_.artifacts->Hold(submission.job_id, files));
  const std::string id = submission.job_id.ToHex();
  const std::string log_folder = options_.log_folder + "/" + id;
  WEIR_RETURN_IF_ERROR(options_.files->CreateDirectories(log_folder));
  WEIR_ASSIGN_OR_RETURN(std::string executable, options_.artifacts->PathOf(graph.program.executable));
  auto process = std::make_shared<CoordinatorProcess>(CoordinatorOptions{.executor = options_.executor,
                                                                         .files = options_.files,
                                                                         .executable = std::move(executable),
                                                                         .environment = options_.environment,
                                                                         .folder = options_.folder + "/" + id,
                                                                         .log_prefix = log_folder + "/coordinator"},
                                                      submission.graph);
  auto attached = std::make_shared<JobGraph>(graph);
  AttachRemoteSources(process, *attached);
  submission.graph = std::move(attached);
  return OkStatus();
}

void ProgramAdmission::SubmitJob(JobSubmission submission, StatusReply reply) {
  const JobId job_id = submission.job_id;
  const Status admitted = Admit(submission);
  if (!admitted.ok()) return reply(admitted);
  options_.dispatcher->SubmitJob(
      std::move(submission), [this, job_id, reply = std::move(reply)](const Status& status) mutable {
        // A job that is known already keeps what it holds.
        if (status.ok()) {
          options_.dispatcher->RequestJobResult(
              job_id, [this, job_id](const StatusOr<JobResult>&) { options_.artifacts->Release(job_id); });
        } else if (status.code() != StatusCode::kAlreadyExists) {
          options_.artifacts->Release(job_id);
        }
        reply(status);
      });
}

}  // namespace weir
