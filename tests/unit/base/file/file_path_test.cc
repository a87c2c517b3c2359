#include "weir/base/file/file_path.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(FilePath, Joins) {
  EXPECT_EQ(JoinPath("a", "b/c"), "a/b/c");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("a", "/b"), "/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(JoinPath("a", ""), "a");
  EXPECT_EQ(JoinPath("/", "a"), "/a");
}

TEST(FilePath, TakesApart) {
  EXPECT_EQ(DirectoryName("/a/b/c"), "/a/b");
  EXPECT_EQ(DirectoryName("/a/b/c//"), "/a/b");
  EXPECT_EQ(DirectoryName("c"), ".");
  EXPECT_EQ(DirectoryName("/c"), "/");
  EXPECT_EQ(DirectoryName("/"), "/");
  EXPECT_EQ(BaseName("/a/b/c/"), "c");
  EXPECT_EQ(BaseName("c"), "c");
  EXPECT_EQ(BaseName("/"), "/");
}

TEST(FilePath, Normalizes) {
  EXPECT_EQ(NormalizePath("a//./b/../c/"), "a/c");
  EXPECT_EQ(NormalizePath("../a"), "../a");
  EXPECT_EQ(NormalizePath("a/../../b"), "../b");
  EXPECT_EQ(NormalizePath("/../a"), "/a");
  EXPECT_EQ(NormalizePath("./"), ".");
  EXPECT_EQ(NormalizePath("/"), "/");
}

TEST(FilePath, UrisOfLocalFilesBecomePaths) {
  EXPECT_EQ(*PathFromUri("file:///a/b"), "/a/b");
  EXPECT_EQ(*PathFromUri("file:/a/b"), "/a/b");
  EXPECT_EQ(*PathFromUri("file://localhost/a"), "/a");
  EXPECT_EQ(*PathFromUri("a/b"), "a/b");
  EXPECT_EQ(*PathFromUri("dir/x://y"), "dir/x://y");
  EXPECT_EQ(PathFromUri("file://a/b").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(PathFromUri("s3://bucket/key").status().message(),
            "no file system for \"s3://bucket/key\"; expected a path or a URI that begins with file://");
}

}  // namespace
}  // namespace weir
