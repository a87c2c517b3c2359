#include "weir/client/cli/file_sums.h"

#include <gtest/gtest.h>

#include <string>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/file_identity.h"

namespace weir::cli {
namespace {

// Real files: an identity is the kernel's.
class FileSumsTest : public testing::Test {
 protected:
  FileSumsTest() {
    EXPECT_TRUE(files_.CreateDirectories(folder_).ok());
    Write("one");
    clock_.SetWallTime(IdentityOf(file_).value().changed + std::chrono::hours(1));
  }
  ~FileSumsTest() override { static_cast<void>(files_.DeleteRecursively(folder_)); }

  void Write(const std::string& text) { ASSERT_TRUE(WriteFileAtomically(files_, file_, text).ok()); }
  std::string SumBy(FileSums& sums) { return sums.Of(file_).ValueOr("no sum"); }

  LocalFileSystem files_;
  ManualClock clock_;
  const std::string folder_ =
      testing::TempDir() + "/weir-file-sums-" + testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string file_ = folder_ + "/file";
};

TEST_F(FileSumsTest, AnotherRunKnowsTheSumWithoutReadingTheFile) {
  FileSums first(files_, clock_, folder_);
  const std::string sum = SumBy(first);
  first.Save();
  // Who reads the list instead of the file believes what it says.
  const std::string list = ReadWholeFile(files_, folder_ + "/sums").value();
  ASSERT_NE(list.find(sum), std::string::npos);
  ASSERT_TRUE(
      WriteFileAtomically(files_, folder_ + "/sums", list.substr(0, list.find(' ') + 1) + std::string(64, 'a') + "\n")
          .ok());
  FileSums second(files_, clock_, folder_);
  EXPECT_EQ(SumBy(second), std::string(64, 'a'));
}

TEST_F(FileSumsTest, AnotherFileOfTheSameNameHasAnotherSum) {
  FileSums sums(files_, clock_, folder_);
  const std::string before = SumBy(sums);
  Write("two");
  EXPECT_NE(SumBy(sums), before);
}

TEST_F(FileSumsTest, AFileThatHasJustChangedIsNotRemembered) {
  ManualClock then;
  then.SetWallTime(IdentityOf(file_).value().changed);
  FileSums sums(files_, then, folder_);
  SumBy(sums);
  sums.Save();
  EXPECT_FALSE(files_.Stat(folder_ + "/sums").ok());
}

TEST_F(FileSumsTest, ADamagedListIsNoList) {
  ASSERT_TRUE(WriteFileAtomically(files_, folder_ + "/sums", "no sums\n1 2\n\n").ok());
  FileSums sums(files_, clock_, folder_);
  EXPECT_EQ(SumBy(sums).size(), 64u);
}

TEST_F(FileSumsTest, AMissingFileIsAnError) {
  FileSums sums(files_, clock_, folder_);
  EXPECT_EQ(sums.Of(folder_ + "/none").status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace weir::cli
