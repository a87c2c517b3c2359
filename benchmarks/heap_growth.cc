// A heap table that grows from nothing: how long one batch of 1024 inserts holds the task up, and the memory of an entry.
//
//   heap_growth ours --measure p999|max|bytes [--keys n]
//
// The table grows twice, and the second time counts: memory that a virtual machine has never touched costs some milliseconds per 2 MiB.
//
// `value`: CPU milliseconds of the thread for the 99.9th percentile or the longest batch; or bytes per entry, average over the last doubling.

#include <time.h>

#include <algorithm>
#include <memory>
#include <string>
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

struct Growth {
  std::vector<double> pauses_ms;  // of each batch, ascending
  double bytes_per_entry = 0;     // average over the last doubling
  uint64_t rows = 0;
};

Growth Grow(uint64_t key_count) {
  Count function;
  const auto rows = weir::NewStateBackend("hashmap")
                        .value()
                        ->CreateKeyedRows({.states = function.keyed_states(), .key_groups = {0, 127}})
                        .value();
  function.BindStates(*rows);
  std::vector<int64_t> keys(kBatch);
  std::vector<uint64_t> hashes(kBatch);
  std::vector<char*> pointers(kBatch);
  Growth growth;
  double bytes = 0;
  uint64_t samples = 0;
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
    growth.pauses_ms.push_back(ThreadCpuMillis() - began);
    if (key < key_count / 2) continue;
    bytes += static_cast<double>(rows->memory_bytes()) / static_cast<double>(rows->row_count());
    ++samples;
  }
  std::sort(growth.pauses_ms.begin(), growth.pauses_ms.end());
  growth.bytes_per_entry = bytes / static_cast<double>(samples);
  growth.rows = rows->row_count();
  return growth;
}

}  // namespace

int main(int argc, char** argv) {
  const weir::bench::Arguments arguments(argc, argv);
  const uint64_t key_count = static_cast<uint64_t>(arguments.Number("--keys", 10'000'000));
  const std::string measure = arguments.Text("--measure", "p999");
  Grow(key_count);
  const weir::bench::Stopwatch watch;
  const Growth growth = Grow(key_count);
  const double cpu_s = watch.CpuSeconds();
  double value = growth.bytes_per_entry;
  if (measure == "p999") value = growth.pauses_ms[growth.pauses_ms.size() * 999 / 1000];
  if (measure == "max") value = growth.pauses_ms.back();
  std::printf("{\"name\": \"heap_growth\", \"records\": %" PRIu64
              ", \"cpu_s\": %.6f, \"wall_s\": %.6f, \"value\": %.4f, \"checksum\": \"%016" PRIx64 "\"}\n",
              growth.rows, cpu_s, watch.WallSeconds(), value, growth.rows);
}
