// cancel, stop, savepoint, checkpoint: commands that end jobs, or take or delete snapshots.
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "weir/base/json_writer.h"
#include "weir/client/cli/command.h"
#include "weir/rpc/pending_reply.h"

namespace weir::cli {
namespace {

// One line per step for people; with --json one object at the end.
class Report {
 public:
  explicit Report(const ParsedLine& line) : is_json_(line.Has("json")) { json_.BeginObject(); }

  void Say(const std::string& text) const {
    if (is_json_) return;
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
  }
  void Add(const char* name, const std::string& value) { json_.Field(name, value); }
  int Done() {
    json_.EndObject();
    if (is_json_) std::printf("%s\n", std::move(json_).Take().c_str());
    return kDone;
  }

 private:
  const bool is_json_;
  JsonWriter json_;
};

StatusOr<SnapshotFormat> FormatOf(const ParsedLine& line) {
  const std::string type = line.Has("type") ? line.Get("type") : "canonical";
  if (type == "canonical") return SnapshotFormat::kCanonical;
  if (type == "native") return SnapshotFormat::kNative;
  return InvalidArgumentError("-type is \"" + type + "\"; expected canonical or native");
}

// A job that has its slots answers within that time, or is busy with its snapshot.
constexpr Duration kQuietWait{1000};

// Says once what a snapshot waits for that does not come: only a job all of whose tasks run can take one.
template <typename T>
StatusOr<T> AwaitSnapshot(JobManagerClient& client, JobId job, PendingReply<T>& reply) {
  if (!reply.WaitFor(kQuietWait)) {
    PendingReply<JobDetails> details;
    client.RequestJobDetails(job, details.NewReply());
    const StatusOr<JobDetails> known = details.Wait();
    if (known.ok() && !known->waiting_for.empty()) {
      std::fprintf(stderr, "job %s is waiting for %s; its snapshot begins when it has them\n", job.ToHex().c_str(),
                   known->waiting_for.c_str());
    }
  }
  return reply.Wait();
}

StatusOr<std::string> Take(JobManagerClient& client, JobId job, SavepointRequest request) {
  request.directory = AbsolutePath(request.directory);
  PendingReply<std::string> path;
  client.TriggerSavepoint(job, std::move(request), path.NewReply());
  return AwaitSnapshot(client, job, path);
}

int TakeAndReport(const ParsedLine& line, JobId job, SavepointRequest request, const std::string& what) {
  const StatusOr<SnapshotFormat> format = FormatOf(line);
  if (!format.ok()) return Misuse(line, std::string(format.status().message()));
  request.format = *format;
  request.is_detached = line.Has("detached");
  const auto client = Connect(line);
  if (!client.ok()) return Fail(client.status());
  Report report(line);
  report.Say(what);
  const bool is_detached = request.is_detached;
  const StatusOr<std::string> path = Take(**client, job, std::move(request));
  if (!path.ok()) return Fail(path.status());
  report.Say((is_detached ? "Savepoint triggered. Path: " : "Savepoint completed. Path: ") + *path);
  report.Add("jobid", job.ToHex());
  report.Add("savepoint", *path);
  report.Add("status", is_detached ? "IN_PROGRESS" : "COMPLETED");
  return report.Done();
}

int Dispose(const ParsedLine& line) {
  if (!line.positionals.empty()) {
    return Misuse(line, "-d/--dispose wants one savepoint and no job: weir savepoint -d <path>");
  }
  const auto client = Connect(line);
  if (!client.ok()) return Fail(client.status());
  const std::string path = AbsolutePath(line.Get("dispose"));
  Report report(line);
  report.Say("Disposing savepoint '" + path + "'.");
  const Status disposed = (*client)->DisposeSavepoint(path);
  if (!disposed.ok()) return Fail(disposed);
  report.Say("Savepoint '" + path + "' disposed.");
  report.Add("disposed", path);
  return report.Done();
}

// -s may stand before the job id without a folder of its own.
StatusOr<JobId> JobToCancel(const ParsedLine& line, std::string& folder) {
  folder = line.Get("withSavepoint");
  if (!line.positionals.empty() || folder.empty()) return JobIdOf(line);
  const StatusOr<JobId> job = JobId::FromHex(folder);
  folder.clear();
  return job;
}

StatusOr<JobResult> CancelAndWait(JobManagerClient& client, JobId job) {
  PendingReply<bool> begun;
  client.CancelJob(job, [reply = begun.NewReply()](Status status) mutable {
    reply(status.ok() ? StatusOr<bool>(true) : StatusOr<bool>(std::move(status)));
  });
  WEIR_RETURN_IF_ERROR(begun.Wait().status());
  PendingReply<JobResult> result;
  client.RequestJobResult(job, result.NewReply());
  return result.Wait();
}

}  // namespace

int CancelCommand(const ParsedLine& line) {
  std::string folder;
  const StatusOr<JobId> job = JobToCancel(line, folder);
  if (!job.ok()) return Misuse(line, std::string(job.status().message()));
  const auto client = Connect(line);
  if (!client.ok()) return Fail(client.status());
  const std::string id = job->ToHex();
  Report report(line);
  report.Add("jobid", id);
  std::string stored;
  if (line.Has("withSavepoint")) {
    std::fprintf(stderr,
                 "DEPRECATION WARNING: what the job does between its savepoint and its end is done again by the "
                 "next one. Use \"weir stop\" instead.\n");
    report.Say("Cancelling job " + id + " with savepoint" + (folder.empty() ? "" : " to " + folder) + ".");
    const StatusOr<std::string> path = Take(**client, *job, {.directory = folder});
    if (!path.ok()) return Fail(path.status().Annotate("the job was not cancelled"));
    stored = " Savepoint stored in " + *path + ".";
    report.Add("savepoint", *path);
  } else {
    report.Say("Cancelling job " + id + ".");
  }
  const StatusOr<JobResult> ended = CancelAndWait(**client, *job);
  if (!ended.ok()) return Fail(ended.status());
  if (ended->status != JobStatus::kCanceled) {
    return Fail(FailedPreconditionError("job " + id + " ended as " + std::string(JobStatusName(ended->status)) +
                                        " before it was cancelled"));
  }
  report.Say("Cancelled job " + id + "." + stored);
  report.Add("state", "CANCELED");
  return report.Done();
}

int CheckpointCommand(const ParsedLine& line) {
  const StatusOr<JobId> job = JobIdOf(line);
  if (!job.ok()) return Misuse(line, std::string(job.status().message()));
  if (line.Has("full") && line.Has("incremental")) return Misuse(line, "-full and -incremental exclude each other");
  const auto client = Connect(line);
  if (!client.ok()) return Fail(client.status());
  const bool is_plain = !line.Has("full") && !line.Has("incremental");
  const CheckpointType type = line.Has("full") ? CheckpointType::kFull
                              : is_plain       ? CheckpointType::kConfigured
                                               : CheckpointType::kIncremental;
  const char* const shown = line.Has("full") ? "(FULL)" : is_plain ? "" : "(INCREMENTAL)";
  Report report(line);
  report.Say("Triggering checkpoint for job " + job->ToHex() + ".");
  PendingReply<CheckpointId> taken;
  (*client)->TriggerCheckpoint(*job, type, taken.NewReply());
  const StatusOr<CheckpointId> id = AwaitSnapshot(**client, *job, taken);
  if (!id.ok()) return Fail(id.status());
  report.Say("Checkpoint" + std::string(shown) + " " + id->ToString() + " for job " + job->ToHex() + " completed.");
  report.Say("You can resume your program from this checkpoint with the run command.");
  report.Add("jobid", job->ToHex());
  report.Add("checkpoint", id->ToString());
  report.Add("status", "COMPLETED");
  return report.Done();
}

int StopCommand(const ParsedLine& line) {
  const StatusOr<JobId> job = JobIdOf(line);
  if (!job.ok()) return Misuse(line, std::string(job.status().message()));
  const char* const kind = line.Has("drain") ? "Draining" : "Suspending";
  return TakeAndReport(line, *job, {.directory = line.Get("savepointPath"), .stops = true, .drains = line.Has("drain")},
                       std::string(kind) + " job \"" + job->ToHex() + "\" with a savepoint.");
}

int SavepointCommand(const ParsedLine& line) {
  if (line.Has("dispose")) return Dispose(line);
  if (line.positionals.empty() || line.positionals.size() > 2) {
    return Misuse(line, "expected a job id, and perhaps a folder; `weir list` shows the ids");
  }
  const StatusOr<JobId> job = JobId::FromHex(line.positionals[0]);
  if (!job.ok()) return Misuse(line, std::string(job.status().message()));
  return TakeAndReport(line, *job, {.directory = line.positionals.size() == 2 ? line.positionals[1] : ""},
                       "Triggering savepoint for job " + job->ToHex() + ".");
}

}  // namespace weir::cli
