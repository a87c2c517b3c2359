#include "weir/base/process/process_limits.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

namespace weir {
namespace {

// Above what any kernel counts to.
constexpr const char* kDead = "1999999999";

TEST(RemoveGroupsOfDead, TakesNothingButTheEmptyOnesOfProcessesThatAreGone) {
  char pattern[] = "/tmp/weir-groups-XXXXXX";
  const std::string folder = mkdtemp(pattern);
  const std::string own = "weir-jobmanager-" + std::to_string(getpid());
  const std::string dead = std::string("weir-jobmanager-") + kDead;
  const std::set<std::string> kept = {own,  // it lives
                                      dead + "1x",
                                      "weir-jobmanager-",
                                      std::string("weir-worker-") + kDead,
                                      std::string("weir-jobmanager--") + kDead,
                                      "weir-jobmanager-1999999998"};  // has something in it
  for (const std::string& name : kept) ASSERT_TRUE(std::filesystem::create_directory(folder + "/" + name));
  ASSERT_TRUE(std::filesystem::create_directory(folder + "/weir-jobmanager-1999999998/of-a-child"));
  ASSERT_TRUE(std::filesystem::create_directory(folder + "/" + dead));

  EXPECT_EQ(RemoveGroupsOfDead(folder, "weir-jobmanager-"), 1);

  std::set<std::string> left;
  for (const auto& each : std::filesystem::directory_iterator(folder)) left.insert(each.path().filename());
  EXPECT_EQ(left, kept);
  EXPECT_EQ(RemoveGroupsOfDead(folder, "weir-jobmanager-"), 0);
  EXPECT_EQ(RemoveGroupsOfDead(folder + "/absent", "weir-jobmanager-"), 0);
  std::filesystem::remove_all(folder);
}

TEST(RemoveGroupsOfDead, AProcessThatNobodyHasAskedAfterIsDead) {
  char pattern[] = "/tmp/weir-groups-XXXXXX";
  const std::string folder = mkdtemp(pattern);
  const pid_t zombie = fork();
  if (zombie == 0) _exit(0);
  siginfo_t info;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(zombie), &info, WEXITED | WNOWAIT), 0);
  ASSERT_TRUE(std::filesystem::create_directory(folder + "/group-" + std::to_string(zombie)));
  EXPECT_EQ(RemoveGroupsOfDead(folder, "group-"), 1);
  EXPECT_EQ(waitpid(zombie, nullptr, 0), zombie);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace weir
