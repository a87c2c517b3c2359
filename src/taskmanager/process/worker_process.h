// One worker process as its TaskManager sees it: from the fetching of its executable to the end of the process.
//
//   FETCHING ── executable is here ──▶ RUNNING ── process ended and its socket is read ──▶ ENDED
//
// Messages wait until the process is there. Tasks that have not ended when the process does are reported as failed, with how it ended.
#pragma once

#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/net/descriptor.h"
#include "weir/base/process/child_process.h"
#include "weir/base/process/frame_channel.h"
#include "weir/base/process/process_limits.h"
#include "weir/rpc/in_memory_gateways.h"
#include "weir/rpc/wire/deployment_values.h"
#include "weir/taskmanager/process/process_worker_launcher.h"

namespace weir {

namespace v1 {
class FromWorker;
class ToWorker;
}  // namespace v1

// Threads: the strand of the launcher's options, but for the socket's and the child's callbacks, which post to it.
class WorkerProcess final : public std::enable_shared_from_this<WorkerProcess>, private FrameHandler {
 public:
  WorkerProcess(const ProcessWorkerLauncherOptions& options, WorkerRequest request, std::string name,
                WorkerListener* listener);
  // The process has ended, or is killed here.
  ~WorkerProcess() override;

  // `on_end` comes when there is no process any more.
  void Start(std::function<void()> on_end);
  void Deploy(const TaskDeploymentDescriptor& descriptor);
  // With the message goes the descriptor, if there is one.
  void Send(const v1::ToWorker& message, Descriptor descriptor = Descriptor());
  // kUnavailable: the process has ended, or does before it answers.
  void FetchRows(std::string request, Reply<std::string> reply);
  // ThreadStacksText (base/crash/thread_stacks.h), with a note instead of stacks if it does not answer in time. Dropped without a word if it ends before.
  void FetchThreads(Reply<std::string> reply);
  // The listener hears nothing any more; the process is asked to end, and killed when it does not.
  void Retire();
  void Kill();

  bool ended() const { return state_ == State::kEnded; }
  const std::vector<std::pair<ExecutionAttemptId, TaskStatistics>>& statistics() const { return statistics_; }
  // What the process reported last; null once it is gone.
  const std::shared_ptr<const MetricSnapshot>& metrics() const { return metrics_; }

 private:
  enum class State : uint8_t { kFetching, kRunning, kEnded };

  void OnFrame(std::string_view frame) override;
  void OnClosed(Status status) override;
  // One of the program's files is here, or cannot be had.
  void Fetched(const std::string& sha256, StatusOr<std::string> path);
  void Begin();
  Status Spawn();
  void SendJob();
  void Handle(const v1::FromWorker& message);
  void Acknowledge(const v1::FromWorker& message);
  void GiveRows(const v1::FromWorker& message);
  void GiveThreads(uint64_t number, StatusOr<std::string> text);
  void TaskChanged(TaskStateUpdate update);
  // Listens for signs of life, for as long as the process lives.
  void Watch();
  void LookForSilence();
  void ChildEnded(ExitStatus how);
  void EndIfOver();
  void FailTasks(const Status& why);
  std::string DescribeDeath(const ExitStatus& how);
  // What the kernel lets the new process use; what cannot be limited is logged.
  void Limit();

  const ProcessWorkerLauncherOptions& options_;
  const WorkerRequest request_;
  const std::string name_;
  const std::string folder_;
  const std::string job_;  // its id as text
  const std::string log_prefix_;
  const Mailbox post_;
  WorkerListener* listener_;  // null once retired
  std::function<void()> on_end_;
  State state_ = State::kFetching;
  std::map<std::string, StatusOr<std::string>> fetched_;  // where the program's files are, by SHA-256
  // Frames for a process that is not there yet, and what goes with them.
  std::vector<std::pair<std::string, Descriptor>> waiting_;
  std::set<ExecutionAttemptId> living_;
  SentRegions sent_;
  uint64_t last_request_ = 0;
  std::map<uint64_t, Reply<std::string>> rows_requests_;
  std::map<uint64_t, Reply<std::string>> threads_requests_;
  std::vector<std::pair<ExecutionAttemptId, TaskStatistics>> statistics_;
  std::shared_ptr<const MetricSnapshot> metrics_;
  bool is_ready_ = false;
  int64_t heard_nanos_ = 0;   // monotonic; of the last message
  int64_t looked_nanos_ = 0;  // when we looked for silence last
  bool is_closed_ = false;
  Status refusal_;
  std::optional<ExitStatus> how_;
  std::unique_ptr<FrameChannel> channel_;
  std::unique_ptr<ChildProcess> child_;
  std::unique_ptr<MemoryGroup> memory_;  // null: none is asked for, or allowed
};

}  // namespace weir
