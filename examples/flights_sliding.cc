// Flights per origin in the last six hours, every hour.
#include "weir/weir.h"

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;     // minutes, negative when early
  int32_t distance;  // miles
  std::string_view origin, destination;
};

struct Departures {
  std::string_view origin;
  weir::Timestamp window_start, window_end;
  int64_t flights;
};

int main(int argc, char** argv) {
  using std::chrono::hours;
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file or a folder");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");

  const auto strategy =
      weir::WatermarkStrategy<Flight>::BoundedOutOfOrderness(hours(1)).WithTimestamps(&Flight::departure);
  auto departures = env.FromSource(weir::CsvFileSource<Flight>(input), strategy, "flights")
                        .KeyBy(&Flight::origin)
                        .Window(weir::SlidingEventTimeWindows(hours(6), hours(1)))
                        .Aggregate(weir::Count(),
                                   [](std::string_view origin, const weir::TimeWindow& window, int64_t flights) {
                                     return Departures{origin, window.start, window.end, flights};
                                   })
                        .Uid("per-six-hours")
                        .Name("flights per origin in six hours");
  if (output.empty()) {
    departures.Print();
  } else {
    departures.SinkTo(weir::CsvFileSink<Departures>(output));
  }
  return env.Execute("flights per six hours").ExitCode();
}
