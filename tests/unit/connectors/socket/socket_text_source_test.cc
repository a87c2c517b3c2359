#include "weir/connectors/socket/socket_text_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <deque>

#include "tests/unit/connectors/source_driver.h"

namespace weir {
namespace {

using Lines = std::vector<std::string>;

// What the server does, in order: texts, and these.
constexpr const char* kNothing = "<nothing>";
constexpr const char* kClose = "<close>";
constexpr const char* kBreak = "<break>";
constexpr const char* kRefuse = "<refuse>";
std::deque<std::string> script;

class ScriptedStream final : public ByteStream {
 public:
  StatusOr<Received> Receive(char* into, size_t size) override {
    if (script.empty() || script.front() == kNothing) {
      if (!script.empty()) script.pop_front();
      return Received{};
    }
    const std::string step = script.front();
    script.pop_front();
    if (step == kClose) return Received{State::kClosed, 0};
    if (step == kBreak) return UnavailableError("connection reset");
    std::memcpy(into, step.data(), std::min(size, step.size()));
    return Received{State::kData, step.size()};
  }
};

StatusOr<std::unique_ptr<ByteStream>> ScriptedConnect(const std::string&, int) {
  if (!script.empty() && script.front() == kRefuse) {
    script.pop_front();
    return UnavailableError("cannot read from h:1: Connection refused");
  }
  return std::unique_ptr<ByteStream>(std::make_unique<ScriptedStream>());
}

class SocketTextSourceTest : public testing::Test {
 protected:
  // Runs until the reader ends or fails, moving the clock to each wake-up.
  ReadResult Run(std::deque<std::string> steps, SocketTextOptions options = {}) {
    script = std::move(steps);
    options.host = "h";
    options.port = 1;
    SocketTextReader reader(options, clock_, &ScriptedConnect);
    EXPECT_TRUE(reader.AddSplits({{"h", 1}}).ok());
    reader.NoMoreSplits();
    lines_.clear();
    while (true) {
      const ReadResult result =
          ReadWhileProgress<std::string_view>(reader, rows_, [&](std::string_view line) { lines_.emplace_back(line); });
      if (result.kind != ReadResult::Kind::kIdle) return result;
      clock_.Advance(FromEventTime(result.wake_up) - clock_.WallTime());
    }
  }

  uint32_t rows_ = kMaxBatchRows;
  ManualClock clock_;
  Lines lines_;
};

TEST_F(SocketTextSourceTest, CutsLinesHoweverTheyArrive) {
  EXPECT_EQ(Run({"a\nb", kNothing, "c", "\r\n\n", "d\n", kClose}).kind, ReadResult::Kind::kEnd);
  EXPECT_EQ(lines_, (Lines{"a", "bc", "", "d"}));
}

TEST_F(SocketTextSourceTest, GivesManyLinesInSmallBatches) {
  rows_ = 2;
  Run({"a\nb\nc\nd\ne", kClose});
  EXPECT_EQ(lines_, (Lines{"a", "b", "c", "d", "e"}));
}

TEST_F(SocketTextSourceTest, TheLastTextNeedsNoDelimiter) {
  Run({"a;b\n;c", kClose}, {.delimiter = ';'});
  EXPECT_EQ(lines_, (Lines{"a", "b\n", "c"}));
}

TEST_F(SocketTextSourceTest, ConnectsAgainAsOftenAsItWasTold) {
  const Timestamp begin = clock_.WallTime();
  EXPECT_EQ(Run({"a\n", kClose, "b\n", kBreak, kRefuse, "c\n", kClose, kRefuse, kRefuse}, {.max_retries = 2}).kind,
            ReadResult::Kind::kEnd);
  EXPECT_EQ(lines_, (Lines{"a", "b", "c"}));
  EXPECT_GE(clock_.WallTime() - begin, std::chrono::milliseconds(5 * 500));
}

TEST_F(SocketTextSourceTest, AServerThatWasNeverReachedIsAnError) {
  const ReadResult result = Run({kRefuse, kRefuse}, {.max_retries = 1});
  EXPECT_EQ(result.kind, ReadResult::Kind::kError);
  EXPECT_THAT(std::string(result.error.message()), testing::HasSubstr("Connection refused"));
}

TEST_F(SocketTextSourceTest, OneSubtaskReads) {
  InMemoryFileSystem files;
  RecordingEnumeratorContext context(2, files, clock_);
  auto enumerator = SocketTextSource({.host = "h", .port = 1}).CreateEnumerator(nullptr).value();
  ASSERT_TRUE(enumerator->Start(context).ok());
  enumerator->HandleSplitRequest(1);
  enumerator->HandleSplitRequest(0);
  EXPECT_EQ(context.assigned[1].size(), 1u);
  EXPECT_TRUE(context.no_more[0]);
}

}  // namespace
}  // namespace weir
