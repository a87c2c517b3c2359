#include "weir/jobmanager/daemon/program_admission.h"

#include <utility>

#include "weir/jobmanager/coordinator/remote_source.h"
#include "weir/rpc/program/program_command.h"
#include "weir/rpc/program/program_files.h"
#include "weir/rpc/program/program_libraries.h"

namespace weir {

std::function<StatusOr<std::string>(const std::string&)> ProgramAdmission::PathOf() const {
  return [store = options_.artifacts](const std::string& sha256) { return store->PathOf(sha256); };
}

Status ProgramAdmission::CheckLibraries(const JobGraph& graph, const std::string& executable, const std::string& folder,
                                        const std::string& log_prefix) {
  std::string files;
  for (const std::string& sha256 : FilesOf(graph.program)) files += sha256;
  {
    MutexLock lock(mutex_);
    if (complete_.contains(files)) return OkStatus();
  }
  WEIR_RETURN_IF_ERROR(MakeProgramFolder(*options_.files, options_.user.get(), folder));
  WEIR_ASSIGN_OR_RETURN(const PlacedFiles placed, PlaceFiles(*options_.files, graph.program, folder, PathOf()));
  if (options_.user != nullptr) {
    WEIR_RETURN_IF_ERROR(
        HandOver({.executable = executable, .folder = folder, .log_prefix = log_prefix, .user = options_.user}));
  }
  WEIR_ASSIGN_OR_RETURN(
      const ProgramLibraries libraries,
      TraceLibraries(*options_.files, executable, placed.library_folder, folder + "/libraries", options_.user));
  if (!libraries.IsComplete()) {
    return FailedPreconditionError("job \"" + graph.name + "\" was not started: its program " + graph.program.name +
                                   " cannot run on the cluster, " + libraries.Describe() +
                                   ". Install them on its machines, or send them along: weir run --ship <file> ...");
  }
  MutexLock lock(mutex_);
  complete_.insert(files);
  return OkStatus();
}

Status ProgramAdmission::Admit(JobSubmission& submission) {
  const JobGraph& graph = *submission.graph;
  if (!graph.program.IsKnown()) {
    return FailedPreconditionError("job \"" + graph.name +
                                   "\" came without its program, which workers need. Submit it with `weir run`.");
  }
  WEIR_RETURN_IF_ERROR(options_.artifacts->Hold(submission.job_id, FilesOf(graph.program)));
  const std::string id = submission.job_id.ToHex();
  const std::string log_folder = options_.log_folder + "/" + id;
  WEIR_RETURN_IF_ERROR(options_.files->CreateDirectories(log_folder));
  WEIR_ASSIGN_OR_RETURN(std::string executable, options_.artifacts->PathOf(graph.program.executable));
  WEIR_RETURN_IF_ERROR(CheckLibraries(graph, executable, options_.folder + "/" + id, log_folder + "/coordinator"));
  auto process = std::make_shared<CoordinatorProcess>(CoordinatorOptions{.executor = options_.executor,
                                                                         .files = options_.files,
                                                                         .executable = std::move(executable),
                                                                         .environment = options_.environment,
                                                                         .folder = options_.folder + "/" + id,
                                                                         .log_prefix = log_folder + "/coordinator",
                                                                         .log_settings = options_.log_settings,
                                                                         .job = id,
                                                                         .user = options_.user,
                                                                         .silence = options_.silence,
                                                                         .path_of = PathOf()},
                                                      submission.graph);
  auto attached = std::make_shared<JobGraph>(graph);
  AttachRemoteSources(process, *attached);
  submission.graph = std::move(attached);
  return OkStatus();
}

void ProgramAdmission::SubmitJob(JobSubmission submission, StatusReply reply) {
  const JobId job_id = submission.job_id;
  const Status admitted = Admit(submission);
  if (!admitted.ok()) {
    options_.artifacts->Release(job_id);
    return reply(admitted);
  }
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
