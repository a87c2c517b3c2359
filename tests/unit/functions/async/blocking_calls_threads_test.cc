#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "weir/functions/async/blocking_calls.h"
#include "weir/weir.h"

#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

// Calls that wait in a pool; the number decides how the call ends.
class Slow : public AsyncFunction<int64_t, std::string> {
 public:
  void AsyncInvoke(int64_t n, ResultFuture<std::string> result) {
    calls_.Run(result, [n]() -> StatusOr<std::string> {
      if (n == -1) throw std::runtime_error("connection lost");
      if (n == -2) return NotFoundError("no such number");
      return std::to_string(n);
    });
  }

 private:
  BlockingCalls calls_{4};
};

std::vector<std::string> Answers(std::vector<int64_t> numbers, bool ordered) {
  const char* const argv[] = {"test"};
  StreamExecutionEnvironment env(1, argv);
  return env.FromCollection(std::move(numbers)).AsyncMap<Slow>({.capacity = 8, .ordered = ordered}).ExecuteAndCollect();
}

Status StatusOfJob(int64_t number) {
  const char* const argv[] = {"test"};
  StreamExecutionEnvironment env(1, argv);
  env.FromCollection(std::vector<int64_t>{1, number}).AsyncMap<Slow>().SinkTo(DiscardSink<std::string>());
  return env.Execute("slow").status();
}

TEST(BlockingCalls, AnswerFromThreadsOfTheirOwn) {
  std::vector<int64_t> numbers;
  std::vector<std::string> expected;
  for (int64_t i = 0; i < 3'000; ++i) {
    numbers.push_back(i);
    expected.push_back(std::to_string(i));
  }
  EXPECT_EQ(Answers(numbers, true), expected);
  std::vector<std::string> unordered = Answers(numbers, false);
  std::sort(unordered.begin(), unordered.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(unordered, expected);
}

TEST(BlockingCalls, WhatACallThrowsOrReturnsIsTheJobsError) {
  EXPECT_TRUE(IsError(StatusOfJob(-1), StatusCode::kUnknown, "connection lost"));
  EXPECT_TRUE(IsError(StatusOfJob(-2), StatusCode::kNotFound, "no such number"));
}

}  // namespace
}  // namespace weir
