// Rows of jobs that fail on the way, in virtual time: the program gets those of the run that counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "weir/testing.h"
#include "weir/weir.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr int64_t kNumbers = 100;  // ten per second, checkpoints once a second

const char* const kPlain[] = {"test", "-Drestart-strategy.type=fixed-delay",
                              "-Drestart-strategy.fixed-delay.attempts=10", "-Drestart-strategy.fixed-delay.delay=1ms"};
const char* const kWithCheckpoints[] = {kPlain[0],
                                        kPlain[1],
                                        kPlain[2],
                                        kPlain[3],
                                        "-Dexecution.checkpointing.interval=1s",
                                        "-Dexecution.checkpointing.dir=/checkpoints"};

// Each attempt but the last fails at a number of its own, and its rows say which attempt made them: a replayed row is another one.
class FailSometimes : public ProcessFunction<int64_t, std::string> {
 public:
  explicit FailSometimes(std::vector<int64_t> at) : at_(std::move(at)) {}
  void Open(const RuntimeContext& context) { attempt_ = context.attempt_number(); }
  void ProcessElement(const int64_t& number, Context&, Collector<std::string>& out) {
    if (attempt_ < static_cast<int>(at_.size()) && number >= at_[static_cast<size_t>(attempt_)]) {
      throw std::runtime_error("attempt " + std::to_string(attempt_) + " ends here");
    }
    out.Collect(std::to_string(number) + " by " + std::to_string(attempt_));
  }

 private:
  const std::vector<int64_t> at_;
  int attempt_ = 0;
};

auto Failing(StreamExecutionEnvironment& env, std::vector<int64_t> at) {
  return env.FromSource(GeneratorSource<int64_t>([](int64_t n) { return n; }, kNumbers).RatePerSecond(10), "numbers")
      .Rebalance()
      .Process<FailSometimes>(std::move(at));
}

// The numbers of rows, sorted.
std::vector<int64_t> NumbersOf(const std::vector<std::string>& rows) {
  std::vector<int64_t> numbers;
  for (const std::string& row : rows) numbers.push_back(std::stoll(row));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

class CollectedRowsTest : public ::testing::TestWithParam<int> {
 protected:
  template <size_t n>
  std::unique_ptr<StreamExecutionEnvironment> Program(const char* const (&arguments)[n], int parallelism) {
    auto env = std::make_unique<StreamExecutionEnvironment>(static_cast<int>(n), arguments);
    env->SetParallelism(parallelism);
    env->RunOn(EmbeddedCluster::Start({.slots = parallelism, .file_system = &files_, .simulation = &time_}));
    return env;
  }
  static std::vector<int64_t> AllNumbers() {
    std::vector<int64_t> all;
    for (int64_t n = 0; n < kNumbers; ++n) all.push_back(n);
    return all;
  }

  SimulatedExecutor time_;
  InMemoryFileSystem files_;
};

TEST_P(CollectedRowsTest, WithCheckpointsEachComesOnceThroughFailures) {
  const auto env = Program(kWithCheckpoints, GetParam());
  std::vector<std::string> rows = Failing(*env, {5, 27, 44, 88}).ExecuteAndCollect();
  EXPECT_EQ(NumbersOf(rows), AllNumbers());
}

TEST_P(CollectedRowsTest, OnesThatWereSeenAreNotMadeAgain) {
  const auto env = Program(kWithCheckpoints, GetParam());
  auto stream = Failing(*env, {27, 44}).ExecuteAndCollect();
  std::vector<std::string> seen;
  while (const std::string* row = stream.Next()) seen.push_back(*row);
  EXPECT_OK(stream.status());
  EXPECT_EQ(NumbersOf(seen), AllNumbers());
}

TEST_P(CollectedRowsTest, WithCheckpointsTheyComeWhenOneIsComplete) {
  const auto env = Program(kWithCheckpoints, GetParam());
  auto rows = Failing(*env, {}).ExecuteAndCollect();
  time_.AdvanceTime(900ms);
  EXPECT_TRUE(rows.TakeAvailable().empty());
  time_.AdvanceTime(500ms);
  EXPECT_GE(rows.TakeAvailable().size(), 9u);
}

TEST_P(CollectedRowsTest, WithoutCheckpointsTheyComeAtOnce) {
  const auto env = Program(kPlain, GetParam());
  auto rows = Failing(*env, {}).ExecuteAndCollect();
  time_.AdvanceTime(500ms);
  EXPECT_GE(rows.TakeAvailable().size(), 5u);
}

TEST_P(CollectedRowsTest, WithoutCheckpointsARestartIsAnErrorAndNoRowComesTwice) {
  const auto env = Program(kPlain, GetParam());
  auto stream = Failing(*env, {27}).ExecuteAndCollect();
  std::vector<std::string> seen;
  while (const std::string* row = stream.Next()) seen.push_back(*row);
  EXPECT_THAT(seen, Each(EndsWith(" by 0")));
  EXPECT_FALSE(seen.empty());
  EXPECT_EQ(stream.status().code(), StatusCode::kAborted);
  EXPECT_THAT(stream.status().message(), HasSubstr("execution.checkpointing.interval"));
}

TEST_P(CollectedRowsTest, AllRowsOfAJobThatRestartedWithoutCheckpointsAreThoseBeforeIt) {
  const auto env = Program(kPlain, GetParam());
  std::vector<std::string> rows = Failing(*env, {27}).ExecuteAndCollect();
  EXPECT_THAT(rows, Each(EndsWith(" by 0")));
}

INSTANTIATE_TEST_SUITE_P(Parallelism, CollectedRowsTest, ::testing::Values(1, 2),
                         [](const auto& each) { return "P" + std::to_string(each.param); });

}  // namespace
}  // namespace weir
