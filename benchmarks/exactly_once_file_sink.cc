// Makes records and writes them as CSV files, with a checkpoint each second: files that appear exactly once against files that appear when they are
// finished.
//
//   exactly_once_file_sink ours|baseline [--records n] [--parallelism n]
#include <cstdlib>
#include <string>

#include "weir/base/file/file_system.h"

#include "job.h"

namespace {

using namespace weir::bench;

struct Reading {
  int64_t sensor;
  int64_t time;
  double value;
};

Reading MakeReading(int64_t n) {
  const uint64_t random = Mix(static_cast<uint64_t>(n));
  return {static_cast<int64_t>(random % 1000), n, static_cast<double>(random >> 40) / 16};
}

// A folder that goes with the program.
class ScratchFolder {
 public:
  ScratchFolder() {
    char name[] = "/tmp/weir-file-sink-XXXXXX";
    path_ = mkdtemp(name) != nullptr ? name : "";
  }
  ~ScratchFolder() { weir::LocalFileSystem().DeleteRecursively(path_).ok(); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Of all files that readers see: the same, however they came to be.
uint64_t VisibleBytes(const std::string& folder) {
  uint64_t bytes = 0;
  for (const weir::FileInfo& file : weir::LocalFileSystem().List(folder).ValueOr({})) {
    const bool is_hidden = file.path.find("/.") != std::string::npos;
    if (!is_hidden) bytes += file.size;
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const int64_t records = arguments.Number("--records", 20'000'000);
  const ScratchFolder folder;
  if (folder.path().empty()) return 1;
  BenchmarkEnvironment benchmark(arguments);
  benchmark.env.EnableCheckpointing(weir::Duration(1000));
  benchmark.env.configuration().Set(weir::kCheckpointDir, folder.path() + "/checkpoints");
  auto sink = weir::CsvFileSink<Reading>(folder.path() + "/out");
  if (!arguments.baseline()) sink.ExactlyOnce();
  benchmark.env.FromSource(weir::GeneratorSource<Reading>(MakeReading, records)).SinkTo(sink);
  const Stopwatch watch;
  if (!benchmark.env.Execute("exactly_once_file_sink").ok()) return 1;
  Report("exactly_once_file_sink", records, watch, VisibleBytes(folder.path() + "/out"));
  return 0;
}
