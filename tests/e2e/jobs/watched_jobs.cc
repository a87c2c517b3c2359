// Jobs to look at while they run, for web_test.py and receivers_test.py: endless flights with a slow operator and a hot origin, a job that fails, one that
// counts and then stands still, one of very many subtasks.
#include <cstdint>
#include <ctime>
#include <stdexcept>
#include <string>

#include "weir/weir.h"

namespace {

constexpr int64_t kOrigins = 40;
constexpr int64_t kStart = 1'388'534'400'000;  // 2014-01-01

struct Flight {
  int64_t id;
  int64_t departure;  // milliseconds
  int32_t origin;
  int32_t delay;  // minutes
};

struct DelayOfOrigin {
  int32_t origin;
  int64_t window_end;
  int64_t flights;
};

// Every third flight leaves from origin 7.
Flight FlightOf(int64_t n) {
  const auto mixed = static_cast<uint64_t>(n) * 0x9e3779b97f4a7c15;
  return {.id = n,
          .departure = kStart + n * 300,
          .origin = n % 3 == 0 ? 7 : static_cast<int32_t>((mixed >> 40) % kOrigins),
          .delay = static_cast<int32_t>((mixed >> 20) % 180) - 15};
}

void Pause(int64_t microseconds) {
  timespec pause{.tv_sec = 0, .tv_nsec = microseconds * 1000};
  nanosleep(&pause, nullptr);
}

bool IsLate(const Flight& flight) { return flight.delay > 0; }

// Slow on purpose: what stands before it is back-pressured.
Flight Enriched(const Flight& flight) {
  if (flight.id % 6 == 0) Pause(200);
  return flight;
}

Flight FailAt20k(const Flight& flight) {
  if (flight.id == 20'000) throw std::runtime_error("flight 20000 has no airport: origin \"???\" is unknown");
  return flight;
}

auto Flights(double per_second) { return weir::GeneratorSource<Flight>(&FlightOf).RatePerSecond(per_second); }

}  // namespace

int main(int argc, char** argv) {
  using std::chrono::minutes;
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string which = env.Parameters().Get("which", "flights", "flights, failing, counted or many");
  const auto strategy =
      weir::WatermarkStrategy<Flight>::BoundedOutOfOrderness(minutes(1)).WithTimestamps(&Flight::departure);
  if (which == "flights") {
    auto late = env.FromSource(Flights(40'000), strategy, "flights").Filter(IsLate).Name("late ones");
    late.KeyBy(&Flight::origin)
        .Map(Enriched)
        .Name("delay per origin")
        .KeyBy(&Flight::origin)
        .Window(weir::TumblingEventTimeWindows(minutes(10)))
        .Aggregate(weir::Count(),
                   [](int32_t origin, const weir::TimeWindow& window, int64_t flights) {
                     return DelayOfOrigin{origin, weir::ToEventTime(window.end), flights};
                   })
        .Name("late flights in ten minutes")
        .SinkTo(weir::DiscardSink<DelayOfOrigin>());
    late.Rebalance()
        .Filter([](const Flight& flight) { return flight.delay > 150; })
        .Name("very late ones")
        .SinkTo(weir::DiscardSink<Flight>());
    return env.Execute("flights").ExitCode();
  }
  if (which == "failing") {
    env.FromSource(Flights(40'000), strategy, "flights")
        .Rebalance()
        .Map(FailAt20k)
        .Name("airport of flight")
        .SinkTo(weir::DiscardSink<Flight>());
    return env.Execute("failing flights").ExitCode();
  }
  if (which == "counted") {
    // So many flights are counted, then it goes on without any, so that the numbers stand still and stay.
    const int64_t records = env.Parameters().Get("records", int64_t{20'000}, "flights to count");
    const auto none = env.FromSource(Flights(50), strategy, "idle flights").Filter([](const Flight& flight) {
      return flight.id < 0;
    });
    env.FromSource(weir::GeneratorSource<Flight>(&FlightOf, records), strategy, "flights")
        .Union(none)
        .KeyBy(&Flight::origin)
        .Sum(&Flight::delay)
        .Name("counter")
        .SinkTo(weir::DiscardSink<Flight>());
    return env.Execute("counted flights").ExitCode();
  }
  env.FromSource(Flights(2'000), strategy, "flights")
      .KeyBy(&Flight::origin)
      .Map(Enriched)
      .Name("one of many")
      .SinkTo(weir::DiscardSink<Flight>());
  return env.Execute("many subtasks").ExitCode();
}
