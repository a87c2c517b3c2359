#include "weir/connectors/file/part_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/file/fault_injecting_file_system.h"
#include "weir/connectors/file/csv_file_sink.h"
#include "weir/connectors/file/text_file_sink.h"

#include "tests/harness/status_matchers.h"
#include "tests/unit/connectors/sink_driver.h"

namespace weir {
namespace {

using Names = std::vector<std::string>;

struct Pair {
  int64_t number;
  std::string_view text;
};

class PartFileTest : public testing::Test {
 protected:
  using Sink = CsvFileSink<Pair>;

  std::unique_ptr<SinkWriterBase> Open(Sink sink, int subtask = 0) {
    return OpenWriter(std::move(sink), ContextOf(files_, clock_, subtask, 2));
  }
  std::unique_ptr<SinkWriterBase> OpenExactlyOnce(int subtask = 0) { return Open(Sink("out").ExactlyOnce(), subtask); }
  void Write(SinkWriterBase& writer, std::vector<Pair> rows) {
    const Status status = WriteRows(writer, rows);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  // After an error; the checkpoint may be tried again, and the task run on.
  void ExpectThatNothingIsWritten(SinkWriterBase& writer) {
    EXPECT_EQ(writer.PrepareEncodedCommit().status().code(), StatusCode::kResourceExhausted);
    EXPECT_EQ(WriteRows<Pair>(writer, {{2, "b"}}).code(), StatusCode::kResourceExhausted);
    EXPECT_EQ(writer.OnProcessingTime(clock_.WallTime()).code(), StatusCode::kResourceExhausted);
    EXPECT_EQ(writer.PrepareEncodedCommit().status().code(), StatusCode::kResourceExhausted);
    ASSERT_OK(writer.Close(CloseReason::kFailed));
  }
  Names Folder() { return NamesIn(files_, "out"); }
  std::string Content(const std::string& name) { return FileContent(files_, "out/" + name); }

  ManualClock clock_;
  InMemoryFileSystem files_{&clock_};
};

TEST_F(PartFileTest, RowsBecomeVisibleWhenTheInputEnds) {
  auto writer = Open(Sink("out"), 1);
  Write(*writer, {{1, "a"}, {2, "b,c"}});
  EXPECT_EQ(Folder(), Names{".part-1-0.csv.inprogress"});
  ASSERT_TRUE(writer->Close(CloseReason::kFinished).ok());
  EXPECT_EQ(Folder(), Names{"part-1-0.csv"});
  EXPECT_EQ(Content("part-1-0.csv"), "1,a\n2,\"b,c\"\n");
}

TEST_F(PartFileTest, AWriterWithoutRowsLeavesNoFile) {
  auto writer = Open(Sink("out").WithHeader());
  ASSERT_TRUE(writer->Close(CloseReason::kFinished).ok());
  EXPECT_EQ(Folder(), Names{});
}

TEST_F(PartFileTest, AFileIsFinishedWhenItIsLarge) {
  auto writer = Open(Sink("out").RollAtBytes(8).WithHeader());
  for (int64_t i = 0; i < 3; ++i) Write(*writer, {{i, "xxxxxxxx"}});
  EXPECT_EQ(Folder(), (Names{"part-0-0.csv", "part-0-1.csv", "part-0-2.csv"}));
  EXPECT_EQ(Content("part-0-2.csv"), "number,text\n2,xxxxxxxx\n");
}

TEST_F(PartFileTest, AFileIsFinishedWhenItIsOld) {
  auto writer = Open(Sink("out").RollAfter(std::chrono::seconds(10)));
  Write(*writer, {{1, "a"}});
  clock_.Advance(std::chrono::milliseconds(9999));
  ASSERT_TRUE(writer->OnProcessingTime(clock_.WallTime()).ok());
  EXPECT_EQ(Folder(), Names{".part-0-0.csv.inprogress"});
  clock_.Advance(std::chrono::milliseconds(1));
  ASSERT_TRUE(writer->OnProcessingTime(clock_.WallTime()).ok());
  EXPECT_EQ(Folder(), Names{"part-0-0.csv"});
}

TEST_F(PartFileTest, AFailureRemovesWhatIsNotComplete) {
  auto writer = Open(Sink("out").RollAtBytes(8));
  Write(*writer, {{1, "complete"}});
  Write(*writer, {{2, ""}});
  ASSERT_TRUE(writer->Close(CloseReason::kFailed).ok());
  EXPECT_EQ(Folder(), Names{"part-0-0.csv"});
}

TEST_F(PartFileTest, NothingIsOverwritten) {
  PutFile(files_, "out/part-0-7.csv", "old");
  PutFile(files_, "out/.part-0-8.csv.inprogress", "left by a crash");
  auto writer = Open(Sink("out"));
  Write(*writer, {{1, "a"}});
  ASSERT_TRUE(writer->Close(CloseReason::kFinished).ok());
  EXPECT_EQ(Folder(), (Names{"part-0-7.csv", "part-0-8.csv"}));
  EXPECT_EQ(Content("part-0-7.csv"), "old");
  EXPECT_EQ(Content("part-0-8.csv"), "1,a\n");
}

TEST_F(PartFileTest, AtLeastOnceACheckpointMakesRowsVisible) {
  auto writer = Open(Sink("out"));
  Write(*writer, {{1, "a"}});
  EXPECT_TRUE(writer->PrepareEncodedCommit().value().empty());
  EXPECT_EQ(Folder(), Names{"part-0-0.csv"});
}

TEST_F(PartFileTest, ExactlyOnceRowsBecomeVisibleByTheCommit) {
  auto writer = OpenExactlyOnce();
  Write(*writer, {{1, "a"}});
  const std::vector<std::string> committables = writer->PrepareEncodedCommit().value();
  EXPECT_EQ(Folder(), Names{".part-0-0.csv.0.pending"});
  Write(*writer, {{2, "b"}});
  ASSERT_TRUE(writer->CommitEncoded(committables).ok());
  EXPECT_EQ(Folder(), (Names{".part-0-1.csv.inprogress", "part-0-0.csv"}));
  EXPECT_TRUE(writer->CommitEncoded(committables).ok()) << "a commit may come twice";
}

TEST_F(PartFileTest, PreparedRowsSurviveACrashOfTheMachine) {
  auto writer = OpenExactlyOnce();
  Write(*writer, {{1, "a"}});
  const std::vector<std::string> committables = writer->PrepareEncodedCommit().value();
  ASSERT_OK(writer->TakePendingSync()->Sync());
  files_.LoseUnsyncedContents();
  ASSERT_TRUE(OpenExactlyOnce()->CommitEncoded(committables).ok());
  EXPECT_EQ(Content("part-0-0.csv"), "1,a\n");
}

// The disk may take a minute over it: that is for another thread to wait.
TEST_F(PartFileTest, ExactlyOnceTheTaskItselfSyncsNothing) {
  FaultInjectingFileSystem counting(files_);
  auto writer = OpenWriter(Sink("out").ExactlyOnce().RollAtBytes(8), ContextOf(counting, clock_));
  Write(*writer, {{1, "complete"}});
  Write(*writer, {{2, "and another"}});
  ASSERT_OK(writer->CommitEncoded(writer->PrepareEncodedCommit().value()));
  EXPECT_EQ(counting.CallCount(FileOperation::kSync) + counting.CallCount(FileOperation::kSyncDirectory), 0);
  ASSERT_OK(writer->TakePendingSync()->Sync());
  EXPECT_EQ(counting.CallCount(FileOperation::kSync), 2);
  EXPECT_EQ(counting.CallCount(FileOperation::kSyncDirectory), 1);
}

TEST_F(PartFileTest, ASyncCoversWhatEarlierOnesWereAskedForAndDidNotDo) {
  auto writer = OpenExactlyOnce();
  Write(*writer, {{1, "a"}});
  std::vector<std::string> committables = writer->PrepareEncodedCommit().value();
  const std::shared_ptr<PendingSync> first = writer->TakePendingSync();
  Write(*writer, {{2, "b"}});
  committables.push_back(writer->PrepareEncodedCommit().value().at(0));
  ASSERT_OK(writer->TakePendingSync()->Sync());
  files_.LoseUnsyncedContents();
  ASSERT_OK(first->Sync());
  ASSERT_OK(writer->CommitEncoded(committables));
  EXPECT_EQ(Content("part-0-0.csv") + Content("part-0-1.csv"), "1,a\n2,b\n");
}

TEST_F(PartFileTest, CommitsAreSyncedWithTheNextSnapshot) {
  FaultInjectingFileSystem counting(files_);
  auto writer = OpenWriter(Sink("out").ExactlyOnce(), ContextOf(counting, clock_));
  Write(*writer, {{1, "a"}});
  const std::vector<std::string> committables = writer->PrepareEncodedCommit().value();
  ASSERT_OK(writer->TakePendingSync()->Sync());
  ASSERT_OK(writer->CommitEncoded(committables));
  ASSERT_OK(writer->TakePendingSync()->Sync());
  EXPECT_EQ(counting.CallCount(FileOperation::kSyncDirectory), 2);
  ASSERT_OK(writer->TakePendingSync()->Sync());
  EXPECT_EQ(counting.CallCount(FileOperation::kSyncDirectory), 2) << "there was nothing to do";
}

TEST_F(PartFileTest, CommittingFilesThatAreGoneIsAnError) {
  auto writer = OpenExactlyOnce();
  Write(*writer, {{1, "a"}});
  const std::vector<std::string> committables = writer->PrepareEncodedCommit().value();
  ASSERT_TRUE(files_.DeleteRecursively("out").ok());
  const Status status = writer->CommitEncoded(committables);
  EXPECT_THAT(std::string(status.message()), testing::StartsWith("cannot commit \"out/part-0-0.csv\""));
}

TEST_F(PartFileTest, FilesThatWereTakenAwayAfterTheirCommitDoNotStopARestore) {
  std::vector<std::string> committables;
  {
    auto writer = OpenExactlyOnce();
    Write(*writer, {{1, "a"}});
    committables = writer->PrepareEncodedCommit().value();
    ASSERT_TRUE(writer->CommitEncoded(committables).ok());
  }
  ASSERT_TRUE(files_.Delete("out/part-0-0.csv").ok());
  auto writer = OpenExactlyOnce();
  EXPECT_TRUE(writer->CommitEncoded(committables).ok());
  EXPECT_EQ(Folder(), Names{});
}

TEST_F(PartFileTest, ExactlyOnceAFailureKeepsWhatACheckpointMayCover) {
  auto writer = OpenExactlyOnce();
  Write(*writer, {{1, "a"}});
  ASSERT_TRUE(writer->PrepareEncodedCommit().ok());
  Write(*writer, {{2, "b"}});
  ASSERT_TRUE(writer->Close(CloseReason::kFailed).ok());
  EXPECT_EQ(Folder(), Names{".part-0-0.csv.0.pending"});
}

TEST_F(PartFileTest, ARestoreRemovesWhatWasFinishedAfterTheCheckpoint) {
  std::vector<std::string> state;
  std::vector<std::string> committables;
  {
    auto writer = OpenExactlyOnce();
    Write(*writer, {{1, "covered"}});
    committables = writer->PrepareEncodedCommit().value();
    state = writer->SnapshotState();
    Write(*writer, {{2, "again"}});
    ASSERT_TRUE(writer->PrepareEncodedCommit().ok());
    ASSERT_TRUE(writer->Close(CloseReason::kFailed).ok());
  }
  auto writer = OpenExactlyOnce();
  ASSERT_TRUE(writer->RestoreState(state).ok());
  ASSERT_TRUE(writer->CommitEncoded(committables).ok());
  EXPECT_EQ(Folder(), Names{"part-0-0.csv"});
  Write(*writer, {{2, "again"}});
  ASSERT_TRUE(writer->CommitEncoded(writer->PrepareEncodedCommit().value()).ok());
  EXPECT_EQ(Folder(), (Names{"part-0-0.csv", "part-0-1.csv"}));
}

TEST_F(PartFileTest, ARestoreWithFewerSubtasksRemovesWhatThoseThatAreGoneHadNotCommitted) {
  PutFile(files_, "out/.part-5-0.csv.pending", "covered by the checkpoint");
  PutFile(files_, "out/.part-5-1.csv.pending", "finished after it");
  PutFile(files_, "out/.part-5-2.csv.inprogress", "left by a crash");
  PutFile(files_, "out/.part-1-7.csv.pending", "of a subtask that runs");
  auto writer = OpenExactlyOnce();
  const std::string gone = EncodeToString(PartFileWriter::State{.subtask = 5, .next_file = 1});
  const std::string alive = EncodeToString(PartFileWriter::State{.subtask = 1, .next_file = 0});
  ASSERT_TRUE(writer->RestoreState({gone, alive}).ok());
  EXPECT_EQ(Folder(), (Names{".part-1-7.csv.pending", ".part-5-0.csv.pending"}));
}

TEST_F(PartFileTest, AJobThatGoesOnRemovesWhatItsCheckpointDoesNotCoverAlsoOfSubtasksThatAreGone) {
  for (const char* name : {".part-0-3.csv.6.pending", ".part-0-4.csv.7.pending", ".part-1-4.csv.7.pending",
                           ".part-2-0.csv.6.pending", ".part-2-1.csv.7.pending", ".part-2-2.csv.inprogress",
                           ".part-3-0.csv.7.pending", ".part-2-x.csv.7.pending", ".other-2-1.csv.7.pending"}) {
    PutFile(files_, std::string("out/") + name, "");
  }
  RuntimeContext::Values values;
  values.parallelism = 2;
  values.restored_checkpoint_id = 7;
  values.file_system = &files_;
  values.clock = &clock_;
  OpenWriter(Sink("out").ExactlyOnce(), RuntimeContext(values));
  // Those of subtask 1, and of 3, are the other subtask's.
  EXPECT_EQ(Folder(), (Names{".other-2-1.csv.7.pending", ".part-0-3.csv.6.pending", ".part-1-4.csv.7.pending",
                             ".part-2-0.csv.6.pending", ".part-2-x.csv.7.pending", ".part-3-0.csv.7.pending"}));
}

TEST_F(PartFileTest, AJobThatStartsAfreshLeavesPendingFilesThatACheckpointOfAnotherMayCover) {
  PutFile(files_, "out/.part-0-3.csv.6.pending", "");
  PutFile(files_, "out/.part-2-0.csv.6.pending", "");
  PutFile(files_, "out/.part-2-1.csv.inprogress", "");
  OpenExactlyOnce();
  EXPECT_EQ(Folder(), (Names{".part-0-3.csv.6.pending", ".part-2-0.csv.6.pending"}));
}

TEST_F(PartFileTest, APendingFileSaysBehindWhichSnapshotItWasFinished) {
  auto writer = OpenExactlyOnce();
  Write(*writer, {{1, "a"}});
  ASSERT_TRUE(writer->PrepareEncodedCommit().ok());
  writer->OnSnapshotTaken(4);
  Write(*writer, {{2, "b"}});
  ASSERT_TRUE(writer->PrepareEncodedCommit().ok());
  EXPECT_EQ(Folder(), (Names{".part-0-0.csv.0.pending", ".part-0-1.csv.4.pending"}));
}

// A checkpoint may fail and the task run on: rows must neither come twice nor get lost for it.
TEST_F(PartFileTest, AfterAnErrorOfTheDiskNothingIsWrittenAnyMore) {
  for (const FileOperation operation : {FileOperation::kAppend, FileOperation::kRename}) {
    FaultInjectingFileSystem faulty(files_);
    faulty.Add({.operation = operation, .status = ResourceExhaustedError("no space left")});
    auto writer = OpenWriter(Sink("out").ExactlyOnce(), ContextOf(faulty, clock_));
    Write(*writer, {{1, "a"}});
    EXPECT_EQ(writer->PrepareEncodedCommit().status().code(), StatusCode::kResourceExhausted);
    ExpectThatNothingIsWritten(*writer);
    EXPECT_EQ(Folder(), Names{}) << static_cast<int>(operation);
  }
}

TEST_F(PartFileTest, AfterAFailedSyncNothingIsWrittenAnyMoreAndNoLaterSnapshotCoversIt) {
  for (const FileOperation operation : {FileOperation::kSync, FileOperation::kClose, FileOperation::kSyncDirectory}) {
    FaultInjectingFileSystem faulty(files_);
    faulty.Add({.operation = operation, .status = ResourceExhaustedError("no space left")});
    auto writer = OpenWriter(Sink("out").ExactlyOnce(), ContextOf(faulty, clock_));
    Write(*writer, {{1, "a"}});
    ASSERT_TRUE(writer->PrepareEncodedCommit().ok());
    Write(*writer, {{2, "b"}});
    EXPECT_EQ(writer->TakePendingSync()->Sync().code(), StatusCode::kResourceExhausted);
    EXPECT_EQ(writer->TakePendingSync()->Sync().code(), StatusCode::kResourceExhausted);
    EXPECT_EQ(writer->OnProcessingTime(clock_.WallTime()).code(), StatusCode::kResourceExhausted);
    ExpectThatNothingIsWritten(*writer);
  }
}

TEST_F(PartFileTest, ExactlyOnceWithoutCheckpointsRowsBecomeVisibleAtTheEnd) {
  auto writer = Open(Sink("out").ExactlyOnce().RollAtBytes(8));
  Write(*writer, {{1, "complete"}});
  Write(*writer, {{2, ""}});
  ASSERT_TRUE(writer->Close(CloseReason::kFinished).ok());
  EXPECT_EQ(Folder(), (Names{"part-0-0.csv", "part-0-1.csv"}));
}

TEST_F(PartFileTest, AFolderThatCannotBeMadeIsAnErrorAtTheStart) {
  PutFile(files_, "out", "a file");
  const auto writer = TypedSinkFactory<Sink>(Sink("out")).CreateWriter(ContextOf(files_, clock_));
  ASSERT_FALSE(writer.ok());
  EXPECT_THAT(std::string(writer.status().message()), testing::StartsWith("cannot write to the folder \"out\""));
}

TEST_F(PartFileTest, TextFilesHaveALinePerRecord) {
  auto lines = OpenWriter(TextFileSink<>("out"), ContextOf(files_, clock_));
  ASSERT_TRUE(WriteRows<std::string_view>(*lines, {"one", "", "three"}).ok());
  ASSERT_TRUE(lines->Close(CloseReason::kFinished).ok());
  EXPECT_EQ(Content("part-0-0.txt"), "one\n\nthree\n");
  auto pairs = OpenWriter(TextFileSink<std::pair<int, int>>("out").Suffix(".log"), ContextOf(files_, clock_));
  ASSERT_TRUE((WriteRows<std::pair<int, int>>(*pairs, {{1, 2}}).ok()));
  ASSERT_TRUE(pairs->Close(CloseReason::kFinished).ok());
  EXPECT_EQ(Content("part-0-1.log"), "(1,2)\n");
}

struct Cell {
  std::string text;
};

TEST_F(PartFileTest, ASingleEmptyCellIsQuotedSoThatItsRowIsSeen) {
  auto writer = OpenWriter(CsvFileSink<Cell>("out"), ContextOf(files_, clock_));
  ASSERT_TRUE(WriteRows<Cell>(*writer, {{""}, {"a\"b"}, {"line\nend"}}).ok());
  ASSERT_TRUE(writer->Close(CloseReason::kFinished).ok());
  EXPECT_EQ(Content("part-0-0.csv"), "\"\"\n\"a\"\"b\"\n\"line\nend\"\n");
}

}  // namespace
}  // namespace weir
