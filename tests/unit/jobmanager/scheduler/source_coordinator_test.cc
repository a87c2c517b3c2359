#include "weir/jobmanager/scheduler/source_coordinator.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/execution/simulated_executor.h"

namespace weir {
namespace {

// Does what the test says.
struct Script {
  std::function<Status(EnumeratorContext&)> start = [](EnumeratorContext&) { return OkStatus(); };
  std::function<void(EnumeratorContext&, int)> on_request = [](EnumeratorContext&, int) {};
  std::function<void(EnumeratorContext&)> on_timer = [](EnumeratorContext&) {};
  std::vector<std::string> given_back;
  std::string restored;  // what the enumerator was made from
  int made = 0;
};

class ScriptedEnumerator final : public SplitEnumeratorBase {
 public:
  explicit ScriptedEnumerator(Script* script) : script_(script) {}
  Status Start(EnumeratorContext& context) override {
    context_ = &context;
    return script_->start(context);
  }
  void HandleSplitRequest(int subtask) override { script_->on_request(*context_, subtask); }
  Status AddEncodedSplitsBack(const std::vector<std::string>& splits, int) override {
    script_->given_back = splits;
    return OkStatus();
  }
  void OnTimer() override { script_->on_timer(*context_); }
  std::string SnapshotEncodedState() override { return "state"; }

 private:
  Script* const script_;
  EnumeratorContext* context_ = nullptr;
};

class ScriptedSource final : public SourceFactory {
 public:
  explicit ScriptedSource(Script* script) : script_(script) {}
  Boundedness boundedness() const override { return Boundedness::kBounded; }
  bool blocking() const override { return false; }
  StatusOr<std::unique_ptr<SplitEnumeratorBase>> CreateEnumerator(const std::string* restored) const override {
    ++script_->made;
    script_->restored = restored != nullptr ? *restored : "nothing";
    return std::make_unique<ScriptedEnumerator>(script_);
  }
  StatusOr<std::unique_ptr<SourceReaderBase>> CreateReader(const RuntimeContext&) const override {
    return InternalError("no readers here");
  }

 private:
  Script* const script_;
};

// "0:a" for split a to subtask 0, "0:end" for no more splits.
class SourceCoordinatorTest : public testing::Test, private SourceCoordinatorHost {
 protected:
  SourceCoordinatorTest() {
    coordinator_.emplace(SourceCoordinatorOptions{.vertex = 3,
                                                  .name = "Source: lines",
                                                  .parallelism = 2,
                                                  .source = std::make_shared<ScriptedSource>(&script_),
                                                  .executor = &simulation_,
                                                  .host = this});
  }

  Script script_;
  SimulatedExecutor simulation_;
  std::optional<SourceCoordinator> coordinator_;
  std::vector<std::string> sent_;
  std::vector<std::string> failures_;

 private:
  void SendSplits(int, int subtask, std::vector<std::string> splits) override {
    for (const std::string& split : splits) sent_.push_back(std::to_string(subtask) + ":" + split);
  }
  void SendNoMoreSplits(int, int subtask) override { sent_.push_back(std::to_string(subtask) + ":end"); }
  void SourceFailed(int vertex, Status cause) override {
    EXPECT_EQ(vertex, 3);
    failures_.emplace_back(cause.message());
  }
};

using Texts = std::vector<std::string>;

TEST_F(SourceCoordinatorTest, SplitsWaitForTheirReaderToRegister) {
  script_.start = [](EnumeratorContext& context) {
    context.AssignEncodedSplit(1, "a");
    context.SignalNoMoreSplits(1);
    return OkStatus();
  };
  ASSERT_TRUE(coordinator_->Start().ok());
  EXPECT_TRUE(sent_.empty());
  coordinator_->RegisterReader(1);
  EXPECT_EQ(sent_, (Texts{"1:a", "1:end"}));
}

TEST_F(SourceCoordinatorTest, TheEndOfTheSplitsIsToldOnce) {
  script_.on_request = [](EnumeratorContext& context, int subtask) { context.SignalNoMoreSplits(subtask); };
  ASSERT_TRUE(coordinator_->Start().ok());
  coordinator_->RegisterReader(0);
  coordinator_->HandleSplitRequest(0);
  coordinator_->HandleSplitRequest(0);
  EXPECT_EQ(sent_, Texts{"0:end"});
}

TEST_F(SourceCoordinatorTest, WhatAFailedReaderEverHadGoesBack) {
  script_.on_request = [](EnumeratorContext& context, int subtask) { context.AssignEncodedSplit(subtask, "s"); };
  ASSERT_TRUE(coordinator_->Start().ok());
  coordinator_->RegisterReader(0);
  coordinator_->HandleSplitRequest(0);
  coordinator_->HandleSplitRequest(0);
  ASSERT_TRUE(coordinator_->ResetSubtasks({0}).ok());
  EXPECT_EQ(script_.given_back, (Texts{"s", "s"}));
  EXPECT_EQ(script_.made, 1);
  // It has to register again before it gets anything.
  sent_.clear();
  coordinator_->HandleSplitRequest(0);
  EXPECT_TRUE(sent_.empty());
}

TEST_F(SourceCoordinatorTest, WhatACompleteCheckpointCoversStaysWithItsReader) {
  script_.on_request = [](EnumeratorContext& context, int subtask) { context.AssignEncodedSplit(subtask, "s"); };
  ASSERT_TRUE(coordinator_->Start().ok());
  coordinator_->RegisterReader(0);
  coordinator_->HandleSplitRequest(0);
  const std::string state = *coordinator_->Snapshot(CheckpointId(1));
  script_.on_request = [](EnumeratorContext& context, int subtask) { context.AssignEncodedSplit(subtask, "later"); };
  coordinator_->HandleSplitRequest(0);
  coordinator_->OnCheckpointComplete(CheckpointId(1));
  ASSERT_TRUE(coordinator_->ResetSubtasks({0}, &state).ok());
  EXPECT_EQ(script_.given_back, Texts{"later"});
  EXPECT_EQ(script_.made, 1);
}

TEST_F(SourceCoordinatorTest, AnAbortedCheckpointCoversNothing) {
  script_.on_request = [](EnumeratorContext& context, int subtask) { context.AssignEncodedSplit(subtask, "s"); };
  ASSERT_TRUE(coordinator_->Start().ok());
  coordinator_->RegisterReader(0);
  coordinator_->HandleSplitRequest(0);
  ASSERT_TRUE(coordinator_->Snapshot(CheckpointId(1)).ok());
  ASSERT_TRUE(coordinator_->ResetSubtasks({0}).ok());
  EXPECT_EQ(script_.given_back, Texts{"s"});
}

TEST_F(SourceCoordinatorTest, SplitsThatWaitForTheirReaderArePartOfTheState) {
  script_.start = [](EnumeratorContext& context) {
    context.AssignEncodedSplit(1, "waits");
    return OkStatus();
  };
  ASSERT_TRUE(coordinator_->Start().ok());
  const std::string state = *coordinator_->Snapshot(CheckpointId(1));
  script_.start = [](EnumeratorContext&) { return OkStatus(); };
  ASSERT_TRUE(coordinator_->ResetSubtasks({0, 1}, &state).ok());
  EXPECT_EQ(script_.restored, "state");
  EXPECT_EQ(script_.given_back, Texts{"waits"});
}

TEST_F(SourceCoordinatorTest, ADamagedStateIsNamed) {
  const std::string damaged = "x";
  const Status status = coordinator_->Start(&damaged);
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("Source: lines"), std::string::npos);
}

TEST_F(SourceCoordinatorTest, ATimerOfAnEnumeratorThatWasReplacedDoesNothing) {
  int timers = 0;
  script_.start = [](EnumeratorContext& context) {
    context.CallLater(Duration(100));
    return OkStatus();
  };
  script_.on_timer = [&](EnumeratorContext&) { ++timers; };
  ASSERT_TRUE(coordinator_->Start().ok());
  simulation_.AdvanceTime(Duration(50));
  ASSERT_TRUE(coordinator_->ResetSubtasks({0, 1}).ok());
  simulation_.AdvanceTime(Duration(60));
  EXPECT_EQ(timers, 0);
  simulation_.AdvanceTime(Duration(60));
  EXPECT_EQ(timers, 1);
  coordinator_->RegisterReader(0);
}

TEST_F(SourceCoordinatorTest, ATimerOutlivesItsCoordinatorInPeace) {
  script_.start = [](EnumeratorContext& context) {
    context.CallLater(Duration(100));
    return OkStatus();
  };
  ASSERT_TRUE(coordinator_->Start().ok());
  coordinator_.reset();
  simulation_.AdvanceTime(Duration(200));
}

TEST_F(SourceCoordinatorTest, WhatTheEnumeratorThrowsFailsTheSource) {
  script_.on_request = [](EnumeratorContext&, int) { throw std::runtime_error("out of splits"); };
  ASSERT_TRUE(coordinator_->Start().ok());
  coordinator_->HandleSplitRequest(0);
  EXPECT_EQ(failures_,
            Texts{"operator \"Source: lines\" threw in its split enumerator's HandleSplitRequest: out of splits"});
}

TEST_F(SourceCoordinatorTest, ASplitForASubtaskThatDoesNotExistFailsTheSource) {
  script_.on_request = [](EnumeratorContext& context, int) { context.AssignEncodedSplit(2, "a"); };
  ASSERT_TRUE(coordinator_->Start().ok());
  coordinator_->HandleSplitRequest(0);
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0],
            "operator \"Source: lines\": the split enumerator assigned a split to subtask 2; the source has 2");
}

}  // namespace
}  // namespace weir
