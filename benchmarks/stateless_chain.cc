// Filter, map, map, filter over records of 24 bytes, one task. The baseline is the same in one loop.
//
//   stateless_chain ours|baseline [--records n]
#include "job.h"

namespace {

using namespace weir::bench;

struct Reading {
  int64_t sensor;
  int64_t value;
  int64_t time;
};

Reading Make(int64_t n) { return {n & 1023, static_cast<int64_t>(Mix(static_cast<uint64_t>(n)) & 0xffff), n}; }
bool IsHigh(const Reading& r) { return r.value >= 0x1000; }
Reading Calibrate(const Reading& r) { return {r.sensor, r.value * 3 + 7, r.time}; }
Reading Shift(const Reading& r) { return {r.sensor ^ 5, r.value, r.time + 1000}; }
bool IsOdd(const Reading& r) { return (r.value & 3) != 0; }
struct HashOf {
  uint64_t operator()(const Reading& r) const {
    return static_cast<uint64_t>(r.sensor + r.value + r.time) * 0x9e3779b97f4a7c15ull;
  }
};

int RunBaseline(int64_t records) {
  const Stopwatch watch;
  int64_t checksum = 0;
  for (int64_t n = 0; n < records; ++n) {
    const Reading made = Make(n);
    if (!IsHigh(made)) continue;
    const Reading shifted = Shift(Calibrate(made));
    if (IsOdd(shifted)) checksum += Digest(HashOf{}(shifted));
  }
  Report("stateless_chain", records, watch, static_cast<uint64_t>(checksum));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const int64_t records = arguments.Number("--records", 200'000'000);
  if (arguments.baseline()) return RunBaseline(records);
  BenchmarkEnvironment benchmark(arguments);
  benchmark.env.FromSource(weir::GeneratorSource<Reading>([](int64_t n) { return Make(n); }, records))
      .Filter([](const Reading& r) { return IsHigh(r); })
      .Map([](const Reading& r) { return Calibrate(r); })
      .Map([](const Reading& r) { return Shift(r); })
      .Filter([](const Reading& r) { return IsOdd(r); })
      .SinkTo(weir::ChecksumSink<Reading, HashOf>(HashOf{}));
  return benchmark.Report("stateless_chain", records);
}
