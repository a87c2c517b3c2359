// Running a job as a benchmark.
#pragma once

#include <string>

#include "weir/weir.h"

#include "measure.h"

namespace weir::bench {

// An environment that knows nothing of the benchmark's own arguments.
class BenchmarkEnvironment {
 public:
  explicit BenchmarkEnvironment(const Arguments& arguments) : env(1, kNoArguments) {
    env.SetParallelism(static_cast<int>(arguments.Number("--parallelism", 1)));
  }
  // Runs the job, whose sink is a ChecksumSink, and reports its cost. `with_checksum` false: baselines have other results.
  int Report(const char* name, int64_t records, bool with_checksum = true) {
    const Stopwatch watch;
    const JobExecutionResult result = env.Execute(name);
    if (!result.ok()) return 1;
    const auto checksum = result.Accumulator("checksum.checksum");
    const uint64_t sum = with_checksum && checksum.ok() ? static_cast<uint64_t>(*checksum) : 0;
    bench::Report(name, records, watch, sum);
    return 0;
  }

  StreamExecutionEnvironment env;

 private:
  static constexpr const char* kNoArguments[] = {"benchmark"};
};

// What ChecksumSink adds up for each record.
inline int64_t Digest(uint64_t hash) { return static_cast<int64_t>(hash >> 32); }

}  // namespace weir::bench
