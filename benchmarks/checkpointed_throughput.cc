// Counts per key while a checkpoint is taken each second, against the same job without.
//
//   checkpointed_throughput ours|baseline [--keys n] [--distribution zipf|uniform] [--records n] [--incremental true|false]
//
// Every key is there before it counts. `cpu_s` is that of the task's thread, `total_cpu_s` that of all threads from the start.
#include <time.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "job.h"
#include "zipf.h"

namespace {

using namespace weir::bench;

struct HashOf {
  uint64_t operator()(const std::pair<int64_t, int64_t>& counted) const {
    return static_cast<uint64_t>(counted.first * 31 + counted.second) * 0x9e3779b97f4a7c15ull;
  }
};

double ThreadCpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// CPU time of the thread that makes the records, which keeps the state too. Written by that thread, read when the job is done.
struct TaskTime {
  double began = 0;
  std::atomic<double> seconds{0};
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const int64_t keys = arguments.Number("--keys", 10'000'000);
  const int64_t records = arguments.Number("--records", 200'000'000);
  const bool is_uniform = arguments.Text("--distribution", "zipf") == "uniform";
  // Drawn beforehand: the source is a function of the record's number.
  const auto drawn = std::make_shared<std::vector<int32_t>>(size_t{1} << 22);
  Zipf zipf(static_cast<uint64_t>(keys), 1);
  for (int32_t& key : *drawn) key = static_cast<int32_t>(zipf.Next());
  char name[] = "/tmp/weir-checkpoints-XXXXXX";
  if (mkdtemp(name) == nullptr) return 1;
  BenchmarkEnvironment benchmark(arguments);
  if (!arguments.baseline()) {
    benchmark.env.EnableCheckpointing(weir::Duration(1000));
    benchmark.env.configuration().Set(weir::kCheckpointDir, std::string(name));
    benchmark.env.configuration().Set(weir::kIncrementalCheckpoints, arguments.Text("--incremental", "true") == "true");
  }
  TaskTime task;
  const auto make = [=, task = &task](int64_t n) {
    if (n < keys) return n;
    if (n == keys) task->began = ThreadCpuSeconds();
    if (n + 1 == keys + records) task->seconds = ThreadCpuSeconds() - task->began;
    if (is_uniform) return static_cast<int64_t>(Mix(static_cast<uint64_t>(n)) % static_cast<uint64_t>(keys));
    return static_cast<int64_t>((*drawn)[static_cast<size_t>(n) % drawn->size()]);
  };
  benchmark.env.FromSource(weir::GeneratorSource<int64_t>(make, keys + records))
      .KeyBy([](int64_t key) { return key; })
      .Count()
      .SinkTo(weir::ChecksumSink<std::pair<int64_t, int64_t>, HashOf>(HashOf{}));
  const Stopwatch watch;
  const weir::JobExecutionResult result = benchmark.env.Execute("checkpointed_throughput");
  weir::LocalFileSystem().DeleteRecursively(name).ok();
  if (!result.ok()) return 1;
  const auto checksum = result.Accumulator("checksum.checksum");
  std::printf("{\"name\": \"checkpointed_throughput\", \"records\": %" PRId64
              ", \"cpu_s\": %.6f, \"total_cpu_s\": %.6f, \"wall_s\": %.6f, \"checksum\": \"%016" PRIx64 "\"}\n",
              records, task.seconds.load(), watch.CpuSeconds(), watch.WallSeconds(),
              checksum.ok() ? static_cast<uint64_t>(*checksum) : 0);
}
