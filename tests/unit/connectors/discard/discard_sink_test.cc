#include "weir/connectors/discard/discard_sink.h"

#include <gtest/gtest.h>

#include "tests/unit/connectors/sink_driver.h"

namespace weir {
namespace {

TEST(DiscardSink, TakesEverything) {
  InMemoryFileSystem files;
  ManualClock clock;
  auto writer = OpenWriter(DiscardSink<int64_t>(), ContextOf(files, clock));
  EXPECT_TRUE(WriteRows<int64_t>(*writer, {1, 2, 3}).ok());
  EXPECT_TRUE(writer->Close(CloseReason::kFinished).ok());
}

TEST(ChecksumSink, AddsUpTheSameWhateverTheOrder) {
  InMemoryFileSystem files;
  ManualClock clock;
  auto hash = [](int64_t n) { return static_cast<uint64_t>(n) * 0x9E3779B97F4A7C15u; };
  Accumulators totals[2];
  const std::vector<std::vector<int64_t>> orders[2] = {{{1, 2, 3}}, {{3}, {2, 1}}};
  for (int i = 0; i < 2; ++i) {
    RuntimeContext::Values values;
    values.accumulators = &totals[i];
    auto writer = OpenWriter(ChecksumSink<int64_t, decltype(hash)>(hash), RuntimeContext(values));
    for (const auto& rows : orders[i]) ASSERT_TRUE(WriteRows(*writer, rows).ok());
  }
  EXPECT_EQ(totals[0].Get("checksum.records").value(), 3);
  EXPECT_EQ(totals[0].Snapshot(), totals[1].Snapshot());
}

}  // namespace
}  // namespace weir
