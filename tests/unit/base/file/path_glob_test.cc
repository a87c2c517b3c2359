#include "weir/base/file/path_glob.h"

#include <gtest/gtest.h>

#include "weir/base/file/file_path.h"
#include "weir/base/file/in_memory_file_system.h"

namespace weir {
namespace {

TEST(MatchesGlob, StarsQuestionMarksAndSets) {
  EXPECT_TRUE(MatchesGlob("*.csv", "a.csv"));
  EXPECT_FALSE(MatchesGlob("*.csv", "a.csv.gz"));
  EXPECT_TRUE(MatchesGlob("*", ""));
  EXPECT_TRUE(MatchesGlob("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(MatchesGlob("a*b*c", "aXbYbZ"));
  EXPECT_TRUE(MatchesGlob("part-?", "part-7"));
  EXPECT_FALSE(MatchesGlob("part-?", "part-"));
  EXPECT_TRUE(MatchesGlob("[a-c][!0-9]", "bx"));
  EXPECT_FALSE(MatchesGlob("[a-c][!0-9]", "b7"));
  EXPECT_TRUE(MatchesGlob("[]]", "]"));
  EXPECT_TRUE(MatchesGlob("a[", "a["));
}

TEST(MatchesGlob, AlternativesAndEscapes) {
  EXPECT_TRUE(MatchesGlob("{jan,feb}-*.{csv,txt}", "feb-1.txt"));
  EXPECT_FALSE(MatchesGlob("{jan,feb}-*.{csv,txt}", "mar-1.txt"));
  EXPECT_TRUE(MatchesGlob("x{,y}", "x"));
  EXPECT_TRUE(MatchesGlob("\\*", "*"));
  EXPECT_FALSE(MatchesGlob("\\*", "a"));
}

TEST(MatchesGlob, ManyStarsTakeNoExponentialTime) {
  EXPECT_FALSE(MatchesGlob("*a*a*a*a*a*a*a*a*a*a*b", std::string(2000, 'a')));
}

class GlobTest : public testing::Test {
 protected:
  GlobTest() {
    for (const std::string path : {"/d/2024-01/a.csv", "/d/2024-01/b.txt", "/d/2024-02/a.csv", "/d/2025-01/a.csv",
                                   "/d/.hidden/a.csv", "r/x.csv"}) {
      EXPECT_TRUE(files_.CreateDirectories(DirectoryName(path)).ok());
      EXPECT_TRUE(files_.OpenForWrite(path, WriteMode::kCreate).ok());
    }
  }
  std::string Found(const std::string& pattern) {
    const StatusOr<std::vector<FileInfo>> files = Glob(files_, pattern);
    if (!files.ok()) return files.status().ToString();
    std::string paths;
    for (const FileInfo& file : *files) paths += file.path + " ";
    return paths;
  }
  InMemoryFileSystem files_;
};

TEST_F(GlobTest, MatchesPartByPart) {
  EXPECT_EQ(Found("/d/2024-*/*.csv"), "/d/2024-01/a.csv /d/2024-02/a.csv ");
  EXPECT_EQ(Found("/d/*/b.txt"), "/d/2024-01/b.txt ");
  EXPECT_EQ(Found("/d/{2024-02,2025-01}/a.*"), "/d/2024-02/a.csv /d/2025-01/a.csv ");
  EXPECT_EQ(Found("r/*"), "r/x.csv ");
  EXPECT_EQ(Found("*/x.csv"), "r/x.csv ");
}

TEST_F(GlobTest, PlainPathsAndNothing) {
  EXPECT_EQ(Found("/d/2024-01/a.csv"), "/d/2024-01/a.csv ");
  EXPECT_EQ(Found("/no/such/*"), "");
  EXPECT_EQ(Found("/d/none"), "");
  EXPECT_EQ(Found("file:///d/2025-01/*"), "/d/2025-01/a.csv ");
}

TEST_F(GlobTest, HiddenFilesMustBeAskedFor) {
  EXPECT_EQ(Found("/d/.*/a.csv"), "/d/.hidden/a.csv ");
  EXPECT_EQ(Found("/d/*/a.csv").find("hidden"), std::string::npos);
}

}  // namespace
}  // namespace weir
