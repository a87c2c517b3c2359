#include "weir/runtime/join/time_buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace weir {
namespace {

std::vector<EventTime> TimesOf(const TimeBuffer<int64_t>& buffer) {
  std::vector<EventTime> times;
  for (const auto& entry : buffer) times.push_back(entry.time);
  return times;
}

TEST(TimeBuffer, KeepsEntriesInTheOrderOfTheirTimes) {
  TimeBuffer<int64_t> buffer;
  for (int64_t time : {5, 1, 9, 5, -3}) buffer.Add(time, time);
  EXPECT_EQ(TimesOf(buffer), (std::vector<EventTime>{-3, 1, 5, 5, 9}));
}

TEST(TimeBuffer, KeepsEntriesOfOneTimeInTheOrderOfTheirArrival) {
  TimeBuffer<int64_t> buffer;
  buffer.Add(5, 1);
  buffer.Add(7, 2);
  buffer.Add(5, 3);
  EXPECT_EQ(buffer.begin()[0].record, 1);
  EXPECT_EQ(buffer.begin()[1].record, 3);
}

TEST(TimeBuffer, ForgetsWhatExpired) {
  TimeBuffer<int64_t> buffer;
  for (int64_t time : {1, 2, 3}) buffer.Add(time, time);
  buffer.Expire(2);
  EXPECT_EQ(TimesOf(buffer), (std::vector<EventTime>{3}));
  EXPECT_EQ(buffer.last_time(), 3);
  buffer.Expire(12);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.last_time(), kMinWatermark);
}

TEST(TimeBuffer, FindsTheFirstEntryFromATimeOn) {
  TimeBuffer<int64_t> buffer;
  for (int64_t time = 0; time < 100; time += 10) buffer.Add(time, time);
  EXPECT_EQ(buffer.FirstFrom(-5), buffer.begin());
  EXPECT_EQ(buffer.FirstFrom(31)->time, 40);
  EXPECT_EQ(buffer.FirstFrom(40)->time, 40);
  EXPECT_EQ(buffer.FirstFrom(91), buffer.end());
}

TEST(TimeBuffer, StaysInOrderWhileEntriesComeAndGo) {
  TimeBuffer<std::string> buffer;
  for (int64_t time = 0; time < 1000; ++time) {
    buffer.Add(time, "a text that is too long to lie in the string itself: " + std::to_string(time));
    buffer.Expire(time - 7);
    if (time % 100 == 0) buffer.Tidy();
    ASSERT_EQ(buffer.end() - buffer.begin(), std::min<int64_t>(time + 1, 7));
    ASSERT_TRUE(buffer.begin()->record.ends_with(" " + std::to_string(buffer.begin()->time)));
  }
}

TEST(TimeBuffer, OwnsTheBytesOfViews) {
  TimeBuffer<std::string_view> buffer;
  std::string text = "first";
  buffer.Add(1, text);
  text = "other";
  const TimeBuffer<std::string_view> copy = buffer;
  buffer.Expire(1);
  EXPECT_EQ(RecordIn(copy.begin()->record), "first");
}

TEST(JoinBuffers, ReadsWhatItWrote) {
  using Codec = internal::JoinBuffersCodec<std::string_view, int64_t>;
  JoinBuffers<std::string_view, int64_t> buffers;
  for (int64_t time : {3, 1, 2}) buffers.left.Add(time, std::to_string(time));
  buffers.left.Expire(1);
  buffers.right.Add(7, 70);
  ByteWriter out;
  Codec::Write(buffers, out);
  JoinBuffers<std::string_view, int64_t> read;
  ByteReader in(out.bytes(), "buffers");
  Codec::Read(in, read);
  EXPECT_TRUE(in.ok());
  ASSERT_EQ(read.left.end() - read.left.begin(), 2);
  EXPECT_EQ(read.left.begin()->time, 2);
  EXPECT_EQ(RecordIn(read.left.begin()[1].record), "3");
  EXPECT_EQ(TimesOf(read.right), (std::vector<EventTime>{7}));
}

}  // namespace
}  // namespace weir
