#include "weir/base/file/file_links.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"

namespace weir {
namespace {

class AddNameOfTest : public testing::Test {
 protected:
  AddNameOfTest() {
    char pattern[] = "/tmp/weir-file-links-XXXXXX";
    folder_ = mkdtemp(pattern);
    EXPECT_EQ(WriteFileAtomically(files_, folder_ + "/file", "bytes"), OkStatus());
  }
  ~AddNameOfTest() override { files_.DeleteRecursively(folder_).ok(); }

  LocalFileSystem files_;
  std::string folder_;
};

TEST_F(AddNameOfTest, TheFileStaysUnderItsSecondNameWhenTheFirstGoes) {
  ASSERT_EQ(AddNameOf(folder_ + "/file", files_, "file://" + folder_ + "/second"), OkStatus());
  ASSERT_EQ(files_.Delete(folder_ + "/file"), OkStatus());
  EXPECT_EQ(ReadWholeFile(files_, folder_ + "/second", 100).ValueOr("?"), "bytes");
}

TEST_F(AddNameOfTest, AFileThatIsThereIsNotReplaced) {
  ASSERT_EQ(WriteFileAtomically(files_, folder_ + "/second", "others"), OkStatus());
  EXPECT_EQ(AddNameOf(folder_ + "/file", files_, folder_ + "/second").code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadWholeFile(files_, folder_ + "/second", 100).ValueOr("?"), "others");
}

TEST_F(AddNameOfTest, OtherFileSystemsHaveNoNamesForFilesOfTheMachine) {
  InMemoryFileSystem memory;
  EXPECT_EQ(AddNameOf(folder_ + "/file", memory, "/second").code(), StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace weir
