// Programs that collect rows, for collect_test.py: what they print must not depend on where the job runs.
//
//   collecting_jobs --which all|first|restart|late [--numbers n]
#include <cinttypes>
#include <cstdio>
#include <string>
#include <vector>

#include "weir/weir.h"

namespace {

struct Named {
  int64_t number;
  std::string_view name;
};

Named Name(int64_t number) { return {number, number % 3 == 0 ? "fizz" : ""}; }

// Fails once, on its first attempt, in the middle.
class FailOnce : public weir::ProcessFunction<int64_t, int64_t> {
 public:
  explicit FailOnce(int64_t at) : at_(at) {}
  void Open(const weir::RuntimeContext& context) { is_first_ = context.attempt_number() == 0; }
  void ProcessElement(const int64_t& number, Context&, weir::Collector<int64_t>& out) {
    if (is_first_ && number == at_) throw std::runtime_error("the first attempt ends here");
    out.Collect(number);
  }

 private:
  const int64_t at_;
  bool is_first_ = false;
};

// The sum does not depend on the order in which subtasks' rows come.
int Report(const std::vector<int64_t>& rows, const weir::Status& status) {
  int64_t sum = 0;
  for (const int64_t row : rows) sum += row;
  std::printf("%zu rows, sum %" PRId64 ", %s\n", rows.size(), sum, status.ok() ? "ok" : "failed");
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}

int Drain(weir::CollectedStream<int64_t> stream) {
  std::vector<int64_t> rows;
  while (const int64_t* row = stream.Next()) rows.push_back(*row);
  return Report(rows, stream.status());
}

}  // namespace

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string which = env.Parameters().Get("which", "all", "all, first, restart or late");
  const int64_t numbers = env.Parameters().Get("numbers", int64_t{100'000}, "how many");
  if (which == "first") {
    // Lets go of a stream that never ends.
    auto stream = env.FromSequence(1, int64_t{1} << 60).Map(Name).ExecuteAndCollect("first");
    int64_t seen = 0;
    while (seen < 1000 && stream.Next() != nullptr) ++seen;
    std::printf("%" PRId64 " rows\n", seen);
    return 0;
  }
  if (which == "restart") {
    auto source = weir::GeneratorSource<int64_t>([](int64_t n) { return n + 1; }, numbers);
    source.RatePerSecond(static_cast<double>(numbers) / 2);
    return Drain(env.FromSource(source, "numbers")
                     .SetParallelism(1)
                     .Process<FailOnce>(numbers / 2)
                     .SetParallelism(1)
                     .ExecuteAndCollect("restart"));
  }
  // Two jobs: the second one's rows depend on the number of the first one's.
  const std::vector<Named> named = env.FromSequence(1, 9).Map(Name).ExecuteAndCollect("named");
  std::string names;
  for (const Named& each : named) names += each.name;
  std::printf("%s\n", names.c_str());
  return Drain(env.FromSequence(1, numbers)
                   .KeyBy([](int64_t n) { return n % 7; })
                   .Map([](int64_t n) { return n; })
                   .ExecuteAndCollect("all"));
}
