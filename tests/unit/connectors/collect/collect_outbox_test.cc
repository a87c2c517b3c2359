#include "weir/connectors/collect/collect_outbox.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weir/connectors/collect/collect_buffer.h"
#include "weir/connectors/collect/collect_sink.h"

#include "tests/unit/connectors/sink_driver.h"

namespace weir {
namespace {

constexpr uint64_t kPlenty = 1 << 20;

// What a program has got, batch by batch; the tests' rows are plain text.
std::vector<std::string> TakeAll(CollectBuffer& buffer) {
  std::vector<std::string> rows;
  while (buffer.HasRows()) {
    Bytes* const bytes = buffer.Take();
    rows.emplace_back(reinterpret_cast<const char*>(bytes->data), bytes->used);
    bytes->Release();
  }
  return rows;
}

class CollectOutboxTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { CollectOutbox::Serve({.clock = &Clock()}); }
  static ManualClock& Clock() {
    static auto* const clock = new ManualClock;
    return *clock;
  }
  // Of a sink of a job with checkpoints.
  RuntimeContext Context() {
    RuntimeContext::Values values;
    values.has_checkpoints = true;
    values.file_system = &files_;
    values.clock = &Clock();
    return RuntimeContext(std::move(values));
  }
  CollectOutbox& outbox() { return CollectOutbox::Of(buffer_.number()); }
  // One round of the program: asks and takes.
  bool Fetch(uint64_t max_bytes = kPlenty) {
    const StatusOr<std::string> answer = CollectOutbox::AnswerFor(inbox_.NextRequest(max_bytes));
    EXPECT_TRUE(answer.ok()) << answer.status().ToString();
    const StatusOr<bool> taken = inbox_.Take({*answer}, buffer_);
    last_ = taken.status();
    return taken.ValueOr(false);
  }

  InMemoryFileSystem files_;
  CollectBuffer buffer_;
  CollectInbox inbox_{buffer_.number()};
  Status last_;
};

TEST_F(CollectOutboxTest, RowsComeInTheirOrder) {
  outbox().Put({.stream = "a", .number = 0, .rows = "first"});
  outbox().Put({.stream = "a", .number = 1, .rows = "second"});
  EXPECT_TRUE(Fetch());
  EXPECT_FALSE(Fetch());
  EXPECT_EQ(TakeAll(buffer_), (std::vector<std::string>{"first", "second"}));
}

TEST_F(CollectOutboxTest, AnAnswerThatIsLostIsGivenAgain) {
  outbox().Put({.stream = "a", .number = 0, .rows = "first"});
  ASSERT_TRUE(CollectOutbox::AnswerFor(inbox_.NextRequest(kPlenty)).ok());
  EXPECT_EQ(outbox().Untaken({"a"}).size(), 1u);
  Fetch();
  EXPECT_EQ(TakeAll(buffer_), (std::vector<std::string>{"first"}));
}

TEST_F(CollectOutboxTest, WhatComesTwiceCountsOnce) {
  outbox().Put({.stream = "a", .number = 0, .rows = "first"});
  const StatusOr<std::string> answer = CollectOutbox::AnswerFor(inbox_.NextRequest(kPlenty));
  ASSERT_TRUE(inbox_.Take({*answer}, buffer_).ok());
  ASSERT_TRUE(inbox_.Take({*answer}, buffer_).ok());
  EXPECT_EQ(TakeAll(buffer_).size(), 1u);
}

TEST_F(CollectOutboxTest, BatchesOfAStreamMayComeFromSeveralWorkersInAnyOrder) {
  for (int64_t number : {2, 0, 1}) outbox().Put({.stream = "a", .number = number, .rows = std::to_string(number)});
  outbox().Put({.stream = "a", .number = 1, .rows = "restored, and known"});
  Fetch();
  EXPECT_EQ(TakeAll(buffer_), (std::vector<std::string>{"2", "0", "1"}));
}

TEST_F(CollectOutboxTest, AnAnswerHasAsMuchAsIsAskedForButOneBatchAtLeast) {
  for (int64_t number = 0; number < 3; ++number) outbox().Put({.stream = "a", .number = number, .rows = "12345"});
  EXPECT_FALSE(Fetch(0));
  EXPECT_TRUE(Fetch(1));
  EXPECT_EQ(TakeAll(buffer_).size(), 1u);
  EXPECT_TRUE(Fetch(10));
  EXPECT_EQ(TakeAll(buffer_).size(), 2u);
}

TEST_F(CollectOutboxTest, RowsThatNobodyAsksForAreDroppedAndTheReaderIsTold) {
  outbox().Put({.stream = "a", .number = 0, .rows = "first"});
  Clock().Advance(std::chrono::minutes(2));
  outbox().AwaitTaken();
  EXPECT_FALSE(Fetch());
  EXPECT_EQ(last_.code(), StatusCode::kAborted);
}

TEST_F(CollectOutboxTest, AReaderThatWantsNoMoreHoldsNobodyUp) {
  outbox().Put({.stream = "a", .number = 0, .rows = "first"});
  ASSERT_TRUE(CollectOutbox::AnswerFor(inbox_.NextRequest(0, true)).ok());
  outbox().AwaitTaken();
  outbox().Put({.stream = "a", .number = 1, .rows = "second"});
  EXPECT_FALSE(Fetch());
  EXPECT_TRUE(last_.ok());
}

TEST_F(CollectOutboxTest, WhatIsNoRequestIsRefused) {
  for (const std::string& bad : {std::string("no"), std::string(100, 'x')}) {
    EXPECT_EQ(CollectOutbox::AnswerFor(bad).status().code(), StatusCode::kDataLoss);
  }
  EXPECT_FALSE(inbox_.Take({"x"}, buffer_).ok());
}

TEST_F(CollectOutboxTest, RowsGoOutWhenACheckpointThatCoversThemIsComplete) {
  const auto shared = std::make_shared<CollectBuffer>();
  const auto writer = OpenWriter(CollectSink<int64_t>(shared), Context());
  ASSERT_TRUE(WriteRows<int64_t>(*writer, {1, 2}).ok());
  const auto committables = writer->PrepareEncodedCommit();
  ASSERT_TRUE(WriteRows<int64_t>(*writer, {3}).ok());
  EXPECT_TRUE(writer->SnapshotState().empty());
  ASSERT_TRUE(writer->CommitEncoded(*committables).ok());
  ASSERT_TRUE(writer->CommitEncoded(*committables).ok());  // again, as after a failure
  EXPECT_EQ(writer->SnapshotState().size(), 1u);           // not taken yet: a snapshot has to hold it
  CollectInbox inbox(shared->number());
  ASSERT_TRUE(inbox.Take({*CollectOutbox::AnswerFor(inbox.NextRequest(kPlenty))}, *shared).ok());
  ASSERT_TRUE(CollectOutbox::AnswerFor(inbox.NextRequest(kPlenty)).ok());
  EXPECT_TRUE(writer->SnapshotState().empty());
  shared->End();
  std::vector<int64_t> rows;
  ASSERT_TRUE(CollectedRows<int64_t>(shared).TakeAll(rows).ok());
  EXPECT_EQ(rows, (std::vector<int64_t>{1, 2}));
}

TEST_F(CollectOutboxTest, RowsThatWaitForACheckpointAreDroppedWhenNobodyWantsThem) {
  const auto shared = std::make_shared<CollectBuffer>();
  const auto writer = OpenWriter(CollectSink<int64_t>(shared), Context());
  ASSERT_TRUE(WriteRows<int64_t>(*writer, {1, 2}).ok());
  ASSERT_TRUE(CollectOutbox::AnswerFor(CollectInbox(shared->number()).NextRequest(0, true)).ok());
  ASSERT_TRUE(WriteRows<int64_t>(*writer, {3}).ok());
  EXPECT_TRUE(writer->PrepareEncodedCommit()->empty());
}

}  // namespace
}  // namespace weir
