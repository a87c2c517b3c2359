// Passes a program's requests on to the JobManager, and the answers back.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/client/cli/program_run.h"
#include "weir/graph/job/job_graph.h"
#include "weir/rpc/grpc/job_manager_client.h"

namespace weir {
namespace v1 {
class ProgramReply;
class ProgramRequest;
}  // namespace v1
}  // namespace weir

namespace weir::cli {

// What the command line knows about a program and the program does not.
struct RelayedProgram {
  std::string executable;  // SHA-256
  std::string name;
  std::string working_directory;
  bool is_detached = false;
  bool is_json = false;                 // jobs are announced as JSON
  std::vector<ShippedFile> files = {};  // libraries and --ship, uploaded
  JobId first_job = {};  // the id of its first job; zero: any. If the JobManager has that job, it is waited for
  // Called before the program or this command may print something, on any thread.
  std::function<void()> before_output = [] {};
};

struct RelayedJob {
  JobId id;
  std::string name;
};

// Threads: one, but for answers, which come on gRPC's.
class JobRelay {
 public:
  // `program` outlives it.
  JobRelay(std::shared_ptr<JobManagerClient> client, ProgramRun* program, RelayedProgram about);
  // Answers that are on their way are dropped.
  ~JobRelay();

  // Answers one request of the program; a submission waits for the JobManager, and is announced on stdout. kDataLoss: that was no request.
  Status Handle(const std::string& frame);
  // Waits again for jobs whose JobManager went away: the next one goes on with them. To be called now and then; gives up after a while.
  void Resume();

  int submitted() const { return static_cast<int>(jobs_->size()); }
  // The last job whose end is not known.
  std::optional<RelayedJob> running() const;
  void Cancel(JobId job);
  StatusOr<JobDetails> Details(JobId job);
  // Why the last job was refused or failed; empty: neither.
  std::string trouble() const;

 private:
  // A program waits for a job whose JobManager is gone.
  struct LostWait {
    uint64_t number = 0;  // of the program's request
    JobId job;
    Status why;
  };

  // What answers on other threads touch; they may come when the relay is gone.
  struct Answers {
    Mutex mutex;
    std::vector<LostWait> lost WEIR_GUARDED_BY(mutex);
    ProgramRun* program WEIR_GUARDED_BY(mutex) = nullptr;  // null: gone
    std::function<void()> before_output WEIR_GUARDED_BY(mutex);
    std::vector<EarlierJob> jobs
        WEIR_GUARDED_BY(mutex);  // in the order of their submission; detached: not known to have ended

    std::string trouble WEIR_GUARDED_BY(mutex);

    void Reply(const v1::ProgramReply& reply);
    // What came of a job.
    void Note(const Status& status);
    size_t size() {
      MutexLock lock(mutex);
      return jobs.size();
    }
  };

  void Answer(const v1::ProgramRequest& request);
  Status Submit(const v1::ProgramRequest& request);
  // Its ShipFile() files come behind those of the command line.
  Status AddFiles(JobGraph& graph);
  void Await(uint64_t number, JobId job);
  static void AnswerWait(Answers& answers, uint64_t number, JobId job, const StatusOr<JobResult>& result);

  const std::shared_ptr<JobManagerClient> client_;
  const RelayedProgram about_;
  const std::shared_ptr<Answers> jobs_;
  int64_t lost_since_ = 0;  // monotonic; 0: the JobManager is there
};

}  // namespace weir::cli
