// Records of 16 bytes from one task to another: 1 to 1, or 2 to 2 rebalanced by whole batches or by key. The baseline fills and sums a buffer of the
// same size as a batch on one thread.
//
//   exchange_16b ours|baseline [--pattern forward|rebalance|keyed] [--records n]
#include "job.h"

namespace {

using namespace weir::bench;

struct Pair {
  int64_t key;
  int64_t value;
};

Pair Make(int64_t n) { return {n, n ^ 0x5555}; }
struct HashOf {
  uint64_t operator()(const Pair& p) const { return static_cast<uint64_t>(p.key + p.value) << 20; }
};

int RunBaseline(int64_t records) {
  const Stopwatch watch;
  constexpr int64_t kRows = 1024;
  std::vector<Pair> buffer(kRows);
  int64_t checksum = 0;
  for (int64_t n = 0; n < records; n += kRows) {
    const int64_t count = std::min(kRows, records - n);
    for (int64_t i = 0; i < count; ++i) buffer[i] = Make(n + i);
    asm volatile("" : : "r"(buffer.data()) : "memory");
    for (int64_t i = 0; i < count; ++i) checksum += Digest(HashOf{}(buffer[i]));
  }
  Report("exchange_16b", records, watch, static_cast<uint64_t>(checksum));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const int64_t records = arguments.Number("--records", 200'000'000);
  if (arguments.baseline()) return RunBaseline(records);
  const std::string pattern = arguments.Text("--pattern", "forward");
  BenchmarkEnvironment benchmark(arguments);
  if (pattern != "forward") benchmark.env.SetParallelism(2);
  auto made = benchmark.env.FromSource(weir::GeneratorSource<Pair>([](int64_t n) { return Make(n); }, records));
  const auto spread = pattern == "rebalance" ? made.Rebalance()
                      : pattern == "keyed"   ? made.KeyBy(&Pair::key).AsDataStream()
                                             : made;
  // The sink is in no chain with the source: the records cross a channel.
  made.DisableChaining();
  spread.SinkTo(weir::ChecksumSink<Pair, HashOf>(HashOf{}));
  return benchmark.Report("exchange_16b", records);
}
