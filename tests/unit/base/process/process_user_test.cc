#include "weir/base/process/process_user.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace weir {
namespace {

TEST(ProcessUser, RootIsKnownEverywhereAndAStrangerIsNamed) {
  const StatusOr<ProcessUser> root = FindProcessUser("root");
  ASSERT_TRUE(root.ok()) << root.status().message();
  EXPECT_EQ(root->uid, 0u);
  EXPECT_FALSE(root->groups.empty());
  const Status unknown = FindProcessUser("nobody-knows-me").status();
  EXPECT_EQ(unknown.code(), StatusCode::kNotFound);
  EXPECT_NE(unknown.message().find("nobody-knows-me"), std::string::npos);
}

TEST(ProcessUser, WhoMayEnterAFolderDependsOnAllFoldersAboveIt) {
  char pattern[] = "/tmp/weir-process-user-XXXXXX";
  const std::string outer = mkdtemp(pattern);
  const std::string inner = outer + "/inner";
  ASSERT_EQ(mkdir(inner.c_str(), 0711), 0);
  const ProcessUser owner{.name = "owner", .uid = geteuid(), .gid = getegid(), .groups = {getegid()}, .home = "/"};
  const ProcessUser stranger{.name = "stranger", .uid = 54321, .gid = 54321, .groups = {54321}, .home = "/"};
  EXPECT_TRUE(MayEnter(owner, inner));
  EXPECT_FALSE(MayEnter(stranger, inner));  // mkdtemp's mode is 0700
  ASSERT_TRUE(LetThrough(outer).ok());
  EXPECT_TRUE(MayEnter(stranger, inner));
  EXPECT_FALSE(MayEnter(stranger, inner + "/absent"));
  ASSERT_EQ(chmod(inner.c_str(), 0710), 0);
  EXPECT_FALSE(MayEnter(stranger, inner));
  rmdir(inner.c_str());
  rmdir(outer.c_str());
}

ProcessUser Self() { return {.name = "self", .uid = geteuid(), .gid = getegid(), .groups = {getegid()}, .home = "/"}; }

mode_t ModeOf(const std::string& path) {
  struct stat stat{};
  EXPECT_EQ(lstat(path.c_str(), &stat), 0) << path;
  return stat.st_mode & 07777;
}

TEST(ProcessUser, APassableFolderIsMadeOnceAndLeavesNothingBesideIt) {
  char pattern[] = "/tmp/weir-process-user-XXXXXX";
  const std::string top = mkdtemp(pattern);
  const std::string folder = top + "/passable";
  const mode_t umask_before = umask(077);
  ASSERT_TRUE(MakePassableFolder(folder).ok());
  umask(umask_before);
  EXPECT_EQ(ModeOf(folder), 0711u);

  // Another process was first, and something is in its folder already.
  ASSERT_EQ(chmod(folder.c_str(), 0755), 0);
  ASSERT_EQ(mkdir((folder + "/inner").c_str(), 0755), 0);
  EXPECT_TRUE(MakePassableFolder(folder).ok());
  EXPECT_EQ(ModeOf(folder), 0755u);
  EXPECT_EQ(MakePassableFolder(top + "/absent/folder").code(), StatusCode::kNotFound);

  EXPECT_EQ(rmdir((folder + "/inner").c_str()), 0);
  EXPECT_EQ(rmdir(folder.c_str()), 0);
  EXPECT_EQ(rmdir(top.c_str()), 0);  // empty
}

TEST(ProcessUser, FoldersAreGivenAwayAndWhatLinksLeadToIsNot) {
  char pattern[] = "/tmp/weir-process-user-XXXXXX";
  const std::string top = mkdtemp(pattern);
  const std::string given = top + "/given";
  const std::string elsewhere = top + "/elsewhere";
  ASSERT_TRUE(MakePrivateFolder(given).ok());
  EXPECT_EQ(MakePrivateFolder(given).code(), StatusCode::kAlreadyExists);
  ASSERT_EQ(mkdir((given + "/inner").c_str(), 0755), 0);
  ASSERT_EQ(mkdir(elsewhere.c_str(), 0755), 0);
  ASSERT_EQ(chmod(elsewhere.c_str(), 0755), 0);
  ASSERT_EQ(symlink(elsewhere.c_str(), (given + "/link").c_str()), 0);

  EXPECT_TRUE(GiveFoldersTo(Self(), given).ok());
  EXPECT_EQ(ModeOf(given + "/inner"), 0700u);
  EXPECT_EQ(ModeOf(elsewhere), 0755u);
  EXPECT_EQ(GiveFoldersTo(Self(), given + "/link").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(GiveTo(Self(), given + "/link").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ModeOf(elsewhere), 0755u);

  unlink((given + "/link").c_str());
  for (const std::string& folder : {given + "/inner", given, elsewhere, top}) rmdir(folder.c_str());
}

}  // namespace
}  // namespace weir
