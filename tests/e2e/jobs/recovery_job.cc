// Counts per key, and each subtask notes when its first right count of a key that has been counted before comes out after its start: for tools/bench_cluster.py, which kills its processes.
//
//   recovery_job --keys n --rate n --marks <folder>      writes <folder>/<nanoseconds of the monotonic clock>-<subtask>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "weir/weir.h"

namespace {

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

struct Counted {
  int64_t number;
  int64_t count;
};

class Count : public weir::KeyedProcessFunction<int64_t, int64_t, Counted> {
 public:
  void ProcessElement(const int64_t& number, Context&, weir::Collector<Counted>& out) {
    const int64_t count = count_.ValueOr(0) + 1;
    count_.Update(count);
    out.Collect({number, count});
  }

 private:
  weir::ValueState<int64_t> count_{this, "count"};
};

// Whether a count is right is known from its number, since keys come in turn.
class MarkFirst : public weir::ProcessFunction<Counted, Counted> {
 public:
  MarkFirst(int64_t keys, std::string folder) : keys_(keys), folder_(std::move(folder)) {}

  void Open(weir::RuntimeContext& context) { subtask_ = context.subtask_index(); }

  void ProcessElement(const Counted& counted, Context&, weir::Collector<Counted>&) {
    // A count of 1 needs no state.
    if (has_marked_ || counted.count == 1) return;
    if (counted.count != counted.number / keys_ + 1) {
      std::fprintf(stderr, "number %lld was counted as %lld\n", static_cast<long long>(counted.number),
                   static_cast<long long>(counted.count));
      return;
    }
    has_marked_ = true;
    const std::string path = folder_ + "/" + std::to_string(Now()) + "-" + std::to_string(subtask_);
    if (FILE* const mark = std::fopen(path.c_str(), "w"); mark != nullptr) std::fclose(mark);
  }

 private:
  const int64_t keys_;
  const std::string folder_;
  int subtask_ = 0;
  bool has_marked_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const int64_t keys = env.Parameters().Get("keys", int64_t{1'000'000}, "different keys");
  const int64_t rate = env.Parameters().Get("rate", int64_t{500'000}, "numbers per second");
  const std::string marks = env.Parameters().Get("marks", "marks", "folder for marks");
  auto source = weir::GeneratorSource<int64_t>([](int64_t n) { return n; }, int64_t{1} << 50);
  source.RatePerSecond(static_cast<double>(rate));
  // One source: numbers come in turn, so that a count follows from its number.
  env.FromSource(source, "numbers")
      .SetParallelism(1)
      .Uid("numbers")
      .KeyBy([keys](int64_t n) { return n % keys; })
      .Process<Count>()
      .Uid("count")
      .Process<MarkFirst>(keys, marks)
      .SinkTo(weir::DiscardSink<Counted>());
  return env.Execute("recovery").ExitCode();
}
