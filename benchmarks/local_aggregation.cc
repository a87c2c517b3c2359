// A tumbling count with one key in half of the records and a hundred others, with LocalAggregation; the baseline is the same job without it.
//
//   local_aggregation ours|baseline [--parallelism n] [--records n]
#include "window_events.h"

namespace {

using namespace weir::bench;

struct MakeSkewedEvent {
  WindowEvent operator()(int64_t n) const {
    WindowEvent event = MakeWindowEvent{100}(n);
    if ((event.value & 1) != 0) event.key = 100;
    return event;
  }
};

WindowResult ResultOf(int64_t key, const weir::TimeWindow& window, int64_t count) {
  return {key, weir::ToEventTime(window.end), count};
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const int64_t records = arguments.Number("--records", 30'000'000);
  BenchmarkEnvironment benchmark(arguments);
  const auto windows =
      benchmark.env
          .FromSource(weir::GeneratorSource<WindowEvent>(MakeSkewedEvent{}, records), EventStrategy(), "events")
          .KeyBy(&WindowEvent::key)
          .Window(weir::TumblingEventTimeWindows(weir::Duration(10'000)));
  const weir::ChecksumSink<WindowResult, HashOfResult> sink(HashOfResult{});
  if (arguments.baseline()) {
    windows.Aggregate(weir::Count(), &ResultOf).SinkTo(sink);
  } else {
    windows.LocalAggregation().Aggregate(weir::Count(), &ResultOf).SinkTo(sink);
  }
  return benchmark.Report("local_aggregation", records);
}
