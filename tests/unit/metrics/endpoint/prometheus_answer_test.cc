#include <gtest/gtest.h>

#include "weir/metrics/endpoint/prometheus_endpoint.h"

namespace weir {
namespace {

std::string AnswerTo(std::string_view head) {
  return AnswerToScrape(head, [] { return StatusOr<std::string>("up 1\n"); });
}

TEST(PrometheusAnswer, IsTheMetrics) {
  EXPECT_EQ(AnswerTo("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: 5\r\n"
            "Connection: close\r\n\r\nup 1\n");
  EXPECT_TRUE(AnswerTo("GET /?a=b HTTP/1.0\r\n\r\n").ends_with("up 1\n"));
}

TEST(PrometheusAnswer, OfAHeadHasNoBody) {
  const std::string answer = AnswerTo("HEAD /metrics HTTP/1.1\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 5"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(PrometheusAnswer, RefusesWhatIsNoScrape) {
  EXPECT_TRUE(AnswerTo("POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(AnswerTo("GET /etc/passwd HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(AnswerTo("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST(PrometheusAnswer, SaysThatThereAreNone) {
  const std::string answer = AnswerToScrape("GET /metrics HTTP/1.1\r\n\r\n",
                                            [] { return StatusOr<std::string>(UnavailableError("no answer")); });
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(answer.ends_with("no answer\n"));
}

}  // namespace
}  // namespace weir
