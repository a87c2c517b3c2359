// Bursts of departures: flights of one origin with less than half an hour between them.
#include "weir/weir.h"

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;     // minutes, negative when early
  int32_t distance;  // miles
  std::string_view origin, destination;
};

struct Burst {
  std::string_view origin;
  weir::Timestamp session_start, session_end;
  int64_t flights;
  int64_t length_min;  // from the first departure to the last
};

int main(int argc, char** argv) {
  using std::chrono::hours;
  using std::chrono::minutes;
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file or a folder");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");

  const auto strategy =
      weir::WatermarkStrategy<Flight>::BoundedOutOfOrderness(hours(1)).WithTimestamps(&Flight::departure);
  auto bursts = env.FromSource(weir::CsvFileSource<Flight>(input), strategy, "flights")
                    .KeyBy(&Flight::origin)
                    .Window(weir::EventTimeSessionWindows(minutes(30)))
                    .Aggregate(weir::Count(),
                               [](std::string_view origin, const weir::TimeWindow& session, int64_t flights) {
                                 // A session ends a gap after its last record.
                                 const auto length = session.end - session.start - minutes(30);
                                 return Burst{origin, session.start, session.end, flights, length / minutes(1)};
                               })
                    .Uid("bursts")
                    .Name("bursts of departures");
  if (output.empty()) {
    bursts.Print();
  } else {
    bursts.SinkTo(weir::CsvFileSink<Burst>(output));
  }
  return env.Execute("bursts of departures").ExitCode();
}
