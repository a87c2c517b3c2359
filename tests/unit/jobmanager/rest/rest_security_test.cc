#include "weir/jobmanager/rest/rest_security.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(RestSecurity, AcceptsTheTokenAndNothingLikeIt) {
  const std::string token = "0123456789abcdef";
  EXPECT_TRUE(IsAuthorized("Bearer 0123456789abcdef", token));
  for (const char* wrong :
       {"", "Bearer ", "Bearer 0123456789abcdeF", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0",
        "0123456789abcdef", "Basic 0123456789abcdef", "bearer 0123456789abcdef"}) {
    EXPECT_FALSE(IsAuthorized(wrong, token)) << wrong;
  }
}

TEST(RestSecurity, KnowsLoopback) {
  EXPECT_TRUE(IsLoopbackHost("localhost"));
  EXPECT_TRUE(IsLoopbackHost("127.0.1.1"));
  EXPECT_FALSE(IsLoopbackHost("0.0.0.0"));
  EXPECT_FALSE(IsLoopbackHost("10.0.0.1"));
}

TEST(RestSecurity, AForeignPageMayLookButNotAct) {
  const RequestSource foreign{.fetch_site = "cross-site", .origin = "https://evil.example"};
  const RequestSource other_port{.fetch_site = "same-site", .origin = "http://localhost:3000"};
  for (const RequestSource& source : {foreign, other_port}) {
    EXPECT_TRUE(IsForeignAction("POST", "/jars/upload", source, ""));
    EXPECT_TRUE(IsForeignAction("PATCH", "/jobs/1", source, ""));
    EXPECT_TRUE(IsForeignAction("GET", "/v1/jobs/1/yarn-cancel", source, ""));
    EXPECT_FALSE(IsForeignAction("GET", "/ui/overview", source, "")) << "a link leads here";
    EXPECT_FALSE(IsForeignAction("OPTIONS", "/jars/upload", source, ""));
  }
  EXPECT_TRUE(IsForeignAction("POST", "/jars/upload", foreign, "http://localhost:3000"));
  EXPECT_FALSE(IsForeignAction("POST", "/jars/upload", other_port, "http://localhost:3000"));
  EXPECT_FALSE(IsForeignAction("POST", "/jars/upload", foreign, "*"));
}

TEST(RestSecurity, TheUisOwnPagesAndProgramsMayAct) {
  for (const char* site : {"same-origin", "none", ""}) {
    EXPECT_FALSE(IsForeignAction("POST", "/jars/upload", {.fetch_site = site, .origin = "http://localhost:8081"}, ""));
  }
}

}  // namespace
}  // namespace weir
