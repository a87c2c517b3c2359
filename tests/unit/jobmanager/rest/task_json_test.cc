#include "weir/jobmanager/rest/task_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace weir {
namespace {

SubtaskDetails InState(ExecutionState state) {
  SubtaskDetails subtask;
  subtask.state = state;
  subtask.entered.fill(kNoEventTime);
  return subtask;
}

SubtaskDetails Entered(SubtaskDetails subtask, ExecutionState state, EventTime time) {
  subtask.entered[static_cast<size_t>(state)] = time;
  return subtask;
}

TEST(AggregateState, OneFailedSubtaskMakesTheVertexFailed) {
  const SubtaskDetails subtasks[] = {InState(ExecutionState::kRunning), InState(ExecutionState::kFailed)};
  EXPECT_EQ(AggregateState(subtasks), ExecutionState::kFailed);
}

TEST(AggregateState, IsFinishedOnlyIfAllSubtasksAre) {
  SubtaskDetails subtasks[] = {InState(ExecutionState::kFinished), InState(ExecutionState::kCreated)};
  EXPECT_EQ(AggregateState(subtasks), ExecutionState::kRunning);
  subtasks[1].state = ExecutionState::kFinished;
  EXPECT_EQ(AggregateState(subtasks), ExecutionState::kFinished);
}

TEST(TaskSpan, RunsFromDeploymentToTheEndOrUntilNow) {
  SubtaskDetails subtask = Entered(InState(ExecutionState::kRunning), ExecutionState::kDeploying, 100);
  EXPECT_EQ(SpanOf(subtask, FromEventTime(130)).duration_ms, 30);
  EXPECT_EQ(SpanOf(subtask, FromEventTime(130)).end_ms, -1);
  subtask = Entered(subtask, ExecutionState::kFinished, 120);
  subtask.state = ExecutionState::kFinished;
  EXPECT_EQ(SpanOf(subtask, FromEventTime(130)).duration_ms, 20);
}

TEST(TaskSpan, OfATaskThatWaitsForASlotIsUnknown) {
  const TaskSpan span = SpanOf(InState(ExecutionState::kScheduled), FromEventTime(130));
  EXPECT_EQ(span.start_ms, -1);
  EXPECT_EQ(span.duration_ms, -1);
}

TEST(StatusDurations, EachStateLastsUntilTheNext) {
  SubtaskDetails subtask = Entered(InState(ExecutionState::kRunning), ExecutionState::kCreated, 100);
  subtask = Entered(subtask, ExecutionState::kDeploying, 110);
  subtask = Entered(subtask, ExecutionState::kRunning, 115);
  const nlohmann::json durations = StatusDurations(subtask, FromEventTime(145));
  EXPECT_EQ(durations["CREATED"], 10);
  EXPECT_EQ(durations["DEPLOYING"], 5);
  EXPECT_EQ(durations["RUNNING"], 30);
  EXPECT_EQ(durations["SCHEDULED"], -1);
}

TEST(Distribution, OfNothingIsZero) { EXPECT_EQ(Distribution({})["max"], 0); }

TEST(Distribution, HasExtremesSumAndMedian) {
  const nlohmann::json shown = Distribution({4, 1, 3, 2});
  EXPECT_EQ(shown["min"], 1);
  EXPECT_EQ(shown["max"], 4);
  EXPECT_EQ(shown["sum"], 10);
  EXPECT_EQ(shown["median"], 2);
}

}  // namespace
}  // namespace weir
