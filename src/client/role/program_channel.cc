#include "weir/client/role/program_channel.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "weir/base/process/child_process.h"
#include "weir/graph/job/job_graph_codec.h"
#include "weir/rpc/wire/hello.h"
#include "weir/rpc/wire/job_values.h"
#include "weir/v1/program.pb.h"

namespace weir {

namespace {

Status CommandLineIsGone() { return AbortedError("the command line that runs this program has ended"); }

}  // namespace

ProgramChannel::ProgramChannel() : channel_(kInheritedFd, "weir-client", this) {}

void ProgramChannel::Ask(v1::ProgramRequest& request, Handler handler) {
  MutexLock lock(mutex_);
  if (is_closed_) {
    lock.Unlock();
    handler(CommandLineIsGone(), v1::ProgramReply());
    return;
  }
  request.set_number(++last_number_);
  waiting_.emplace(last_number_, std::move(handler));
  channel_.Send(request.SerializeAsString());
}

void ProgramChannel::OnFrame(std::string_view frame) {
  v1::ProgramReply reply;
  if (!reply.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
    return FailAll(DataLossError("the command line sent what is no message"));
  }
  Handler handler;
  {
    MutexLock lock(mutex_);
    const auto found = waiting_.find(reply.number());
    if (found == waiting_.end()) return;
    handler = std::move(found->second);
    waiting_.erase(found);
  }
  handler(FromProto(reply.status()), reply);
}

void ProgramChannel::OnClosed(Status) { FailAll(CommandLineIsGone()); }

void ProgramChannel::FailAll(const Status& status) {
  std::map<uint64_t, Handler> failed;
  {
    MutexLock lock(mutex_);
    is_closed_ = true;
    failed.swap(waiting_);
  }
  for (auto& [number, handler] : failed) handler(status, v1::ProgramReply());
}

void ProgramChannel::SubmitJob(JobSubmission submission, StatusReply reply) {
  v1::ProgramRequest request;
  FillHello(*request.mutable_submit()->mutable_hello());
  ToProto(submission, *request.mutable_submit());
  Ask(request, [reply = std::move(reply)](const Status& status, const v1::ProgramReply&) mutable { reply(status); });
}

void ProgramChannel::ListJobs(Reply<std::vector<JobOverview>> reply) {
  v1::ProgramRequest request;
  FillHello(*request.mutable_list_jobs()->mutable_hello());
  Ask(request, [reply = std::move(reply)](const Status& status, const v1::ProgramReply& answer) mutable {
    if (!status.ok()) return reply(status);
    std::vector<JobOverview> jobs;
    for (const v1::JobOverview& job : answer.jobs().jobs()) jobs.push_back(FromProto(job));
    reply(std::move(jobs));
  });
}

void ProgramChannel::CancelJob(JobId job_id, StatusReply reply) {
  v1::ProgramRequest request;
  request.set_cancel_job(IdBytes(job_id));
  Ask(request, [reply = std::move(reply)](const Status& status, const v1::ProgramReply&) mutable { reply(status); });
}

void ProgramChannel::TriggerSavepoint(JobId job_id, SavepointRequest savepoint, Reply<std::string> reply) {
  v1::ProgramRequest request;
  ToProto(savepoint, *request.mutable_trigger_savepoint());
  request.mutable_trigger_savepoint()->set_job_id(IdBytes(job_id));
  Ask(request, [reply = std::move(reply)](const Status& status, const v1::ProgramReply& answer) mutable {
    if (!status.ok()) return reply(status);
    reply(answer.savepoint());
  });
}

void ProgramChannel::FetchRows(JobId job_id, std::string rows, Reply<std::vector<std::string>> reply) {
  v1::ProgramRequest request;
  request.mutable_fetch_rows()->set_job_id(IdBytes(job_id));
  request.mutable_fetch_rows()->set_request(std::move(rows));
  Ask(request, [reply = std::move(reply)](const Status& status, const v1::ProgramReply& answer) mutable {
    if (!status.ok()) return reply(status);
    reply(std::vector<std::string>(answer.rows().answers().begin(), answer.rows().answers().end()));
  });
}

void ProgramChannel::RequestJobDetails(JobId job_id, Reply<JobDetails> reply) {
  v1::ProgramRequest request;
  request.set_describe_job(IdBytes(job_id));
  Ask(request, [reply = std::move(reply)](const Status& status, const v1::ProgramReply& answer) mutable {
    if (!status.ok()) return reply(status);
    reply(FromProto(answer.details()));
  });
}

void ProgramChannel::RequestJobResult(JobId job_id, Reply<JobResult> reply) {
  v1::ProgramRequest request;
  request.set_await_job(IdBytes(job_id));
  Ask(request, [reply = std::move(reply)](const Status& status, const v1::ProgramReply& answer) mutable {
    if (!status.ok()) return reply(status);
    reply(FromProto(answer.result()));
  });
}

void SendPlanAndExit(const JobGraph& graph) {
  struct Ignore final : FrameHandler {
    void OnFrame(std::string_view) override {}
    void OnClosed(Status) override {}
  } ignore;
  v1::ProgramRequest request;
  ToProto(graph, *request.mutable_plan());
  std::fflush(nullptr);
  FrameChannel channel(kInheritedFd, "weir-plan", &ignore);
  channel.Send(request.SerializeAsString());
  channel.Flush();
  _exit(EXIT_SUCCESS);
}

}  // namespace weir
