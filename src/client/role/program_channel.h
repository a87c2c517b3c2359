// CLIENT and PLAN: the program's side of its talk with the command line that started it (proto/weir/v1/program.proto).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "weir/base/mutex.h"
#include "weir/base/process/frame_channel.h"
#include "weir/base/unique_function.h"
#include "weir/rpc/dispatcher_gateway.h"

namespace weir {

namespace v1 {
class ProgramReply;
class ProgramRequest;
}  // namespace v1

// Passes a program's requests to the JobManager through the command line. Replies come on the channel's thread; when the command line is gone, all that are
// still due are kAborted.
//
// Threads: any.
class ProgramChannel final : public DispatcherGateway, private FrameHandler {
 public:
  // Takes over the socket of the role.
  ProgramChannel();

  void SubmitJob(JobSubmission submission, StatusReply reply) override;
  void ListJobs(Reply<std::vector<JobOverview>> reply) override;
  void CancelJob(JobId job_id, StatusReply reply) override;
  void TriggerSavepoint(JobId job_id, SavepointRequest request, Reply<std::string> reply) override;
  void RequestJobDetails(JobId job_id, Reply<JobDetails> reply) override;
  void RequestJobResult(JobId job_id, Reply<JobResult> reply) override;
  void FetchRows(JobId job_id, std::string request, Reply<std::vector<std::string>> reply) override;

 private:
  using Handler = UniqueFunction<void(const Status&, const v1::ProgramReply&)>;

  void OnFrame(std::string_view frame) override;
  void OnClosed(Status status) override;
  // Numbers the request, remembers who waits for the answer, and sends it.
  void Ask(v1::ProgramRequest& request, Handler handler);
  void FailAll(const Status& status);

  Mutex mutex_;
  uint64_t last_number_ WEIR_GUARDED_BY(mutex_) = 0;
  bool is_closed_ WEIR_GUARDED_BY(mutex_) = false;
  std::map<uint64_t, Handler> waiting_ WEIR_GUARDED_BY(mutex_);
  FrameChannel channel_;  // last: its thread uses the others
};

// PLAN: hands the graph to the command line and ends the process.
[[noreturn]] void SendPlanAndExit(const JobGraph& graph);

}  // namespace weir
