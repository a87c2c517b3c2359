// The delay of the last fifty flights from each airport, at every tenth: windows that count records. They need no timestamps.
#include "weir/weir.h"

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;     // minutes, negative when early
  int32_t distance;  // miles
  std::string_view origin, destination;
};

// What a window keeps of a flight: a window with an evictor keeps its records, so that these own their text.
struct Departure {
  int64_t flight;
  int32_t delay;
  std::string origin;
};

struct MovingDelay {
  std::string_view origin;
  int64_t last_flight;
  int64_t flights;
  int64_t delay;  // of all of them
};

int main(int argc, char** argv) {
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file or a folder");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");

  auto delays =
      env.FromSource(weir::CsvFileSource<Flight>(input), "flights")
          .Map([](const Flight& flight) { return Departure{flight.id, flight.delay, std::string(flight.origin)}; })
          .KeyBy(&Departure::origin)
          .CountWindow(50, 10)
          .Process([](std::string_view origin, const weir::GlobalWindow&, const std::vector<Departure>& last,
                      weir::Collector<MovingDelay>& out) {
            int64_t delay = 0;
            for (const Departure& departure : last) delay += departure.delay;
            out.Collect({origin, last.back().flight, static_cast<int64_t>(last.size()), delay});
          })
          .Uid("moving-delay")
          .Name("delay of the last fifty");
  if (output.empty()) {
    delays.Print();
  } else {
    delays.SinkTo(weir::CsvFileSink<MovingDelay>(output));
  }
  return env.Execute("moving delay").ExitCode();
}
