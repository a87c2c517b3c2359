// A heap table that grows from nothing: how long one batch of 1024 inserts holds the task up, and the memory of an entry.
//
//   heap_growth ours --measure p999|max|bytes [--keys n]
//
// `value`: CPU milliseconds of the thread for the 99.9th percentile or the longest batch; or bytes per entry, average over the last doubling.

#include <time.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "weir/base/hash.h"
#include "weir/functions/state/keyed_state.h"
#include "weir/state/state_backend.h"

#include "measure.h"

namespace {

constexpr uint32_t kBatch = 1024;

struct Count : weir::StatefulFunction {
  weir::ValueState<int64_t> count{this, "count"};
};

double ThreadCpuMillis() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

}  // namespace

int main(int argc, char** argv) {
  const weir::bench::Arguments arguments(argc, argv);
  const uint64_t key_count = static_cast<uint64_t>(arguments.Number("--keys", 10'000'000));
  const std::string measure = arguments.Text("--measure", "p999");
  Count function;
  const auto rows = weir::NewStateBackend("hashmap")
                        .value()
                        ->CreateKeyedRows({.states = function.keyed_states(), .key_groups = {0, 127}})
                        .value();
  function.BindStates(*rows);
  std::vector<int64_t> keys(kBatch);
  std::vector<uint64_t> hashes(kBatch);
  std::vector<char*> pointers(kBatch);
  std::vector<double> pauses;
  double bytes = 0;
  uint64_t samples = 0;
  const weir::bench::Stopwatch watch;
  for (uint64_t key = 0; key < key_count; key += kBatch) {
    for (uint32_t i = 0; i < kBatch; ++i) keys[i] = static_cast<int64_t>(key + i);
    const double began = ThreadCpuMillis();
    weir::HashInts(keys, hashes);
    rows->Prepare({.integers = keys.data()}, hashes.data(), kBatch, pointers.data());
    for (char* row : pointers) {
      function.key_context().row = row;
      function.count.Update(1);
    }
    rows->Finish();
    pauses.push_back(ThreadCpuMillis() - began);
    if (key < key_count / 2) continue;
    bytes += static_cast<double>(rows->memory_bytes()) / static_cast<double>(rows->row_count());
    ++samples;
  }
  const double cpu_s = watch.CpuSeconds();
  std::sort(pauses.begin(), pauses.end());
  double value = bytes / static_cast<double>(samples);
  if (measure == "p999") value = pauses[pauses.size() * 999 / 1000];
  if (measure == "max") value = pauses.back();
  std::printf("{\"name\": \"heap_growth\", \"records\": %" PRIu64
              ", \"cpu_s\": %.6f, \"wall_s\": %.6f, \"value\": %.4f, \"checksum\": \"%016" PRIx64 "\"}\n",
              rows->row_count(), cpu_s, watch.WallSeconds(), value, rows->row_count());
}
