// Takes the checkpoints and savepoints of one job: executes what checkpoint_decisions.h decides. The protocol is docs/checkpointing.md.
//
//   timer, savepoint, state of a task ─▶ DecideTrigger ─▶ store: Begin ─▶ sources' state, TriggerCheckpoint to all tasks
//   AcknowledgeCheckpoint ─▶ Acknowledge ─ the last ─▶ store: Finalize ─▶ FinishMetadata ─▶ NotifyCheckpointComplete, older ones discarded
//   DeclineCheckpoint, timeout, failover ─▶ AbortCheckpoint ─▶ NotifyCheckpointAborted, files deleted; perhaps the job fails
//
// Threads: the JobMaster's event loop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/execution/executor.h"
#include "weir/graph/job/job_graph.h"
#include "weir/jobmanager/checkpoint/checkpoint_decisions.h"
#include "weir/jobmanager/checkpoint/checkpoint_tracker.h"
#include "weir/jobmanager/checkpoint/snapshot_store.h"
#include "weir/rpc/checkpoint_messages.h"
#include "weir/rpc/job_messages.h"

namespace weir {

struct LivingTask {
  ExecutionAttemptId attempt = {};
  SubtaskPlace place = {};
};

// The tasks as they are at the moment.
struct CheckpointTasks {
  bool all_run = false;                 // RUNNING or FINISHED, and no restart is under way
  std::vector<LivingTask> living = {};  // those that have not finished
  bool all_ended = false;               // every living one has processed all its input
};

// What a coordinator asks of its JobMaster. Reached from within calls of the coordinator, and its timers.
class CheckpointCoordinatorHost {
 public:
  virtual ~CheckpointCoordinatorHost() = default;
  virtual CheckpointTasks Tasks() const = 0;
  // The state of every source's split enumerator, now.
  virtual StatusOr<std::vector<std::pair<OperatorId, std::string>>> SnapshotSources(CheckpointId id) = 0;
  // To tasks that have ended meanwhile nothing is sent.
  virtual void SendTrigger(const ExecutionAttemptId& attempt, const CheckpointTrigger& trigger) = 0;
  virtual void SendComplete(const ExecutionAttemptId& attempt, CheckpointId id) = 0;
  virtual void SendAborted(const ExecutionAttemptId& attempt, CheckpointId id) = 0;
  // The outcome of its metadata is known. `covers`: it is complete, and a restart would begin there.
  virtual void CheckpointEnded(CheckpointId id, bool covers) = 0;
  // More checkpoints have failed than may, or one that cannot be undone: the job is to restart.
  virtual void CheckpointsFailed(Status cause) = 0;
  // Nothing can be kept: the job is to fail.
  virtual void CheckpointStorageFailed(Status cause) = 0;
};

struct CheckpointCoordinatorOptions {
  JobId job_id;
  std::shared_ptr<const JobGraph> graph;
  CheckpointPolicy policy;
  bool is_periodic = false;   // else only savepoints
  bool is_unaligned = false;  // barriers of checkpoints may overtake data
  size_t history = 10;        // checkpoints that are remembered for those who ask
  Executor* executor = nullptr;
  CheckpointCoordinatorHost* host = nullptr;
};

class CheckpointCoordinator {
 public:
  CheckpointCoordinator(CheckpointCoordinatorOptions options, std::unique_ptr<SnapshotStore> store);
  ~CheckpointCoordinator();

  // Opens the storage; the first checkpoint is an interval away. `restored`: what the job starts from, or null.
  void Start(std::shared_ptr<const RestoredSnapshot> restored);
  // A task has changed its state, or has processed all its input.
  void TasksChanged();
  // It needs no snapshot any more: what it did is covered by a complete one.
  void TaskFinished(const ExecutionAttemptId& attempt);
  // Attempts end and others will come: everything that lacks an acknowledgement is lost (I6).
  void AbortAll(const Status& cause);

  void Acknowledge(CheckpointAcknowledgement acknowledgement);
  void Decline(const CheckpointDecline& decline);
  // One that stops the job is answered by JobEnded.
  void TriggerSavepoint(SavepointRequest request, Reply<std::string> reply);
  // One besides the periodic ones, which waits for neither interval nor pause. Requests that wait share one checkpoint.
  void TriggerCheckpoint(CheckpointType type, Reply<CheckpointId> reply);

  // The metadata of some checkpoint is being written: which one a restart begins from is known only when that has ended.
  bool is_finalizing() const;
  // A savepoint is under way before which all sources end.
  bool is_draining() const;
  // What a restart begins from; null: from the beginning.
  const std::shared_ptr<const CompletedSnapshot>& latest() const { return latest_; }
  // Tasks begin from latest(), if there is one.
  void TasksRestored();
  std::shared_ptr<const CheckpointStatistics> statistics() const { return tracker_.Statistics(); }
  // The job is about to end by a savepoint that is complete.
  bool is_stopping() const { return stop_reply_ != nullptr; }
  // Tasks could not be restored from latest(): if that is what `failure` says, and there is an older one, that takes its place. Whether it does.
  bool FallBack(const Status& failure);
  // The same if there is no older one, and no checkpoint has been completed since the job was started from a damaged one: trying again would end the same.
  // False while that is not known yet.
  bool IsHopeless(const Status& failure) const;
  // The job has ended. `keeps`: its checkpoints stay. `prepare` is given what deletes the others, and runs it, on this event loop, when no JobManager will
  // start the job again, which without them would begin anew. `done` runs when the storage has been tidied up.
  void JobEnded(const Status& result, bool keeps, UniqueFunction<void(Closure)> prepare, Closure done);

 private:
  void TidyUp(LeftBehind what, Closure done);

  // What belongs to a pending checkpoint besides its decisions' state.
  struct Pending {
    SnapshotKind kind = SnapshotKind::kCheckpoint;
    CheckpointTrigger trigger = {};
    bool is_triggered = false;   // its tasks were told
    bool is_last = false;        // they had read all their input when it began
    bool is_finalizing = false;  // all have acknowledged
    int metadata_tries = 0;      // how often the metadata was written without a known outcome
    std::vector<LivingTask> tasks = {};
    std::vector<std::pair<OperatorId, std::string>> sources = {};
    std::map<ExecutionAttemptId, std::vector<OperatorSubtaskState>> acknowledged = {};
    Reply<std::string> reply = {};                    // savepoints
    bool answers_early = false;                       // once it has begun
    std::vector<Reply<CheckpointId>> asked_for = {};  // checkpoints
  };
  struct Wanted {
    SavepointRequest request;
    Reply<std::string> reply;
  };

  // Begins what may begin now, and sets the timers for the rest.
  void Advance();
  void Begin(SnapshotKind kind);
  void Located(CheckpointId id, StatusOr<SnapshotLocation> location);
  void Complete(CheckpointId id);
  void WriteMetadata(CheckpointId id, std::shared_ptr<const CheckpointMetadata> metadata);
  void MetadataDone(CheckpointId id, std::shared_ptr<const CheckpointMetadata> metadata, const MetadataResult& result);
  // Its metadata is there: tells the tasks and whoever waits for it, and lets older ones go.
  void Completed(Pending done, const CheckpointMetadata& metadata, const MetadataOutcome& outcome);
  // Of a job that has ended: only who asked for a savepoint still wants to know.
  void AnswerAfterEnd(CheckpointId id, const MetadataResult& result);
  // `counts`: see AbortCheckpoint.
  void Abort(CheckpointId id, const Status& cause, bool counts);
  // Tells the tasks and the storage that a pending one is over, and whoever waits for it.
  void Drop(CheckpointId id, const Status& cause, bool keeps_files);
  void ExpireOld();
  void SetTimer(int64_t at_ms);
  void FailJob(Status cause);
  // `failure` tells of damage of the files of latest_.
  bool SaysThatLatestIsDamaged(const Status& failure) const;
  // A savepoint with which the job stops. Nothing else begins beside it: a source that drains takes it at its end, and would have taken a newer one before.
  bool StopIsUnderWay() const;
  int64_t NowMs() const;
  int64_t WallMs() const { return options_.executor->clock().WallMillis(); }
  Pending* Find(CheckpointId id);
  // Of a task that takes part in a pending checkpoint.
  std::optional<SubtaskPlace> PlaceOf(CheckpointId id, const ExecutionAttemptId& attempt);

  const CheckpointCoordinatorOptions options_;
  const std::unique_ptr<SnapshotStore> store_;
  CheckpointState state_;
  CheckpointTracker tracker_;
  std::map<CheckpointId, Pending> pending_;
  std::vector<Wanted> wanted_;                           // savepoints that have not begun
  std::vector<Reply<CheckpointId>> wanted_checkpoints_;  // likewise
  bool wants_full_ = false;                              // of wanted_checkpoints_
  std::shared_ptr<const CompletedSnapshot> latest_;
  bool has_completed_ = false;  // latest_ is of this run
  std::vector<std::shared_ptr<const CompletedSnapshot>>
      older_;                                       // retained ones, ascending: what there is if latest_ is damaged
  std::unique_ptr<Reply<std::string>> stop_reply_;  // of a savepoint that is complete and that the job stops with
  std::string stop_path_;
  bool is_open_ = false;
  bool has_ended_ = false;
  bool final_triggered_ = false;  // a checkpoint has begun since every task has read its input
  bool has_run_ = false;          // all tasks ran at some time: the interval counts from there
  TimerHandle timer_;
  std::vector<TimerHandle> retries_;  // of metadata whose outcome is unknown
  int64_t timer_ms_ = INT64_MAX;
};

}  // namespace weir
