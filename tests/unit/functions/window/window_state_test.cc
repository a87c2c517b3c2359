// The bytes of a key's windows: docs/formats/windows.md.
#include "weir/functions/window/window_state.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "weir/functions/window/process_window_function.h"
#include "weir/functions/window/triggers.h"
#include "weir/types/serializer.h"

namespace weir::internal {
namespace {

using Entry = WindowEntry<int64_t, RecordCount, NoWindowState>;
using Codec = KeyWindowsCodec<Entry>;

// The same as a plain record: what tools that know only the schema see.
struct StoredWindow {
  Timestamp start;
  Timestamp end;
  std::optional<int64_t> contents;
  RecordCount trigger;
  NoWindowState function;
  std::vector<std::tuple<uint8_t, Timestamp>> timers;
};
WEIR_RECORD(StoredWindow, (start, 1), (end, 2), (contents, 3), (trigger, 4), (function, 5), (timers, 6));
struct StoredWindows {
  Timestamp event_time_alarm;
  Timestamp processing_time_alarm;
  std::vector<StoredWindow> windows;
};
WEIR_RECORD(StoredWindows, (event_time_alarm, 1), (processing_time_alarm, 2), (windows, 3));

Timestamp At(int64_t time) { return FromEventTime(time); }

KeyWindows<Entry> TwoWindows() {
  KeyWindows<Entry> windows;
  windows.alarm.times[0] = 9;
  Entry full;
  full.window = {At(0), At(10)};
  full.has_contents = true;
  full.contents = 7;
  full.trigger.count = 2;
  full.timers.Add({9, TimeDomain::kEvent});
  full.timers.Add({1000, TimeDomain::kProcessing});
  Entry purged;
  purged.window = {At(10), At(20)};
  windows.entries = {full, purged};
  return windows;
}

TEST(KeyWindows, AreWrittenAsTheirSchemaSays) {
  ByteWriter out;
  Codec::Write(TwoWindows(), out);
  StoredWindows stored;
  ASSERT_TRUE(DecodeFrom(out.bytes(), stored).ok());
  EXPECT_EQ(stored.event_time_alarm, At(9));
  EXPECT_EQ(stored.processing_time_alarm, At(kNoTimer));
  ASSERT_EQ(stored.windows.size(), 2u);
  EXPECT_EQ(stored.windows[0].end, At(10));
  EXPECT_EQ(stored.windows[0].contents, 7);
  EXPECT_EQ(stored.windows[0].trigger.count, 2);
  ASSERT_EQ(stored.windows[0].timers.size(), 2u);
  EXPECT_EQ(stored.windows[0].timers[1], std::tuple(uint8_t{1}, At(1000)));
  EXPECT_EQ(stored.windows[1].contents, std::nullopt);
  EXPECT_EQ(Codec::StateSchema().Fingerprint(), SchemaOf<StoredWindows>().Fingerprint());
}

TEST(KeyWindows, HaveTheSameBytesForEver) {
  ByteWriter out;
  Codec::Write(TwoWindows(), out);
  const auto i64 = [](uint8_t low) { return std::string(1, static_cast<char>(low)) + std::string(7, '\0'); };
  const auto u32 = [](uint8_t low) { return std::string(1, static_cast<char>(low)) + std::string(3, '\0'); };
  const std::string never = std::string(7, '\xff') + "\x7f";
  const std::string golden = i64(9) + never + u32(2) +                                                      //
                             i64(0) + i64(10) + "\x01" + i64(7) + i64(2) + std::string(1, '\0') + u32(2) +  //
                             std::string(1, '\0') + i64(9) + "\x01" + std::string("\xe8\x03", 2) +
                             std::string(6, '\0') +  //
                             i64(10) + i64(20) + std::string(1, '\0') + i64(0) + std::string(1, '\0') + u32(0);
  EXPECT_EQ(out.bytes(), golden);
}

TEST(KeyWindows, ComeBackAsTheyWere) {
  ByteWriter out;
  Codec::Write(TwoWindows(), out);
  KeyWindows<Entry> windows;
  ByteReader in(out.bytes(), "windows");
  Codec::Read(in, windows);
  ASSERT_TRUE(in.Finish().ok());
  ByteWriter again;
  Codec::Write(windows, again);
  EXPECT_EQ(again.bytes(), out.bytes());
  EXPECT_EQ(windows.entries[0].timers.Earliest(TimeDomain::kProcessing), 1000);
}

TEST(KeyWindows, RejectTimersOfNoDomain) {
  ByteReader in(std::string_view("\x01\0\0\0\x02\0\0\0\0\0\0\0\0", 13), "timers");
  WindowTimerList timers;
  timers.Read(in);
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace weir::internal
