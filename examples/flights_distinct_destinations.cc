// Shows each flight that is the first from its origin to its destination, with the number of destinations so far.
#include "weir/weir.h"

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  std::string_view origin, destination;
};

struct NewDestination {
  std::string_view origin;
  int64_t destinations;
  std::string_view destination;
  weir::Timestamp departure;
  int64_t id;
};

class FirstFlights : public weir::KeyedProcessFunction<std::string_view, Flight, NewDestination> {
 public:
  void ProcessElement(const Flight& flight, Context& context, weir::Collector<NewDestination>& out) {
    if (seen_.Contains(flight.destination)) return;
    seen_.Put(flight.destination, true);
    const int64_t destinations = count_.Update([](int64_t count) { return count + 1; });
    out.Collect({context.key(), destinations, flight.destination, flight.departure, flight.id});
  }

 private:
  weir::MapState<std::string, bool> seen_{this, "seen"};
  weir::ValueState<int64_t> count_{this, "count"};
};

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file or a folder");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");

  auto first_flights = env.FromSource(weir::CsvFileSource<Flight>(input), "flights")
                           .KeyBy(&Flight::origin)
                           .Process<FirstFlights>()
                           .Uid("first-flights");
  if (output.empty()) {
    first_flights.Print();
  } else {
    first_flights.SinkTo(weir::CsvFileSink<NewDestination>(output));
  }
  return env.Execute("distinct destinations").ExitCode();
}
