// What metrics cost on the record path: a keyed count over two tasks with everything that tasks count (ours) against the same job without
// (metrics.enabled: false).
//
//   metrics_cost ours|baseline [--records n]
#include "job.h"

namespace {

using namespace weir::bench;

struct Reading {
  int64_t sensor;
  int64_t value;
};

Reading Make(int64_t n) { return {static_cast<int64_t>(Mix(static_cast<uint64_t>(n)) % 10'000), n}; }

struct HashOf {
  uint64_t operator()(const Reading& r) const {
    return static_cast<uint64_t>(r.sensor + r.value) * 0x9e3779b97f4a7c15ull;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const int64_t records = arguments.Number("--records", 100'000'000);
  BenchmarkEnvironment benchmark(arguments);
  if (arguments.baseline()) benchmark.env.configuration().SetText("metrics.enabled", "false", "the benchmark");
  benchmark.env.FromSource(weir::GeneratorSource<Reading>([](int64_t n) { return Make(n); }, records))
      .Filter([](const Reading& r) { return (r.value & 15) != 0; })
      .KeyBy(&Reading::sensor)
      .Sum(&Reading::value)
      .SinkTo(weir::ChecksumSink<Reading, HashOf>(HashOf{}));
  return benchmark.Report("metrics_cost", records);
}
