// The COORDINATOR role: runs the split enumerators of one job for the JobManager (proto/weir/v1/coordinator.proto).
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "weir/client/role/frame_inbox.h"
#include "weir/graph/job/job_graph.h"

namespace weir {

class FileSystem;

namespace v1 {
class FromCoordinator;
class ToCoordinator;
}  // namespace v1

// Threads: the program's main thread, on which the enumerators run.
class CoordinatorRole final {
 public:
  // Takes over the socket of the role.
  CoordinatorRole();
  ~CoordinatorRole();

  // The job that this process is for. Ends the process if the JobManager goes away first.
  const JobGraph& WaitForJob();
  // Runs its enumerators with the code of `program` until the JobManager goes away; ends the process.
  [[noreturn]] void Serve(const StreamGraph& program);

 private:
  class HostedEnumerator;

  // The next message; ends the process when there will be none. False: `timeout` passed first.
  bool Next(std::optional<Duration> timeout, v1::ToCoordinator& message);
  void Handle(const v1::ToCoordinator& message);
  void Create(const v1::ToCoordinator& message);
  void Send(const v1::FromCoordinator& message);
  // How long until a timer of an enumerator is due, or a sign of life.
  Duration UntilTimer() const;
  void RunDueTimers();
  void SayAlive();
  [[noreturn]] void Refuse(const Status& why);
  [[noreturn]] void Exit(int code);

  FrameInbox inbox_;
  FrameChannel channel_;
  std::unique_ptr<JobGraph> graph_;
  std::unique_ptr<FileSystem> files_;
  std::map<uint64_t, std::unique_ptr<HostedEnumerator>> enumerators_;
  int64_t say_alive_at_ = 0;  // monotonic nanoseconds
};

}  // namespace weir
