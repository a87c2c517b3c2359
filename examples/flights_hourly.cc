// Flights per origin and hour of departure, with the mean of their delays.
#include <cstdio>

#include "weir/weir.h"

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;     // minutes, negative when early
  int32_t distance;  // miles
  std::string_view origin, destination;
};

struct Hour {
  std::string_view origin;
  weir::Timestamp window_start, window_end;
  int64_t flights;
  int64_t delay_sum;
  std::string mean_delay;  // six decimals
};

std::string SixDecimals(double value) {
  char text[32];
  return {text, static_cast<size_t>(std::snprintf(text, sizeof(text), "%.6f", value))};
}

int main(int argc, char** argv) {
  using std::chrono::hours;
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file or a folder");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");

  // Flights may come up to an hour after later ones.
  const auto strategy =
      weir::WatermarkStrategy<Flight>::BoundedOutOfOrderness(hours(1)).WithTimestamps(&Flight::departure);
  auto per_hour = env.FromSource(weir::CsvFileSource<Flight>(input), strategy, "flights")
                      .KeyBy(&Flight::origin)
                      .Window(weir::TumblingEventTimeWindows(hours(1)))
                      .Aggregate(weir::Aggregates(weir::Count(), weir::Sum(&Flight::delay)),
                                 [](std::string_view origin, const weir::TimeWindow& window, const auto& result) {
                                   const auto& [flights, delay] = result;
                                   const double mean = static_cast<double>(delay) / static_cast<double>(flights);
                                   return Hour{origin, window.start, window.end, flights, delay, SixDecimals(mean)};
                                 })
                      .Uid("per-hour")
                      .Name("flights per origin and hour");
  if (output.empty()) {
    per_hour.Print();
  } else {
    per_hour.SinkTo(weir::CsvFileSink<Hour>(output));
  }
  return env.Execute("flights per hour").ExitCode();
}
