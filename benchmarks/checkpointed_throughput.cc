// Counts per key while a checkpoint is taken each second, against the same job without.
//
//   checkpointed_throughput ours|baseline [--keys n] [--distribution zipf|uniform] [--records n] [--incremental true|false] [--measure throughput|pause]
//
// Every key is there before it counts. `cpu_s` is that of the task's thread, `total_cpu_s` that of all threads from the start.
//
// pause: the job runs without checkpoints and then with them. `value`: how much longer the task is at 1024 records and all that comes between them and the next,
// CPU milliseconds of its thread, 99.9th percentile of all such turns.
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "job.h"
#include "zipf.h"

namespace {

using namespace weir::bench;

constexpr int64_t kTurnRecords = 1024;

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
  double last_turn = 0;
  std::atomic<double> seconds{0};
  std::vector<double> turns;  // of kTurnRecords each, seconds; with room for all of them, or none are to be timed

  double TurnMillis(double quantile) {
    std::sort(turns.begin(), turns.end());
    return turns.empty() ? 0 : turns[static_cast<size_t>(quantile * static_cast<double>(turns.size() - 1))] * 1e3;
  }
};

struct Job {
  int64_t keys = 0;
  int64_t records = 0;
  bool is_uniform = false;
  bool is_incremental = true;
  bool has_checkpoints = false;
  bool times_turns = false;
};

struct Outcome {
  double total_cpu_s = 0;
  double wall_s = 0;
  uint64_t checksum = 0;
};

// False: it failed.
bool Run(const Arguments& arguments, const Job& job, TaskTime& task, Outcome& outcome) {
  // Drawn beforehand: the source is a function of the record's number.
  const auto drawn = std::make_shared<std::vector<int32_t>>(size_t{1} << 22);
  Zipf zipf(static_cast<uint64_t>(job.keys), 1);
  for (int32_t& key : *drawn) key = static_cast<int32_t>(zipf.Next());
  char name[] = "/tmp/weir-checkpoints-XXXXXX";
  if (mkdtemp(name) == nullptr) return false;
  BenchmarkEnvironment benchmark(arguments);
  if (job.has_checkpoints) {
    benchmark.env.EnableCheckpointing(weir::Duration(1000));
    benchmark.env.configuration().Set(weir::kCheckpointDir, std::string(name));
    benchmark.env.configuration().Set(weir::kIncrementalCheckpoints, job.is_incremental);
  }
  if (job.times_turns) task.turns.reserve(static_cast<size_t>(job.records / kTurnRecords) + 1);
  const auto make = [job, drawn, &task](int64_t n) {
    if (n < job.keys) return n;
    if (n == job.keys) task.began = task.last_turn = ThreadCpuSeconds();
    if (job.times_turns && n % kTurnRecords == 0 && n > job.keys) {
      const double now = ThreadCpuSeconds();
      task.turns.push_back(now - std::exchange(task.last_turn, now));
    }
    if (n + 1 == job.keys + job.records) task.seconds = ThreadCpuSeconds() - task.began;
    if (job.is_uniform) return static_cast<int64_t>(Mix(static_cast<uint64_t>(n)) % static_cast<uint64_t>(job.keys));
    return static_cast<int64_t>((*drawn)[static_cast<size_t>(n) % drawn->size()]);
  };
  benchmark.env.FromSource(weir::GeneratorSource<int64_t>(make, job.keys + job.records))
      .KeyBy([](int64_t key) { return key; })
      .Count()
      .SinkTo(weir::ChecksumSink<std::pair<int64_t, int64_t>, HashOf>(HashOf{}));
  const Stopwatch watch;
  const weir::JobExecutionResult result = benchmark.env.Execute("checkpointed_throughput");
  outcome.total_cpu_s = watch.CpuSeconds();
  outcome.wall_s = watch.WallSeconds();
  weir::LocalFileSystem().DeleteRecursively(name).ok();
  const auto checksum = result.Accumulator("checksum.checksum");
  outcome.checksum = checksum.ok() ? static_cast<uint64_t>(*checksum) : 0;
  return result.ok();
}

int Throughput(const Arguments& arguments, Job job) {
  job.has_checkpoints = !arguments.baseline();
  TaskTime task;
  Outcome outcome;
  if (!Run(arguments, job, task, outcome)) return 1;
  std::printf("{\"name\": \"checkpointed_throughput\", \"records\": %" PRId64
              ", \"cpu_s\": %.6f, \"total_cpu_s\": %.6f, \"wall_s\": %.6f, \"checksum\": \"%016" PRIx64 "\"}\n",
              job.records, task.seconds.load(), outcome.total_cpu_s, outcome.wall_s, outcome.checksum);
  return 0;
}

int Pause(const Arguments& arguments, Job job) {
  job.times_turns = true;
  double millis[2] = {};
  TaskTime tasks[2];
  Outcome outcome;
  for (int i = 0; i < 2; ++i) {
    job.has_checkpoints = i == 1;
    if (!Run(arguments, job, tasks[i], outcome)) return 1;
    millis[i] = tasks[i].TurnMillis(0.999);
  }
  std::printf("{\"name\": \"checkpointed_throughput\", \"records\": %" PRId64
              ", \"cpu_s\": %.6f, \"wall_s\": %.6f, \"value\": %.4f, \"without_ms\": %.4f, \"with_ms\": %.4f"
              ", \"longest_without_ms\": %.4f, \"longest_with_ms\": %.4f, \"checksum\": \"%016" PRIx64 "\"}\n",
              job.records, tasks[1].seconds.load(), outcome.wall_s, millis[1] - millis[0], millis[0], millis[1],
              tasks[0].TurnMillis(1), tasks[1].TurnMillis(1), outcome.checksum);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  Job job;
  job.keys = arguments.Number("--keys", 10'000'000);
  job.records = arguments.Number("--records", 200'000'000);
  job.is_uniform = arguments.Text("--distribution", "zipf") == "uniform";
  job.is_incremental = arguments.Text("--incremental", "true") == "true";
  return arguments.Text("--measure", "throughput") == "pause" ? Pause(arguments, job) : Throughput(arguments, job);
}
