// An alert whenever the delays of an airport's day have summed up to another so many minutes: a trigger of one's own.
#include "weir/weir.h"

struct Flight {
  int64_t id;
  weir::Timestamp departure;
  int32_t delay;     // minutes, negative when early
  int32_t distance;  // miles
  std::string_view origin, destination;
};

struct Alert {
  std::string_view origin;
  weir::Timestamp day;
  int64_t flights;
  int64_t delay;
};

// Of one airport and day.
struct Progress {
  int64_t delay = 0;
  int64_t alerts = 0;
};

class DelayTrigger : public weir::Trigger<Progress> {
 public:
  explicit DelayTrigger(int64_t minutes) : minutes_(minutes) {}
  weir::TriggerResult OnElement(const Flight& flight, const weir::TimeWindow&, Context& ctx) {
    Progress& progress = ctx.state();
    progress.delay += flight.delay;
    if (progress.delay < (progress.alerts + 1) * minutes_) return weir::TriggerResult::kContinue;
    progress.alerts = progress.delay / minutes_;
    return weir::TriggerResult::kFire;
  }
  std::string name() const { return "DelayTrigger"; }

 private:
  int64_t minutes_;
};

int main(int argc, char** argv) {
  using std::chrono::days;
  using std::chrono::hours;
  weir::StreamExecutionEnvironment env(argc, argv);
  const std::string input = env.Parameters().Get("input", "examples/data/flights_20k.csv", "a CSV file or a folder");
  const std::string output = env.Parameters().Get("output", "", "folder for CSV files; without it, the terminal");
  const int64_t minutes = env.Parameters().Get("minutes", int64_t{500}, "delay from one alert to the next");

  const auto strategy =
      weir::WatermarkStrategy<Flight>::BoundedOutOfOrderness(hours(1)).WithTimestamps(&Flight::departure);
  auto alerts = env.FromSource(weir::CsvFileSource<Flight>(input), strategy, "flights")
                    .KeyBy(&Flight::origin)
                    .Window(weir::TumblingEventTimeWindows(days(1)))
                    .Trigger(DelayTrigger(minutes))
                    .Aggregate(weir::Aggregates(weir::Count(), weir::Sum(&Flight::delay)),
                               [](std::string_view origin, const weir::TimeWindow& day, const auto& so_far) {
                                 const auto& [flights, delay] = so_far;
                                 return Alert{origin, day.start, flights, delay};
                               })
                    .Uid("alerts")
                    .Name("delay alerts");
  if (output.empty()) {
    alerts.Print();
  } else {
    alerts.SinkTo(weir::CsvFileSink<Alert>(output));
  }
  return env.Execute("delay alerts").ExitCode();
}
