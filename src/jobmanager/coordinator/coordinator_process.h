// The process that runs the split enumerators of one job, as the JobManager sees it (proto/weir/v1/coordinator.proto).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "weir/base/execution/executor.h"
#include "weir/base/mutex.h"
#include "weir/base/process/child_process.h"
#include "weir/base/process/frame_channel.h"
#include "weir/base/process/process_user.h"
#include "weir/functions/source.h"
#include "weir/graph/job/job_graph.h"

namespace weir {

namespace v1 {
class FromCoordinator;
class ToCoordinator;
}  // namespace v1

struct CoordinatorOptions {
  Executor* executor = nullptr;  // of one thread, on which the JobMasters run
  FileSystem* files = nullptr;
  std::string executable;                             // on this machine
  std::vector<std::string> environment;               // of the JobManager: "NAME=value"
  std::string folder;                                 // the process' own
  std::string log_prefix;                             // its output goes to <prefix>.log, .out and .err
  std::string log_settings = {};                      // the logging configuration file, which it reads
  std::string job = {};                               // whose id its log lines carry
  std::shared_ptr<const ProcessUser> user = nullptr;  // as whom it runs; null: as this process
  // A process that has been silent for so long hangs and is killed.
  Duration silence{10'000};
  // Where another file of the program is, by SHA-256.
  std::function<StatusOr<std::string>(const std::string& sha256)> path_of;
};

// Threads: the executor's one, but for the socket's and the child's callbacks, which post to it.
class CoordinatorProcess final : public std::enable_shared_from_this<CoordinatorProcess> {
 public:
  // `graph` with its program; nothing is started yet.
  CoordinatorProcess(CoordinatorOptions options, std::shared_ptr<const JobGraph> graph);
  // Kills the process.
  ~CoordinatorProcess();

  // An enumerator that calls back to `context` from now on. The process is started for the first one, and anew after its death.
  StatusOr<uint64_t> Create(OperatorId operator_id, const std::string* restored, EnumeratorContext* context);
  void Destroy(uint64_t enumerator);
  void Send(uint64_t enumerator, v1::ToCoordinator& message);
  // Waits for the state, and takes in what the enumerator assigned before; empty, and the source has failed, if it does not come.
  std::string Snapshot(uint64_t enumerator);

 private:
  class Connection;

  Status EnsureRunning();
  // Handles what has come, until the answer to `question` (0: all that is there).
  std::optional<std::string> Drain(uint64_t question);
  void Handle(const v1::FromCoordinator& message);
  // Soon, unless an enumerator is made meanwhile.
  void EndIfUnused();
  // Listens for signs of life of the present process, for as long as there are any.
  void Watch();
  void LookForSilence();
  // It hangs.
  void Kill(const std::string& why);
  void Ended(Connection* connection, ExitStatus how);
  void FailAll(const Status& why);

  const CoordinatorOptions options_;
  const std::shared_ptr<const JobGraph> graph_;
  std::shared_ptr<Connection> connection_;  // null: no process
  std::map<uint64_t, EnumeratorContext*> contexts_;
  uint64_t last_enumerator_ = 0;
  uint64_t last_question_ = 0;
  bool is_ready_ = false;
  int64_t heard_nanos_ = 0;   // monotonic; of the last sign of life of this process; 0: it has given none yet
  int64_t looked_nanos_ = 0;  // when we looked for silence last
  Status refusal_;
};

}  // namespace weir
