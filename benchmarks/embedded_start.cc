// From the program's start to the first record in a sink, wall time.
//
//   embedded_start ours|baseline      baseline: an empty main()
#include <time.h>

#include "job.h"

namespace {

using namespace weir::bench;

double WallMs(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const double began = WallMs(CLOCK_MONOTONIC);
  double first = began;
  if (!arguments.baseline()) {
    BenchmarkEnvironment benchmark(arguments);
    auto rows = benchmark.env.FromSequence(1, 1).ExecuteAndCollect("start");
    if (rows.Next() == nullptr) return 1;
    first = WallMs(CLOCK_MONOTONIC);
  }
  // Loading libweir.so comes before main(): CPU time so far, less that spent since, is its cost.
  timespec cpu{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  const double wall_s = (first - began) * 1e-3;
  std::printf(
      "{\"name\": \"embedded_start\", \"records\": 1, \"cpu_s\": %.6f, \"wall_s\": %.6f, \"checksum\": \"0\"}\n",
      static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) * 1e-9, wall_s);
}
