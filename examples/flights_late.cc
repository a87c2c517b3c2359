// Flights per origin and hour, from a file in which some come too late: what is counted, and what is not.
//
// A watermark follows every flight, so that what is late depends on the order of the file alone, not on how it is cut into batches.
#include <algorithm>
#include <cstdio>

#include "weir/weir.h"

using namespace std::chrono_literals;
using std::chrono::minutes;

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;  // minutes, negative when early
  std::string_view origin;
};

struct Hour {
  std::string_view origin;
  weir::Timestamp window_start, window_end;
  int64_t flights;
  int64_t delay_sum;
  std::string mean_delay;  // six decimals
};

struct LateFlight {
  int64_t id;
  std::string_view origin;
  weir::Timestamp departure;
};

// After every flight: none is to come that departed 45 minutes before the latest one, or earlier.
class AfterEveryFlight {
 public:
  void OnEvent(const Flight&, weir::Timestamp departure, weir::WatermarkOutput& out) {
    latest_ = std::max(latest_, departure);
    out.EmitWatermark(latest_ - 45min - 1ms);
  }

 private:
  weir::Timestamp latest_{};
};

std::string SixDecimals(double value) {
  char text[32];
  return {text, static_cast<size_t>(std::snprintf(text, sizeof(text), "%.6f", value))};
}

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");
  const std::string dropped = env.Parameters().Get("dropped", "", "folder for the flights that came too late");
  const int64_t lateness = env.Parameters().Get("lateness", int64_t{0}, "minutes that a window stays after its end");

  const weir::OutputTag<Flight> late{"late"};
  auto hours =
      env.FromSource(
             weir::CsvFileSource<Flight>(input),
             weir::WatermarkStrategy<Flight>::ForGenerator<AfterEveryFlight>().WithTimestamps(&Flight::departure),
             "flights")
          .SetParallelism(1)  // lateness is about the order of the whole file
          .KeyBy(&Flight::origin)
          .Window(weir::TumblingEventTimeWindows(1h))
          .AllowedLateness(minutes(lateness))
          .SideOutputLateData(late)
          .Aggregate(weir::Aggregates(weir::Count(), weir::Sum(&Flight::delay)),
                     [](std::string_view origin, const weir::TimeWindow& window, const auto& result) {
                       const auto& [flights, delay] = result;
                       return Hour{origin,     window.start,
                                   window.end, flights,
                                   delay,      SixDecimals(static_cast<double>(delay) / static_cast<double>(flights))};
                     })
          .Uid("per-hour")
          .Name("flights per origin and hour");
  auto too_late = hours.GetSideOutput(late).Map(
      [](const Flight& flight) { return LateFlight{flight.id, flight.origin, flight.departure}; });
  // Within the lateness a window may fire more than once; its last row counts.
  if (output.empty()) {
    hours.Print();
  } else {
    hours.SinkTo(weir::CsvFileSink<Hour>(output));
  }
  if (dropped.empty()) {
    too_late.Print("too late: ");
  } else {
    too_late.SinkTo(weir::CsvFileSink<LateFlight>(dropped));
  }
  return env.Execute("late flights").ExitCode();
}
