#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "weir/testing.h"
#include "weir/weir.h"

namespace weir {
namespace {

constexpr const char* kProgram[] = {"test"};

std::vector<int64_t> Sorted(std::vector<int64_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

TEST(StreamExecutionEnvironment, CollectsTheRowsOfAJob) {
  StreamExecutionEnvironment env(1, kProgram);
  const std::vector<int64_t> rows = env.FromSequence(1, 4).Map([](int64_t n) { return n * n; }).ExecuteAndCollect();
  EXPECT_EQ(Sorted(rows), (std::vector<int64_t>{1, 4, 9, 16}));
}

TEST(StreamExecutionEnvironment, RunsSeveralJobsOnOneCluster) {
  const auto cluster = EmbeddedCluster::Start({.slots = 2});
  StreamExecutionEnvironment first(1, kProgram), second(1, kProgram);
  first.RunOn(cluster);
  second.RunOn(cluster);
  auto rows = first.FromSequence(1, 3).ExecuteAndCollect("first");
  const std::vector<int64_t> others = second.FromSequence(4, 5).ExecuteAndCollect("second");
  const std::vector<int64_t> taken = rows;
  EXPECT_EQ(Sorted(taken), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(Sorted(others), (std::vector<int64_t>{4, 5}));
}

TEST(StreamExecutionEnvironment, StartsAJobAndGoesOn) {
  StreamExecutionEnvironment env(1, kProgram);
  env.FromSequence(1, 4).SinkTo(DiscardSink<int64_t>());
  JobClient job = env.ExecuteAsync("discards");
  EXPECT_TRUE(job.ok());
  EXPECT_EQ(job.id().size(), 32u);
  EXPECT_TRUE(job.Result().ok());
  EXPECT_EQ(job.Status(), JobStatus::kFinished);
}

TEST(StreamExecutionEnvironment, AJobThatCannotBeStartedIsAClientThatSaysWhy) {
  StreamExecutionEnvironment env(1, kProgram);
  env.SetParallelism(0);
  env.FromSequence(1, 4).SinkTo(DiscardSink<int64_t>());
  JobClient job = env.ExecuteAsync("wrong");
  EXPECT_FALSE(job.ok());
  EXPECT_NE(job.status().message().find("SetParallelism(0)"), std::string::npos);
  EXPECT_EQ(job.Status(), JobStatus::kFailed);
  EXPECT_EQ(job.Result().status(), job.status());
  EXPECT_FALSE(job.StopWithSavepoint("anywhere").ok());
  EXPECT_TRUE(job.WaitFor(Duration(0)));
}

TEST(StreamExecutionEnvironment, RunsWhatWasBuiltSinceTheLastExecution) {
  StreamExecutionEnvironment env(1, kProgram);
  const std::vector<int64_t> first = env.FromSequence(1, 2).ExecuteAndCollect();
  const std::vector<int64_t> second = env.FromSequence(7, 7).ExecuteAndCollect();
  EXPECT_EQ(Sorted(first), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(second, (std::vector<int64_t>{7}));
}

TEST(StreamExecutionEnvironment, ReportsAllMistakesOfAProgramTogether) {
  StreamExecutionEnvironment env(1, kProgram);
  env.SetParallelism(0);
  auto numbers = env.FromSequence(1, 2);
  numbers.Union(env.FromSequence(3, 4)).Name("both");
  const JobExecutionResult result = env.Execute("wrong");
  EXPECT_FALSE(result.ok());
  const std::string message(result.status().message());
  EXPECT_NE(message.find("SetParallelism(0)"), std::string::npos) << message;
  EXPECT_NE(message.find("Name was called on a stream that no operator made"), std::string::npos) << message;
}

class ManyStates : public KeyedProcessFunction<int64_t, int64_t, int64_t> {
 public:
  explicit ManyStates(int count) {
    for (int i = 0; i < count; ++i) states_.emplace_back(this, std::to_string(i));
  }
  void ProcessElement(const int64_t& number, Context& ctx, Collector<int64_t>&) {
    for (ValueState<int64_t>& state : states_) state.Update(number);
    ctx.timers().RegisterEventTime(Timestamp(Duration(number)));
  }
  void OnTimer(Timestamp, OnTimerContext&, Collector<int64_t>& out) {
    int64_t sum = 0;
    for (ValueState<int64_t>& state : states_) sum += state.Value();
    out.Collect(sum);
  }

 private:
  std::deque<ValueState<int64_t>> states_;
};

// Found when the job is deployed, it would be restarted for ever.
TEST(StreamExecutionEnvironment, TimersTakeThePlaceOfAStateAndThePlanSaysSo) {
  StreamExecutionEnvironment env(1, kProgram);
  const auto numbers = env.FromSequence(1, 1).KeyBy([](int64_t n) { return n; });
  EXPECT_EQ(std::vector<int64_t>(numbers.Process<ManyStates>(30).ExecuteAndCollect()), std::vector<int64_t>{30});

  const auto more = env.FromSequence(1, 1).KeyBy([](int64_t n) { return n; });
  more.Process<ManyStates>(31).SinkTo(DiscardSink<int64_t>());
  const JobClient job = env.ExecuteAsync("too many");
  EXPECT_NE(job.status().message().find("at most 30 are possible beside timers"), std::string::npos)
      << job.status().message();
}

}  // namespace
}  // namespace weir
