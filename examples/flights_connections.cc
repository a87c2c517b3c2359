// Connecting flights: one leaves the airport at which another one went to, an hour to three hours after that departed.
#include "weir/weir.h"

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;     // minutes, negative when early
  int32_t distance;  // miles
  std::string_view origin, destination;
};

struct Connection {
  int64_t first_id, second_id;
  std::string_view origin, via, destination;
  weir::Timestamp first_departure, second_departure;
};

int main(int argc, char** argv) {
  using std::chrono::hours;
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file or a folder");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");
  const int64_t last_id = env.Parameters().Get("last-id", int64_t{1000}, "flights with a larger id are left out");

  const auto strategy =
      weir::WatermarkStrategy<Flight>::BoundedOutOfOrderness(hours(1)).WithTimestamps(&Flight::departure);
  const auto flights =
      env.FromSource(weir::CsvFileSource<Flight>(input), strategy, "flights").Filter([last_id](const Flight& flight) {
        return flight.id <= last_id;
      });
  auto connections = flights.KeyBy(&Flight::destination)
                         .IntervalJoin(flights.KeyBy(&Flight::origin))
                         .Between(hours(1), hours(3))
                         .Process([](const Flight& first, const Flight& second) {
                           return Connection{first.id,           second.id,       first.origin,    second.origin,
                                             second.destination, first.departure, second.departure};
                         })
                         .Uid("connections")
                         .Name("connecting flights");
  if (output.empty()) {
    connections.Print();
  } else {
    connections.SinkTo(weir::CsvFileSink<Connection>(output));
  }
  return env.Execute("connecting flights").ExitCode();
}
