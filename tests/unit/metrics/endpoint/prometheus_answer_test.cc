#include <gtest/gtest.h>

#include "weir/metrics/endpoint/prometheus_endpoint.h"

namespace weir {
namespace {

ScrapeAnswer AnswerTo(std::string_view path) {
  return AnswerToScrape(path, [] { return StatusOr<std::string>("up 1\n"); });
}

TEST(PrometheusAnswer, IsTheMetricsInTheTextFormat) {
  for (const char* path : {"/metrics", "/"}) {
    const ScrapeAnswer answer = AnswerTo(path);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(answer.body, "up 1\n");
  }
}

TEST(PrometheusAnswer, RefusesOtherPaths) {
  EXPECT_EQ(AnswerTo("/etc/passwd").status, 404);
  EXPECT_EQ(AnswerTo("/metrics/x").status, 404);
}

TEST(PrometheusAnswer, SaysThatThereAreNone) {
  const ScrapeAnswer answer =
      AnswerToScrape("/metrics", [] { return StatusOr<std::string>(UnavailableError("no answer")); });
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "no answer\n");
}

}  // namespace
}  // namespace weir
