#include "weir/taskmanager/daemon/advertised_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string WarningFor(const AdvertisedHostOptions& options) {
  const StatusOr<std::string> advertised = AdvertisedHost(options);
  if (!advertised.ok()) return std::string(advertised.status().message());
  return WarningAboutAdvertisedHost(options, *advertised);
}

TEST(AdvertisedHost, WarnsOfTheDefaultOnAnotherMachineThanTheJobManagers) {
  EXPECT_THAT(WarningFor({.bind_host = "localhost", .job_manager = "jm.example:6123"}),
              AllOf(HasSubstr("taskmanager.bind-host is \"localhost\""), HasSubstr("jm.example:6123"),
                    HasSubstr("Set taskmanager.bind-host to 0.0.0.0")));
}

TEST(AdvertisedHost, IsSilentWhereAllIsOnOneMachine) {
  for (const char* job_manager : {"localhost:6123", "127.0.0.1:6123", "[::1]:6123"}) {
    EXPECT_THAT(WarningFor({.bind_host = "localhost", .job_manager = job_manager}), IsEmpty()) << job_manager;
  }
}

TEST(AdvertisedHost, IsSilentWhereOthersAreToldARealAddress) {
  EXPECT_THAT(WarningFor({.bind_host = "192.0.2.7", .job_manager = "jm.example:6123"}), IsEmpty());
  EXPECT_THAT(WarningFor({.configured = "tm1.example", .bind_host = "localhost", .job_manager = "jm.example:6123"}),
              IsEmpty());
}

TEST(AdvertisedHost, NamesTheConfiguredHostWhenThatIsTheWrongOne) {
  EXPECT_THAT(WarningFor({.configured = "localhost", .bind_host = "0.0.0.0", .job_manager = "192.0.2.1:6123"}),
              HasSubstr("taskmanager.host is \"localhost\""));
}

TEST(AdvertisedHost, IsTheAddressTowardsTheJobManagerWhereItListensOnAll) {
  const StatusOr<std::string> host = AdvertisedHost({.bind_host = "0.0.0.0", .job_manager = "127.0.0.1:6123"});
  ASSERT_TRUE(host.ok());
  EXPECT_EQ(*host, "127.0.0.1");
}

TEST(AdvertisedHost, IsThisMachinesNameWhileTheJobManagersIsUnknown) {
  const AdvertisedHostOptions options{
      .bind_host = "0.0.0.0", .job_manager = "no-such-name.invalid:6123", .host_name = "tm1"};
  EXPECT_EQ(AdvertisedHost(options).ValueOr(""), "tm1");
  EXPECT_THAT(WarningFor(options), IsEmpty());
}

}  // namespace
}  // namespace weir
