#include "weir/state/storage/job_notes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weir/base/file/fault_injecting_file_system.h"
#include "weir/base/file/file_contents.h"
#include "weir/base/file/in_memory_file_system.h"

#include "tests/harness/hex.h"
#include "tests/harness/status_matchers.h"

namespace weir {
namespace {

using Paths = std::vector<std::string>;

struct Notes : ::testing::Test {
  InMemoryFileSystem files;
};

TEST_F(Notes, HaveTheseBytes) {
  ASSERT_OK(WriteNote(files, "/ck/job", kClaimedNote, {"/sp", ""}));
  EXPECT_EQ(Hex(ReadWholeFile(files, "/ck/job/_claimed").value()),
            "574549524e4f54450100000002000000030000002f7370000000001c5569f0a72c3c51");
}

TEST_F(Notes, AreReplacedAndRemoved) {
  EXPECT_EQ(ReadNote(files, "/ck/job", kDeletingNote).value(), Paths{});
  ASSERT_OK(WriteNote(files, "/ck/job", kDeletingNote, {"/a", "/b"}));
  ASSERT_OK(WriteNote(files, "/ck/job", kDeletingNote, {"/c"}));
  EXPECT_EQ(ReadNote(files, "/ck/job", kDeletingNote).value(), Paths{"/c"});
  EXPECT_EQ(ReadNote(files, "/ck/job", kClaimedNote).value(), Paths{});
  ASSERT_OK(RemoveNote(files, "/ck/job", kDeletingNote));
  ASSERT_OK(RemoveNote(files, "/ck/job", kDeletingNote));
  EXPECT_EQ(ReadNote(files, "/ck/job", kDeletingNote).value(), Paths{});
}

TEST_F(Notes, ThatAreDamagedAreNotBelieved) {
  ASSERT_OK(WriteNote(files, "/ck/job", kClaimedNote, {"/sp"}));
  const std::string whole = ReadWholeFile(files, "/ck/job/_claimed").value();
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] ^= 1;
    ASSERT_OK(WriteFileAtomically(files, "/ck/job/_claimed", changed));
    const StatusOr<Paths> read = ReadNote(files, "/ck/job", kClaimedNote);
    EXPECT_EQ(read.status().code(), StatusCode::kDataLoss) << at;
    EXPECT_NE(read.status().message().find("/ck/job/_claimed"), std::string_view::npos);
  }
}

TEST_F(Notes, StayAsTheyWereWhenTheyCannotBeReplaced) {
  ASSERT_OK(WriteNote(files, "/ck/job", kClaimedNote, {"/sp"}));
  FaultInjectingFileSystem faulty(files);
  for (const FileOperation operation : {FileOperation::kAppend, FileOperation::kSync, FileOperation::kRename}) {
    faulty.Add({.operation = operation, .status = ResourceExhaustedError("no space"), .tears_write = true});
    EXPECT_EQ(WriteNote(faulty, "/ck/job", kClaimedNote, {"/other"}).code(), StatusCode::kResourceExhausted);
    EXPECT_EQ(ReadNote(files, "/ck/job", kClaimedNote).value(), Paths{"/sp"});
  }
}

}  // namespace
}  // namespace weir
