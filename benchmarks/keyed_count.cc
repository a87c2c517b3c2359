// Generate, filter, change, key, exchange, count per key: source tasks and counting tasks in groups of their own, all-to-all channels.
// The baseline is one loop over the natural table.
//
//   keyed_count ours|baseline [--keys n] [--parallelism n] [--records n]
#include "hand_table.h"
#include "job.h"

namespace {

using namespace weir::bench;

struct Event {
  int64_t key;
  int64_t time;
  int64_t value;
};

struct HashOf {
  uint64_t operator()(const std::pair<int64_t, int64_t>& counted) const {
    return static_cast<uint64_t>(counted.first * 31 + counted.second) * 0x9e3779b97f4a7c15ull;
  }
};

struct MakeEvent {
  uint64_t keys;
  Event operator()(int64_t n) const {
    const uint64_t random = Mix(static_cast<uint64_t>(n));
    return {static_cast<int64_t>(((random >> 32) * keys) >> 32), n, static_cast<int64_t>(random & 0xff)};
  }
};
bool IsWanted(const Event& e) { return e.value >= 16; }
Event Double(const Event& e) { return {e.key, e.time, e.value * 2}; }

int RunBaseline(int64_t records, uint64_t keys) {
  const Stopwatch watch;
  const MakeEvent make{keys};
  HandTable counts;
  int64_t checksum = 0;
  for (int64_t n = 0; n < records; ++n) {
    const Event made = make(n);
    if (!IsWanted(made)) continue;
    const Event changed = Double(made);
    checksum += Digest(HashOf{}({changed.key, ++counts[changed.key]}));
  }
  Report("keyed_count", records, watch, static_cast<uint64_t>(checksum));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const uint64_t keys = static_cast<uint64_t>(arguments.Number("--keys", 10'000));
  const int64_t records = arguments.Number("--records", 50'000'000);
  if (arguments.baseline()) return RunBaseline(records, keys);
  BenchmarkEnvironment benchmark(arguments);
  benchmark.env.FromSource(weir::GeneratorSource<Event>(MakeEvent{keys}, records))
      .Filter([](const Event& e) { return IsWanted(e); })
      .Map([](const Event& e) { return Double(e); })
      .KeyBy(&Event::key)
      .Count()
      .StartNewChain()
      .SinkTo(weir::ChecksumSink<std::pair<int64_t, int64_t>, HashOf>(HashOf{}));
  return benchmark.Report("keyed_count", records);
}
