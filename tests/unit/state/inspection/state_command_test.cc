#include "weir/state/inspection/state_command.h"

#include <gtest/gtest.h>

#include <string>

#include "weir/base/file/in_memory_file_system.h"
#include "weir/state/storage/checkpoint_storage.h"

namespace weir {
namespace {

struct StateCommand : ::testing::Test {
  StateCommand() {
    files.CreateDirectories("/sp").ok();
    CheckpointMetadata metadata{.id = CheckpointId(3), .job_name = "flights"};
    OperatorSnapshot op{.id = OperatorId(Id128{1, 2}), .uid = "count"};
    op.subtasks = {{.operator_id = op.id,
                    .lists = {{.name = "offsets",
                               .elements = StreamStateHandle::Inline(std::string("\1\0\0\0\2\0\0\0ab", 10)),
                               .count = 1}}}};
    metadata.operators = {op};
    CheckpointStorage storage = CheckpointStorage::Of(files, JobId(), {.in_memory = true}).value();
    EXPECT_EQ(storage.Finalize({.directory = "/sp"}, metadata).write, MetadataWrite::kWritten);
  }
  int Run(const std::vector<std::string>& arguments) {
    out.clear();
    error.clear();
    return RunStateCommand(files, arguments, Into(out), Into(error));
  }
  static TextSink Into(std::string& text) {
    return [&text](std::string_view piece) {
      text += piece;
      return OkStatus();
    };
  }

  InMemoryFileSystem files;
  std::string out;
  std::string error;
};

TEST_F(StateCommand, Lists) {
  EXPECT_EQ(Run({"ls", "/sp"}), kStateDone);
  EXPECT_TRUE(out.starts_with("checkpoint 3 of job \"flights\"")) << out;
  EXPECT_EQ(Run({"ls", "/sp", "--format=csv"}), kStateDone);
  EXPECT_EQ(out, "operator,parallelism,state,kind,schema,elements,bytes\ncount,1/128,offsets,split list,,1,10\n");
}

TEST_F(StateCommand, Dumps) {
  EXPECT_EQ(Run({"dump", "/sp/_metadata", "--operator", "count"}), kStateDone) << error;
  EXPECT_EQ(out, "{\"operator\":\"count\",\"state\":\"offsets\",\"value\":{\"hex\":\"6162\"}}\n");
}

TEST_F(StateCommand, Compares) { EXPECT_EQ(Run({"diff", "/sp", "/sp"}), kStateDone); }

TEST_F(StateCommand, SaysWhatIsWrongWithItsCommandLine) {
  EXPECT_EQ(Run({}), kStateBadUsage);
  EXPECT_TRUE(error.starts_with("error: weir-state: which of ls, dump and diff?\nusage:")) << error;
  EXPECT_EQ(Run({"rm", "/sp"}), kStateBadUsage);
  EXPECT_EQ(Run({"ls"}), kStateBadUsage);
  EXPECT_EQ(Run({"ls", "/sp", "--key", "x"}), kStateBadUsage) << "ls has no filter";
  EXPECT_EQ(Run({"dump", "/sp", "--key"}), kStateBadUsage);
  EXPECT_EQ(Run({"dump", "/sp", "--format", "table"}), kStateBadUsage);
  EXPECT_EQ(Run({"diff", "/sp"}), kStateBadUsage);
}

TEST_F(StateCommand, SaysWhatIsWrongWithTheSavepoint) {
  EXPECT_EQ(Run({"ls", "/nowhere"}), kStateFailed);
  EXPECT_EQ(error,
            "error: weir-state: there is no checkpoint or savepoint at /nowhere, which does not exist; expected a "
            "folder with a file _metadata in it\n");
}

}  // namespace
}  // namespace weir
