// A job as it is being executed: for every vertex its subtasks, for every subtask its present attempt and how many came before.
//
//   JobGraph          JobVertex            (what)
//   ExecutionGraph    ExecutionJobVertex   ExecutionVertex   Execution
//                     one per JobVertex    one per subtask   one per attempt
//
// Only the table of legal transitions (rpc/execution_state.h) decides which state follows which; all changes go through Transition and Reset.
//
// Threads: the JobMaster's event loop.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "weir/base/ids.h"
#include "weir/base/status.h"
#include "weir/base/time.h"
#include "weir/graph/job/job_graph.h"
#include "weir/graph/job/pipelined_regions.h"
#include "weir/rpc/execution_state.h"
#include "weir/rpc/job_messages.h"

namespace weir {

class Random;

// One attempt to run one subtask.
struct Execution {
  ExecutionAttemptId id;
  int32_t number = 0;  // 0: the first
  ExecutionState state = ExecutionState::kCreated;
  // Wall time at which each state was entered; kNoEventTime: not yet.
  std::array<EventTime, kExecutionStates> entered = {};
  TaskManagerId task_manager = {};  // set when it is deployed, with all of its region
  std::string data_address = {};    // of that TaskManager's data port
  Status failure = {};
  TaskStatistics statistics = {};       // the latest
  TaskStatistics earlier = {};          // those before
  AccumulatorTotals accumulators = {};  // once it has ended
};

class ExecutionGraph {
 public:
  // `random` gives the ids of the attempts; it must outlive the graph.
  ExecutionGraph(std::shared_ptr<const JobGraph> graph, Random& random, EventTime now);

  const JobGraph& graph() const { return *graph_; }
  const JobVertex& VertexOf(const SubtaskRef& task) const { return graph_->vertices[task.vertex]; }
  // All subtasks, producers first.
  const std::vector<SubtaskRef>& tasks() const { return tasks_; }

  // The present attempt.
  const Execution& Current(const SubtaskRef& task) const { return vertices_[task.vertex][task.subtask]; }
  // The subtask whose present attempt this is.
  std::optional<SubtaskRef> Find(const ExecutionAttemptId& attempt) const;

  // Moves the present attempt on; false, and nothing changed, if that is not legal.
  bool Transition(const SubtaskRef& task, ExecutionState to, EventTime now);
  // Begins a new attempt; the present one has ended.
  void Reset(const SubtaskRef& task, EventTime now);
  void SetTaskManager(const SubtaskRef& task, TaskManagerId task_manager, std::string data_address);
  void SetFailure(const SubtaskRef& task, Status failure);
  void SetStatistics(const SubtaskRef& task, const TaskStatistics& statistics);
  void SetAccumulators(const SubtaskRef& task, AccumulatorTotals accumulators);

  // All run, or have finished.
  bool AllStarted() const { return running_ + finished_ == tasks_.size(); }
  bool AllFinished() const { return finished_ == tasks_.size(); }
  // No task of these runs or will run by itself.
  bool AllTerminal(const std::vector<SubtaskRef>& tasks) const;

  // Pipelined regions: tasks that fail and restart together.
  const std::vector<std::vector<SubtaskRef>>& regions() const { return regions_; }
  int RegionOf(const SubtaskRef& task) const { return region_of_[task.vertex][task.subtask]; }

  // Sums over all present attempts that have ended.
  AccumulatorTotals SumAccumulators() const;
  // `"Map" (subtask 2/4)`.
  std::string NameOf(const SubtaskRef& task) const;

 private:
  Execution& Mutable(const SubtaskRef& task) { return vertices_[task.vertex][task.subtask]; }
  Execution NewExecution(const SubtaskRef& task, int32_t number, EventTime now);

  const std::shared_ptr<const JobGraph> graph_;
  Random& random_;
  const std::vector<std::vector<SubtaskRef>> regions_;
  std::vector<std::vector<int>> region_of_;  // by vertex and subtask
  std::vector<SubtaskRef> tasks_;
  std::vector<std::vector<Execution>> vertices_;                 // by vertex and subtask: the present attempts
  std::unordered_map<ExecutionAttemptId, SubtaskRef> attempts_;  // the present ones
  size_t running_ = 0;
  size_t finished_ = 0;
};

}  // namespace weir
