// How long checkpoints take under full back-pressure: a source at full speed before counters that are a hundred times slower.
//
//   unaligned_checkpoint ours|baseline [--seconds n] [--parallelism n]     baseline: the same job, aligned
//
// Prints the 99th percentile of the time from the trigger to the last acknowledgement, in milliseconds.
#include <algorithm>
#include <cinttypes>
#include <cstdlib>
#include <string>

#include "weir/rpc/checkpoint_statistics.h"
#include "weir/rpc/job_messages.h"

#include "job.h"

namespace {

using namespace weir::bench;

// Some microseconds of work per record.
uint64_t Burn(int64_t value) {
  uint64_t x = static_cast<uint64_t>(value);
  for (int i = 0; i < 2000; ++i) x = Mix(x);
  return x;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  char name[] = "/tmp/weir-unaligned-XXXXXX";
  if (mkdtemp(name) == nullptr) return 1;
  static constexpr const char* kNoArguments[] = {"benchmark"};
  weir::StreamExecutionEnvironment env(1, kNoArguments);
  env.SetParallelism(static_cast<int>(arguments.Number("--parallelism", 2)));
  env.EnableCheckpointing(weir::Duration(100));
  env.configuration().Set(weir::kCheckpointDir, std::string(name));
  env.configuration().Set(weir::kUnalignedCheckpoints, !arguments.baseline());
  env.FromSource(weir::GeneratorSource<int64_t>([](int64_t n) { return n; }), "numbers")
      .KeyBy([](int64_t n) { return n % 100'000; })
      .Count()
      .Map([](const std::pair<int64_t, int64_t>& counted) { return Burn(counted.first + counted.second); })
      .SinkTo(weir::DiscardSink<uint64_t>());
  const Stopwatch watch;
  weir::JobClient job = env.ExecuteAsync("unaligned_checkpoint");
  if (!job.ok() || job.WaitFor(weir::Duration(1000 * arguments.Number("--seconds", 20)))) return 1;
  const auto checkpoints = job.Details().checkpoints;
  job.Cancel().ok();
  job.Result().status().ok();
  const weir::CheckpointSummary& summary = checkpoints->summary;
  std::printf("{\"name\": \"unaligned_checkpoint\", \"records\": %" PRId64
              ", \"cpu_s\": %.6f, \"wall_s\": %.6f, \"value\": %.1f, \"persisted_bytes\": %" PRId64
              ", \"checksum\": \"0\"}\n",
              checkpoints->counts.completed, watch.CpuSeconds(), watch.WallSeconds(), summary.duration_ms.p99,
              summary.persisted_bytes.average);
  weir::LocalFileSystem().DeleteRecursively(name).ok();
  // Without records in flight nothing was measured.
  return checkpoints->counts.completed > 0 && (arguments.baseline() || summary.persisted_bytes.max > 0) ? 0 : 1;
}
