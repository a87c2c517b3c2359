// A keyed process function with three value states (count, sum, last) against the same with one, at a million keys, without an exchange.
//
//   keyed_count_3_states ours|baseline [--keys n] [--records n]      baseline: one value state
#include "job.h"

namespace {

using namespace weir::bench;

struct Event {
  int64_t key;
  int64_t value;
};

struct MakeEvent {
  uint64_t keys;
  Event operator()(int64_t n) const {
    const uint64_t random = Mix(static_cast<uint64_t>(n));
    return {static_cast<int64_t>(((random >> 32) * keys) >> 32), static_cast<int64_t>(random & 0xff)};
  }
};
struct HashOf {
  uint64_t operator()(const int64_t& count) const { return static_cast<uint64_t>(count) * 0x9e3779b97f4a7c15ull; }
};

class OneState : public weir::KeyedProcessFunction<int64_t, Event, int64_t> {
 public:
  void ProcessElement(const Event&, Context&, weir::Collector<int64_t>& out) {
    const int64_t count = count_.ValueOr(0) + 1;
    count_.Update(count);
    out.Collect(count);
  }

 private:
  weir::ValueState<int64_t> count_{this, "count"};
};

class ThreeStates : public weir::KeyedProcessFunction<int64_t, Event, int64_t> {
 public:
  void ProcessElement(const Event& event, Context&, weir::Collector<int64_t>& out) {
    const int64_t count = count_.ValueOr(0) + 1;
    count_.Update(count);
    sum_.Update(sum_.ValueOr(0) + event.value);
    last_.Update(event.value);
    out.Collect(count);
  }

 private:
  weir::ValueState<int64_t> count_{this, "count"};
  weir::ValueState<int64_t> sum_{this, "sum"};
  weir::ValueState<int64_t> last_{this, "last"};
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const int64_t records = arguments.Number("--records", 30'000'000);
  const MakeEvent make{static_cast<uint64_t>(arguments.Number("--keys", 1'000'000))};
  BenchmarkEnvironment benchmark(arguments);
  const auto keyed = benchmark.env.FromSource(weir::GeneratorSource<Event>(make, records)).KeyBy(&Event::key);
  const weir::ChecksumSink<int64_t, HashOf> sink(HashOf{});
  if (arguments.baseline()) {
    keyed.Process<OneState>().SinkTo(sink);
  } else {
    keyed.Process<ThreeStates>().SinkTo(sink);
  }
  return benchmark.Report("keyed_count_3_states", records);
}
