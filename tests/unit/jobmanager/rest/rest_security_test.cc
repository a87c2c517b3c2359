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

}  // namespace
}  // namespace weir
