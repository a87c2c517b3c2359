#include "weir/runtime/async/async_operator.h"

#include <gtest/gtest.h>

#include "tests/harness/status_matchers.h"
#include "tests/unit/runtime/async/asked_service.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using Element = StreamElement<int64_t>;
using Options = AsyncOptions<std::string>;

TEST(AsyncOperator, EmitsWhenTheAnswerComes) {
  AskedService service;
  auto harness = AskingHarness(service);
  harness.Push(1);
  EXPECT_OK(harness.ExpectNoOutput());
  service.Answer();
  EXPECT_OK(harness.ExpectOutput({"1!"}));
}

TEST(AsyncOperator, KeepsTheOrderOfTheInput) {
  AskedService service;
  auto harness = AskingHarness(service);
  harness.PushBatch({1, 2, 3});
  service.Answer(2);
  service.Answer(1);
  EXPECT_OK(harness.ExpectNoOutput());
  service.Answer(0);
  EXPECT_OK(harness.ExpectOutput({"1!", "2!", "3!"}));
}

TEST(AsyncOperator, UnorderedEmitsInTheOrderOfAnswersButNotAcrossAWatermark) {
  AskedService service;
  auto harness = AskingHarness(service, {.ordered = false});
  harness.PushElements(
      {Element::Record(1, 10), Element::Record(2, 20), Element::Watermark(15), Element::Record(3, 30)});
  service.Answer(2);
  service.Answer(1);
  EXPECT_OK(harness.ExpectOutput({"2!"}));
  EXPECT_EQ(harness.output_watermark(), kMinWatermark);
  service.Answer(0);
  EXPECT_OK(harness.ExpectOutput({"1!", "3!"}));
  EXPECT_EQ(harness.output_watermark(), 15);
}

TEST(AsyncOperator, ResultsHaveTheTimeOfTheirRecord) {
  AskedService service;
  auto harness = AskingHarness(service);
  harness.Push(1, 10);
  service.Answer();
  const auto elements = harness.TakeElements();
  ASSERT_EQ(elements.size(), 1u);
  EXPECT_EQ(elements[0].time, 10);
}

TEST(AsyncOperator, AnAnswerMayBeNoResultOrSeveral) {
  AskedService service;
  auto harness = AskingHarness(service);
  harness.PushBatch({1, 2});
  service.Take().result.CompleteAll({});
  service.Take().result.CompleteAll({"a", "b"});
  EXPECT_OK(harness.ExpectOutput({"a", "b"}));
}

TEST(AsyncOperator, AsksForNoMoreThanItsCapacityAtATime) {
  AskedService service;
  auto harness = AskingHarness(service, {.capacity = 2});
  harness.PushBatch({1, 2, 3, 4});
  EXPECT_EQ(service.asked, 2);
  service.Answer(1);
  EXPECT_OK(harness.ExpectNoOutput());
  EXPECT_EQ(service.asked, 2) << "the answer has not left, for the first request is still under way";
  service.Answer(0);
  EXPECT_OK(harness.ExpectOutput({"1!", "2!"}));
  EXPECT_EQ(service.asked, 4);
}

TEST(AsyncOperator, WaitsForAllAnswersAtTheEndOfItsInput) {
  AskedService service;
  auto harness = AskingHarness(service);
  harness.PushBatch({1, 2}).EndInput();
  EXPECT_EQ(harness.output_watermark(), kMinWatermark);
  service.Answer();
  service.Answer();
  EXPECT_OK(harness.ExpectOutput({"1!", "2!"}));
  EXPECT_EQ(harness.output_watermark(), kMaxWatermark);
}

TEST(AsyncOperator, AFailedRequestFailsTheJob) {
  AskedService service;
  auto harness = AskingHarness(service);
  harness.Push(1);
  service.Fail();
  EXPECT_TRUE(IsError(harness.ExpectNoOutput(), StatusCode::kUnavailable, "a request failed: the service is down"));
}

TEST(AsyncOperator, ARequestThatIsDroppedHasFailed) {
  AskedService service;
  auto harness = AskingHarness(service);
  harness.Push(1);
  service.open.clear();
  EXPECT_TRUE(IsError(harness.ExpectNoOutput(), StatusCode::kInternal, "dropped without an answer"));
}

TEST(AsyncOperator, OnlyTheFirstAnswerCounts) {
  AskedService service;
  auto harness = AskingHarness(service);
  harness.Push(1);
  const AskedService::Request request = service.Take();
  request.result.Complete("first");
  request.result.Complete("second");
  request.result.Fail(InternalError("third"));
  EXPECT_OK(harness.ExpectOutput({"first"}));
}

TEST(AsyncOperator, AnswersAfterItsEndAreHarmless) {
  AskedService service;
  {
    auto harness = AskingHarness(service);
    harness.PushBatch({1, 2}).Close();
    service.Answer();
  }
  service.Answer();
}

TEST(AsyncOperator, RetriesAfterTheDelay) {
  AskedService service;
  auto harness = AskingHarness(service, {.retry = AsyncRetry::FixedDelay(2, 100ms)});
  harness.Push(1);
  service.Fail();
  EXPECT_OK(harness.ExpectNoOutput());
  harness.AdvanceProcessingTime(99ms);
  EXPECT_EQ(service.asked, 1);
  harness.AdvanceProcessingTime(1ms);
  EXPECT_EQ(service.asked, 2);
  service.Answer();
  EXPECT_OK(harness.ExpectOutput({"1!"}));
}

TEST(AsyncOperator, FailsWhenTheLastRetryFails) {
  AskedService service;
  auto harness = AskingHarness(service, {.retry = AsyncRetry::FixedDelay(2, 100ms)});
  harness.Push(1);
  for (int retry = 0; retry < 2; ++retry) {
    service.Fail();
    EXPECT_OK(harness.ExpectNoOutput());
    harness.AdvanceProcessingTime(100ms);
  }
  service.Fail();
  EXPECT_TRUE(IsError(harness.ExpectNoOutput(), StatusCode::kUnavailable, "a request failed 3 times, at last with"));
}

TEST(AsyncOperator, BacksOffExponentiallyUpToTheLongestDelay) {
  const AsyncRetry retry = AsyncRetry::ExponentialDelay(5, 10ms, 50ms, 2);
  std::vector<int64_t> delays;
  for (int i = 1; i <= 5; ++i) delays.push_back(retry.DelayBefore(i).count());
  EXPECT_EQ(delays, (std::vector<int64_t>{10, 20, 40, 50, 50}));
}

TEST(AsyncOperator, RetriesOnlyTheErrorsThatThePredicateNames) {
  AskedService service;
  const auto retry = AsyncRetry::FixedDelay(5, 10ms).IfError(
      [](const Status& error) { return error.code() == StatusCode::kUnavailable; });
  auto harness = AskingHarness(service, {.retry = retry});
  harness.Push(1);
  service.Fail();
  EXPECT_OK(harness.ExpectNoOutput());
  harness.AdvanceProcessingTime(10ms);
  service.Take().result.Fail(NotFoundError("no such airport"));
  EXPECT_TRUE(IsError(harness.ExpectNoOutput(), StatusCode::kNotFound, "no such airport"));
}

TEST(AsyncOperator, RetriesResultsThatThePredicateNamesAndTakesTheLast) {
  AskedService service;
  const auto retry =
      AsyncRetry::FixedDelay(1, 10ms).IfResult([](const std::vector<std::string>& results) { return results.empty(); });
  auto harness = AskingHarness(service, {.retry = retry});
  harness.PushBatch({1, 2});
  service.Take().result.CompleteAll({});
  service.Take().result.CompleteAll({});
  EXPECT_OK(harness.ExpectNoOutput());
  harness.AdvanceProcessingTime(10ms);
  service.Answer();
  service.Take().result.CompleteAll({});
  EXPECT_OK(harness.ExpectOutput({"1!"}));
  EXPECT_EQ(service.asked, 4);
}

TEST(AsyncOperator, ATimeoutFailsTheJobAndSaysWhatToDo) {
  AskedService service;
  auto harness = AskingHarness(service, {.timeout = 1s});
  harness.Push(1).AdvanceProcessingTime(999ms);
  EXPECT_OK(harness.ExpectNoOutput());
  harness.AdvanceProcessingTime(1ms);
  EXPECT_TRUE(IsError(harness.status(), StatusCode::kDeadlineExceeded, "no answer within 1000 ms; raise"));
}

TEST(AsyncOperator, AnAnswerThatHasComeIsNotLateBecauseNobodyLooked) {
  AskedService service;
  auto harness = AskingHarness(service, {.timeout = 1s});
  harness.Push(1);
  service.Answer();
  harness.AdvanceProcessingTime(2s);
  EXPECT_OK(harness.ExpectOutput({"1!"}));
}

TEST(AsyncOperator, TheTimeoutSpansRetries) {
  AskedService service;
  auto harness = AskingHarness(service, {.timeout = 250ms, .retry = AsyncRetry::FixedDelay(9, 100ms)});
  harness.Push(1);
  for (int i = 0; i < 2; ++i) {
    service.Fail();
    harness.TakeOutput();
    harness.AdvanceProcessingTime(100ms);
  }
  service.Fail();
  harness.TakeOutput();
  harness.AdvanceProcessingTime(50ms);
  EXPECT_TRUE(IsError(harness.status(), StatusCode::kDeadlineExceeded, "in which it was made 3 times"));
}

TEST(AsyncOperator, TimeoutAnswersInPlaceOfTheService) {
  AskedService service;
  auto harness = AskingHarness<AskingWithTimeout>(service, {.timeout = 1s});
  harness.Push(1).AdvanceProcessingTime(1s);
  ASSERT_EQ(service.open.size(), 2u);
  EXPECT_TRUE(service.open[1].is_timeout);
  service.Take(1).result.Complete("no answer");
  EXPECT_OK(harness.ExpectOutput({"no answer"}));
  service.Answer();
  EXPECT_OK(harness.ExpectNoOutput());
}

TEST(AsyncOperator, AfterATimeoutTheServiceMayStillBeFirstButIsNotAskedAgain) {
  AskedService service;
  const Options options{.timeout = 1s, .retry = AsyncRetry::FixedDelay(9, 1ms)};
  auto harness = AskingHarness<AskingWithTimeout>(service, options);
  harness.Push(1).AdvanceProcessingTime(1s);
  service.Answer(0);
  EXPECT_OK(harness.ExpectOutput({"1!"}));

  harness.Push(2).AdvanceProcessingTime(1s);
  service.Fail(1);
  EXPECT_TRUE(IsError(harness.ExpectNoOutput(), StatusCode::kUnavailable, "a request failed: the service is down"));
}

TEST(AsyncOperator, RequestsUnderWayAreStateAndAreAskedAgain) {
  AskedService service;
  auto harness = AskingHarness(service, {.capacity = 2});
  harness.PushElements({Element::Record(1, 10), Element::Record(2, 20), Element::Record(3, 30)});
  service.Answer(1);
  harness.SnapshotAndRestore();
  service.open.erase(service.open.begin());  // of the operator that is gone
  EXPECT_OK(harness.ExpectNoOutput());
  ASSERT_EQ(service.open.size(), 2u);
  service.Answer(1);
  service.Answer(0);
  EXPECT_OK(harness.ExpectOutput({"1!", "2!"}));
  service.Answer(0);
  const auto elements = harness.TakeElements();
  ASSERT_EQ(elements.size(), 1u);
  EXPECT_EQ(elements[0].record, "3!");
  EXPECT_EQ(elements[0].time, 30);
}

namespace before {
struct Order {
  int32_t id = 0;
  float weight = 0;
};
}  // namespace before

namespace after {
struct Order {
  std::string note = "none";
  float weight = 0;
  int64_t id = 0;
};
}  // namespace after

// Keeps what it is asked, and gives no answer.
template <class T>
class Keeping : public AsyncFunction<T, std::string> {
 public:
  explicit Keeping(std::vector<T>* asked) : asked_(asked) {}
  void AsyncInvoke(const T& record, ResultFuture<std::string> result) {
    asked_->push_back(record);
    results_.push_back(std::move(result));
  }

 private:
  std::vector<T>* const asked_;
  std::vector<ResultFuture<std::string>> results_;
};

template <class T>
auto KeepingHarness(std::vector<T>& asked) {
  return HarnessOf<T>([&asked](auto in) { return in.template AsyncMap<Keeping<T>>({}, &asked); });
}

TEST(AsyncOperator, RequestsUnderWayAreConvertedToTheTypeOfTheProgramNow) {
  std::vector<before::Order> asked_before;
  auto harness = KeepingHarness(asked_before);
  harness.PushBatch({{7, 0.5F}});
  const StatusOr<std::string> written = harness.Snapshot();
  ASSERT_OK(written.status());

  std::vector<after::Order> asked;
  auto restored = KeepingHarness(asked);
  restored.Restore({*written});
  EXPECT_OK(restored.ExpectNoOutput());
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].id, 7);
  EXPECT_EQ(asked[0].weight, 0.5F);
  EXPECT_EQ(asked[0].note, "none");
}

TEST(AsyncOperator, RequestsUnderWayAreNotReadAsAnotherTypeOfTheSameSize) {
  std::vector<int64_t> numbers;
  auto harness = KeepingHarness(numbers);
  harness.PushBatch({7});
  const StatusOr<std::string> written = harness.Snapshot();
  ASSERT_OK(written.status());

  std::vector<double> asked;
  auto restored = KeepingHarness(asked);
  restored.Restore({*written});
  EXPECT_TRUE(
      IsError(restored.status(), StatusCode::kFailedPrecondition, "was int64 in the savepoint and is now double"))
      << restored.status().message();
  EXPECT_TRUE(asked.empty());
}

TEST(AsyncOperator, ThePlanSaysWhatTypeItsRequestsHave) {
  const char* const argv[] = {"test"};
  StreamExecutionEnvironment env(1, argv);
  std::vector<before::Order> asked;
  env.FromCollection(std::vector<before::Order>{{}}).AsyncMap<Keeping<before::Order>>({}, &asked).Print();
  const std::vector<OperatorStateDeclaration>& states = env.plan()->graph().nodes.at(1).operator_states;
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(states[0].name, "requests");
  EXPECT_EQ(states[0].stored_schema, (SchemaOf<std::pair<EventTime, before::Order>>().Encode()));
}

TEST(AsyncOperator, GivesTheSameResultsHoweverItIsDriven) {
  AskedService service;
  service.answers_at_once = true;
  std::vector<Element> elements;
  for (int64_t i = 0; i < 40; ++i) {
    elements.push_back(Element::Record(i, i));
    if (i % 7 == 0) elements.push_back(Element::Watermark(i - 3));
  }
  for (const bool ordered : {true, false}) {
    const auto make = [&](HarnessOptions options) {
      return AskingHarness(service, {.capacity = 3, .ordered = ordered}, options);
    };
    EXPECT_OK(CheckSameResults(make, elements));
  }
}

TEST(AsyncOperator, MistakesInItsOptionsAreReportedWithThePlan) {
  const char* const argv[] = {"test"};
  StreamExecutionEnvironment env(1, argv);
  AskedService service;
  env.FromCollection(std::vector<int64_t>{1}).AsyncMap<Asking>({.capacity = 0}, &service).Print();
  const JobExecutionResult result = env.Execute("bad");
  EXPECT_TRUE(IsError(result.status(), StatusCode::kInvalidArgument, "AsyncOptions::capacity is 0; expected 1"));
}

}  // namespace
}  // namespace weir
