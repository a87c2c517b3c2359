#include "weir/state/storage/snapshot_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "weir/base/file/fault_injecting_file_system.h"
#include "weir/base/file/in_memory_file_system.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/state/storage/snapshot_fixture.h"

namespace weir {
namespace {

using Names = std::vector<std::string>;

struct SnapshotWriters : ::testing::Test {
  SnapshotWriters() {
    files.CreateDirectories("/ck/chk-3").ok();
    files.CreateDirectories("/ck/shared").ok();
  }

  InMemoryFileSystem files;
  SnapshotLocation location{
      .id = CheckpointId(3), .directory = "/ck/chk-3", .shared_directory = "/ck/shared", .max_inline_bytes = 4};
};

TEST_F(SnapshotWriters, PutFewBytesInlineAndOthersIntoFilesOfTheirScope) {
  SnapshotWriter writer(files, location, "a");
  EXPECT_EQ(writer.Write("four", StateScope::kExclusive).value(), StreamStateHandle::Inline("four"));
  const StatusOr<StreamStateHandle> own = writer.Write("longer", StateScope::kExclusive);
  ASSERT_OK(own);
  ASSERT_OK(writer.Write("to be shared", StateScope::kShared));
  ASSERT_OK(writer.Commit());
  EXPECT_EQ(Tree(files, "/ck"), (Names{"chk-3/", "chk-3/a-3-0", "shared/", "shared/a-3-1"}));
  EXPECT_EQ(ReadState(files, *own).value(), "longer");
}

TEST_F(SnapshotWriters, DeleteWhatIsNotCommitted) {
  {
    ASSERT_OK(SnapshotWriter(files, location, "a").Write("longer", StateScope::kShared));
  }
  EXPECT_EQ(Tree(files, "/ck"), (Names{"chk-3/", "shared/"}));
}

TEST_F(SnapshotWriters, DeleteAlsoWhatIsCommittedWhenAsked) {
  SnapshotWriter writer(files, location, "a");
  ASSERT_OK(writer.Write("longer", StateScope::kShared));
  ASSERT_OK(writer.Commit());
  writer.Discard();
  EXPECT_EQ(Tree(files, "/ck"), (Names{"chk-3/", "shared/"}));
}

TEST_F(SnapshotWriters, ShareNothingInASavepoint) {
  location.shared_directory.clear();
  SnapshotWriter writer(files, location, "a");
  EXPECT_EQ(writer.Write("longer", StateScope::kShared)->file.scope, StateScope::kExclusive);
  ASSERT_OK(writer.Commit());
  EXPECT_EQ(Tree(files, "/ck/chk-3"), (Names{"a-3-0"}));
}

TEST_F(SnapshotWriters, RefuseStateThatTheJobManagersMemoryCannotTake) {
  location.may_write_files = false;
  SnapshotWriter writer(files, location, "a");
  EXPECT_OK(writer.Write("four", StateScope::kExclusive));
  EXPECT_TRUE(IsError(writer.Write("longer", StateScope::kExclusive).status(), StatusCode::kResourceExhausted,
                      "a state of 6 bytes is more than the 4"));
  EXPECT_OK(writer.Commit());
}

TEST_F(SnapshotWriters, LeaveNothingWhenAnyStepFails) {
  for (const auto operation : {FileOperation::kOpenForWrite, FileOperation::kAppend, FileOperation::kSync,
                               FileOperation::kClose, FileOperation::kSyncDirectory}) {
    FaultInjectingFileSystem faulty(files);
    faulty.Add({.operation = operation, .status = ResourceExhaustedError("no space left")});
    Status status;
    {
      SnapshotWriter writer(faulty, location, "a");
      status.Update(writer.Write("longer", StateScope::kShared).status());
      if (status.ok()) status = writer.Commit();
    }
    EXPECT_TRUE(IsError(status, StatusCode::kResourceExhausted, "no space left"));
    EXPECT_EQ(Tree(files, "/ck"), (Names{"chk-3/", "shared/"}));
  }
}

}  // namespace
}  // namespace weir
