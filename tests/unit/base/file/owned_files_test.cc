#include "weir/base/file/owned_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "weir/base/file/file_contents.h"

namespace weir {
namespace {

class OwnedFilesTest : public testing::Test {
 protected:
  OwnedFilesTest() {
    char pattern[] = "/tmp/weir-owned-files-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~OwnedFilesTest() override { LocalFileSystem().DeleteRecursively(folder_).ok(); }

  // As whoever runs the test: only root may give folders to others.
  OwnedFiles files_{{.uid = geteuid(), .gid = getegid()}};
  std::string folder_;
};

TEST_F(OwnedFilesTest, FilesAreWrittenAndReadUnderTheirNames) {
  const std::string path = folder_ + "/file";
  ASSERT_TRUE(WriteFileAtomically(files_, path, "one").ok());
  auto more = files_.OpenForWrite(path, WriteMode::kAppend);
  ASSERT_TRUE(more.ok()) << more.status().message();
  EXPECT_EQ((*more)->path(), path);
  ASSERT_TRUE((*more)->Append(" two").ok());
  EXPECT_EQ((*more)->size(), 7u);
  ASSERT_TRUE((*more)->Close().ok());
  EXPECT_EQ(ReadWholeFile(files_, path, 100).ValueOr(""), "one two");
  EXPECT_EQ((*files_.OpenForRead(path))->path(), path);
  EXPECT_EQ(files_.OpenForWrite(path, WriteMode::kCreate).status().code(), StatusCode::kAlreadyExists);
  ASSERT_TRUE(files_.OpenForWrite(path, WriteMode::kTruncate).ok());
  EXPECT_EQ(ReadWholeFile(files_, path, 100).ValueOr("?"), "");
}

TEST_F(OwnedFilesTest, WhatALinkLeadsToIsNeitherReadNorWritten) {
  const std::string secret = folder_ + "/secret";
  ASSERT_TRUE(WriteFileAtomically(files_, secret, "of somebody else").ok());
  const std::string link = folder_ + "/log";
  ASSERT_EQ(symlink(secret.c_str(), link.c_str()), 0);
  const Status read = files_.OpenForRead(link).status();
  EXPECT_EQ(read.code(), StatusCode::kPermissionDenied);
  EXPECT_NE(read.message().find(link + ": it is a link"), std::string::npos) << read.message();
  for (const WriteMode mode : {WriteMode::kTruncate, WriteMode::kAppend}) {
    EXPECT_EQ(files_.OpenForWrite(link, mode).status().code(), StatusCode::kPermissionDenied);
  }
  EXPECT_EQ(ReadWholeFile(files_, secret, 100).ValueOr(""), "of somebody else");
}

// Somebody whose files only root may make.
constexpr FolderOwner kNobody{.uid = 65534, .gid = 65534};

TEST_F(OwnedFilesTest, WhatIsSomebodyElsesIsNotDeletedUnderAnyPath) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may give folders to others";
  OwnedFiles files(kNobody);
  ASSERT_EQ(chmod(folder_.c_str(), 0755), 0);
  ASSERT_TRUE(LocalFileSystem().CreateDirectories(folder_ + "/others").ok());
  const std::string secret = folder_ + "/others/secret";
  ASSERT_TRUE(WriteFileAtomically(files_, secret, "of somebody else").ok());
  ASSERT_TRUE(files.CreateDirectories(folder_ + "/mine").ok());
  ASSERT_EQ(symlink((folder_ + "/others").c_str(), (folder_ + "/mine/shared").c_str()), 0);
  for (const std::string& path : {secret, folder_ + "/mine/../others/secret", folder_ + "/mine/shared/secret"}) {
    EXPECT_EQ(files.Delete(path).code(), StatusCode::kPermissionDenied) << path;
    EXPECT_EQ(files.DeleteRecursively(path).code(), StatusCode::kPermissionDenied) << path;
  }
  EXPECT_EQ(files.DeleteRecursively(folder_ + "/others").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ReadWholeFile(files_, secret, 100).ValueOr(""), "of somebody else");
  EXPECT_EQ(geteuid(), 0u);
}

TEST_F(OwnedFilesTest, TheOwnersFolderIsDeletedWithWhatTheDaemonHasWrittenThere) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may give folders to others";
  OwnedFiles files(kNobody);
  ASSERT_EQ(chmod(folder_.c_str(), 0755), 0);
  ASSERT_TRUE(files.CreateDirectories(folder_ + "/mine/chk-1").ok());
  for (const char* name : {"/mine/chk-1/_metadata", "/mine/note"}) {
    ASSERT_TRUE(WriteFileAtomically(files, folder_ + name, "written by root").ok());
  }
  EXPECT_TRUE(files.Delete(folder_ + "/mine/note").ok());
  EXPECT_EQ(files.Delete(folder_ + "/mine/note").code(), StatusCode::kNotFound);
  // In a folder that is root's.
  EXPECT_TRUE(files.DeleteRecursively(folder_ + "/mine").ok());
  EXPECT_FALSE(*files.Exists(folder_ + "/mine"));
}

TEST_F(OwnedFilesTest, FoldersThatItMakesBelongToTheirOwnerAndOthersStay) {
  ASSERT_TRUE(files_.CreateDirectories(folder_ + "/a/b/c").ok());
  ASSERT_TRUE(files_.CreateDirectories(folder_ + "/a/b/c").ok());
  struct stat made{};
  ASSERT_EQ(stat((folder_ + "/a/b").c_str(), &made), 0);
  EXPECT_EQ(made.st_uid, geteuid());
  if (geteuid() != 0) return;
  OwnedFiles of_other({.uid = 65534, .gid = 65534});
  ASSERT_TRUE(of_other.CreateDirectories(folder_ + "/a/d/e").ok());
  for (const auto& [name, owner] : {std::pair("/a", 0u), {"/a/d", 65534u}, {"/a/d/e", 65534u}}) {
    ASSERT_EQ(stat((folder_ + name).c_str(), &made), 0);
    EXPECT_EQ(made.st_uid, owner) << name;
  }
}

}  // namespace
}  // namespace weir
