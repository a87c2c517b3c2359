#include "weir/base/file/file_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace weir {
namespace {

TEST(FileLock, IsHeldByOneUntilItIsGone) {
  const std::string path = testing::TempDir() + "/file_lock_test-" + std::to_string(getpid());
  auto first = FileLock::Take(path);
  ASSERT_TRUE(first.ok()) << first.status().message();
  const auto second = FileLock::Take(path);
  EXPECT_EQ(second.status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(second.status().message(), path + " is held by process " + std::to_string(getpid()));
  first->reset();
  EXPECT_TRUE(FileLock::Take(path).ok());
  unlink(path.c_str());
}

TEST(FileLock, AFolderThatIsNotThereIsNamed) {
  EXPECT_EQ(FileLock::Take("/no/such/folder/lock").status().message(),
            "cannot open /no/such/folder/lock: No such file or directory");
}

}  // namespace
}  // namespace weir
