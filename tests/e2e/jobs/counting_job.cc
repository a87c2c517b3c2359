// Counts numbers per key, from a source that can be replayed into files that appear exactly once: the job that tests kill, restart and rescale.
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <utility>

#include "weir/weir.h"

void UseSlowDisk(const char* path);  // slow_disk.cc

struct Counted {
  int64_t key;
  int64_t count;
};

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  weir::Parameters& parameters = env.Parameters();
  const int64_t numbers = parameters.Get("numbers", int64_t{100'000}, "how many");
  const int64_t rate = parameters.Get("rate", int64_t{0}, "numbers per second; 0: as fast as it goes");
  const int64_t keys = parameters.Get("keys", int64_t{100}, "different keys");
  const std::string output = parameters.Get("output", "out", "folder for CSV files");
  const weir::Duration stops_after = parameters.Get("stops-after", weir::Duration(0), "stops with a savepoint then");
  const std::string savepoints = parameters.Get("savepoints", "savepoints", "folder for that");
  const bool drains = parameters.Get("drains", false, "whether its sources end before");
  const weir::Duration pause =
      parameters.Get("pause", weir::Duration(0), "for every hundred results: makes the job slow");
  const int64_t fails_at = parameters.Get("fails-at", int64_t{-1}, "number at which the first attempts fail");
  const int failures = parameters.Get("failures", 1, "how many of them");
  static const std::string slow_disk =
      parameters.Get("slow-disk", "", "file that makes syncing slow while it is there");
  if (!slow_disk.empty()) UseSlowDisk(slow_disk.c_str());

  auto source = weir::GeneratorSource<int64_t>([](int64_t n) { return n; }, numbers);
  if (rate > 0) source.RatePerSecond(static_cast<double>(rate));
  env.FromSource(source, "numbers")
      .Uid("numbers")
      .Map([fails_at, failures](int64_t n) {
        static int failed = 0;
        if (n == fails_at && failed++ < failures) throw std::runtime_error("as asked for");
        return n;
      })
      .KeyBy([keys](int64_t n) { return n % keys; })
      .Count()
      .Uid("count")
      .Map([pause, results = 0](const std::pair<int64_t, int64_t>& counted) mutable {
        if (pause > weir::Duration(0) && ++results % 100 == 0) std::this_thread::sleep_for(pause);
        return Counted{counted.first, counted.second};
      })
      .SinkTo(weir::CsvFileSink<Counted>(output).ExactlyOnce());
  if (stops_after == weir::Duration(0)) return env.Execute("counting").ExitCode();

  weir::JobClient job = env.ExecuteAsync("counting");
  if (!job.ok() || job.WaitFor(stops_after)) return 2;
  const weir::StatusOr<std::string> savepoint = job.StopWithSavepoint(savepoints, drains);
  std::printf("%s\n", savepoint.ok() ? savepoint->c_str() : std::string(savepoint.status().message()).c_str());
  return savepoint.ok() ? job.Result().ExitCode() : 1;
}
