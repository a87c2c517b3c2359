#include "weir/jobmanager/rest/rest_router.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "weir/jobmanager/rest/rest_context.h"
#include "weir/jobmanager/rest/rest_server.h"

namespace weir {
namespace {

StatusOr<RestResponse> ShowJob(const RestRequest& request, const RestContext&) {
  return RestResponse{.body = "job " + request.Parameter("jobid")};
}
StatusOr<RestResponse> ShowOverview(const RestRequest&, const RestContext&) { return RestResponse{.body = "overview"}; }
StatusOr<RestResponse> Refuse(const RestRequest&, const RestContext&) { return NotFoundError("no \"such\" thing"); }
StatusOr<RestResponse> Throw(const RestRequest&, const RestContext&) { throw std::runtime_error("broken"); }

constexpr RestRoute kRoutes[] = {{"GET", "/jobs/:jobid", &ShowJob},       {"GET", "/jobs/overview", &ShowOverview},
                                 {"GET", "/old/overview", &ShowOverview}, {"GET", "/old/:jobid", &ShowJob},
                                 {"PATCH", "/jobs/:jobid", &Refuse},      {"GET", "/throws", &Throw}};

RestResponse Ask(std::string method, std::string path) {
  const RestContext context({});
  return AnswerRest(kRoutes, {.method = std::move(method), .path = std::move(path)}, context);
}

TEST(RestRouter, AFixedSegmentWinsOverAParameterWhateverTheOrderOfTheTable) {
  EXPECT_EQ(Ask("GET", "/jobs/overview").body, "overview");
  EXPECT_EQ(Ask("GET", "/jobs/12").body, "job 12");
  EXPECT_EQ(Ask("GET", "/old/overview").body, "overview");
  EXPECT_EQ(Ask("GET", "/old/12").body, "job 12");
}

TEST(RestRouter, TheVersionMayBeLeftOutAndSlashesMayBeDoubled) {
  EXPECT_EQ(Ask("GET", "/v1/jobs/12").body, "job 12");
  EXPECT_EQ(Ask("GET", "/v1//jobs/12/").body, "job 12");
}

TEST(RestRouter, HeadIsGet) { EXPECT_EQ(Ask("HEAD", "/jobs/12").status, 200); }

TEST(RestRouter, AnUnknownPathIsNotFoundAndAnotherMethodNotAllowed) {
  EXPECT_EQ(Ask("GET", "/jobs/12/more").status, 404);
  EXPECT_EQ(Ask("GET", "/v1").status, 404);
  EXPECT_EQ(Ask("DELETE", "/jobs/12").status, 405);
}

TEST(RestRouter, AnErrorIsAListOfMessages) {
  const RestResponse answer = Ask("PATCH", "/jobs/12");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, R"({"errors":["no \"such\" thing"]})");
}

TEST(RestRouter, AHandlerThatThrowsIsAnInternalError) { EXPECT_EQ(Ask("GET", "/throws").status, 500); }

TEST(RestRequest, CommasSeparateTheValuesOfAQueryParameter) {
  const RestRequest request{.method = "GET", .path = "/", .query = {{"get", "a,b"}, {"agg", "max"}, {"get", "c"}}};
  EXPECT_EQ(request.QueryList("get"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(request.Query("agg"), "max");
  EXPECT_FALSE(request.Query("none").has_value());
}

TEST(RestPort, MayBeAListOfPortsAndRanges) {
  EXPECT_EQ(*ParsePorts("8081"), std::vector<int>{8081});
  EXPECT_EQ(*ParsePorts("8081, 9000-9002"), (std::vector<int>{8081, 9000, 9001, 9002}));
  for (const char* bad : {"", "x", "1-", "70000", "8081;8082", "-1"}) EXPECT_FALSE(ParsePorts(bad).ok()) << bad;
}

}  // namespace
}  // namespace weir
