#include "weir/rpc/artifact/cluster_secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/file/fault_injecting_file_system.h"
#include "weir/base/file/file_system.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// The error of reading the secret where opening it fails so.
std::string ErrorWhere(const Status& opening) {
  LocalFileSystem local;
  FaultInjectingFileSystem files(local);
  files.Add({.operation = FileOperation::kOpenForRead, .status = opening});
  return std::string(LoadClusterSecret(files, "/weir/conf/secret").status().message());
}

TEST(ClusterSecret, OfAnotherUserSaysWhatToDo) {
  EXPECT_THAT(ErrorWhere(PermissionDeniedError("cannot open /weir/conf/secret: Permission denied")),
              AllOf(HasSubstr("cannot open /weir/conf/secret: Permission denied"), HasSubstr("another user"),
                    HasSubstr("WEIR_CONF_DIR")));
}

TEST(ClusterSecret, ThatIsMissingSaysWhoNamesIt) {
  EXPECT_THAT(ErrorWhere(NotFoundError("cannot open /weir/conf/secret: No such file or directory")),
              AllOf(HasSubstr("security.secret-file"), HasSubstr("No such file")));
}

TEST(ClusterSecret, ThatIsAFolderIsNotToldToBeMadePrivate) {
  LocalFileSystem files;
  EXPECT_THAT(LoadClusterSecret(files, "/").status().ToString(), HasSubstr("security.secret-file: / is no file"));
}

}  // namespace
}  // namespace weir
